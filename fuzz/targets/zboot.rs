//! EFI zboot files: the input is a zboot header and whatever follows it.

#![no_main]

use payload::{Format, Kernel};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    if file.len() < 8 {
        return;
    }
    file[..8].copy_from_slice(b"MZ\0\0zimg");
    assert_eq!(Format::detect(&file), Ok(Format::Zboot));
    if let Ok(kernel) = Kernel::open(&file, true) {
        let stream = kernel.stream().expect("a zboot file holds a stream");
        assert!(file.as_ptr_range().contains(&stream.bytes.as_ptr()) && stream.bytes.len() < file.len());
        let _ = kernel.header().map_err(|error| error.to_string());
        let mut destination = vec![0; flint_fuzz::SIZE_MAX];
        let _ = kernel
            .decompress(&mut destination, crc32fast::hash)
            .map_err(|error| error.to_string());
    }
});
