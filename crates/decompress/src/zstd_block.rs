//! [`Decoder`]: literals and sequences of a zstd block are put together (RFC 8878 3.1.1.4).

use unaligned::Bytes16;

use crate::copy;
use crate::zstd_frame::BLOCK_MAX;
use crate::zstd_huffman::Huffman;
use crate::zstd_literals::{Buffer, Literals, PIECE};
use crate::zstd_sequences::{History, Sequence, Sequences};

/// The reason why a block does not come out.
pub(crate) enum Stop {
    /// It is damaged.
    Corrupt,
    /// There is no room for more.
    Full,
}

/// The state that goes on from block to block, and memory for literals.
pub(crate) struct Decoder {
    huffman: Huffman,
    history: History,
    literals: Buffer,
}

/// The number of bytes behind a block of the greatest size that may be written to.
const OVERSHOOT: usize = 2 * PIECE;

impl Decoder {
    /// The state at a frame's start.
    pub const fn new() -> Self {
        Self {
            huffman: Huffman::new(),
            history: History::new(),
            literals: [0; _],
        }
    }

    /// Goes back to the state at a frame's start.
    pub fn clear(&mut self) {
        self.huffman.clear();
        self.history.clear();
    }

    /// Decompresses a block to `frame[*at..]`, and moves `at` behind what came out, also where
    /// there is no room for all of it. Matches may reach back to the start of `frame`.
    #[inline(never)]
    pub fn decompress_block(&mut self, block: &[u8], frame: &mut [u8], at: &mut usize) -> Result<(), Stop> {
        let (mut literals, section) =
            Literals::read(block, &mut self.huffman, &mut self.literals).ok_or(Stop::Corrupt)?;
        let mut sequences = Sequences::read(section, &mut self.history).ok_or(Stop::Corrupt)?;
        let end = at.saturating_add(BLOCK_MAX);
        let size = frame.len().min(end.saturating_add(OVERSHOOT));
        let frame = frame.get_mut(..size).unwrap_or_default();
        let mut place = *at;
        let mut start = literals.start;
        while sequences.count > 0 {
            let sequence = sequences.next().ok_or(Stop::Corrupt)?;
            let behind_literals = start.wrapping_add(sequence.literals);
            if sequence.literals <= PIECE
                && behind_literals <= literals.end
                && let Some(piece) = literals.piece(start)
                && copy(frame, place, piece, sequence).is_some()
            {
                start = behind_literals;
                place = place.wrapping_add(sequence.literals).wrapping_add(sequence.length);
                continue;
            }
            literals.start = start;
            let mut here = place;
            let result = copy_exactly(frame, &mut here, end, &mut literals, sequence);
            start = literals.start;
            place = here;
            if result.is_err() {
                *at = place;
                return result;
            }
        }
        literals.start = start;
        *at = place;
        if !sequences.end() {
            return Err(Stop::Corrupt);
        }
        let left = literals.count();
        take(frame, at, end, &mut literals, left)?;
        if literals.is_at_end() && *at <= end {
            Ok(())
        } else {
            Err(Stop::Corrupt)
        }
    }
}

/// Copies a sequence of up to 16 literals to `frame[at..]` by pieces of 16 bytes. Returns `None`,
/// with garbage from `at` on, where a piece would end outside of `frame` or repeat bytes of itself.
#[inline(always)]
fn copy(frame: &mut [u8], at: usize, literals: &[u8; PIECE], sequence: Sequence) -> Option<()> {
    let Sequence {
        literals: count,
        distance,
        length,
    } = sequence;
    let place = frame.get_mut(at..)?.first_chunk_mut::<{ 2 * PIECE }>()?;
    Bytes16::load(literals).store(place.first_chunk_mut()?);
    let to = at.wrapping_add(count);
    let from = to.checked_sub(distance)?;
    let piece = Bytes16::load(frame.get(from..)?.first_chunk()?);
    if length <= PIECE && length <= distance {
        let place = frame.get_mut(at..)?.first_chunk_mut::<{ 2 * PIECE }>()?;
        piece.store(place.get_mut(count..)?.first_chunk_mut()?);
        return Some(());
    }
    if distance < PIECE {
        return copy::repeat_near(frame, to, distance, length);
    }
    copy::repeat_far(frame, to, distance, length)
}

/// Copies any sequence, or as much of it as there is room for. The block ends at `end`.
#[cold]
#[inline(never)]
fn copy_exactly(
    frame: &mut [u8],
    at: &mut usize,
    end: usize,
    literals: &mut Literals<'_>,
    sequence: Sequence,
) -> Result<(), Stop> {
    take(frame, at, end, literals, sequence.literals)?;
    let Sequence { distance, length, .. } = sequence;
    if distance == 0 || distance > *at || length > end.saturating_sub(*at) {
        return Err(Stop::Corrupt);
    }
    let count = length.min(frame.len().saturating_sub(*at));
    copy::repeat(frame, *at, distance, count).ok_or(Stop::Corrupt)?;
    *at = at.saturating_add(count);
    if count < length { Err(Stop::Full) } else { Ok(()) }
}

/// Takes `count` literals to `frame[*at..]`, or as many as there is room for. The block ends at
/// `end`.
fn take(frame: &mut [u8], at: &mut usize, end: usize, literals: &mut Literals<'_>, count: usize) -> Result<(), Stop> {
    if count > end.saturating_sub(*at) {
        return Err(Stop::Corrupt);
    }
    let place = frame.get_mut(*at..).unwrap_or_default();
    let room = place.len();
    let place = place.get_mut(..count.min(room)).unwrap_or_default();
    let taken = place.len();
    literals.take(place).ok_or(Stop::Corrupt)?;
    *at = at.saturating_add(taken);
    if taken < count { Err(Stop::Full) } else { Ok(()) }
}
