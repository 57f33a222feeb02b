//! Kernels that are refused once they are opened.

use std::format;
use std::string::ToString;

use decompress::{Compression, DecompressError};
use linux_image::ImageError;

use super::*;

#[test]
fn a_zboot_kernel_of_another_size_than_it_says_is_refused() {
    let image = image(0x1800, 0x1800);
    let error = error(&zboot_with_size(b"zstd22", &zstd(&image), 0x1801));
    let text = "6144 bytes came out of the zboot kernel; by the size stored behind it, it has 6145";
    assert_eq!((error.to_string().as_str(), error.code()), (text, "zboot-size"));
}

#[test]
fn a_zboot_kernel_outside_its_file_is_refused_with_the_numbers() {
    let good = zboot(b"gzip", &gzip(&image(0x1800, 0x1800)), 100);
    let with = |offset: u32, size: u32| {
        let mut bytes = good.clone();
        bytes[8..12].copy_from_slice(&offset.to_le_bytes());
        bytes[12..16].copy_from_slice(&size.to_le_bytes());
        error(&bytes)
    };
    let file = good.len() as u32;
    let text = format!(
        "the zboot header puts 16 bytes of kernel at {:#x}; the file has {file} bytes",
        file - 15
    );
    assert_eq!(with(file - 15, 16).to_string(), text);
    for (offset, size) in [
        (file, 1),
        (file + 1, 0),
        (u32::MAX, u32::MAX),
        (0, 100),
        (55, 100),
        (4096, u32::MAX),
    ] {
        assert_eq!(with(offset, size).code(), "zboot-bounds", "{offset:#x}, {size:#x}");
    }
    assert_eq!(error(&good[..40]).code(), "zboot-bounds");
}

#[test]
fn a_zboot_kernel_that_is_compressed_otherwise_is_refused_with_the_name() {
    let payload = gzip(&image(0x1800, 0x1800));
    let text = |name: &[u8]| error(&zboot(name, &payload, payload.len())).to_string();
    let rest = "supported are gzip, lz4 and zstd";
    assert_eq!(
        text(b"xzkern"),
        format!("the zboot kernel is compressed with \"xzkern\"; {rest}")
    );
    assert_eq!(
        text(b"\x1b[2J\n\xff"),
        format!("the zboot kernel is compressed with \"?[2J??\"; {rest}")
    );
    assert_eq!(
        text(&[b'x'; 32]),
        format!("the zboot kernel is compressed with \"{}\"; {rest}", "x".repeat(32))
    );
    assert_eq!(text(b""), format!("the zboot kernel is compressed with \"\"; {rest}"));
    assert_eq!(
        text(b"zstd22"),
        "the zboot header says \"zstd22\", but the kernel in it is no such data"
    );
}

#[test]
fn what_comes_out_has_to_be_an_image() {
    let text = |content: &[u8]| error(&gzip(content)).to_string();
    assert!(
        text(&[0x20; 100]).starts_with("what the compressed payload holds is not an arm64 Image: the word at byte 56")
    );
    assert!(text(b"short").starts_with("what the compressed payload holds is too short for an arm64 Image: 5 bytes"));
    let elf = [b"\x7fELF".as_slice(), &[0; 100]].concat();
    assert_eq!(
        text(&elf),
        "the compressed payload holds an ELF file, not an arm64 Image"
    );
    let zboot = zboot(b"gzip", &gzip(&[0x20; 100]), gzip(&[0x20; 100]).len());
    let error = error(&zboot);
    assert_eq!(error, PayloadError::NotImage(ImageError::Magic { found: 0x2020_2020 }));
    assert_eq!(error.code(), "payload-inside");
}

#[test]
fn what_is_compressed_twice_is_refused() {
    let inside = zstd(&image(0x1800, 0x1234));
    let error = error(&lz4(&inside));
    assert_eq!(
        error.to_string(),
        "the lz4 payload holds zstd data: compressed twice, which is not supported"
    );
    assert_eq!(error.code(), "payload-nested");
}

#[test]
fn a_compressed_image_has_to_say_how_much_memory_it_takes() {
    let bytes = gzip(&image(0, 0x1000));
    assert_eq!(error(&bytes), PayloadError::ImageSizeZero);
    assert_eq!(error(&bytes).code(), "payload-image-size-zero");
}

#[test]
fn more_than_the_image_takes_is_refused() {
    let bytes = gzip(&image(0x1000, 0x1001));
    assert_eq!(
        open_and_decompress(&bytes, 0x1000),
        Err(DecompressError::TooLarge {
            compression: Compression::Gzip,
            limit: 0x1000,
            claimed: None
        }
        .into())
    );
    let longer = PayloadError::Longer {
        size_bytes: 0x1001,
        image_size: 0x1000,
    };
    assert_eq!(error(&bytes), longer);
    assert_eq!(
        longer.to_string(),
        "the compressed payload holds 4097 bytes, more than its Image's image_size 0x1000"
    );
}

/// A legacy frame of lz4 that ends between two blocks looks whole, and any file can be of a kernel
/// that was cut before.
#[test]
fn less_than_the_pe_header_says_is_refused_however_it_is_packed() {
    let cut = efi_image(0x1234, 0x1233);
    let truncated = PayloadError::Truncated {
        size_bytes: 0x1233,
        expected_bytes: 0x1234,
    };
    let packed = [gzip, lz4_legacy, lz4, zstd].map(|pack| pack(&cut));
    let in_zboot = zboot_with_size(b"zstd", &zstd(&cut), cut.len() as u32);
    for bytes in packed.iter().chain([&cut, &in_zboot]) {
        assert_eq!(error(bytes), truncated);
    }
    let text = "the kernel is cut short: it has 4659 bytes, and 4660 by its PE header";
    assert_eq!(
        (truncated.to_string().as_str(), truncated.code()),
        (text, "kernel-truncated")
    );
    let whole = efi_image(0x1234, 0x1234);
    assert_eq!(open_and_decompress(&lz4_legacy(&whole), 0x1800), Ok(whole));
}

#[test]
fn damage_has_the_words_and_the_code_of_the_stream() {
    let bytes = gzip(&image(0x1000, 0x1000));
    let error = error(&bytes[..100]);
    assert_eq!(
        error.to_string(),
        "the gzip data is cut short at byte 100, in its deflated data"
    );
    assert_eq!(error.code(), "compressed-truncated");
}
