//! The blocks of both frames of lz4, by the LZ4 block format.

use unaligned::{Bytes16, load_u16};

use crate::copy;
use crate::input::Input;
use crate::output::Output;
use crate::refusal::Refused;

/// The shortest match.
const MATCH_MIN: usize = 4;
/// A length in a token that goes on in the bytes after it.
const LENGTH_GOES_ON: usize = 15;
/// A token, literals whose number does not go on, wide enough to be copied at once, and a distance.
const SHORT_SEQUENCE_BYTES: usize = 1 + 16 + 2;
/// The most that may be written for such a sequence: literals, and a match that does not go on, in
/// copies of 16 bytes.
const SHORT_SEQUENCE_ROOM: usize = LENGTH_GOES_ON + 2 * 16;
/// The number of bytes that come out between two looks at the checksum.
const PIECE_BYTES: usize = 64 << 10;

/// The reason why decoding stops.
#[derive(PartialEq, Eq)]
enum End {
    /// All of the block came out.
    Done,
    /// A piece came out.
    Piece,
    /// There is no room for more.
    Full,
}

/// Decompresses one `block`, of which at most `size_max` bytes may come out, and whose matches may
/// reach back to byte `history_start` of the output. The block begins at byte `start` of the input.
/// `check` sees what comes out.
#[inline(never)]
pub(crate) fn decompress_block(
    input: &Input<'_>,
    start: usize,
    block: &[u8],
    output: &mut Output<'_>,
    (size_max, history_start): (usize, usize),
    check: &mut dyn FnMut(&[u8]) -> usize,
) -> Result<(), Refused> {
    let is_bounded_by_room = output.room() < size_max;
    let end = output.length().saturating_add(size_max);
    let mut block = Block(block);
    loop {
        let (bytes, mut at) = output.window(history_start);
        let stopped = block.decode(bytes, &mut at);
        output.filled_to(history_start, at);
        match stopped {
            Some(End::Full) if output.is_peek => return Ok(()),
            Some(End::Full) if is_bounded_by_room => return Err(output.too_large(input, None)),
            Some(End::Done) if output.length() <= end => {
                output.settle(check);
                return Ok(());
            }
            Some(End::Piece) if output.length() <= end => output.settle(check),
            _ => return Err(input.corrupt_at(start, "block")),
        }
    }
}

/// The rest of a block.
struct Block<'a>(&'a [u8]);

impl Block<'_> {
    /// Decodes sequences to byte `at` of `output` and on; `None` where the block is damaged. Never
    /// inlined, as there are two kinds of frames.
    #[inline(never)]
    fn decode(&mut self, output: &mut [u8], at: &mut usize) -> Option<End> {
        let piece_end = at.saturating_add(PIECE_BYTES);
        while *at < piece_end {
            self.decode_short(output, at, piece_end)?;
            match self.decode_one(output, at)? {
                End::Piece => {}
                end => return Some(end),
            }
        }
        Some(End::Piece)
    }

    /// Decodes sequences for as long as nothing in them goes on and there is room for the widest of
    /// them.
    #[inline(always)]
    fn decode_short(&mut self, output: &mut [u8], end: &mut usize, piece_end: usize) -> Option<()> {
        let mut rest = self.0;
        let mut at = *end;
        while at < piece_end
            && let Some(sequence) = rest.first_chunk::<SHORT_SEQUENCE_BYTES>()
            && let Some(free) = output.get_mut(at..)
            && let Some(room) = free.first_chunk_mut::<SHORT_SEQUENCE_ROOM>()
        {
            work_counter::add(1);
            let [token, after @ ..] = sequence;
            let (literals, count) = (usize::from(token >> 4), usize::from(token & 0xf));
            if literals == LENGTH_GOES_ON {
                break;
            }
            Bytes16::load(after.first_chunk()?).store(room.first_chunk_mut()?);
            let distance = usize::from(load_u16(after.get(literals..)?.first_chunk()?));
            let match_start = at.checked_add(literals)?;
            if count == LENGTH_GOES_ON {
                break;
            }
            let count = count.checked_add(MATCH_MIN)?;
            let (filled, free) = output.split_at_mut_checked(match_start)?;
            let source = filled.get(match_start.wrapping_sub(distance)..)?;
            if let Some(first) = source.first_chunk() {
                Bytes16::load(first).store(free.first_chunk_mut()?);
                if count > 16 {
                    copy::repeat(output, match_start.checked_add(16)?, distance, 2)?;
                }
            } else {
                copy::repeat_near(output, match_start, distance, count)?;
            }
            at = match_start.checked_add(count)?;
            rest = rest.get(literals.checked_add(3)?..)?;
        }
        (self.0, *end) = (rest, at);
        Some(())
    }

    /// Decodes one sequence of any size.
    #[inline(never)]
    fn decode_one(&mut self, output: &mut [u8], at: &mut usize) -> Option<End> {
        work_counter::add(1);
        let Self(rest) = self;
        let token = next_byte(rest)?;
        let size = length(token >> 4, rest)?;
        let room = output.len().checked_sub(*at)?;
        let input = *rest;
        rest.split_off(..size)?;
        copy::literals(output, *at, input, size.min(room))?;
        *at = at.checked_add(size.min(room))?;
        if size > room {
            return Some(End::Full);
        }
        if rest.is_empty() {
            return Some(End::Done);
        }
        let distance = usize::from(load_u16(rest.split_off(..2)?.first_chunk()?));
        let count = length(token & 0xf, rest)?.checked_add(MATCH_MIN)?;
        if distance == 0 || distance > *at {
            return None;
        }
        let room = output.len().checked_sub(*at)?;
        copy::repeat(output, *at, distance, count.min(room))?;
        *at = at.checked_add(count.min(room))?;
        Some(if count > room { End::Full } else { End::Piece })
    }
}

fn next_byte(rest: &mut &[u8]) -> Option<u8> {
    rest.split_off_first().copied()
}

/// A length that begins in half a token and goes on for as long as bytes are 255.
#[inline(always)]
fn length(in_token: u8, rest: &mut &[u8]) -> Option<usize> {
    let mut length = usize::from(in_token);
    if length == LENGTH_GOES_ON {
        loop {
            work_counter::add(1);
            let byte = next_byte(rest)?;
            length = length.checked_add(usize::from(byte))?;
            if byte != u8::MAX {
                break;
            }
        }
    }
    Some(length)
}
