//! Tests: what is detected, opened and refused.

extern crate std;

mod formats;
mod refusals;

use std::string::ToString;
use std::vec;
use std::vec::Vec;

use linux_image::ImageHeader;
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

const HOOKS: Hooks = Hooks::with_crc32(next_crc32);

fn next_crc32(crc: u32, bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes
        .iter()
        .fold(!crc, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// `bytes` in gzip, stored.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let size = bytes.len() as u16;
    let end = [next_crc32(0, bytes), bytes.len() as u32]
        .map(u32::to_le_bytes)
        .concat();
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
    let size_bytes = kernel.decompress(&mut destination, HOOKS)?;
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
fn opens_a_raw_image() {
    let bytes = image(0, 1000);
    let kernel = Kernel::open(&bytes, true).unwrap();
    assert_eq!(kernel.description().to_string(), "raw Image");
    assert_eq!((kernel.raw(), kernel.stream()), (Some(&bytes[..]), None));
    assert_eq!(kernel.header(), Ok(ImageHeader::new(0, 0, 0xa)));
    assert_eq!(kernel.decompress(&mut [0; 10], HOOKS), Ok(0));
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
            let _ = kernel.decompress(&mut [0; 0x100], HOOKS).map_err(|error| error.to_string());
        }
    }
}
