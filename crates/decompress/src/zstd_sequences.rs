//! [`Sequences`] of a zstd block: numbers of literals, and the matches behind them (RFC 8878
//! 3.1.1.3.2).

use crate::zstd_bits::{BackwardBits, Window};
use crate::zstd_fse::{Fse, Kind};

/// The bits of what says how the tables are stored that say nothing (RFC 8878 3.1.1.3.2.1).
const RESERVED: u8 = 0b11;

/// RFC 8878 3.1.1.3.2.2.1 to 3.1.1.3.2.2.3.
static LITERAL_LENGTHS: Kind = Kind {
    codes: &LITERAL_LENGTH_CODES,
    accuracy_max: 9,
    default_accuracy: 6,
    default: &[
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
    ],
};
static MATCH_LENGTHS: Kind = Kind {
    codes: &MATCH_LENGTH_CODES,
    accuracy_max: 9,
    default_accuracy: 6,
    default: &[
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
};
static OFFSETS: Kind = Kind {
    codes: &OFFSET_CODES,
    accuracy_max: 8,
    default_accuracy: 5,
    default: &[
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
    ],
};

/// For each code the number of bits that are added to its length.
const LITERAL_LENGTH_BITS: [u8; 20] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_LENGTH_BITS: [u8; 21] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/// For each code its length and, times 2^24, the number of bits that are added. Codes up to 15 or
/// 31 have none.
static LITERAL_LENGTH_CODES: [u32; 36] = lengths(0, &LITERAL_LENGTH_BITS);
static MATCH_LENGTH_CODES: [u32; 53] = lengths(3, &MATCH_LENGTH_BITS);

/// For each code the number of bits of the offset, which is the code. The greatest one alone is
/// marked as one to which bits are added: see [`History::read`].
static OFFSET_CODES: [u32; 32] = offsets();
/// The number of bits that one refill has for an offset and the lengths, besides those of three
/// states with the greatest accuracies.
const FIELD_BITS_MAX: u32 = Window::BITS - 9 - 9 - 8;

/// A length follows the greatest one of the code before.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "only ever evaluated by the compiler"
)]
const fn lengths<const CODES: usize>(shortest: u32, bits: &[u8]) -> [u32; CODES] {
    let mut codes = [0; CODES];
    let mut length = shortest;
    let mut code = 0;
    while code < CODES {
        let plain = CODES - bits.len();
        let added = if code < plain { 0 } else { bits[code - plain] as u32 };
        codes[code] = length | added << 24;
        length += 1 << added;
        code += 1;
    }
    codes
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "only ever evaluated by the compiler"
)]
const fn offsets() -> [u32; 32] {
    let mut codes = [0; 32];
    let mut code = 0;
    while code < 32 {
        codes[code] = code as u32;
        code += 1;
    }
    codes[31] |= 1 << 24;
    codes
}

/// The state that goes on from block to block.
pub(crate) struct History {
    literal_lengths: Fse,
    match_lengths: Fse,
    offsets: Fse,
    distances: [usize; 3],
}

/// Some literals, and a match behind them.
#[derive(Clone, Copy)]
pub(crate) struct Sequence {
    /// The number of literals.
    pub literals: usize,
    /// The distance from the match to what it repeats, in bytes. 0 is damage.
    pub distance: usize,
    /// The length of the match, in bytes.
    pub length: usize,
}

/// The sequences of a block that have not been read yet.
pub(crate) struct Sequences<'a> {
    /// The number of sequences.
    pub count: usize,
    history: &'a mut History,
    reader: Reader<'a>,
    distances: [usize; 3],
}

/// A place before a sequence: the states that it begins with, and the bits behind them.
#[derive(Clone, Copy)]
struct Reader<'a> {
    window: Window<'a>,
    literal_length: u64,
    match_length: u64,
    offset: u64,
}

/// A sequence as it is stored.
#[derive(Clone, Copy)]
struct Stored {
    literals: usize,
    length: usize,
    offset: usize,
}

impl History {
    /// The state at a frame's start.
    pub const fn new() -> Self {
        Self {
            literal_lengths: Fse::new(),
            match_lengths: Fse::new(),
            offsets: Fse::new(),
            distances: [1, 4, 8],
        }
    }

    /// Goes back to the state at a frame's start.
    pub fn clear(&mut self) {
        self.literal_lengths.clear();
        self.match_lengths.clear();
        self.offsets.clear();
        self.distances = [1, 4, 8];
    }

