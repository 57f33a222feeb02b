//! zstd: frames of blocks, by RFC 8878, decoded by `ruzstd` behind checks of our own.
//!
//! `ruzstd` takes a frame's header and blocks from a reader, decodes into a ring buffer of its own and lends it out for copying. It
//! panics where memory runs out, and checks little of what a header says. So:
//!
//! * Frame and block headers are read here. `ruzstd` gets one block at a time, and instead of the frame's header one that is made up:
//!   "single segment, N bytes of content", which makes it keep the last N bytes. N is the window, or less where less can come out.
//! * Its ring buffer is made large enough for anything once, at the start, by a made-up frame of that size ([`ring_bytes`]).
//! * Blocks that would make it allocate without end are refused before (`zstd_block.rs`).
//! * The sizes and checksums are checked here.

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::io::Read;
use twox_hash::XxHash64;

use crate::Stream;
use crate::input::Input;
use crate::output::Output;
use crate::refusal::Refused;
use crate::zstd_block;
use crate::zstd_frame::{BLOCK_MAX, BlockHeader, FrameHeader, most_kept_bytes};

/// The most that a block adds to the ring buffer, in `ruzstd` 0.9.1. It looks at how much has come out after each sequence, and accepts
/// 128 KiB; the sequence after which it is more may be a match of the greatest length (65539 + 65535, RFC 8878 3.1.1.3.2.1.1). Besides,
/// there are at most 128 KiB of literals (`zstd_block.rs`).
const BLOCK_OUTPUT_MAX: usize = 2 * BLOCK_MAX + 65_539 + 65_535;

/// The ring buffer has a power of two, this much more, and 1 byte, for anything larger than this.
const RING_SLACK: usize = 2 * BLOCK_MAX;

/// More than `ruzstd` 0.9.1 takes besides the ring buffer. Counted for an allocator that rounds up to powers of two, keeps a list of free
/// pieces for each, and never merges them: a vector that grows leaves pieces behind that add up to as much as its last one.
///
/// | what | bytes |
/// | --- | --- |
/// | literals: one for each bit of a block, whatever its header says, and the room doubles | 4 MiB |
/// | sequences: 43690 (`zstd_block.rs`) of 12 bytes | 2 MiB |
/// | the compressed block | 0.5 MiB |
/// | tables for Huffman and FSE | less than 0.1 MiB |
const OTHER_BYTES: u64 = 7 << 20;

/// An empty block that is the last of its frame.
const END: &[u8] = &[1, 0, 0];

/// See [`Stream::heap_bytes`].
pub(crate) fn heap_bytes(stream: &Stream<'_>, input: Input<'_>, size_max: u64) -> Result<u64, Refused> {
    let kept_bytes = most_kept_bytes(stream, input, size_max)?;
    Ok((ring_bytes(kept_bytes) as u64).saturating_add(OTHER_BYTES))
}

/// The size of the ring buffer for keeping so many bytes and adding a block.
fn ring_bytes(kept_bytes: usize) -> usize {
    let beyond_slack = needed_bytes(kept_bytes).saturating_sub(RING_SLACK);
    let power = beyond_slack.checked_next_power_of_two().unwrap_or(usize::MAX);
    power.saturating_add(RING_SLACK).saturating_add(1)
}

const fn needed_bytes(kept_bytes: usize) -> usize {
    kept_bytes.saturating_add(BLOCK_OUTPUT_MAX)
}

/// Decompresses all frames of the stream.
pub(crate) fn decompress(stream: &Stream<'_>, mut input: Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
    let size_max = output.length().saturating_add(output.room()) as u64;
    let needed_bytes = needed_bytes(most_kept_bytes(stream, input, size_max)?);
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(needed_bytes as u64);
    // The first frame that a decoder sees allocates no ring buffer, the second one does.
    begin_frame(&mut decoder, needed_bytes, &input)?;
    begin_frame(&mut decoder, needed_bytes, &input)?;
    loop {
        if let Some(frame) = FrameHeader::read(&mut input)? {
            let kept_bytes = frame.kept_bytes(size_max);
            begin_frame(&mut decoder, kept_bytes, &input)?;
            decompress_frame(&mut decoder, &frame, kept_bytes, &mut input, output)?;
        }
        if output.is_done() || !stream.goes_on(&input)? {
            return Ok(());
        }
    }
}

/// Lets the decoder begin with a frame of which it keeps so many bytes.
fn begin_frame(decoder: &mut FrameDecoder, kept_bytes: usize, input: &Input<'_>) -> Result<(), Refused> {
    const MAGIC_AND_DESCRIPTOR: [u8; 5] = [0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
    let mut header = [0; 13];
    let (start, size) = header.split_at_mut(MAGIC_AND_DESCRIPTOR.len());
    start.copy_from_slice(&MAGIC_AND_DESCRIPTOR);
    size.copy_from_slice(&(kept_bytes as u64).to_le_bytes());
    decoder.reset(&header[..]).map_err(|_| input.corrupt("frame header"))
}

fn decompress_frame(
    decoder: &mut FrameDecoder,
    frame: &FrameHeader,
    kept_bytes: usize,
    input: &mut Input<'_>,
    output: &mut Output<'_>,
) -> Result<(), Refused> {
    if let Some(claimed) = frame.content_size {
        output.expect(input, claimed)?;
    }
    let frame_start = output.length();
    let mut is_last = false;
    while !is_last {
        let start = input.position();
        let block = BlockHeader::read(input)?;
        let content = input.take(block.size_bytes, "block")?;
        let is_sound = !block.is_compressed || zstd_block::is_sound(content);
        if !is_sound || !decode(decoder, input.since(start)) {
            return Err(input.corrupt_at(start, "block"));
        }
        is_last = block.is_last;
        if output.is_peek && !is_last && !has_first_bytes(decoder, output) {
            continue;
        }
        let (_, free) = output.split(0);
        let count = decoder.read(free).map_err(|_| input.corrupt_at(start, "block"))?;
        output.filled(count);
        if output.is_done() {
            return Ok(());
        }
        // What the decoder has handed out of an unfinished frame is what was more than it keeps.
        let is_too_large = !is_last && count > 0 && kept_bytes > output.room();
        if is_too_large || decoder.can_collect() > 0 {
            return Err(output.too_large(input, frame.content_size));
        }
    }
    check_content(input, frame, output.since(frame_start), output.is_peek)
}

/// Lets the decoder decode one block.
fn decode(decoder: &mut FrameDecoder, block: &[u8]) -> bool {
    decoder
        .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
        .is_ok()
}

/// Whether a peek's worth has come out. The decoder hands out nothing of a small frame before it has seen its last block, so it is shown
/// one; it takes more blocks none the less.
fn has_first_bytes(decoder: &mut FrameDecoder, output: &Output<'_>) -> bool {
    decode(decoder, END) && decoder.can_collect() >= output.room()
}

fn check_content(input: &mut Input<'_>, frame: &FrameHeader, content: &[u8], is_peek: bool) -> Result<(), Refused> {
    if frame.content_size.is_some_and(|size| size != content.len() as u64) {
        return Err(input.corrupt("content size"));
    }
    if frame.has_checksum {
        let stored = input.word("checksum")?;
        if !is_peek {
            // The lower half, says RFC 8878 3.1.1.
            input.check("content", stored, XxHash64::oneshot(0, content) as u32)?;
        }
    }
    Ok(())
}
