//! The header of an Image, and the PE header behind it.

use linux_image::{CODES, ImageHeader, pe_file_size};

use crate::sound;

/// The input is the file.
pub fn check(bytes: &[u8]) {
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
        Err(error) => sound::error(&error, error.code(), &[CODES]),
    }
    let _ = pe_file_size(bytes);
}
