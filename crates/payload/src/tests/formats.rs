//! Formats that are detected.

use std::format;
use std::string::ToString;

use super::*;

#[test]
fn knows_formats_by_their_first_bytes() {
    for (bytes, format) in [
        (&image(0, 64)[..], Format::Image),
        (b"\x1f\x8b\x08\0", Format::Gzip),
        (b"\x28\xb5\x2f\xfd", Format::Zstd),
        (b"\x5a\x2a\x4d\x18\x01\0\0\0x\x28\xb5\x2f\xfd", Format::Zstd),
        (b"\x02\x21\x4c\x18", Format::Lz4Legacy),
        (b"\x04\x22\x4d\x18", Format::Lz4Frame),
        (b"MZ\0\0zimg", Format::Zboot),
        (b"MZ\0\0", Format::Pe),
        (b"\x7fELF", Format::Elf),
        (b"\xfd7zXZ\0", Format::Xz),
        (b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff", Format::Lzma),
        (b"\x89LZO\0\r\n\x1a\n", Format::Lzo),
        (b"BZh9", Format::Bzip2),
        (b"\x27\x05\x19\x56", Format::LegacyUimage),
        (b"ANDROID!", Format::AndroidBoot),
        (&[&[0; 36][..], b"\x18\x28\x6f\x01"].concat(), Format::ZImage32),
        (&[&[0; 0x202][..], b"HdrS"].concat(), Format::BzImage),
    ] {
        assert_eq!(Format::detect(bytes), Ok(format));
    }
}

#[test]
fn an_image_with_an_efi_stub_is_an_image() {
    let mut bytes = image(0x1000, 100);
    bytes[..2].copy_from_slice(b"MZ");
    assert_eq!(Format::detect(&bytes), Ok(Format::Image));
}

/// Such a branch is in one kernel of 65,536 that has no EFI stub; such a file of gzip is one of
/// 4,294,967,296.
#[test]
fn an_image_whose_first_instruction_begins_like_gzip_is_an_image() {
    for code0 in [0x1400_8b1f_u32, 0x1408_8b1f] {
        let mut bytes = image(0x1000, 100);
        bytes[..4].copy_from_slice(&code0.to_le_bytes());
        assert_eq!(Format::detect(&bytes), Ok(Format::Image));
        assert_eq!(Format::detect(&bytes[..63]), Ok(Format::Gzip));
    }
}

#[test]
fn takes_any_flattened_tree_for_a_fit() {
    assert_eq!(Format::detect(b"\xd0\x0d\xfe\xed"), Ok(Format::Fit));
}

#[test]
fn a_zboot_file_is_one_whatever_is_in_its_header() {
    let mut bytes = image(0x1000, 100);
    bytes[..8].copy_from_slice(b"MZ\0\0zimg");
    assert_eq!(Format::detect(&bytes), Ok(Format::Zboot));
}

#[test]
fn less_than_the_header_of_an_image_is_no_image() {
    assert_eq!(error(&image(0x1000, 64)[..63]).code(), "payload-unknown");
}

#[test]
fn unknown_bytes_are_shown_with_what_is_understood() {
    let understood = "understood are an arm64 Image, raw, in gzip, lz4 or zstd or as EFI zboot, and FIT";
    let text = format!("the payload begins with 68 65 6c 6c 6f 2c 20 77, which is unknown; {understood}");
    assert_eq!(error(b"hello, world").to_string(), text);
    assert_eq!(
        error(b"\x01\xff").to_string(),
        format!("the payload begins with 01 ff, which is unknown; {understood}")
    );
    assert_eq!(
        error(b"").to_string(),
        format!("there is no payload: no bytes; {understood}")
    );
    assert_eq!(
        error(&[0xff; 1000]).to_string(),
        "there is no payload: the flash is erased there"
    );
    assert_eq!(error(&[[0xff; 63].as_slice(), b"x"].concat()).code(), "payload-unknown");
}

#[test]
fn what_is_known_and_not_supported_is_named_with_the_way_out() {
    let text = |bytes: &[u8]| error(bytes).to_string();
    let advice = "decompress it, or compress it with gzip, lz4 or zstd";
    assert_eq!(
        text(b"\xfd7zXZ\0"),
        format!("the payload is an xz file, which is not supported; {advice}")
    );
    assert_eq!(
        text(b"BZh9"),
        format!("the payload is a bzip2 file, which is not supported; {advice}")
    );
    assert!(
        text(b"\x7fELF").ends_with("an ELF file, which is not supported; make an Image of it with objcopy -O binary")
    );
    assert!(text(b"\x27\x05\x19\x56").ends_with("take the kernel out with dumpimage, or use FIT"));
    assert!(text(b"ANDROID!").ends_with("take the kernel out with unpack_bootimg"));
    assert!(text(&[&[0; 0x202][..], b"HdrS"].concat()).ends_with("a kernel for 64-bit Arm is needed"));
    assert!(text(b"MZ\0\0").ends_with("name the Image of an arm64 kernel"));
    assert_eq!(error(b"\xd0\x0d\xfe\xed").code(), "payload-not-kernel");
}
