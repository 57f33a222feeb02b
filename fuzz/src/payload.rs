//! Any payload: detected, opened, its header read, decompressed.

use payload::{CODES, Format, Kernel, PayloadError};

use crate::streams::HOOKS;
use crate::{sound, streams};

/// The input is the payload.
pub fn check(bytes: &[u8]) {
    let _ = Format::detect(bytes).inspect_err(sound_error);
    for end_is_known in [true, false] {
        let Ok(kernel) = Kernel::open(bytes, end_is_known).inspect_err(sound_error) else {
            continue;
        };
        assert!(kernel.raw().is_some() != kernel.stream().is_some() && !kernel.description().to_string().is_empty());
        let header = kernel.header().inspect_err(sound_error);
        let mut destination = vec![0; streams::SIZE_MAX];
        if let Ok(size_bytes @ 1..) = kernel.decompress(&mut destination, HOOKS).inspect_err(sound_error) {
            // An image_size of 0 is refused either way.
            assert!(header.unwrap().image_size >= size_bytes as u64);
        }
    }
}

/// Checks an error of this crate.
pub fn sound_error(error: &PayloadError) {
    sound::error(error, error.code(), &[CODES, decompress::CODES, linux_image::CODES]);
}
