//! The symbols of a compressed block, by RFC 1951 3.2.3: literals, and matches with what came out
//! before.

use unaligned::Bytes16;

use crate::copy;
use crate::inflate::Stop;
use crate::inflate_bits::{Bits, Ended};
use crate::inflate_code::{Code, Entry};

/// The number of bits by which literals and lengths are looked up. Few have longer codes.
const LITERAL_BITS: u32 = 11;
/// The same for distances.
const DISTANCE_BITS: u32 = 8;
/// The most entries that tables with their subtables have, as computed by zlib's
/// `examples/enough.c`: for 288 symbols, 11 bits, and codes of up to 15 bits; and for 32 symbols
/// and 8 bits.
const LITERAL_ENTRIES: usize = 2342;
const DISTANCE_ENTRIES: usize = 402;
/// The longest match, in bytes.
const MATCH_MAX: usize = 258;
/// Matches are copied in pieces of so many bytes; the last one may have garbage at its end.
const PIECE: usize = 16;
/// The room that takes, which also does for three literals.
pub(crate) const ROOM_FAST: usize = MATCH_MAX.next_multiple_of(PIECE);

/// The codes of a compressed block.
pub(crate) struct Codes {
    /// The code of literals, lengths and the end of the block.
    pub literals: Code<LITERAL_BITS, LITERAL_ENTRIES>,
    /// The code of distances.
    pub distances: Code<DISTANCE_BITS, DISTANCE_ENTRIES>,
}

/// The position of [`Codes::decode_fast`] in its input and output.
struct Cursor<'a, 'o> {
    input: Bits<'a>,
    /// The last byte of the input that 8 bytes begin at.
    last_word: usize,
    output: &'o mut [u8],
    filled: usize,
    /// The last byte of the output that has [`ROOM_FAST`].
    last_room: usize,
}

impl Codes {
    /// Codes without symbols.
    pub const fn new() -> Self {
        Self {
            literals: Code::new(),
            distances: Code::new(),
        }
    }

    /// Decodes literals and matches for as long as neither the data nor the output can end within
    /// one. Stops before anything else, damage included: that is for [`Codes::decode`].
    #[inline(never)]
    pub fn decode_fast(&self, input: &mut Bits<'_>, output: &mut [u8], filled: &mut usize) {
        let Some(last_word) = input.last_word() else { return };
        let Some(last_room) = output.len().checked_sub(ROOM_FAST) else {
            return;
        };
        let mut cursor = Cursor {
            input: *input,
            last_word,
            output,
            filled: *filled,
            last_room,
        };
        while self.step(&mut cursor).is_some() {}
        work_counter::add(cursor.filled.saturating_sub(*filled));
        *input = cursor.input;
        *filled = cursor.filled;
    }

    /// Decodes up to two literals and a match, or three literals. `None` where that stops.
    #[inline(always)]
    fn step(&self, cursor: &mut Cursor<'_, '_>) -> Option<()> {
        let mut bits = cursor.peek()?;
        let mut entry = self.literals.entry(bits);
        if entry.is_literal() {
            cursor.check_room()?;
            // Each literal takes at most 11 of the 57 bits: longer codes are in subtables.
            bits = cursor.append(entry, bits)?;
            entry = self.literals.entry(bits);
            if entry.is_literal() {
                bits = cursor.append(entry, bits)?;
                entry = self.literals.entry(bits);
                if entry.is_literal() {
                    return cursor.append(entry, bits).map(drop);
                }
            }
            // A match takes 48 bits.
            bits = cursor.peek()?;
        }
        self.step_match(cursor, entry, bits)
    }

