//! Rust crates: `miniz_oxide`, `lz4_flex` and `ruzstd`, without the checksums of the formats.

use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use ruzstd::decoding::FrameDecoder;

use crate::{Decoder, GZIP, LZ4, ZSTD};

/// One for each format.
pub const DECODERS: [Decoder; 3] = [
    Decoder {
        name: "miniz_oxide",
        magic: GZIP,
        unpack: gzip,
    },
    Decoder {
        name: "lz4_flex",
        magic: LZ4,
        unpack: lz4,
    },
    Decoder {
        name: "ruzstd",
        magic: ZSTD,
        unpack: zstd,
    },
];

/// The stream behind a header without a name.
fn gzip(member: &[u8], output: &mut [u8]) -> usize {
    const HEADER_SIZE_BYTES: usize = 10;
    let mut inflate = DecompressorOxide::new();
    decompress(
        &mut inflate,
        &member[HEADER_SIZE_BYTES..],
        output,
        0,
        TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    )
    .2
}

/// The blocks of a frame whose header tells the size of its content; they do not depend on each
/// other.
fn lz4(frame: &[u8], output: &mut [u8]) -> usize {
    const HEADER_SIZE_BYTES: usize = 15;
    const UNCOMPRESSED: usize = 1 << 31;
    let (mut rest, mut size) = (&frame[HEADER_SIZE_BYTES..], 0);
    loop {
        let word = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
        let length = word & !UNCOMPRESSED;
        if length == 0 {
            return size;
        }
        let block = &rest[4..4 + length];
        if word & UNCOMPRESSED != 0 {
            output[size..size + length].copy_from_slice(block);
            size += length;
        } else {
            size += lz4_flex::block::decompress_into(block, &mut output[size..]).unwrap_or(0);
        }
        rest = &rest[4 + length..];
    }
}

/// One frame.
fn zstd(mut frame: &[u8], output: &mut [u8]) -> usize {
    let mut decoder = FrameDecoder::new();
    let mut size = 0;
    if decoder.init(&mut frame).is_err() {
        return 0;
    }
    while let Ok((read, written)) = decoder.decode_from_to(frame, &mut output[size..]) {
        frame = &frame[read..];
        size += written;
        if read == 0 && written == 0 {
            break;
        }
    }
    size
}
