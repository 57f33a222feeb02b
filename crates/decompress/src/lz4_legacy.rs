//! The legacy frame of lz4: the magic number and blocks of 8 MiB, each behind its size, up to the
//! end of the data.
//!
//! There is neither a checksum nor an end mark: data that is cut between two blocks cannot be told
//! from whole data. Linux before v5.17 appends the size of what comes out to its `Image.lz4`
//! (`size_append` in `scripts/Makefile.lib`), to kernels in EFI zboot files it still does.

use crate::Stream;
use crate::input::Input;
use crate::lz4_block::decompress_block;
use crate::output::Output;
use crate::pieces::Piece;
use crate::refusal::Refused;

/// The bytes that come out of every block but the last.
const BLOCK_SIZE_BYTES: usize = 8 << 20;
/// The most that the compressor makes of such a block: what does not compress grows by one byte in
/// 255, and 16.
const COMPRESSED_MAX: u32 = 0x80_8091;
const PADDING: [u32; 2] = [0, u32::MAX];

/// Decompresses one frame. It ends at the end of the data, behind the size of all that came out, or
/// where the next word is no size of a block: at padding, at the next frame, or at what the caller
/// then calls trailing garbage.
pub(crate) fn decompress_frame(
    stream: &Stream<'_>,
    input: &mut Input<'_>,
    output: &mut Output<'_>,
) -> Result<(), Refused> {
    const PART: &str = "block size";
    input.take(4, "magic number")?;
    let mut is_empty = true;
    while !output.is_done() {
        let is_at_size = !is_empty && input.next_word() == Some(output.length() as u32);
        if is_at_size && stream.is_padding(input.rest().get(4..).unwrap_or_default()) {
            return input.take(4, PART).map(drop);
        }
        let size = match input.next_word() {
            Some(size) if size <= COMPRESSED_MAX && !PADDING.contains(&size) => size,
            None if is_empty || !stream.is_padding(input.rest()) => return Err(input.truncated(PART)),
            _ if is_empty => return Err(input.corrupt(PART)),
            _ => break,
        };
        input.begin(Piece::Block, output)?;
        input.take(4, PART)?;
        let start = input.position();
        let block = input.take(size as usize, "block")?;
        let history_start = output.length();
        decompress_block(
            input,
            start,
            block,
            output,
            (BLOCK_SIZE_BYTES, history_start),
            &mut <[u8]>::len,
        )?;
        is_empty = false;
    }
    Ok(())
}
