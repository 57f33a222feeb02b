//! The header of an Image, and the PE header behind it.

#![no_main]

use linux_image::{ImageHeader, pe_file_size};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match ImageHeader::parse(bytes) {
        Ok(header) => {
            assert_eq!(header.to_bytes(), bytes[..ImageHeader::SIZE_BYTES]);
            let _ = (
                header.text_offset(),
                header.reserved_size(),
                header.page_size(),
                header.placement(),
            );
        }
        Err(error) => assert!(!error.to_string().is_empty() && linux_image::CODES.contains(&error.code())),
    }
    let _ = pe_file_size(bytes);
});
