//! zstd: frames of blocks, by RFC 8878, decoded straight into the destination, which is the window
//! as well.

use crate::Stream;
use crate::input::Input;
use crate::output::Output;
use crate::pieces::Piece;
use crate::refusal::Refused;
use crate::xxhash::Xxh64;
use crate::zstd_block::{Decoder, Stop};
use crate::zstd_frame::{BlockHeader, BlockKind, FrameHeader};

/// Decompresses all frames of the stream. Never inlined: its tables and buffer take 24 KiB of
/// stack, the tables of gzip 11 KiB.
#[inline(never)]
pub(crate) fn decompress(stream: &Stream<'_>, mut input: Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
    let mut decoder = Decoder::new();
    loop {
        input.begin(Piece::Frame, output)?;
        if let Some(frame) = FrameHeader::read(&mut input)? {
            decoder.clear();
            decompress_frame(&mut decoder, &frame, &mut input, output)?;
        }
        if output.is_done() || !stream.goes_on(&input)? {
            return Ok(());
        }
    }
}

#[inline(never)]
fn decompress_frame(
    decoder: &mut Decoder,
    frame: &FrameHeader,
    input: &mut Input<'_>,
    output: &mut Output<'_>,
) -> Result<(), Refused> {
    if let Some(claimed) = frame.content_size {
        output.expect(input, claimed)?;
    }
    output.begin_content();
    let frame_start = output.length();
    let mut hash = frame.has_checksum.then(Xxh64::new);
    loop {
        input.begin(Piece::Block, output)?;
        let start = input.position();
        let block = BlockHeader::read(input)?;
        let content = input.take(block.size_bytes, "block")?;
        let result = match block.kind {
            BlockKind::Plain => append(output, content),
            BlockKind::Repeated(count) => repeat(content, count, output),
            BlockKind::Compressed => decompress_block(decoder, content, output, frame_start),
        };
        match result {
            Ok(()) => {}
            Err(Stop::Full) if output.is_peek => {}
            Err(Stop::Full) => return Err(output.too_large(input, frame.content_size)),
            Err(Stop::Corrupt) => return Err(input.corrupt_at(start, "block")),
        }
        if output.is_done() {
            return Ok(());
        }
        output.settle(&mut |bytes| hash.as_mut().map_or(bytes.len(), |hash| hash.take(bytes)));
        if block.is_last {
            break;
        }
    }
    let size_bytes = output.since(frame_start).len() as u64;
    if frame.content_size.is_some_and(|claimed| claimed != size_bytes) {
        return Err(input.corrupt("content size"));
    }
    if let Some(hash) = hash {
        let stored = input.word("checksum")?;
        if !output.is_peek {
            // The lower half, says RFC 8878 3.1.1.
            input.check("content", stored, hash.finish(output.unchecked()) as u32)?;
        }
    }
    Ok(())
}

fn append(output: &mut Output<'_>, bytes: &[u8]) -> Result<(), Stop> {
    if output.append(bytes) { Ok(()) } else { Err(Stop::Full) }
}

/// Appends a byte `count` times.
fn repeat(byte: &[u8], count: usize, output: &mut Output<'_>) -> Result<(), Stop> {
    if count == 0 {
        return Ok(());
    }
    append(output, byte)?;
    match output.repeat(1, count.saturating_sub(1)) {
        true => Ok(()),
        false => Err(Stop::Full),
    }
}

/// Appends what comes out of a block whose matches may reach back to byte `frame_start` of the
/// output.
fn decompress_block(
    decoder: &mut Decoder,
    block: &[u8],
    output: &mut Output<'_>,
    frame_start: usize,
) -> Result<(), Stop> {
    let start = output.length().saturating_sub(frame_start);
    let mut at = start;
    let result = decoder.decompress_block(block, output.window(frame_start).0, &mut at);
    output.filled(at.saturating_sub(start));
    result
}
