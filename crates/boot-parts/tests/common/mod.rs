//! Kernels, and what they are packed in.
#![allow(dead_code, reason = "every test binary uses its own part")]

use flint_cli::compress::Compression;
use flint_cli::fit_writer::FitWriter;
use hashes::Algorithm;
use linux_image::ImageHeader;

/// A raw kernel of so many bytes that says in its header how much memory it takes.
pub fn image(image_size: u64, size_bytes: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; size_bytes];
    bytes[..ImageHeader::SIZE_BYTES].copy_from_slice(&ImageHeader::new(0, image_size, 0xa).to_bytes());
    bytes
}

/// The kernel in gzip.
pub fn gzip(kernel: &[u8]) -> Vec<u8> {
    Compression::Gzip.compress(kernel).unwrap()
}

/// A FIT of the kernel, which is not compressed.
pub fn fit(kernel: &[u8]) -> FitWriter<'_> {
    FitWriter {
        kernel,
        compression: "none",
        ramdisk: None,
        fdt: None,
        hashes: &[Algorithm::Crc32],
        command_line: None,
    }
}
