//! [`Literals`] of a zstd block, decoded when they are wanted, so that nothing has to hold them (RFC 8878 3.1.1.3.1).

use crate::zstd_bits::{BackwardBits, little_endian};
use crate::zstd_frame::BLOCK_MAX;
use crate::zstd_huffman::Huffman;

/// The literals of a block that have not been taken yet.
pub(crate) struct Literals<'a> {
    source: Source<'a>,
    /// How many there are.
    pub left: usize,
}

/// Where literals come from.
enum Source<'a> {
    Plain(&'a [u8]),
    Repeated(u8),
    Coded {
        huffman: &'a Huffman,
        /// The stream that is being read, and those after it.
        bits: BackwardBits<'a>,
        streams: [&'a [u8]; 3],
        /// How many literals come out of each stream but the last, and how many of this one are left.
        stream_size: usize,
        left_in_stream: usize,
    },
}

impl<'a> Literals<'a> {
    /// Reads the section at the start of a `block`, and returns what is behind it as well.
    pub fn read(block: &'a [u8], huffman: &'a mut Huffman) -> Option<(Self, &'a [u8])> {
        let header = little_endian(block, 5);
        let kind = header & 0b11;
        let format = header >> 2 & 0b11;
        let is_coded = kind >= 2;
        // The size of the header, and how many bits of it each of its sizes has.
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
                coded(huffman, streams, left, format > 0)?
            }
        };
        Some((Self { source, left }, behind))
    }

    /// Takes as many literals as fill `to`.
    pub fn take(&mut self, to: &mut [u8]) -> Option<()> {
        self.left = self.left.checked_sub(to.len())?;
        work_counter::add(to.len());
        match &mut self.source {
            Source::Plain(bytes) => to.copy_from_slice(bytes.split_off(..to.len())?),
            Source::Repeated(byte) => to.fill(*byte),
            Source::Coded {
                huffman,
                bits,
                streams,
                stream_size,
                left_in_stream,
            } => {
                for literal in to {
                    if *left_in_stream == 0 {
                        let [first, second, third] = *streams;
                        if !bits.is_at_end() {
                            return None;
                        }
                        *bits = BackwardBits::new(first)?;
                        *streams = [second, third, &[]];
                        *left_in_stream = *stream_size;
                    }
                    *left_in_stream = left_in_stream.wrapping_sub(1);
                    *literal = huffman.next(bits)?;
                }
            }
        }
        Some(())
    }

    /// Whether everything has been taken, and nothing is left of what it was made of.
    pub fn is_at_end(&self) -> bool {
        let is_read = match &self.source {
            Source::Coded { bits, streams, .. } => bits.is_at_end() && streams.iter().all(|stream| stream.is_empty()),
            _ => true,
        };
        self.left == 0 && is_read
    }
}

/// The one stream that `bytes` are, or the four.
fn coded<'a>(huffman: &'a Huffman, bytes: &'a [u8], size: usize, are_four: bool) -> Option<Source<'a>> {
    if !huffman.is_there() {
        return None;
    }
    let mut first = bytes;
    let mut streams: [&[u8]; 3] = [&[]; 3];
    let mut stream_size = size;
    if are_four {
        let [a, b, c, d, e, f, rest @ ..] = bytes else {
            return None;
        };
        let split = |bytes: &'a [u8], low, high| bytes.split_at_checked(u16::from_le_bytes([low, high]).into());
        let (one, rest) = split(rest, *a, *b)?;
        let (two, rest) = split(rest, *c, *d)?;
        let (three, four) = split(rest, *e, *f)?;
        first = one;
        streams = [two, three, four];
        stream_size = size.div_ceil(4);
    }
    Some(Source::Coded {
        huffman,
        bits: BackwardBits::new(first)?,
        streams,
        stream_size,
        left_in_stream: stream_size,
    })
}
