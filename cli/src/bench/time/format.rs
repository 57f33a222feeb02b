//! [`Format`]: the formats of the stock kernel that the loaders start.

use crate::Error;
use crate::compress::{Compression, ZSTD_HIGHEST_LEVEL};

/// A format of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Not compressed.
    Raw,
    /// By `gzip -9`.
    Gzip,
    /// By `lz4 -9`.
    Lz4,
    /// By `zstd -19`.
    Zstd,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Gzip, Self::Lz4, Self::Zstd];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Gzip => "gzip -9",
            Self::Lz4 => "lz4 -9",
            Self::Zstd => "zstd -19",
        }
    }

    /// Returns the kernel in this format.
    ///
    /// # Errors
    /// Those of [`Compression::compress`].
    pub fn pack(self, kernel: &[u8]) -> Result<Vec<u8>, Error> {
        match self {
            Self::Raw => Ok(kernel.to_vec()),
            Self::Gzip => Compression::Gzip.compress(kernel),
            Self::Lz4 => Compression::Lz4.compress(kernel),
            Self::Zstd => Compression::Zstd.compress_at_level(ZSTD_HIGHEST_LEVEL, kernel),
        }
    }
}
