//! Copies of literals and matches, 16 bytes at a time where there is room behind their end.
//!
//! A copy may write behind its end, inside the slice. Those bytes are written again by the next
//! copy, or nobody looks at them.

use unaligned::Bytes16;

/// The most bytes that are written behind what comes out: some decoders copy twice at once.
pub(crate) const WRITTEN_BEHIND_MAX: usize = 64;

/// The bytes of room behind a copy that let it go 16 bytes at a time.
pub(crate) const SLACK: usize = 16;

/// Copies the first `count` bytes of `input` to `output`, from byte `at` on; `None` where there are
/// fewer, or no room for them.
#[inline(always)]
pub(crate) fn literals(output: &mut [u8], at: usize, input: &[u8], count: usize) -> Option<()> {
    work_counter::add(count);
    let free = output.get_mut(at..)?;
    let chunks = count.div_ceil(16);
    let (Some(from), Some(to)) = (
        input.as_chunks::<16>().0.get(..chunks),
        free.as_chunks_mut::<16>().0.get_mut(..chunks),
    ) else {
        return literals_exactly(free, input, count);
    };
    for (from, to) in from.iter().zip(to) {
        Bytes16::load(from).store(to);
    }
    Some(())
}

/// As [`literals`], where nothing may be read or written behind them.
#[cold]
#[inline(never)]
fn literals_exactly(free: &mut [u8], input: &[u8], count: usize) -> Option<()> {
    let (to, to_rest) = free.get_mut(..count)?.as_chunks_mut::<16>();
    let (from, from_rest) = input.get(..count)?.as_chunks::<16>();
    for (from, to) in from.iter().zip(to) {
        Bytes16::load(from).store(to);
    }
    to_rest.copy_from_slice(from_rest);
    Some(())
}

/// Writes `count` bytes from byte `at` of `output` on: those `distance` bytes before, which may
/// reach into what is written itself. `None` where they do not fit, or where `distance` is 0 or
/// reaches back before `output`.
#[inline(always)]
pub(crate) fn repeat(output: &mut [u8], at: usize, distance: usize, count: usize) -> Option<()> {
    work_counter::add(count);
    let slack = output.len().checked_sub(at)?.checked_sub(count)?;
    if slack < SLACK {
        return repeat_exactly(output, at, distance, count);
    }
    if distance < 16 {
        return repeat_near(output, at, distance, count);
    }
    repeat_far(output, at, distance, count)
}

/// As [`repeat`], where the distance is 16 or more and there is [`SLACK`].
#[inline(always)]
pub(crate) fn repeat_far(output: &mut [u8], at: usize, distance: usize, count: usize) -> Option<()> {
    let (mut from, mut to) = (at.checked_sub(distance)?, at);
    let end = at.checked_add(count)?;
    while to < end {
        let chunk = Bytes16::load(output.get(from..)?.first_chunk()?);
        chunk.store(output.get_mut(to..)?.first_chunk_mut()?);
        (from, to) = (from.checked_add(16)?, to.checked_add(16)?);
    }
    Some(())
}

/// As [`repeat`], where the match repeats fewer than 16 bytes and there is [`SLACK`].
#[inline(never)]
pub(crate) fn repeat_near(output: &mut [u8], at: usize, distance: usize, count: usize) -> Option<()> {
    let pattern = Bytes16::load(output.get(at.checked_sub(distance)?..)?.first_chunk()?).repeat(distance);
    let step = 16_usize.checked_div(distance)?.checked_mul(distance)?;
    let end = at.checked_add(count)?;
    let mut to = at;
    while to < end {
        pattern.store(output.get_mut(to..)?.first_chunk_mut()?);
        to = to.checked_add(step)?;
    }
    Some(())
}

/// As [`repeat`], with nothing written behind the end.
#[cold]
#[inline(never)]
pub(crate) fn repeat_exactly(output: &mut [u8], at: usize, distance: usize, count: usize) -> Option<()> {
    let start = at.checked_sub(distance)?;
    let end = at.checked_add(count)?;
    if distance == 0 || end > output.len() {
        return None;
    }
    // What is between `start` and the end is made of whole repetitions, and twice as long each
    // time.
    let mut to = at;
    while to < end {
        let size = to.checked_sub(start)?.min(end.checked_sub(to)?);
        let (filled, free) = output.split_at_mut_checked(to)?;
        free.get_mut(..size)?.copy_from_slice(filled.get(start..)?.get(..size)?);
        to = to.checked_add(size)?;
    }
    Some(())
}
