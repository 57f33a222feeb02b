//! gzip: members of deflated data, by RFC 1952.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_STOP_ON_BLOCK_BOUNDARY, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress as inflate_block};

use crate::Stream;
use crate::input::Input;
use crate::output::Output;
use crate::pieces::Piece;
use crate::refusal::Refused;
use crate::stream::Crc32;

const DEFLATE: u8 = 8;
/// The flags (RFC 1952 2.3.1). FTEXT says nothing that matters.
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;
/// The entries of the tables that `miniz_oxide` makes for a block: two to look up, two trees, and a
/// length for each symbol.
const TABLE_ENTRIES: usize = 2 * 1024 + 576 + 32 + 288 + 32;

/// Decompresses all members of the stream; `crc32` is `None` for a peek. Never inlined: its tables
/// take 11 KiB of stack, those of zstd 24 KiB.
#[inline(never)]
pub(crate) fn decompress(
    stream: &Stream<'_>,
    mut input: Input<'_>,
    output: &mut Output<'_>,
    crc32: Option<Crc32>,
) -> Result<(), Refused> {
    let mut inflater = DecompressorOxide::new();
    loop {
        input.begin(Piece::Member, output)?;
        decompress_member(&mut inflater, &mut input, output, crc32)?;
        if output.is_done() || !stream.goes_on(&input)? {
            return Ok(());
        }
    }
}

fn decompress_member(
    inflater: &mut DecompressorOxide,
    input: &mut Input<'_>,
    output: &mut Output<'_>,
    crc32: Option<Crc32>,
) -> Result<(), Refused> {
    read_header(input, crc32)?;
    let start = output.length();
    inflate(inflater, input, output)?;
    if output.is_done() {
        return Ok(());
    }
    let stored_crc = input.word("CRC")?;
    let stored_size = input.word("size")?;
    let member = output.since(start);
    if let Some(crc32) = crc32 {
        work_counter::add(member.len());
        input.check("content", stored_crc, crc32(member))?;
    }
    // ISIZE is the size modulo 2^32, which is what `as` does.
    if stored_size != member.len() as u32 {
        return Err(input.corrupt("size at the end"));
    }
    Ok(())
}

fn read_header(input: &mut Input<'_>, crc32: Option<Crc32>) -> Result<(), Refused> {
    const PART: &str = "header";
    let start = input.position();
    let [_, _, method, flags, ..] = *input.take(10, PART)? else {
        return Err(input.truncated(PART));
    };
    if method != DEFLATE {
        return Err(input.unsupported("a method other than deflate"));
    }
    if flags & RESERVED != 0 {
        return Err(input.unsupported("reserved flags in the header"));
    }
    if flags & FEXTRA != 0 {
        let size = input.little_endian(2, PART)?;
        input.take(size as usize, PART)?;
    }
    for flag in [FNAME, FCOMMENT] {
        while flags & flag != 0 && input.byte(PART)? != 0 {}
    }
    if flags & FHCRC != 0 {
        let header = input.since(start);
        let stored = input.little_endian(2, PART)? as u32;
        if let Some(crc32) = crc32 {
            work_counter::add(header.len());
            input.check(PART, stored, crc32(header) & 0xffff)?;
        }
    }
    Ok(())
}

/// What is handed over of the output begins with the member, so that no distance can reach back
/// into the one before.
fn inflate(inflater: &mut DecompressorOxide, input: &mut Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
    const PART: &str = "deflated data";
    let start = output.length();
    // The tables of the member before stay: each block makes its own.
    inflater.init();
    loop {
        input.begin(Piece::Block, output)?;
        let done = output.length().saturating_sub(start);
        let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | TINFL_FLAG_STOP_ON_BLOCK_BOUNDARY;
        // At most: a block that is not compressed makes no tables.
        work_counter::add(TABLE_ENTRIES);
        let (status, read, written) = inflate_block(inflater, input.rest(), output.from(start), done, flags);
        input.take(read, PART)?;
        output.filled(written);
        work_counter::add(read.saturating_add(written));
        return match status {
            TINFLStatus::BlockBoundary => continue,
            TINFLStatus::Done => Ok(()),
            TINFLStatus::HasMoreOutput if output.is_peek => Ok(()),
            TINFLStatus::HasMoreOutput => Err(output.too_large(input, None)),
            TINFLStatus::FailedCannotMakeProgress => Err(input.truncated(PART)),
            _ => Err(input.corrupt(PART)),
        };
    }
}
