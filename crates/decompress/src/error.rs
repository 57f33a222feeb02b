//! [`DecompressError`]: why a stream does not come out.

use core::fmt;

use crate::{Compression, Piece};

/// The codes of all errors of this crate, for `flint explain`.
pub const CODES: &[&str] = &[
    "compressed-truncated",
    "compressed-corrupt",
    "compressed-checksum",
    "compressed-too-large",
    "compressed-trailing",
    "compressed-unsupported",
    "compressed-expansion",
    "compressed-members",
    "compressed-frames",
    "compressed-blocks",
];

/// The reason why a stream does not come out. Positions count from the first byte of the compressed
/// data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecompressError {
    /// The data ends within the stream.
    Truncated {
        /// The format.
        compression: Compression,
        /// The place where the data ends, or what is cut short begins.
        position: u64,
        /// What is cut short.
        part: &'static str,
    },
    /// The data breaks a rule of the format.
    Corrupt {
        /// The format.
        compression: Compression,
        /// The place where
        position: u64,
        /// What is wrong.
        part: &'static str,
    },
    /// A checksum that does not match what came out.
    Checksum {
        /// The format.
        compression: Compression,
        /// What the checksum is of.
        part: &'static str,
        /// The checksum in the stream.
        stored: u32,
        /// The checksum of what came out.
        found: u32,
    },
    /// More would come out than there is room for.
    TooLarge {
        /// The format.
        compression: Compression,
        /// The number of bytes that there is room for.
        limit: u64,
        /// The number of bytes that the stream says it holds, where it does.
        claimed: Option<u64>,
    },
    /// Something other than padding follows the stream.
    Trailing {
        /// The format.
        compression: Compression,
        /// The first byte that is no padding.
        position: u64,
    },
    /// The stream needs something that is not supported.
    Unsupported {
        /// The format.
        compression: Compression,
        /// What.
        feature: &'static str,
    },
    /// More would come out than any kernel of the size of the data makes.
    Expansion {
        /// The format.
        compression: Compression,
        /// The number of bytes that may come out.
        limit: u64,
    },
    /// The stream is in so many pieces that they would take longer than what they hold.
    Pieces {
        /// The format.
        compression: Compression,
        /// The kind of the pieces.
        piece: Piece,
        /// How many of them are allowed up to here.
        limit: u64,
        /// The place where the first one begins that is too many.
        position: u64,
        /// The number of bytes that came out before.
        bytes_out: u64,
    },
}

impl DecompressError {
    /// The error's name for `flint explain`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "compressed-truncated",
            Self::Corrupt { .. } => "compressed-corrupt",
            Self::Checksum { .. } => "compressed-checksum",
            Self::TooLarge { .. } => "compressed-too-large",
            Self::Trailing { .. } => "compressed-trailing",
            Self::Unsupported { .. } => "compressed-unsupported",
            Self::Expansion { .. } => "compressed-expansion",
            Self::Pieces {
                piece: Piece::Member, ..
            } => "compressed-members",
            Self::Pieces {
                piece: Piece::Frame, ..
            } => "compressed-frames",
            Self::Pieces {
                piece: Piece::Block, ..
            } => "compressed-blocks",
        }
    }
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated {
                compression,
                position,
                part,
            } => write!(
                f,
                "the {compression} data is cut short at byte {position}, in its {part}"
            ),
            Self::Corrupt {
                compression,
                position,
                part,
            } => write!(f, "the {compression} data is damaged at byte {position}: bad {part}"),
            Self::Checksum {
                compression,
                part,
                stored,
                found,
            } => write!(
                f,
                "the {compression} data is damaged: its {part} has checksum {found:#010x}, {stored:#010x} is stored"
            ),
            Self::TooLarge {
                compression,
                limit,
                claimed,
            } => {
                write!(f, "the {compression} data holds more than the {limit} bytes that fit")?;
                claimed.map_or(Ok(()), |claimed| write!(f, ": {claimed} by its header"))
            }
            Self::Trailing { compression, position } => {
                write!(
                    f,
                    "something that is no padding follows the {compression} data, at byte {position}"
                )
            }
            Self::Unsupported { compression, feature } => {
                write!(f, "the {compression} data needs what is not supported: {feature}")
            }
            Self::Expansion { compression, limit } => {
                write!(
                    f,
                    "the {compression} data holds more than {limit} bytes, far more than a kernel of its size"
                )
            }
            Self::Pieces {
                compression,
                piece,
                limit,
                position,
                bytes_out,
            } => write!(
                f,
                "the {compression} data has more than {limit} {piece} in its first {position} bytes, out of which {bytes_out} came"
            ),
        }
    }
}

impl core::error::Error for DecompressError {}