    /// Decodes what begins with `entry`, which is no literal.
    #[inline(always)]
    fn step_match(&self, cursor: &mut Cursor<'_, '_>, entry: Entry, bits: u64) -> Option<()> {
        let (mut entry, mut bits) = (entry, bits);
        let mut input = cursor.input;
        let mut length = entry.value();
        if entry.is_special() {
            if entry.goes_on() {
                input.skip_fast(entry);
                bits = entry.skip(bits);
                entry = self.literals.entry_in(entry, bits);
                if entry.is_literal() {
                    cursor.check_room()?;
                    cursor.input = input;
                    return cursor.append(entry, bits).map(drop);
                }
            }
            if entry.is_end_or_invalid() {
                return None;
            }
            length = entry.value_with(bits);
        }
        input.skip_fast(entry);
        bits = entry.skip(bits);
        entry = self.distances.entry(bits);
        if entry.is_special() {
            if !entry.goes_on() {
                return None;
            }
            input.skip_fast(entry);
            bits = entry.skip(bits);
            entry = self.distances.entry_in(entry, bits);
            if entry.is_special() {
                return None;
            }
        }
        input.skip_fast(entry);
        cursor.check_room()?;
        cursor.repeat(entry.value_with(bits), length)?;
        cursor.input = input;
        Some(())
    }

    /// Decodes symbols up to the end of the block, or until `enough` bytes are filled.
    #[inline(never)]
    pub fn decode(
        &self,
        input: &mut Bits<'_>,
        output: &mut [u8],
        filled: &mut usize,
        enough: usize,
    ) -> Result<(), Stop> {
        while *filled < enough {
            work_counter::add(1);
            let (entry, bits) = next(&self.literals, input)?;
            if entry.is_literal() {
                *output.get_mut(*filled).ok_or(Stop::Full)? = entry.byte();
                *filled = filled.saturating_add(1);
                continue;
            }
            if entry.is_special() && entry.is_end() {
                return Err(Stop::BlockEnd);
            }
            if entry.is_special() && entry.is_invalid() {
                return Err(Stop::Corrupt);
            }
            let length = entry.value_with(bits);
            let (entry, bits) = next(&self.distances, input)?;
            if entry.is_special() {
                return Err(Stop::Corrupt);
            }
            let count = length.min(output.len().saturating_sub(*filled));
            copy::repeat(output, *filled, entry.value_with(bits), count).ok_or(Stop::Corrupt)?;
            *filled = filled.saturating_add(count);
            if count < length {
                return Err(Stop::Full);
            }
        }
        Ok(())
    }
}

/// Skips a code with its extra bits. Returns its entry, and the bits that begin with it.
fn next<const BITS: u32, const SIZE: usize>(
    code: &Code<BITS, SIZE>,
    input: &mut Bits<'_>,
) -> Result<(Entry, u64), Ended> {
    let mut bits = input.peek();
    let mut entry = code.entry(bits);
    if entry.is_special() && entry.goes_on() {
        input.skip(entry)?;
        bits = input.peek();
        entry = code.entry_in(entry, bits);
    }
    input.skip(entry)?;
    Ok((entry, bits))
}

impl Cursor<'_, '_> {
    /// Returns the next 57 bits at least, if fewer than 8 bytes do not follow.
    #[inline(always)]
    fn peek(&self) -> Option<u64> {
        self.input.peek_fast(self.last_word)
    }

    /// Checks that there is room for three literals, or a match.
    #[inline(always)]
    fn check_room(&self) -> Option<()> {
        (self.filled <= self.last_room).then_some(())
    }

    /// Appends a literal, and returns the bits behind its code.
    #[inline(always)]
    fn append(&mut self, literal: Entry, bits: u64) -> Option<u64> {
        *self.output.get_mut(self.filled)? = literal.byte();
        self.filled = self.filled.wrapping_add(1);
        self.input.skip_fast(literal);
        Some(literal.skip(bits))
    }

    /// Appends what came out `distance` bytes before.
    #[inline(always)]
    fn repeat(&mut self, distance: usize, length: usize) -> Option<()> {
        let start = self.filled.checked_sub(distance)?;
        let (done, room) = self.output.split_at_mut_checked(self.filled)?;
        let from = done.get(start..)?.first_chunk::<PIECE>();
        if let Some((to, from)) = room.first_chunk_mut().zip(from) {
            Bytes16::load(from).store(to);
            if length > PIECE {
                copy::repeat_far(self.output, self.filled, distance, length)?;
            }
        } else {
            copy::repeat_near(self.output, self.filled, distance, length)?;
        }
        self.filled = self.filled.wrapping_add(length);
        Some(())
    }
}
