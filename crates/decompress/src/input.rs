//! [`Input`]: the compressed bytes, and how far they have been read.

use crate::compression::first_word;
use crate::output::Output;
use crate::pieces::{Piece, Pieces};
use crate::refusal::{Refusal, Refused};
use crate::{Compression, DecompressError};

/// Compressed bytes and a position in them.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    /// The format, for errors.
    pub compression: Compression,
    bytes: &'a [u8],
    position: usize,
    pieces: Pieces,
    refusal: &'a Refusal,
}

impl<'a> Input<'a> {
    /// At the start of `bytes`.
    pub const fn new(compression: Compression, bytes: &'a [u8], refusal: &'a Refusal) -> Self {
        Self {
            compression,
            bytes,
            position: 0,
            pieces: Pieces::new(),
            refusal,
        }
    }

    /// Returns where this is.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Counts a piece that begins here, and refuses the stream if it has too many.
    #[inline(never)]
    pub fn begin(&mut self, piece: Piece, output: &Output<'_>) -> Result<(), Refused> {
        let (position, bytes_out) = (self.position as u64, output.length() as u64);
        self.pieces.begin(piece, position, bytes_out).map_err(|limit| {
            self.refuse(DecompressError::Pieces {
                compression: self.compression,
                piece,
                limit,
                position,
                bytes_out,
            })
        })
    }

    /// Returns what has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// Returns what has been read since this was at `start`.
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.position).unwrap_or_default()
    }

    /// Goes on by `count` bytes of `part`.
    #[inline(never)]
    pub fn take(&mut self, count: usize, part: &'static str) -> Result<&'a [u8], Refused> {
        let taken = self.rest().get(..count).ok_or_else(|| self.truncated(part))?;
        self.position = self.position.saturating_add(count);
        work_counter::add(1);
        Ok(taken)
    }

    /// The next byte.
    pub fn byte(&mut self, part: &'static str) -> Result<u8, Refused> {
        Ok(self.little_endian(1, part)? as u8)
    }

    /// The next little-endian word.
    pub fn word(&mut self, part: &'static str) -> Result<u32, Refused> {
        Ok(self.little_endian(4, part)? as u32)
    }

    /// Skips a frame whose magic number has been read.
    #[inline(never)]
    pub fn skip_frame(&mut self) -> Result<(), Refused> {
        const PART: &str = "skippable frame";
        let size = self.word(PART)?;
        self.take(size as usize, PART).map(drop)
    }

    /// The next `size` bytes (8 at most) as a little-endian number.
    #[inline(never)]
    pub fn little_endian(&mut self, size: usize, part: &'static str) -> Result<u64, Refused> {
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
    #[inline(never)]
    pub fn truncated(&self, part: &'static str) -> Refused {
        self.refuse(DecompressError::Truncated {
            compression: self.compression,
            position: self.position as u64,
            part,
        })
    }

    #[cold]
    #[inline(never)]
    pub fn corrupt(&self, part: &'static str) -> Refused {
        self.corrupt_at(self.position, part)
    }

    #[cold]
    #[inline(never)]
    pub fn corrupt_at(&self, position: usize, part: &'static str) -> Refused {
        self.refuse(DecompressError::Corrupt {
            compression: self.compression,
            position: position as u64,
            part,
        })
    }

    #[cold]
    #[inline(never)]
    pub fn unsupported(&self, feature: &'static str) -> Refused {
        self.refuse(DecompressError::Unsupported {
            compression: self.compression,
            feature,
        })
    }

    /// Refuses the stream.
    pub fn refuse(&self, reason: DecompressError) -> Refused {
        self.refusal.leave(reason)
    }

    /// Holds a checksum from the stream against that of what came out.
    #[inline(never)]
    pub fn check(&self, part: &'static str, stored: u32, found: u32) -> Result<(), Refused> {
        if stored == found {
            return Ok(());
        }
        Err(self.refuse(DecompressError::Checksum {
            compression: self.compression,
            part,
            stored,
            found,
        }))
    }
}
