//! The messages that users read.

use linux_image::{CODES, ImageError};

#[test]
fn says_that_there_is_no_magic() {
    assert_eq!(
        ImageError::Magic { found: 0x0008_8b1f }.to_string(),
        "not an arm64 Image: the word at byte 56 is 0x00088b1f, not the magic 0x644d5241"
    );
}

#[test]
fn says_that_flash_is_erased() {
    assert_eq!(
        ImageError::Magic { found: u32::MAX }.to_string(),
        "not an arm64 Image: the word at byte 56 is 0xffffffff, not the magic 0x644d5241 (the flash is erased here)"
    );
}

#[test]
fn says_that_a_file_is_too_short() {
    assert_eq!(
        ImageError::TooShort { length_bytes: 12 }.to_string(),
        "too short for an arm64 Image: 12 bytes, its header alone has 64"
    );
}

#[test]
fn lists_the_code_of_every_error() {
    let errors = [ImageError::TooShort { length_bytes: 0 }, ImageError::Magic { found: 0 }];
    assert_eq!(errors.map(|error| error.code()).as_slice(), CODES);
}
