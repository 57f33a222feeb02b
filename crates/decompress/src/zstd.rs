//! zstd: frames of blocks, by RFC 8878, decoded straight into the destination, which is the window as well.

use crate::Stream;
use crate::input::Input;
use crate::output::Output;
use crate::pieces::Piece;
use crate::refusal::Refused;
use crate::xxhash::Xxh64;
use crate::zstd_frame::{BLOCK_MAX, BlockHeader, BlockKind, FrameHeader};
use crate::zstd_huffman::Huffman;
use crate::zstd_literals::Literals;
use crate::zstd_sequences::{History, Sequences};

/// Why a block does not come out.
enum Stop {
    /// It is damaged.
    Corrupt,
    /// There is no room for more.
    Full,
}

/// What goes on from block to block.
struct Decoder {
    huffman: Huffman,
    history: History,
}

/// Decompresses all frames of the stream. Never inlined: its tables take 12 KiB of stack, those of gzip 11 KiB.
#[inline(never)]
pub(crate) fn decompress(stream: &Stream<'_>, mut input: Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
    let mut decoder = Decoder {
        huffman: Huffman::new(),
        history: History::new(),
    };
    loop {
        input.begin(Piece::Frame, output)?;
        if let Some(frame) = FrameHeader::read(&mut input)? {
            decoder.huffman.clear();
            decoder.history.clear();
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
            BlockKind::Compressed => decoder.decompress_block(content, output, frame_start),
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

/// Appends a byte so many times.
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

impl Decoder {
    /// Decompresses a block whose matches may reach back to byte `frame_start` of the output.
    fn decompress_block(&mut self, block: &[u8], output: &mut Output<'_>, frame_start: usize) -> Result<(), Stop> {
        let (mut literals, section) = Literals::read(block, &mut self.huffman).ok_or(Stop::Corrupt)?;
        let mut sequences = Sequences::read(section, &mut self.history).ok_or(Stop::Corrupt)?;
        let end = output.length().saturating_add(BLOCK_MAX);
        while !sequences.is_at_end() {
            let sequence = sequences.next().ok_or(Stop::Corrupt)?;
            take(&mut literals, sequence.literals, output)?;
            let reach = output.length().saturating_sub(frame_start);
            if sequence.distance > reach || sequence.length > end.saturating_sub(output.length()) {
                return Err(Stop::Corrupt);
            }
            if !output.repeat(sequence.distance, sequence.length) {
                return Err(Stop::Full);
            }
        }
        let left = literals.left;
        take(&mut literals, left, output)?;
        if literals.is_at_end() && output.length() <= end {
            Ok(())
        } else {
            Err(Stop::Corrupt)
        }
    }
}

/// Appends the next literals, as many as there is room for.
fn take(literals: &mut Literals<'_>, count: usize, output: &mut Output<'_>) -> Result<(), Stop> {
    let room = output.room();
    let (_, free) = output.split(0);
    let to = free.get_mut(..count.min(room)).unwrap_or_default();
    literals.take(to).ok_or(Stop::Corrupt)?;
    output.filled(count);
    if count > room { Err(Stop::Full) } else { Ok(()) }
}