    /// Reads a sequence and goes on to the next one, with a single refill for all of its bits.
    /// Returns `None`, at the same place, where there are fewer than 8 bytes left, or the sequence
    /// may have more bits than a refill.
    ///
    /// Three states and the greatest offset code can have 57 bits, one more than a refill; all
    /// other offsets fit. Hardly any length has bits, so that one branch skips those and the mark
    /// of that code.
    #[inline(always)]
    fn read<'a>(&self, reader: &mut Reader<'a>) -> Option<Stored> {
        let literal_length = self.literal_lengths.state(reader.literal_length);
        let match_length = self.match_lengths.state(reader.match_length);
        let offset = self.offsets.state(reader.offset);
        if !reader.window.refill() {
            return None;
        }
        let bits = &mut reader.window;
        let read_offset = |bits: &mut Window<'_>| {
            let code = offset.value();
            1_u64.wrapping_shl(code).wrapping_add(bits.read(code)) as usize
        };
        let mut stored = Stored {
            literals: literal_length.value() as usize,
            length: match_length.value() as usize,
            offset: 0,
        };
        if (literal_length | match_length | offset).added() == 0 {
            stored.offset = read_offset(bits);
        } else {
            let added = literal_length.added().wrapping_add(match_length.added());
            if offset.value().wrapping_add(added) > FIELD_BITS_MAX {
                return None;
            }
            stored.offset = read_offset(bits);
            stored.length = stored.length.wrapping_add(bits.read(match_length.added()) as usize);
            stored.literals = stored.literals.wrapping_add(bits.read(literal_length.added()) as usize);
        }
        reader.literal_length = literal_length.next().wrapping_add(bits.read(literal_length.count()));
        reader.match_length = match_length.next().wrapping_add(bits.read(match_length.count()));
        reader.offset = offset.next().wrapping_add(bits.read(offset.count()));
        Some(stored)
    }

    /// Reads any sequence and, unless it is the last one, goes on to the next one.
    #[cold]
    #[inline(never)]
    fn read_exactly<'a>(&self, mut reader: Reader<'a>, is_last: bool) -> Option<(Stored, Reader<'a>)> {
        let literal_length = self.literal_lengths.state(reader.literal_length);
        let match_length = self.match_lengths.state(reader.match_length);
        let offset = self.offsets.state(reader.offset);
        let mut bits = reader.window.bits();
        let offset_code = offset.value() % 32;
        let stored = Stored {
            offset: (1_usize << offset_code).wrapping_add(bits.read(offset_code)? as usize),
            length: match_length.value().wrapping_add(bits.read(match_length.added())?) as usize,
            literals: literal_length.value().wrapping_add(bits.read(literal_length.added())?) as usize,
        };
        if !is_last {
            reader.literal_length = Fse::next(literal_length, &mut bits)?;
            reader.match_length = Fse::next(match_length, &mut bits)?;
            reader.offset = Fse::next(offset, &mut bits)?;
        }
        reader.window = Window::new(bits);
        Some((stored, reader))
    }
}

/// Returns the distance of an offset (RFC 8878 3.1.1.5). Offsets up to 3 repeat one of the last
/// three distances; after a match at distance 1, the last of them can mean 0, which is damage.
#[inline(always)]
fn distance(distances: &mut [usize; 3], offset: usize, has_literals: bool) -> usize {
    let [first, second, third] = *distances;
    if offset > 3 {
        *distances = [offset.wrapping_sub(3), first, second];
    } else {
        match offset.wrapping_add(usize::from(!has_literals)) {
            1 => {}
            2 => *distances = [second, first, third],
            3 => *distances = [third, first, second],
            _ => *distances = [first.wrapping_sub(1), first, second],
        }
    }
    let [distance, ..] = *distances;
    distance
}

impl<'a> Sequences<'a> {
    /// Begins to read a section.
    #[inline(never)]
    pub fn read(section: &'a [u8], history: &'a mut History) -> Option<Self> {
        let (count, rest) = match *section {
            [few @ 0..128, ref rest @ ..] => (usize::from(few), rest),
            [255, low, high, ref rest @ ..] => {
                (usize::from(u16::from_le_bytes([low, high])).wrapping_add(0x7f00), rest)
            }
            [high, low, ref rest @ ..] => (usize::from(u16::from_be_bytes([high & 0x7f, low])), rest),
            _ => return None,
        };
        let mut bits = BackwardBits::default();
        let mut states = [0; 3];
        if count == 0 {
            if !rest.is_empty() {
                return None;
            }
        } else {
            let (modes, rest) = rest.split_first()?;
            if modes & RESERVED != 0 {
                return None;
            }
            let History {
                literal_lengths,
                match_lengths,
                offsets,
                ..
            } = &mut *history;
            let rest = literal_lengths.read_by_mode(&LITERAL_LENGTHS, modes >> 6, rest)?;
            let rest = offsets.read_by_mode(&OFFSETS, modes >> 4, rest)?;
            let rest = match_lengths.read_by_mode(&MATCH_LENGTHS, modes >> 2, rest)?;
            bits = BackwardBits::new(rest)?;
            for (state, table) in states.iter_mut().zip([literal_lengths, offsets, match_lengths]) {
                *state = table.start(&mut bits)?;
            }
        }
        let [literal_length, offset, match_length] = states;
        Some(Self {
            count,
            distances: history.distances,
            history,
            reader: Reader {
                window: Window::new(bits),
                literal_length,
                match_length,
                offset,
            },
        })
    }

    /// Reads the next sequence; `None` where the section is damaged.
    #[inline(always)]
    pub fn next(&mut self) -> Option<Sequence> {
        self.count = self.count.checked_sub(1)?;
        work_counter::add(1);
        let is_last = self.count == 0;
        let stored = match is_last {
            false => self.history.read(&mut self.reader),
            true => None,
        };
        let stored = match stored {
            Some(stored) => stored,
            None => {
                let (stored, reader) = self.history.read_exactly(self.reader, is_last)?;
                self.reader = reader;
                stored
            }
        };
        Some(Sequence {
            literals: stored.literals,
            distance: distance(&mut self.distances, stored.offset, stored.literals > 0),
            length: stored.length,
        })
    }

    /// Ends reading. Returns false where sequences or bits are left.
    pub fn end(self) -> bool {
        self.history.distances = self.distances;
        self.count == 0 && self.reader.window.bits().is_at_end()
    }
}
