//! The blocks of both frames of lz4, by the LZ4 block format.

use crate::input::Input;
use crate::output::Output;
use crate::refusal::Refused;

/// The shortest match.
const MATCH_MIN: usize = 4;
/// A length in a token that goes on in the bytes after it.
const LENGTH_GOES_ON: u8 = 15;

/// Why a block ends.
#[derive(PartialEq, Eq)]
enum End {
    /// All of it came out.
    Done,
    /// There is no room for more.
    Full,
}

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
    let is_bounded_by_room = output.room() < size_max;
    let end = output.length().saturating_add(size_max);
    match decode(block, output, history_start) {
        Some(End::Full) if output.is_peek => Ok(()),
        Some(End::Full) if is_bounded_by_room => Err(output.too_large(input, None)),
        Some(End::Done) if output.length() <= end => Ok(()),
        _ => Err(input.corrupt_at(start, "block")),
    }
}

/// Decodes sequences; `None` where the block is damaged.
fn decode(block: &[u8], output: &mut Output<'_>, history_start: usize) -> Option<End> {
    let mut rest = block;
    loop {
        work_counter::add(1);
        let token = next_byte(&mut rest)?;
        let literals = length(token >> 4, &mut rest)?;
        if !output.append(rest.split_off(..literals)?) {
            return Some(End::Full);
        }
        if rest.is_empty() {
            return Some(End::Done);
        }
        let distance = usize::from(next_byte(&mut rest)?) | usize::from(next_byte(&mut rest)?) << 8;
        let count = length(token & 0xf, &mut rest)?.checked_add(MATCH_MIN)?;
        if distance == 0 || distance > output.length().saturating_sub(history_start) {
            return None;
        }
        if !output.repeat(distance, count) {
            return Some(End::Full);
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
