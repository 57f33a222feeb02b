//! [`Input`]: the compressed bytes, and how far they have been read.

use crate::compression::first_word;
use crate::{Compression, DecompressError};

/// Compressed bytes and a position in them.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    /// The format, for errors.
    pub compression: Compression,
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Input<'a> {
    /// At the start of `bytes`.
    pub const fn new(compression: Compression, bytes: &'a [u8]) -> Self {
        Self {
            compression,
            bytes,
            position: 0,
        }
    }

    /// Where this is.
    pub const fn position(&self) -> u64 {
        self.position as u64
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// What has been read since this was at `start`.
    pub fn since(&self, start: Self) -> &'a [u8] {
        self.bytes.get(start.position..self.position).unwrap_or_default()
    }

    /// Goes on by `count` bytes of `part`.
    pub fn take(&mut self, count: usize, part: &'static str) -> Result<&'a [u8], DecompressError> {
        let taken = self.rest().get(..count).ok_or_else(|| self.truncated(part))?;
        self.position = self.position.saturating_add(count);
        Ok(taken)
    }

    /// The next byte.
    pub fn byte(&mut self, part: &'static str) -> Result<u8, DecompressError> {
        Ok(self.little_endian(1, part)? as u8)
    }

    /// The next little-endian word.
    pub fn word(&mut self, part: &'static str) -> Result<u32, DecompressError> {
        Ok(self.little_endian(4, part)? as u32)
    }

    /// The next `size` bytes (8 at most) as a little-endian number.
    pub fn little_endian(&mut self, size: usize, part: &'static str) -> Result<u64, DecompressError> {
        let bytes = self.take(size, part)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The next little-endian word, without reading it.
    pub fn next_word(&self) -> Option<u32> {
        first_word(self.rest())
    }

    #[cold]
    pub fn truncated(&self, part: &'static str) -> DecompressError {
        DecompressError::Truncated {
            compression: self.compression,
            position: self.position(),
            part,
        }
    }

    #[cold]
    pub fn corrupt(&self, part: &'static str) -> DecompressError {
        DecompressError::Corrupt {
            compression: self.compression,
            position: self.position(),
            part,
        }
    }

    #[cold]
    pub fn unsupported(&self, feature: &'static str) -> DecompressError {
        DecompressError::Unsupported {
            compression: self.compression,
            feature,
        }
    }

    /// Holds a checksum from the stream against that of what came out.
    pub fn check(&self, part: &'static str, stored: u32, found: u32) -> Result<(), DecompressError> {
        if stored == found {
            return Ok(());
        }
        Err(DecompressError::Checksum {
            compression: self.compression,
            part,
            stored,
            found,
        })
    }
}
