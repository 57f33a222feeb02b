//! [`Literals`] of a zstd block, decoded into a small buffer, some at a time (RFC 8878 3.1.1.3.1).

use crate::copy;
use crate::zstd_bits::{BackwardBits, little_endian};
use crate::zstd_frame::BLOCK_MAX;
use crate::zstd_huffman::Huffman;

/// The number of literals that are decoded at a time. All of a block's, up to 128 KiB, would take
/// more than the bootloader's stack.
const DECODED_MAX: usize = 4 << 10;
/// The number of bytes that are copied at a time, even if fewer are wanted.
pub(crate) const PIECE: usize = 16;

/// Memory for decoded literals. The last piece may reach behind them.
pub(crate) type Buffer = [u8; DECODED_MAX + PIECE];

/// The literals of a block that have not been taken yet.
pub(crate) struct Literals<'a> {
    buffer: &'a mut Buffer,
    /// The index in the buffer of the first decoded literal that has not been taken.
    pub start: usize,
    /// The index in the buffer of the end of the decoded literals.
    pub end: usize,
    /// The number of literals that have not been decoded yet.
    left: usize,
    source: Source<'a>,
}

/// The stored form of literals that have not been decoded yet.
enum Source<'a> {
    Plain(&'a [u8]),
    Repeated(u8),
    Coded(&'a Huffman, Streams<'a>),
}

/// Literals in Huffman codes.
struct Streams<'a> {
    /// The rest of the stream that is being read.
    bits: BackwardBits<'a>,
    /// The streams after it.
    others: [&'a [u8]; 3],
    /// The number of literals in each stream but the last, which may have fewer.
    size: usize,
    /// The number of literals that are left in the stream that is being read, if it is not the
    /// last.
    left: usize,
}

impl<'a> Literals<'a> {
    /// Reads the section at the start of a `block`, and returns what is behind it as well.
    #[inline(never)]
    pub fn read(block: &'a [u8], huffman: &'a mut Huffman, buffer: &'a mut Buffer) -> Option<(Self, &'a [u8])> {
        let header = little_endian(block, 5);
        let kind = header & 0b11;
        let format = header >> 2 & 0b11;
        let is_coded = kind >= 2;
        // The size of the header in bytes, and the number of bits of each size in it.
        let (header_size, bits) = match (is_coded, format) {
            (false, 0 | 2) => (1, 5),
            (false, 1) => (2, 12),
            (false, _) => (3, 20),
            (true, 0 | 1) => (3, 10),
            (true, 2) => (4, 14),
            (true, _) => (5, 18),
        };
        let low_bits = |number: u64| (number & !(u64::MAX << bits)) as usize;
        let left = low_bits(if bits == 5 { header >> 3 } else { header >> 4 });
        if left > BLOCK_MAX {
            return None;
        }
        let stored_size = match kind {
            0 => left,
            1 => 1,
            _ => low_bits(header >> 4 >> bits),
        };
        let (stored, behind) = block.get(header_size..)?.split_at_checked(stored_size)?;
        let source = match kind {
            0 => Source::Plain(stored),
            1 => Source::Repeated(*stored.first()?),
            _ => {
                let streams = if kind == 2 { huffman.read(stored)? } else { stored };
                if !huffman.is_there() {
                    return None;
                }
                Source::Coded(huffman, Streams::new(streams, left, format > 0)?)
            }
        };
        let literals = Self {
            buffer,
            start: 0,
            end: 0,
            left,
            source,
        };
        Some((literals, behind))
    }

    /// The number of literals that have not been taken.
    pub const fn count(&self) -> usize {
        self.left.saturating_add(self.end.saturating_sub(self.start))
    }

    /// Returns the bytes of the buffer from `start` on.
    #[inline(always)]
    pub fn piece(&self, start: usize) -> Option<&[u8; PIECE]> {
        self.buffer.get(start..)?.first_chunk()
    }

    /// Takes as many literals as fill `to`.
    pub fn take(&mut self, mut to: &mut [u8]) -> Option<()> {
        loop {
            let decoded = self.buffer.get(self.start..self.end)?;
            let count = decoded.len().min(to.len());
            work_counter::add(count.saturating_add(1));
            copy::literals(to, 0, decoded, count)?;
            to.split_off_mut(..count)?;
            self.start = self.start.saturating_add(count);
            if to.is_empty() {
                return Some(());
            }
            self.decode()?;
        }
    }

    /// Decodes as many literals as the buffer holds. Requires that all in it have been taken.
    /// Returns `None` where no literal is left, or the section is damaged.
    fn decode(&mut self) -> Option<()> {
        let count = self.left.min(DECODED_MAX);
        if count == 0 {
            return None;
        }
        work_counter::add(count);
        let to = self.buffer.get_mut(..count)?;
        match &mut self.source {
            Source::Plain(bytes) => copy::literals(to, 0, bytes.split_off(..count)?, count)?,
            Source::Repeated(byte) => to.fill(*byte),
            Source::Coded(huffman, streams) => streams.decode(huffman, to)?,
        }
        self.left = self.left.saturating_sub(count);
        self.start = 0;
        self.end = count;
        Some(())
    }

    /// Returns whether all literals have been taken, and nothing is left of what is stored.
    pub fn is_at_end(&self) -> bool {
        let is_read = match &self.source {
            Source::Coded(_, streams) => streams.are_at_end(),
            _ => true,
        };
        self.count() == 0 && is_read
    }
}

impl<'a> Streams<'a> {
    /// Splits `bytes`, which are one stream or four with their sizes in front.
    fn new(bytes: &'a [u8], count: usize, are_four: bool) -> Option<Self> {
        let mut first = bytes;
        let mut others: [&[u8]; 3] = [&[]; 3];
        let mut size = count;
        if are_four {
            let [a, b, c, d, e, f, rest @ ..] = bytes else {
                return None;
            };
            let split = |bytes: &'a [u8], low, high| bytes.split_at_checked(u16::from_le_bytes([low, high]).into());
            let (one, rest) = split(rest, *a, *b)?;
            let (two, rest) = split(rest, *c, *d)?;
            let (three, four) = split(rest, *e, *f)?;
            first = one;
            others = [two, three, four];
            size = count.div_ceil(4);
        }
        Some(Self {
            bits: BackwardBits::new(first)?,
            others,
            size,
            left: size,
        })
    }

    /// Decodes as many literals as fill `to`.
    fn decode(&mut self, huffman: &Huffman, mut to: &mut [u8]) -> Option<()> {
        loop {
            let count = self.left.min(to.len());
            huffman.decode(&mut self.bits, to.split_off_mut(..count)?)?;
            self.left = self.left.saturating_sub(count);
            if to.is_empty() {
                return Some(());
            }
            let [next, third, fourth] = self.others;
            if !self.bits.is_at_end() {
                return None;
            }
            self.bits = BackwardBits::new(next)?;
            self.others = [third, fourth, &[]];
            self.left = self.size;
        }
    }

    /// Returns whether nothing is left.
    fn are_at_end(&self) -> bool {
        self.bits.is_at_end() && self.others.iter().all(|stream| stream.is_empty())
    }
}
