//! [`Inflate`]: deflated data, by RFC 1951.

#[cfg(test)]
mod tests;

use crate::copy;
use crate::inflate_bits::{Bits, Ended};
use crate::inflate_code::{Alphabet, Code, END};
use crate::inflate_symbols::{Codes, ROOM_FAST};

/// The order in which the lengths of the codes of code lengths come (RFC 1951 3.2.7).
const LENGTHS_ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The longest code of a code length, in bits, and the number of entries that takes.
const LENGTH_BITS: u32 = 7;
const LENGTH_ENTRIES: usize = 1 << LENGTH_BITS;
/// The symbols that may have codes in a block.
const LITERALS_MAX: usize = 286;
const DISTANCES_MAX: usize = 30;
/// The symbols that have fixed codes.
const LITERALS_FIXED: usize = 288;
const DISTANCES_FIXED: usize = 32;

/// The reason why decoding stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// As many bytes are filled as were wanted, or more.
    Enough,
    /// A block has ended, and another one follows.
    BlockEnd,
    /// The last block has ended.
    End,
    /// The output is full, and more would come out.
    Full,
    /// The data ends before the last block.
    Truncated,
    /// The data breaks a rule of the format.
    Corrupt,
}

impl From<Ended> for Stop {
    fn from(Ended: Ended) -> Self {
        Self::Truncated
    }
}

/// A decoder of deflated data, with all its state, so that it can stop and go on.
pub(crate) struct Inflate {
    codes: Codes,
    /// In bits, from the start of the data.
    position: usize,
    /// Set if symbols follow, not the header of a block.
    is_in_block: bool,
    is_last_block: bool,
}

impl Inflate {
    /// A decoder at the start of some data.
    pub const fn new() -> Self {
        Self {
            codes: Codes::new(),
            position: 0,
            is_in_block: false,
            is_last_block: false,
        }
    }

    /// Goes to the start of other data. The codes may stay, since each block makes its own.
    pub const fn restart(&mut self) {
        self.position = 0;
        self.is_in_block = false;
    }

    /// Returns how many bytes of the data have been read, the last one perhaps in part.
    pub const fn bytes_read(&self) -> usize {
        self.position.div_ceil(8)
    }

    /// Goes on decoding `data` into `output`, of which `filled` bytes are filled, until at least
    /// `enough` are, or a block ends. A stored block is never divided.
    ///
    /// Requires the same data in each call, and an output that begins with what came out before.
    /// Up to 15 bytes behind those that are filled are overwritten.
    pub fn decode(&mut self, data: &[u8], output: &mut [u8], filled: &mut usize, enough: usize) -> Stop {
        let mut input = Bits::new(data, self.position);
        let result = self.decode_block(&mut input, output, filled, enough);
        self.position = input.position();
        match result {
            Ok(()) => Stop::Enough,
            Err(Stop::BlockEnd) => {
                self.is_in_block = false;
                if self.is_last_block { Stop::End } else { Stop::BlockEnd }
            }
            Err(Stop::Truncated) => {
                self.position = data.len().saturating_mul(8);
                Stop::Truncated
            }
            Err(stop) => stop,
        }
    }

    fn decode_block(
        &mut self,
        input: &mut Bits<'_>,
        output: &mut [u8],
        filled: &mut usize,
        enough: usize,
    ) -> Result<(), Stop> {
        if !self.is_in_block {
            self.is_last_block = input.take(1)? == 1;
            match input.take(2)? {
                0 => return copy_stored(input, output, filled),
                1 => self.use_fixed_codes()?,
                2 => self.read_codes(input)?,
                _ => return Err(Stop::Corrupt),
            }
            self.is_in_block = true;
        }
        let end = enough.saturating_add(ROOM_FAST).min(output.len());
        let wanted = output.get_mut(..end).unwrap_or_default();
        self.codes.decode_fast(input, wanted, filled);
        self.codes.decode(input, output, filled, enough)
    }

