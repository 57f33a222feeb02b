//! Tests: what is detected, opened and refused.

extern crate std;

use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use decompress::{Compression, DecompressError};
use linux_image::{ImageError, ImageHeader};
use proptest::prelude::*;

use crate::*;

fn image(image_size: u64, size_bytes: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; size_bytes];
    bytes[..64].copy_from_slice(&ImageHeader::new(0, image_size, 0xa).to_bytes());
    bytes
}

/// An Image with a PE header of one section, which ends at `file_end`.
fn efi_image(file_end: u32, size_bytes: usize) -> Vec<u8> {
    let mut bytes = image(0x1800, size_bytes);
    bytes[..2].copy_from_slice(b"MZ");
    bytes[60] = 64;
    bytes[64..128].fill(0);
    bytes[64..72].copy_from_slice(b"PE\0\0\x64\xaa\x01\0");
    bytes[104..108].copy_from_slice(&(file_end - 128).to_le_bytes());
    bytes[108..112].copy_from_slice(&128_u32.to_le_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// `bytes` in gzip, stored.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let size = bytes.len() as u16;
    let end = [crc32(bytes), bytes.len() as u32].map(u32::to_le_bytes).concat();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    [&head[..], &size.to_le_bytes(), &(!size).to_le_bytes(), bytes, &end].concat()
}

/// `bytes` in the legacy frame of lz4, as one run of literals.
fn lz4_legacy(bytes: &[u8]) -> Vec<u8> {
    let more = bytes.len() - 15;
    let block = [&[0xf0][..], &vec![255; more / 255], &[(more % 255) as u8], bytes].concat();
    [&[2, 0x21, 0x4c, 0x18], &(block.len() as u32).to_le_bytes()[..], &block].concat()
}

/// `bytes` in a frame of lz4, as they are.
fn lz4(bytes: &[u8]) -> Vec<u8> {
    let size = (bytes.len() as u32 | 1 << 31).to_le_bytes();
    [&[4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82][..], &size, bytes, &[0; 4]].concat()
}

/// `bytes` in a frame of zstd, as they are.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let header = (bytes.len() as u32) << 3 | 1;
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3], &header.to_le_bytes()[..3], bytes].concat()
}

/// A zboot file around `payload`, of which `size` bytes count.
fn zboot(name: &[u8], payload: &[u8], size: usize) -> Vec<u8> {
    let mut file = vec![0; 4096];
    file[..8].copy_from_slice(b"MZ\0\0zimg");
    file[8..12].copy_from_slice(&4096_u32.to_le_bytes());
    file[12..16].copy_from_slice(&(size as u32).to_le_bytes());
    file[24..][..name.len()].copy_from_slice(name);
    file[56..60].copy_from_slice(&[0xcd, 0x23, 0x82, 0x81]);
    file.extend_from_slice(payload);
    // The section that follows, and its padding.
    file.extend_from_slice(&[0x77; 100]);
    file
}

fn zboot_with_size(name: &[u8], payload: &[u8], size_bytes: u32) -> Vec<u8> {
    zboot(name, &[payload, &size_bytes.to_le_bytes()].concat(), payload.len())
}

fn open_and_decompress(bytes: &[u8], size_max: usize) -> Result<Vec<u8>, PayloadError> {
    let kernel = Kernel::open(bytes, true)?;
    kernel.header()?;
    let mut destination = vec![0xa5; size_max];
    let size_bytes = kernel.decompress(&mut destination, crc32)?;
    destination.truncate(size_bytes);
    Ok(destination)
}

fn error(bytes: &[u8]) -> PayloadError {
    let error = open_and_decompress(bytes, 0x2000).unwrap_err();
    let codes = [CODES, decompress::CODES].concat();
    assert!(codes.contains(&error.code()), "{error:?}");
    error
}

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

/// Such a branch is in one kernel of 65,536 that has no EFI stub; such a file of gzip is one of 4,294,967,296.
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

#[test]
fn opens_a_raw_image() {
    let bytes = image(0, 1000);
    let kernel = Kernel::open(&bytes, true).unwrap();
    assert_eq!(kernel.description().to_string(), "raw Image");
    assert_eq!((kernel.raw(), kernel.stream()), (Some(&bytes[..]), None));
    assert_eq!(kernel.header(), Ok(ImageHeader::new(0, 0, 0xa)));
    assert_eq!(kernel.decompress(&mut [0; 10], crc32), Ok(0));
}

#[test]
fn opens_a_compressed_image() {
    let image = image(0x1800, 0x1234);
    for (bytes, name) in [
        (gzip(&image), "gzip"),
        (lz4_legacy(&image), "lz4 (legacy frame)"),
        (lz4(&image), "lz4"),
        (zstd(&image), "zstd"),
    ] {
        let kernel = Kernel::open(&bytes, true).unwrap();
        assert_eq!(kernel.description().to_string(), name);
        assert_eq!((kernel.raw(), kernel.stream().unwrap().bytes), (None, &bytes[..]));
        assert_eq!(kernel.header(), Ok(ImageHeader::new(0, 0x1800, 0xa)));
        assert_eq!(open_and_decompress(&bytes, 0x1800), Ok(image.clone()), "{name}");
    }
}

#[test]
fn opens_a_zboot_kernel_of_each_kind() {
    let image = image(0x1800, 0x1800);
    let stored = 0x1800;
    for (bytes, name) in [
        (zboot(b"gzip", &gzip(&image), gzip(&image).len()), "EFI zboot (gzip)"),
        (
            zboot_with_size(b"lz4", &lz4_legacy(&image), stored),
            "EFI zboot (lz4 (legacy frame))",
        ),
        (zboot_with_size(b"lz4", &lz4(&image), stored), "EFI zboot (lz4)"),
        (zboot_with_size(b"zstd22", &zstd(&image), stored), "EFI zboot (zstd)"),
        (zboot_with_size(b"zstd", &zstd(&image), 0), "EFI zboot (zstd)"),
    ] {
        for end_is_known in [true, false] {
            let kernel = Kernel::open(&bytes, end_is_known).unwrap();
            assert_eq!(kernel.description().to_string(), name);
            assert!(kernel.stream().unwrap().end_is_known);
        }
        assert_eq!(open_and_decompress(&bytes, 0x1800), Ok(image.clone()), "{name}");
    }
}

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

/// A legacy frame of lz4 that ends between two blocks looks whole, and any file can be of a kernel that was cut before.
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

proptest! {
    #[test]
    fn any_bytes_are_detected_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Format::detect(&bytes).map_err(|error| error.to_string());
        let _ = open_and_decompress(&bytes, 1000).map_err(|error| error.to_string());
    }

    #[test]
    fn any_zboot_header_is_opened_or_refused(
        start in 0..60_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        end_is_known in any::<bool>(),
    ) {
        let payload = zstd(&image(0x100, 0x100));
        let mut file = zboot_with_size(b"zstd", &payload, 0x100);
        file[start..][..bytes.len()].copy_from_slice(&bytes);
        if let Ok(kernel) = Kernel::open(&file, end_is_known) {
            let _ = kernel.header().map_err(|error| error.to_string());
            let _ = kernel.decompress(&mut [0; 0x100], crc32).map_err(|error| error.to_string());
        }
    }
}
