//! [`is_sound`]: what is checked of a compressed zstd block before `ruzstd` sees it, so that what it allocates is bounded.
//!
//! Of what it would refuse as well, only what it refuses too late is looked at: literals and sequences that are more than a block can
//! hold, and tables of probabilities with more symbols than there are. RFC 8878 3.1.1.3 and 4.1.1.

use crate::zstd_frame::BLOCK_MAX;

/// Every sequence has a match, and no match is shorter than 3 bytes.
const SEQUENCES_MAX: usize = BLOCK_MAX / 3;
/// Symbols are bytes.
const SYMBOLS_MAX: usize = 256;
/// The greatest accuracy of a table of probabilities that RFC 8878 knows, that of literal and match lengths.
const ACCURACY_MAX: u32 = 9;

/// Whether the `block` (behind its header) can be given to `ruzstd`.
pub(crate) fn is_sound(block: &[u8]) -> bool {
    literals_end(block).and_then(sequences).is_some()
}

/// Checks the literals section and returns what is behind it.
fn literals_end(block: &[u8]) -> Option<&[u8]> {
    let header = little_endian(block, 5);
    let first = header & 0xff;
    let format = first >> 2 & 0b11;
    let is_huffman = first & 0b10 != 0;
    // The size of the header, and how many bits of it each of its sizes has.
    let (header_size, bits) = match (is_huffman, format) {
        (false, 0 | 2) => (1, 5),
        (false, 1) => (2, 12),
        (false, _) => (3, 20),
        (true, 0 | 1) => (3, 10),
        (true, 2) => (4, 14),
        (true, _) => (5, 18),
    };
    let low_bits = |number: u64| (number & !(u64::MAX << bits)) as usize;
    let size = if bits == 5 {
        low_bits(header >> 3)
    } else {
        low_bits(header >> 4)
    };
    if size > BLOCK_MAX {
        return None;
    }
    let literals = block.get(header_size..)?;
    let stored_size = match first & 0b11 {
        0 => size,
        1 => 1,
        _ => low_bits(header >> 4 >> bits),
    };
    let (stored, behind) = literals.split_at_checked(stored_size)?;
    if first & 0b11 == 2 {
        // Up to 127, the first byte is the size of compressed weights, which open with probabilities.
        let (size, weights) = stored.split_first()?;
        if *size < 128 {
            probabilities_end(weights.get(..usize::from(*size))?)?;
        }
    }
    Some(behind)
}

/// Checks the head of the sequences section.
fn sequences(section: &[u8]) -> Option<()> {
    let (count, header_size) = match *section {
        [] => return None,
        [few @ 0..128, ..] => (usize::from(few), 1),
        [255, low, high, ..] => (usize::from(u16::from_le_bytes([low, high])).saturating_add(0x7f00), 3),
        [high, low, ..] => (usize::from(u16::from_be_bytes([high & 0x7f, low])), 2),
        [_] => return None,
    };
    if count == 0 {
        return Some(());
    }
    if count > SEQUENCES_MAX {
        return None;
    }
    let (modes, mut rest) = section.get(header_size..)?.split_first()?;
    for shift in [6, 4, 2] {
        rest = match modes >> shift & 0b11 {
            1 => rest.get(1..)?,
            2 => probabilities_end(rest)?,
            _ => rest,
        };
    }
    Some(())
}

/// Walks over a table of probabilities (RFC 8878 4.1.1) and returns what is behind it.
fn probabilities_end(bytes: &[u8]) -> Option<&[u8]> {
    let mut bits = Bits { bytes, position: 0 };
    let accuracy = bits.read(4)?.saturating_add(5);
    if accuracy > ACCURACY_MAX {
        return None;
    }
    let mut remaining = 1_u32 << accuracy;
    let mut symbols = 0_usize;
    while remaining > 0 {
        let value = bits.read_up_to(remaining.saturating_add(1))?;
        symbols = symbols.saturating_add(1);
        match value {
            // A probability of "less than 1" takes the place of 1.
            0 => remaining = remaining.saturating_sub(1),
            1 => symbols = symbols.saturating_add(bits.read_zeros()?),
            _ => remaining = remaining.saturating_sub(value.saturating_sub(1)),
        }
        if symbols > SYMBOLS_MAX {
            return None;
        }
    }
    bytes.get(bits.position.div_ceil(8)..)
}

/// Bits, lowest first.
struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Bits<'_> {
    /// The next `count` bits, 16 at most.
    fn read(&mut self, count: u32) -> Option<u32> {
        let bits = little_endian(self.bytes.get(self.position / 8..)?, 3) >> (self.position % 8);
        self.position = self.position.checked_add(count as usize)?;
        (self.position <= self.bytes.len().checked_mul(8)?).then_some(bits as u32 & !(u32::MAX << count))
    }

    /// A number from 0 to `largest`; small ones have one bit less.
    fn read_up_to(&mut self, largest: u32) -> Option<u32> {
        let count = u32::BITS.saturating_sub(largest.leading_zeros());
        let start = self.position;
        let value = self.read(count)?;
        let half = 1_u32 << count.saturating_sub(1);
        let short_values = half.saturating_mul(2).saturating_sub(1).saturating_sub(largest);
        let low = value & half.saturating_sub(1);
        if low < short_values {
            self.position = start.checked_add(count.saturating_sub(1) as usize)?;
            return Some(low);
        }
        Some(if value >= half {
            value.saturating_sub(short_values)
        } else {
            value
        })
    }

    /// How many more symbols have a probability of 0: pairs of bits, of which 3 says that another follows.
    fn read_zeros(&mut self) -> Option<usize> {
        let mut zeros = 0_usize;
        loop {
            let more = self.read(2)?;
            zeros = zeros.checked_add(more as usize)?;
            if more != 3 || zeros > SYMBOLS_MAX {
                return Some(zeros);
            }
        }
    }
}

/// The first `size` bytes as a little-endian number; missing ones are 0.
fn little_endian(bytes: &[u8], size: usize) -> u64 {
    let bytes = bytes.get(..size).unwrap_or(bytes);
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
