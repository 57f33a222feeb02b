//! [`PartsError`]: why the parts of a boot cannot be used.

use core::fmt;

use decompress::Compression;
use fit::{FitCompression, FitError};
use payload::PayloadError;

use crate::command_line::{COMMAND_LINE_MAX_BYTES, Origin};

/// The codes of all errors of this crate, for `flint explain`. Those of the crates below have their
/// own.
pub const CODES: &[&str] = &[
    "fit-compression",
    "kernel-image-size-short",
    "cmdline-length",
    "cmdline-text",
];

/// The reason why the parts of a boot cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartsError {
    /// The payload is none that can be booted.
    Payload(PayloadError),
    /// The payload is a FIT that breaks a rule.
    Fit(FitError),
    /// The FIT says that the kernel is compressed in another way than it is.
    FitCompression {
        /// What the FIT says.
        said: FitCompression,
        /// What the kernel is; `None` for one that is not compressed.
        found: Option<Compression>,
    },
    /// A raw kernel is longer than its header says, so that its end would not be counted as its
    /// own.
    ImageSizeShort {
        /// The header's field.
        image_size: u64,
        /// How long the kernel is.
        size_bytes: u64,
    },
    /// The command line is longer than [`COMMAND_LINE_MAX_BYTES`].
    CommandLineLength {
        /// Who gave it.
        origin: Origin,
        /// Its length.
        length_bytes: usize,
    },
    /// The command line is not UTF-8, or has a NUL byte.
    CommandLineText {
        /// Who gave it.
        origin: Origin,
        /// How many bytes of it are good.
        position: usize,
    },
}

impl PartsError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Payload(error) => error.code(),
            Self::Fit(error) => error.code(),
            Self::FitCompression { .. } => "fit-compression",
            Self::ImageSizeShort { .. } => "kernel-image-size-short",
            Self::CommandLineLength { .. } => "cmdline-length",
            Self::CommandLineText { .. } => "cmdline-text",
        }
    }
}

impl fmt::Display for PartsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Payload(error) => error.fmt(f),
            Self::Fit(error) => error.fmt(f),
            Self::FitCompression { said, found } => {
                write!(
                    f,
                    "the FIT says that its kernel is compressed by {}, but it is ",
                    said.name()
                )?;
                match found {
                    Some(found) => found.fmt(f),
                    None => f.write_str("not compressed"),
                }
            }
            Self::ImageSizeShort { image_size, size_bytes } => write!(
                f,
                "the kernel has {size_bytes} bytes, but image_size {image_size:#x} in its header"
            ),
            Self::CommandLineLength { origin, length_bytes } => write!(
                f,
                "the command line from {origin} has {length_bytes} bytes, Linux takes at most {COMMAND_LINE_MAX_BYTES}"
            ),
            Self::CommandLineText { origin, position } => write!(
                f,
                "the command line from {origin} is no UTF-8 text without NUL after {position} bytes"
            ),
        }
    }
}

impl core::error::Error for PartsError {}

impl From<PayloadError> for PartsError {
    fn from(error: PayloadError) -> Self {
        Self::Payload(error)
    }
}

impl From<FitError> for PartsError {
    fn from(error: FitError) -> Self {
        Self::Fit(error)
    }
}