    /// Makes the codes of RFC 1951 3.2.6.
    fn use_fixed_codes(&mut self) -> Result<(), Stop> {
        let mut lengths = [8; LITERALS_FIXED];
        for (range, length) in [(144..256, 9), (256..280, 7)] {
            lengths.get_mut(range).unwrap_or_default().fill(length);
        }
        self.build_codes(&lengths, &[5; DISTANCES_FIXED])
    }

    /// Reads the codes of a block (RFC 1951 3.2.7).
    #[inline(never)]
    fn read_codes(&mut self, input: &mut Bits<'_>) -> Result<(), Stop> {
        let literals = input.take(5)?.saturating_add(257);
        let distances = input.take(5)?.saturating_add(1);
        let count = input.take(4)?.saturating_add(4);
        if literals > LITERALS_MAX || distances > DISTANCES_MAX {
            return Err(Stop::Corrupt);
        }
        let mut lengths = [0; LENGTHS_ORDER.len()];
        for symbol in LENGTHS_ORDER.iter().take(count) {
            let length = input.take(3)? as u8;
            if let Some(place) = lengths.get_mut(usize::from(*symbol)) {
                *place = length;
            }
        }
        let mut code = Code::<LENGTH_BITS, LENGTH_ENTRIES>::new();
        code.build(Alphabet::CodeLengths, &lengths).ok_or(Stop::Corrupt)?;

        let mut lengths = [0; LITERALS_MAX + DISTANCES_MAX];
        let lengths = lengths
            .get_mut(..literals.saturating_add(distances))
            .unwrap_or_default();
        let (mut done, mut last) = (0_usize, None);
        while done < lengths.len() {
            work_counter::add(1);
            let entry = code.entry(input.peek());
            input.skip(entry)?;
            let (length, count) = match entry.value() {
                16 => (last.ok_or(Stop::Corrupt)?, input.take(2)?.saturating_add(3)),
                17 => (0, input.take(3)?.saturating_add(3)),
                18 => (0, input.take(7)?.saturating_add(11)),
                length => (length as u8, 1),
            };
            let end = done.saturating_add(count);
            lengths.get_mut(done..end).ok_or(Stop::Corrupt)?.fill(length);
            work_counter::add(count);
            done = end;
            last = Some(length);
        }
        let (literals, distances) = lengths.split_at_checked(literals).unwrap_or_default();
        self.build_codes(literals, distances)
    }

    fn build_codes(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), Stop> {
        // A block without a code for its end has none (RFC 1951 3.2.7).
        if literals.get(END as usize).is_none_or(|length| *length == 0) {
            return Err(Stop::Corrupt);
        }
        let Codes {
            literals: literal_code,
            distances: distance_code,
        } = &mut self.codes;
        literal_code
            .build(Alphabet::LiteralsAndLengths, literals)
            .and_then(|()| distance_code.build(Alphabet::Distances, distances))
            .ok_or(Stop::Corrupt)
    }
}

/// Copies a block that is stored as it is (RFC 1951 3.2.4), or as much of it as is there and fits.
fn copy_stored(input: &mut Bits<'_>, output: &mut [u8], filled: &mut usize) -> Result<(), Stop> {
    input.align();
    let size = input.take(16)?;
    let complement = input.take(16)?;
    if size != !complement & 0xffff {
        return Err(Stop::Corrupt);
    }
    let room = output.get_mut(*filled..).unwrap_or_default();
    let bytes = input.take_bytes(size.min(room.len()));
    let is_full = bytes.len() == room.len();
    copy::literals(output, *filled, bytes, bytes.len()).ok_or(Stop::Corrupt)?;
    *filled = filled.saturating_add(bytes.len());
    Err(match bytes.len() == size {
        true => Stop::BlockEnd,
        false if is_full => Stop::Full,
        false => Stop::Truncated,
    })
}
