//! [`ImageError`]: why bytes are no arm64 Image.

use core::fmt;

use crate::ImageHeader;

/// The codes of all errors of this crate, for `flint explain`.
pub const CODES: &[&str] = &["image-too-short", "image-magic"];

/// The word that erased NOR flash reads as.
const ERASED_WORD: u32 = 0xffff_ffff;

/// The reason why bytes are no arm64 Image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// There are fewer bytes than the header has.
    TooShort {
        /// The number of bytes that there are.
        length_bytes: usize,
    },
    /// The magic number is not at byte 56 (boot-protocol D1).
    Magic {
        /// The little-endian word that is there instead.
        found: u32,
    },
}

impl ImageError {
    /// The error's name for `flint explain`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "image-too-short",
            Self::Magic { .. } => "image-magic",
        }
    }
}

/// The end of a sentence that opens with "the kernel is" or the name of a file.
impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEADER: usize = ImageHeader::SIZE_BYTES;
        const MAGIC: u32 = ImageHeader::MAGIC;
        match *self {
            Self::TooShort { length_bytes } => {
                write!(
                    f,
                    "too short for an arm64 Image: {length_bytes} bytes, its header alone has {HEADER}"
                )
            }
            Self::Magic { found } => {
                write!(
                    f,
                    "not an arm64 Image: the word at byte 56 is {found:#010x}, not the magic {MAGIC:#010x}"
                )?;
                if found == ERASED_WORD {
                    f.write_str(" (the flash is erased here)")
                } else {
                    Ok(())
                }
            }
        }
    }
}

impl core::error::Error for ImageError {}
