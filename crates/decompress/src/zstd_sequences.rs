//! [`Sequences`] of a zstd block: how many literals come next, and what is repeated after them (RFC 8878 3.1.1.3.2).

use crate::zstd_bits::BackwardBits;
use crate::zstd_fse::Fse;

/// The bits of what says how the tables are stored that say nothing (RFC 8878 3.1.1.3.2.1).
const RESERVED: u8 = 0b11;

/// How many codes there are of each kind, and the accuracies of their tables: the greatest, and that of the table that nobody stores.
struct Kind {
    codes: usize,
    accuracy_max: u32,
    common_accuracy: u32,
    common: &'static [i16],
}

/// RFC 8878 3.1.1.3.2.2.1 to 3.1.1.3.2.2.3.
const LITERAL_LENGTHS: Kind = Kind {
    codes: 36,
    accuracy_max: 9,
    common_accuracy: 6,
    common: &[
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
    ],
};
const MATCH_LENGTHS: Kind = Kind {
    codes: 53,
    accuracy_max: 9,
    common_accuracy: 6,
    common: &[
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
};
const OFFSETS: Kind = Kind {
    codes: 32,
    accuracy_max: 8,
    common_accuracy: 5,
    common: &[
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
    ],
};

/// For each code the number of bits that are added to its length.
const LITERAL_LENGTH_BITS: [u8; 20] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_LENGTH_BITS: [u8; 21] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/// For each code its length and, times 2^24, the number of bits that are added. Codes up to 15 or 31 have none.
static LITERAL_LENGTH_CODES: [u32; 36] = lengths(0, &LITERAL_LENGTH_BITS);
static MATCH_LENGTH_CODES: [u32; 53] = lengths(3, &MATCH_LENGTH_BITS);

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

/// What goes on from block to block.
pub(crate) struct History {
    literal_lengths: Fse,
    match_lengths: Fse,
    offsets: Fse,
    distances: [usize; 3],
}

/// Some literals, and what is repeated after them.
pub(crate) struct Sequence {
    /// How many literals.
    pub literals: usize,
    /// How far back.
    pub distance: usize,
    /// How many bytes.
    pub length: usize,
}

/// The sequences of a block that have not been read yet.
pub(crate) struct Sequences<'a> {
    history: &'a mut History,
    bits: BackwardBits<'a>,
    left: usize,
    literal_length: usize,
    match_length: usize,
    offset: usize,
}

impl History {
    /// That of a frame's start.
    pub const fn new() -> Self {
        Self {
            literal_lengths: Fse::new(),
            match_lengths: Fse::new(),
            offsets: Fse::new(),
            distances: [1, 4, 8],
        }
    }

    /// Back to a frame's start.
    pub fn clear(&mut self) {
        self.literal_lengths.clear();
        self.match_lengths.clear();
        self.offsets.clear();
        self.distances = [1, 4, 8];
    }

    /// RFC 8878 3.1.1.5.
    fn distance(&mut self, offset: usize, has_literals: bool) -> Option<usize> {
        let [first, second, third] = self.distances;
        let (distance, rest) = match offset.wrapping_add(usize::from(!has_literals)) {
            _ if offset > 3 => (offset.wrapping_sub(3), [first, second]),
            1 => (first, [second, third]),
            2 => (second, [first, third]),
            3 => (third, [first, second]),
            _ => (first.wrapping_sub(1), [first, second]),
        };
        let [second, third] = rest;
        self.distances = [distance, second, third];
        (distance > 0).then_some(distance)
    }
}

/// Reads the table that `mode` says, and returns what is behind it.
fn read_table<'a>(table: &mut Fse, kind: &Kind, mode: u8, bytes: &'a [u8]) -> Option<&'a [u8]> {
    match mode & 0b11 {
        0 => table.build(kind.common, kind.common_accuracy),
        1 => {
            let (symbol, rest) = bytes.split_first()?;
            table.repeat(*symbol);
            return (usize::from(*symbol) < kind.codes).then_some(rest);
        }
        2 => return table.read(bytes, kind.codes, kind.accuracy_max),
        _ => {}
    }
    Some(bytes)
}

impl<'a> Sequences<'a> {
    /// Begins to read a section.
    pub fn read(section: &'a [u8], history: &'a mut History) -> Option<Self> {
        let (left, rest) = match *section {
            [few @ 0..128, ref rest @ ..] => (usize::from(few), rest),
            [255, low, high, ref rest @ ..] => {
                (usize::from(u16::from_le_bytes([low, high])).wrapping_add(0x7f00), rest)
            }
            [high, low, ref rest @ ..] => (usize::from(u16::from_be_bytes([high & 0x7f, low])), rest),
            _ => return None,
        };
        let mut sequences = Self {
            history,
            bits: BackwardBits::default(),
            left,
            literal_length: 0,
            match_length: 0,
            offset: 0,
        };
        if left == 0 {
            return rest.is_empty().then_some(sequences);
        }
        let (modes, rest) = rest.split_first()?;
        if modes & RESERVED != 0 {
            return None;
        }
        let History {
            literal_lengths,
            match_lengths,
            offsets,
            ..
        } = sequences.history;
        let rest = read_table(literal_lengths, &LITERAL_LENGTHS, modes >> 6, rest)?;
        let rest = read_table(offsets, &OFFSETS, modes >> 4, rest)?;
        let rest = read_table(match_lengths, &MATCH_LENGTHS, modes >> 2, rest)?;
        let mut bits = BackwardBits::new(rest)?;
        sequences.literal_length = literal_lengths.start(&mut bits)?;
        sequences.offset = offsets.start(&mut bits)?;
        sequences.match_length = match_lengths.start(&mut bits)?;
        sequences.bits = bits;
        Some(sequences)
    }

    /// Whether there are no more, and nothing is left of what they are read from.
    pub const fn is_at_end(&self) -> bool {
        self.left == 0 && self.bits.is_at_end()
    }

    /// The next one; `None` where there is none or the section is damaged.
    pub fn next(&mut self) -> Option<Sequence> {
        self.left = self.left.checked_sub(1)?;
        work_counter::add(1);
        let history = &mut *self.history;
        let bits = &mut self.bits;
        let offset_code = history.offsets.symbol(self.offset) & 31;
        let offset = (1_usize << offset_code).wrapping_add(bits.read(offset_code.into())? as usize);
        let match_length = length(
            &MATCH_LENGTH_CODES,
            history.match_lengths.symbol(self.match_length),
            bits,
        )?;
        let literals = length(
            &LITERAL_LENGTH_CODES,
            history.literal_lengths.symbol(self.literal_length),
            bits,
        )?;
        if self.left > 0 {
            self.literal_length = history.literal_lengths.next(self.literal_length, bits)?;
            self.match_length = history.match_lengths.next(self.match_length, bits)?;
            self.offset = history.offsets.next(self.offset, bits)?;
        }
        Some(Sequence {
            literals,
            distance: history.distance(offset, literals > 0)?,
            length: match_length,
        })
    }
}

fn length(codes: &[u32], code: u8, bits: &mut BackwardBits<'_>) -> Option<usize> {
    let code = codes.get(usize::from(code))?;
    let added = bits.read(code >> 24)?;
    Some((code & 0xff_ffff).wrapping_add(added) as usize)
}
