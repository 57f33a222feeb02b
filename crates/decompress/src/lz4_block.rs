//! The blocks of both frames of lz4, by the LZ4 block format.

use lz4_flex::block::{DecompressError as BlockError, decompress_into_with_dict};

use crate::input::Input;
use crate::output::Output;
use crate::refusal::Refused;

/// How far back a match can reach.
const DISTANCE_MAX: usize = 65_536;
/// The shortest match.
const MATCH_MIN: usize = 4;
/// A length in a token that goes on in the bytes after it.
const LENGTH_GOES_ON: u8 = 15;

/// Decompresses one `block`, of which at most `size_max` bytes may come out, and whose matches may reach back to byte `history_start`
/// of the output. The block begins at byte `start` of the input.
pub(crate) fn decompress_block(
    input: &Input<'_>,
    start: usize,
    block: &[u8],
    output: &mut Output<'_>,
    size_max: usize,
    history_start: usize,
) -> Result<(), Refused> {
    if output.is_peek {
        return first_bytes(block, output, history_start).ok_or_else(|| input.corrupt_at(start, "block"));
    }
    let room = output.room();
    let history_start = history_start.max(output.length().saturating_sub(DISTANCE_MAX));
    let (history, free) = output.split(history_start);
    let free = free.get_mut(..room.min(size_max)).unwrap_or_default();
    // Without history as well: the routine for that alone would be another 2 KiB.
    match decompress_into_with_dict(block, free, history) {
        Ok(count) => {
            output.filled(count);
            Ok(())
        }
        Err(BlockError::OutputTooSmall { .. }) if room < size_max => Err(output.too_large(input, None)),
        Err(_) => Err(input.corrupt_at(start, "block")),
    }
}

/// Decodes sequences until the few bytes that are wanted have come out: the decompressor proper needs room for all of the block.
fn first_bytes(block: &[u8], output: &mut Output<'_>, history_start: usize) -> Option<()> {
    let mut rest = block;
    loop {
        let token = next_byte(&mut rest)?;
        let literals = length(token >> 4, &mut rest)?;
        let (literals, after) = rest.split_at_checked(literals)?;
        if !output.append(literals) || after.is_empty() {
            return Some(());
        }
        rest = after;
        let distance = usize::from(next_byte(&mut rest)?) | usize::from(next_byte(&mut rest)?) << 8;
        let count = length(token & 0xf, &mut rest)?.checked_add(MATCH_MIN)?;
        for _ in 0..count {
            let from = output
                .length()
                .checked_sub(distance)
                .filter(|from| *from >= history_start)?;
            let byte = *output.since(from).first()?;
            if !output.append(&[byte]) {
                return Some(());
            }
        }
    }
}

fn next_byte(rest: &mut &[u8]) -> Option<u8> {
    rest.split_off_first().copied()
}

/// A length that begins in half a token and goes on for as long as bytes are 255.
fn length(in_token: u8, rest: &mut &[u8]) -> Option<usize> {
    let mut length = usize::from(in_token);
    if in_token == LENGTH_GOES_ON {
        loop {
            let byte = next_byte(rest)?;
            length = length.checked_add(usize::from(byte))?;
            if byte != u8::MAX {
                break;
            }
        }
    }
    Some(length)
}
