//! [`Stream`]: compressed bytes and what can be done with them.

use crate::compression::is_skippable;
use crate::input::Input;
use crate::output::Output;
use crate::pieces::Piece;
use crate::refusal::{Refusal, Refused};
use crate::{Compression, DecompressError, Hooks, gzip, lz4_frame, lz4_legacy};

/// The part of what follows a stream that has to be padding where nobody knows where the data ends.
const PADDING_CHECKED_BYTES: usize = 64;

/// A stream of compressed data: one or more members or frames of one format, with nothing but
/// padding after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream<'a> {
    /// The format.
    pub compression: Compression,
    /// The data, from its first byte on.
    pub bytes: &'a [u8],
    /// True if the data ends where `bytes` end: then the rest has to be padding to the last byte,
    /// else only the next 64 bytes.
    pub end_is_known: bool,
}

impl Stream<'_> {
    /// The first bytes that come out: all of `first`, unless the stream is shorter. Returns how
    /// many. Checksums are not checked.
    ///
    /// # Errors
    /// What is wrong with the data so far.
    pub fn peek(&self, first: &mut [u8; 64]) -> Result<usize, DecompressError> {
        let mut output = Output::peek(first);
        self.decode(&mut output)?;
        Ok(output.length())
    }

    /// Decompresses everything into `destination` and returns how many bytes came out. The
    /// destination holds garbage behind them, and everywhere after an error.
    ///
    /// The `hooks` see what comes out while it is in the caches.
    ///
    /// # Errors
    /// [`DecompressError::TooLarge`] where more would come out than the destination holds,
    /// [`DecompressError::Expansion`] and [`DecompressError::Pieces`] where the data would take far
    /// longer than others of its size; otherwise what is wrong with the data.
    pub fn decompress(&self, destination: &mut [u8], hooks: Hooks) -> Result<usize, DecompressError> {
        let mut output = Output::new(destination, self.bytes.len(), hooks);
        self.decode(&mut output)?;
        output.settle_all();
        Ok(output.length())
    }

    fn decode(&self, output: &mut Output<'_>) -> Result<(), DecompressError> {
        Refusal::told(|refusal| self.decode_all(Input::new(self.compression, self.bytes, refusal), output))
    }

    fn decode_all(&self, mut input: Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
        if Compression::detect(self.bytes) != Some(self.compression) {
            return Err(input.corrupt("magic number"));
        }
        match self.compression {
            Compression::Gzip => return gzip::decompress(self, input, output),
            Compression::Zstd => return zstd::decompress(self, input, output),
            _ => {}
        }
        loop {
            input.begin(Piece::Frame, output)?;
            match self.compression {
                Compression::Lz4Legacy => lz4_legacy::decompress_frame(self, &mut input, output)?,
                _ => lz4_frame::decompress_frame(&mut input, output)?,
            }
            if output.is_done() || !self.goes_on(&input)? {
                return Ok(());
            }
        }
    }

    /// Returns whether another member or frame follows at `input`; if not, the rest is checked.
    pub(crate) fn goes_on(&self, input: &Input<'_>) -> Result<bool, Refused> {
        let can_skip = matches!(self.compression, Compression::Lz4Frame | Compression::Zstd);
        let is_skippable = can_skip && input.next_word().is_some_and(is_skippable);
        if is_skippable || Compression::detect(input.rest()) == Some(self.compression) {
            return Ok(true);
        }
        match self.first_beside_padding(input.rest()) {
            None => Ok(false),
            Some(offset) => Err(input.refuse(DecompressError::Trailing {
                compression: self.compression,
                position: input.position().saturating_add(offset) as u64,
            })),
        }
    }

    /// Returns whether `rest`, which follows the stream, is nothing but padding.
    pub(crate) fn is_padding(&self, rest: &[u8]) -> bool {
        self.first_beside_padding(rest).is_none()
    }

    /// Returns where in `rest` the first byte is that is no padding, as far as that matters.
    #[inline(never)]
    fn first_beside_padding(&self, rest: &[u8]) -> Option<usize> {
        let checked = if self.end_is_known {
            usize::MAX
        } else {
            PADDING_CHECKED_BYTES
        };
        let is_padding = |byte: &u8| [0, u8::MAX].contains(byte);
        let position = rest.iter().take(checked).position(|byte| !is_padding(byte));
        work_counter::add(position.unwrap_or(checked.min(rest.len())));
        position
    }
}

#[cfg(feature = "zstd")]
use crate::zstd;

/// The stand-in for zstd where it is left out.
#[cfg(not(feature = "zstd"))]
mod zstd {
    use super::{Input, Output, Refused, Stream};

    const LEFT_OUT: &str = "zstd was left out of this build";

    pub fn decompress(_stream: &Stream<'_>, input: Input<'_>, _output: &mut Output<'_>) -> Result<(), Refused> {
        Err(input.unsupported(LEFT_OUT))
    }
}
