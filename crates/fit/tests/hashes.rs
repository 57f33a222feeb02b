//! The hashes are those of FIPS 180-4, for data of every length.

mod common;

use common::*;
use sha1::Digest;

/// A FIT with these data and all three hashes of them, as `mkimage` would have it, without asking it 600 times.
fn with_hashes(data: &[u8]) -> Vec<u8> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
    let hash = |algorithm: &str, value: &[u8]| {
        format!(
            "hash-{algorithm} {{ algo = \"{algorithm}\"; value = [{}]; }};",
            hex(value)
        )
    };
    let hashes = [
        hash("crc32", &crc32(data).to_be_bytes()),
        hash("sha1", &sha1::Sha1::digest(data)),
        hash("sha256", &sha2::Sha256::digest(data)),
    ];
    format!(
        "image-{} {{ data = [{}]; {} }};",
        data.len(),
        hex(data),
        hashes.concat()
    )
    .into()
}

#[test]
fn verifies_data_of_every_length_around_two_blocks() {
    let data = kernel();
    let images: Vec<u8> = (1..=260).flat_map(|length| with_hashes(&data[..length])).collect();
    let images = String::from_utf8(images).unwrap();
    let bytes = made_of(
        &format!("kernel {{ data = [01]; type = \"kernel\"; }}; {images}"),
        "default = \"c\"; c { kernel = \"kernel\"; };",
    );
    let fit = parse(&bytes);
    for (name, image) in fit.images().skip(1) {
        assert_eq!(image.unwrap().verify(crc32), Ok(3), "{name}");
    }
    assert_eq!(fit.images().count(), 261);
}
