//! gzip: members of deflated data, by RFC 1952.

use crate::Stream;
use crate::inflate::{Inflate, Stop};
use crate::input::Input;
use crate::output::Output;
use crate::pieces::Piece;
use crate::refusal::Refused;

const DEFLATE: u8 = 8;
/// The flags (RFC 1952 2.3.1). FTEXT says nothing that matters.
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;
/// The least that is decoded at a time, in bytes: so little that caches still hold it afterwards.
const PIECE_SIZE_BYTES: usize = 64 << 10;

/// Decompresses all members of the stream. Never inlined: its tables
/// take 11 KiB of stack, those of zstd 12 KiB.
#[inline(never)]
pub(crate) fn decompress(stream: &Stream<'_>, mut input: Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
    let mut inflater = Inflate::new();
    loop {
        input.begin(Piece::Member, output)?;
        decompress_member(&mut inflater, &mut input, output)?;
        if output.is_done() || !stream.goes_on(&input)? {
            return Ok(());
        }
    }
}

fn decompress_member(inflater: &mut Inflate, input: &mut Input<'_>, output: &mut Output<'_>) -> Result<(), Refused> {
    read_header(input, output)?;
    output.begin_content();
    let start = output.length();
    let mut crc = 0;
    inflate(inflater, input, output, &mut crc)?;
    if output.is_done() {
        return Ok(());
    }
    let stored_crc = input.word("CRC")?;
    let stored_size = input.word("size")?;
    if !output.is_peek {
        input.check("content", stored_crc, crc)?;
    }
    // ISIZE is the size modulo 2^32, which is what `as` does.
    if stored_size != output.since(start).len() as u32 {
        return Err(input.corrupt("size at the end"));
    }
    Ok(())
}

fn read_header(input: &mut Input<'_>, output: &Output<'_>) -> Result<(), Refused> {
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
        if !output.is_peek {
            work_counter::add(header.len());
            input.check(PART, stored, (output.hooks.crc32)(0, header) & 0xffff)?;
        }
    }
    Ok(())
}

/// Returns what is handed over of the output begins with the member, so that no distance can reach
/// back into the one before.
fn inflate(
    inflater: &mut Inflate,
    input: &mut Input<'_>,
    output: &mut Output<'_>,
    crc: &mut u32,
) -> Result<(), Refused> {
    let crc32 = output.hooks.crc32;
    const PART: &str = "deflated data";
    let data = input.rest();
    let start = output.length();
    inflater.restart();
    input.begin(Piece::Block, output)?;
    loop {
        let done = output.length().saturating_sub(start);
        let (mut filled, read) = (done, inflater.bytes_read());
        let enough = done.saturating_add(PIECE_SIZE_BYTES);
        let stop = inflater.decode(data, output.window(start).0, &mut filled, enough);
        input.take(inflater.bytes_read().saturating_sub(read), PART)?;
        output.filled(filled.saturating_sub(done));
        output.settle(&mut |bytes| {
            *crc = crc32(*crc, bytes);
            bytes.len()
        });
        match stop {
            Stop::Enough => {}
            Stop::BlockEnd => input.begin(Piece::Block, output)?,
            Stop::End => return Ok(()),
            Stop::Full if output.is_peek => return Ok(()),
            Stop::Full => return Err(output.too_large(input, None)),
            Stop::Truncated => return Err(input.truncated(PART)),
            Stop::Corrupt => return Err(input.corrupt(PART)),
        }
    }
}
