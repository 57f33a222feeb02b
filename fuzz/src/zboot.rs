//! EFI zboot files.

use payload::{Format, Kernel};

use crate::payload::sound_error;
use crate::streams;
use crate::streams::HOOKS;

/// The input is a zboot header and whatever follows it; its first 8 bytes are set.
pub fn check(bytes: &[u8]) {
    let mut file = bytes.to_vec();
    if file.len() < 8 {
        return;
    }
    file[..8].copy_from_slice(b"MZ\0\0zimg");
    let format = Format::detect(&file);
    if format == Ok(Format::Image) {
        // Its magic number has a place of its own, so a file can have both; no zboot file does.
        return;
    }
    assert_eq!(format, Ok(Format::Zboot));
    if let Ok(kernel) = Kernel::open(&file, true).inspect_err(sound_error) {
        let stream = kernel.stream().expect("a zboot file holds a stream");
        assert!(file.as_ptr_range().contains(&stream.bytes.as_ptr()) && stream.bytes.len() < file.len());
        let _ = kernel.header().inspect_err(sound_error);
        let mut destination = vec![0; streams::SIZE_MAX];
        let _ = kernel.decompress(&mut destination, HOOKS).inspect_err(sound_error);
    }
}
