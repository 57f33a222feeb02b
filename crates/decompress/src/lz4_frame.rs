//! The current frame of lz4, by the LZ4 frame format v1.6.4.

use crate::compression::is_skippable;
use crate::input::Input;
use crate::lz4_block::decompress_block;
use crate::output::Output;
use crate::pieces::Piece;
use crate::refusal::Refused;
use crate::xxhash::Xxh32;

/// The bits of the descriptor's first byte.
const INDEPENDENT_BLOCKS: u8 = 1 << 5;
const BLOCK_CHECKSUMS: u8 = 1 << 4;
const CONTENT_SIZE: u8 = 1 << 3;
const CONTENT_CHECKSUM: u8 = 1 << 2;
const RESERVED: u8 = 1 << 1;
const DICTIONARY: u8 = 1;
/// The bit of a block's size that says that the block is not compressed.
const UNCOMPRESSED: u32 = 1 << 31;

/// The fields of a frame's descriptor.
struct Descriptor {
    flags: u8,
    block_size_max: usize,
    content_size: Option<u64>,
    /// Of the content so far, where the frame has a checksum of it.
    hash: Option<Xxh32>,
}

/// Decompresses one frame, or skips one that is to be skipped.
pub(crate) fn decompress_frame(input: &mut Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
    let magic = input.word("magic number")?;
    if is_skippable(magic) {
        return input.skip_frame();
    }
    let mut frame = read_descriptor(input)?;
    if let Some(claimed) = frame.content_size {
        output.expect(input, claimed)?;
    }
    output.begin_content();
    let start = output.length();
    while !output.is_done() {
        let before = input.position();
        let size = input.word("block size")?;
        if size == 0 {
            return check_content(input, &frame, output, start);
        }
        input.begin(Piece::Block, output)?;
        if (size & !UNCOMPRESSED) as usize > frame.block_size_max {
            return Err(input.corrupt_at(before, "block size"));
        }
        read_block(input, &mut frame, size, start, output)?;
    }
    Ok(())
}

fn read_descriptor(input: &mut Input<'_>) -> Result<Descriptor, Refused> {
    const PART: &str = "frame descriptor";
    let start = input.position();
    let flags = input.byte(PART)?;
    let block_size = input.byte(PART)?;
    if flags >> 6 != 1 {
        return Err(input.unsupported("a version of the frame other than 1"));
    }
    if flags & DICTIONARY != 0 {
        return Err(input.unsupported("a dictionary"));
    }
    let content_size = match flags & CONTENT_SIZE {
        0 => None,
        _ => Some(input.little_endian(8, PART)?),
    };
    let found = Xxh32::of(input.since(start)) >> 8 & 0xff;
    input.check(PART, input.clone().byte(PART)?.into(), found)?;
    let block_size_max = match block_size {
        0x40 => 64 << 10,
        0x50 => 256 << 10,
        0x60 => 1 << 20,
        0x70 => 4 << 20,
        _ => return Err(input.corrupt_at(start, PART)),
    };
    if flags & RESERVED != 0 {
        return Err(input.corrupt_at(start, PART));
    }
    input.byte(PART)?;
    Ok(Descriptor {
        flags,
        block_size_max,
        content_size,
        hash: (flags & CONTENT_CHECKSUM != 0).then(Xxh32::new),
    })
}

fn read_block(
    input: &mut Input<'_>,
    frame: &mut Descriptor,
    size: u32,
    frame_start: usize,
    output: &mut Output<'_>,
) -> Result<(), Refused> {
    let start = input.position();
    let block = input.take((size & !UNCOMPRESSED) as usize, "block")?;
    if frame.flags & BLOCK_CHECKSUMS != 0 {
        let stored = input.word("block checksum")?;
        work_counter::add(block.len());
        input.check("block", stored, Xxh32::of(block))?;
    }
    let mut check = |bytes: &[u8]| frame.hash.as_mut().map_or(bytes.len(), |hash| hash.take(bytes));
    if size & UNCOMPRESSED == 0 {
        let is_independent = frame.flags & INDEPENDENT_BLOCKS != 0;
        let history_start = if is_independent { output.length() } else { frame_start };
        let bounds = (frame.block_size_max, history_start);
        decompress_block(input, start, block, output, bounds, &mut check)
    } else if output.append(block) || output.is_peek {
        output.settle(&mut check);
        Ok(())
    } else {
        Err(output.too_large(input, frame.content_size))
    }
}

fn check_content(input: &mut Input<'_>, frame: &Descriptor, output: &Output<'_>, start: usize) -> Result<(), Refused> {
    let size_bytes = output.since(start).len() as u64;
    if frame.content_size.is_some_and(|claimed| claimed != size_bytes) {
        return Err(input.corrupt("content size"));
    }
    if let Some(hash) = &frame.hash {
        let stored = input.word("content checksum")?;
        if !output.is_peek {
            input.check("content", stored, hash.finish(output.unchecked()))?;
        }
    }
    Ok(())
}
