//! Any payload: detected, opened, its header read, decompressed.

#![no_main]

use payload::{Format, Kernel, PayloadError};

fn check(error: PayloadError) {
    assert!(!error.to_string().contains('\n'));
    assert!(payload::CODES.contains(&error.code()) || decompress::CODES.contains(&error.code()));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Format::detect(bytes).map_err(check);
    for end_is_known in [true, false] {
        let Ok(kernel) = Kernel::open(bytes, end_is_known).map_err(check) else {
            continue;
        };
        assert!(kernel.raw().is_some() != kernel.stream().is_some() && !kernel.description().to_string().is_empty());
        let header = kernel.header().map_err(check);
        let mut destination = vec![0; flint_fuzz::SIZE_MAX];
        if let Ok(size_bytes @ 1..) = kernel.decompress(&mut destination, crc32fast::hash).map_err(check) {
            // An image_size of 0 is refused either way.
            assert!(header.unwrap().image_size >= size_bytes as u64);
        }
    }
});
