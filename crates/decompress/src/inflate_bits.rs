//! [`Bits`]: deflated data bit by bit, the lowest of each byte first (RFC 1951 3.1.1).

use unaligned::load_u64;

use crate::inflate_code::Entry;

/// The data ends within what is read.
#[derive(Debug)]
pub(crate) struct Ended;

/// Deflated data and a position in it.
#[derive(Clone, Copy)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    position: usize,
}

impl<'a> Bits<'a> {
    /// Starts at bit `position` of `bytes`.
    pub const fn new(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    /// Returns the position in bits.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Returns the last byte that 8 bytes begin at.
    pub const fn last_word(&self) -> Option<usize> {
        self.bytes.len().checked_sub(8)
    }

    /// Returns the next 57 bits at least, or nothing behind `last_word`.
    #[inline(always)]
    pub fn peek_fast(&self, last_word: usize) -> Option<u64> {
        let byte = self.position / 8;
        if byte > last_word {
            return None;
        }
        let word = self.bytes.get(byte..)?.first_chunk()?;
        Some(load_u64(word).wrapping_shr(self.position as u32 % 8))
    }

    /// Returns the next 57 bits at least. Zeros follow the data.
    pub fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.position / 8..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(word) => load_u64(word),
            None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        word >> (self.position % 8)
    }

    /// Skips a code and its extra bits. Requires that they were peeked at.
    #[inline(always)]
    pub fn skip_fast(&mut self, entry: Entry) {
        self.position = self.position.wrapping_add(entry.skipped() as usize);
    }

    /// Skips a code and its extra bits.
    pub fn skip(&mut self, entry: Entry) -> Result<(), Ended> {
        self.skip_bits(entry.skipped())
    }

    fn skip_bits(&mut self, count: u32) -> Result<(), Ended> {
        let position = self.position.saturating_add(count as usize);
        if position.div_ceil(8) > self.bytes.len() {
            return Err(Ended);
        }
        self.position = position;
        Ok(())
    }

    /// Reads a number of `count` bits, 57 at most.
    #[inline(never)]
    pub fn take(&mut self, count: u32) -> Result<usize, Ended> {
        let number = self.peek() & !u64::MAX.wrapping_shl(count);
        self.skip_bits(count)?;
        Ok(number as usize)
    }

    /// Skips the rest of a byte.
    pub fn align(&mut self) {
        self.position = self.position.div_ceil(8).saturating_mul(8);
    }

    /// Reads bytes, as many as there are but `count` at most. Requires the position to be aligned.
    pub fn take_bytes(&mut self, count: usize) -> &'a [u8] {
        let rest = self.bytes.get(self.position / 8..).unwrap_or_default();
        let taken = rest.get(..count).unwrap_or(rest);
        self.position = self.position.saturating_add(taken.len().saturating_mul(8));
        taken
    }
}
