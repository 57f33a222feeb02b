//! Streams in more pieces than their size pays for are refused; streams in as many as tools make
//! are not.

mod support;

use decompress::{Compression, DecompressError, Piece, Stream};
use support::{HOOKS, decompress, refusal, stream};

const MIB: usize = 1 << 20;
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// A frame header without a size, and a window of 128 MiB.
const ZSTD_HEADER: [u8; 6] = [0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3];
const ZSTD_END: [u8; 3] = [1, 0, 0];
/// Of a frame with blocks of 64 KiB at most, linked, and no checksums.
const LZ4_HEADER: [u8; 7] = [4, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0];
const LEGACY_MAGIC: [u8; 4] = [2, 0x21, 0x4c, 0x18];
/// A frame of lz4 or zstd that is to be skipped, and has nothing in it.
const SKIPPABLE: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
/// The checksum and the size of nothing.
const GZIP_END: [u8; 8] = [0; 8];

/// Bits of deflated data, lowest first (RFC 1951 3.1.1).
#[derive(Clone, Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(mut self, value: u32, count: u32) -> Self {
        self.0.extend((0..count).map(|bit| value >> bit & 1 != 0));
        self
    }

    /// A member of these bits, so many times, and of a last block with nothing in it.
    fn member(&self, times: usize) -> Vec<u8> {
        let last = Self::default().put(1, 1).put(1, 2).put(0, 7);
        let all = [self.0.repeat(times), last.0].concat();
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        let deflated: Vec<u8> = all.chunks(8).map(byte).collect();
        [&GZIP_HEADER[..], &deflated, &GZIP_END].concat()
    }
}

/// A compressed zstd block that is not the last one.
fn zstd_block(content: &[u8]) -> Vec<u8> {
    let header = (content.len() << 3 | 2 << 1).to_le_bytes();
    [&header[..3], content].concat()
}

/// A frame with so many of these blocks, after one that later ones can refer to.
fn zstd_frame(block: &[u8], times: usize) -> Vec<u8> {
    let first = [16 << 3 | 1 << 1, 0, 0, 7];
    [&ZSTD_HEADER[..], &first, &block.repeat(times), &ZSTD_END].concat()
}

/// The refusal of a stream that has too many pieces: of what kind, and how much of it was read.
fn too_many(name: &str, bytes: &[u8]) -> (Piece, u64) {
    let error = refusal(bytes, 64 * MIB);
    let DecompressError::Pieces {
        compression,
        piece,
        limit,
        position,
        bytes_out,
    } = error
    else {
        panic!("{name}: {error}");
    };
    let code = match piece {
        Piece::Member => "compressed-members",
        Piece::Frame => "compressed-frames",
        Piece::Block => "compressed-blocks",
    };
    assert_eq!(error.code(), code, "{name}");
    assert_eq!(Some(compression), Compression::detect(bytes), "{name}");
    assert_eq!(limit, 128 + position / 512 + bytes_out / 4096, "{name}");
    // A look at the first bytes reads as much where none comes out.
    if bytes_out == 0 {
        assert_eq!(stream(bytes).peek(&mut [0; 64]), Err(error), "{name}");
    }
    (piece, position)
}

/// 100,000 pieces or more are refused before a twentieth of the stream is read.
fn is_refused_soon(name: &str, expected: Piece, bytes: &[u8]) {
    let (piece, position) = too_many(name, bytes);
    assert_eq!(piece, expected, "{name}");
    assert!(
        position < bytes.len() as u64 / 20,
        "{name}: {position} of {} bytes",
        bytes.len()
    );
}

#[test]
fn gzip_members_with_nothing_in_them_are_refused() {
    let fixed = [&GZIP_HEADER[..], &[3, 0], &GZIP_END].concat();
    is_refused_soon("fixed codes", Piece::Member, &fixed.repeat(100_000));
    let stored = [&GZIP_HEADER[..], &[1, 0, 0, 0xff, 0xff], &GZIP_END].concat();
    is_refused_soon("stored", Piece::Member, &stored.repeat(100_000));
}

#[test]
fn deflated_blocks_with_nothing_in_them_are_refused() {
    // Ten bits: not the last block, fixed codes, the end of the block.
    let fixed = Bits::default().put(0, 1).put(1, 2).put(0, 7);
    is_refused_soon("fixed codes", Piece::Block, &fixed.member(200_000));
    // Codes of one bit for the lengths 1 and 18: 256 symbols without a code, one with a code, one
    // distance.
    let header = Bits::default().put(0, 1).put(2, 2).put(0, 5).put(0, 5).put(14, 4);
    let lengths_of_lengths = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let header = lengths_of_lengths
        .iter()
        .fold(header, |bits, length| bits.put(*length, 3));
    let dynamic = header
        .put(1, 1)
        .put(127, 7)
        .put(1, 1)
        .put(107, 7)
        .put(0, 1)
        .put(0, 1)
        .put(0, 1);
    is_refused_soon("codes of its own", Piece::Block, &dynamic.member(100_000));
    let stored = [0, 0, 0, 0xff, 0xff].repeat(100_000);
    let stored = [&GZIP_HEADER[..], &stored, &[3, 0], &GZIP_END].concat();
    is_refused_soon("stored", Piece::Block, &stored);
}

#[test]
fn zstd_frames_with_nothing_in_them_are_refused() {
    let empty = [&ZSTD_MAGIC[..], &[0x20, 0], &ZSTD_END].concat();
    is_refused_soon("empty", Piece::Frame, &empty.repeat(200_000));
    let skippable = [&SKIPPABLE.repeat(100_000)[..], &empty].concat();
    is_refused_soon("to be skipped", Piece::Frame, &skippable);
}

#[test]
fn zstd_blocks_with_next_to_nothing_in_them_are_refused() {
    is_refused_soon("plain", Piece::Block, &zstd_frame(&[0, 0, 0], 100_000));
    is_refused_soon("repeated", Piece::Block, &zstd_frame(&[1 << 1, 0, 0, 0], 100_000));
    // No literals, but a code of up to 11 bits for them, and an empty stream.
    let huffman = [2, 0, 2, 127 + 11, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 1];
    let no_sequences = [&huffman[..], &[0]].concat();
    is_refused_soon(
        "a Huffman code",
        Piece::Block,
        &zstd_frame(&zstd_block(&no_sequences), 100_000),
    );
    // One sequence, in tables of 512, 256 and 512 states whose two symbols have the same
    // probability.
    let tables = [1, 0b1010_1000, 0x14, 0xf0, 0x3f, 0x13, 0xf8, 0x0f, 0x14, 0xf0, 0x3f];
    let fse = [&[0], &tables[..], &[0, 0, 0, 1 << 2]].concat();
    is_refused_soon("tables", Piece::Block, &zstd_frame(&zstd_block(&fse), 100_000));
    let both = [&huffman[..], &tables, &[0, 0, 0, 1 << 2]].concat();
    is_refused_soon(
        "a code and tables",
        Piece::Block,
        &zstd_frame(&zstd_block(&both), 100_000),
    );
    // The tables that nobody stores are made anew, too.
    let predefined = [0, 1, 0, 0, 0, 1 << 1];
    is_refused_soon(
        "common tables",
        Piece::Block,
        &zstd_frame(&zstd_block(&predefined), 100_000),
    );
}

#[test]
fn lz4_frames_with_nothing_in_them_are_refused() {
    let empty = [&LZ4_HEADER[..], &[0; 4]].concat();
    is_refused_soon("empty", Piece::Frame, &empty.repeat(100_000));
    let skippable = [&SKIPPABLE.repeat(100_000)[..], &empty].concat();
    is_refused_soon("to be skipped", Piece::Frame, &skippable);
    let legacy = [&LEGACY_MAGIC[..], &[1, 0, 0, 0, 0]].concat();
    is_refused_soon("legacy", Piece::Frame, &legacy.repeat(100_000));
}

#[test]
fn lz4_blocks_with_nothing_in_them_are_refused() {
    // A token without literals.
    let blocks = [1, 0, 0, 0, 0].repeat(100_000);
    is_refused_soon("current", Piece::Block, &[&LZ4_HEADER[..], &blocks, &[0; 4]].concat());
    is_refused_soon("legacy", Piece::Block, &[&LEGACY_MAGIC[..], &blocks].concat());
    let uncompressed = [0, 0, 0, 0x80].repeat(100_000);
    is_refused_soon(
        "uncompressed",
        Piece::Block,
        &[&LZ4_HEADER[..], &uncompressed, &[0; 4]].concat(),
    );
}

#[test]
fn what_makes_far_more_of_itself_than_a_kernel_does_is_refused() {
    const LIMIT: usize = 1 << 30;
    // A frame that tells its size is refused by it, before anything comes out: the pages of the
    // destination are never there.
    let mut destination = vec![0; LIMIT + 1];
    let claim = |size: usize| [&ZSTD_MAGIC[..], &[0xc0, 17 << 3], &size.to_le_bytes(), &ZSTD_END].concat();
    let error = stream(&claim(LIMIT + 1))
        .decompress(&mut destination, HOOKS)
        .unwrap_err();
    assert_eq!(error.code(), "compressed-expansion");
    assert_eq!(
        error.to_string(),
        "the zstd data holds more than 1073741824 bytes, far more than a kernel of its size"
    );
    let error = stream(&claim(LIMIT)).decompress(&mut destination, HOOKS).unwrap_err();
    assert_eq!(error.code(), "compressed-corrupt", "nothing came out: {error}");
    // More data may make more.
    let long = [claim(LIMIT + 1), vec![0; LIMIT / 16 + 1]].concat();
    let error = stream(&long).decompress(&mut destination, HOOKS).unwrap_err();
    assert_eq!(error.code(), "compressed-corrupt", "nothing came out: {error}");
}

#[test]
fn the_message_has_the_numbers() {
    let member = [&GZIP_HEADER[..], &[3, 0], &GZIP_END].concat();
    assert_eq!(
        refusal(&member.repeat(100_000), 100).to_string(),
        "the gzip data has more than 133 members in its first 2660 bytes, out of which 0 came"
    );
}

/// Pieces that are an eighth of the smallest that tools make, many times.
#[test]
fn thousands_of_members_and_frames_of_8_kib_come_out() {
    const TIMES: usize = 1000;
    let content = support::content();
    for part in [&content[8192..][..8192], &[0; 8192]] {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, part).unwrap();
        let gzip = encoder.finish().unwrap();
        // As pzstd does it: a frame to be skipped tells the size of the one after it.
        let before = [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0][..], &[0; 4]].concat();
        let zstd = [before, zstd::bulk::compress(part, 19).unwrap()].concat();
        let block = lz4::block::compress(part, None, false).unwrap();
        let block = [&(block.len() as u32).to_le_bytes()[..], &block].concat();
        let lz4 = [&LZ4_HEADER[..], &block, &[0; 4]].concat();
        let lz4_blocks = [&LZ4_HEADER[..], &block.repeat(TIMES), &[0; 4]].concat();
        let legacy = [&LEGACY_MAGIC[..], &block].concat();
        let expected = part.repeat(TIMES);
        for bytes in [
            gzip.repeat(TIMES),
            zstd.repeat(TIMES),
            lz4.repeat(TIMES),
            lz4_blocks,
            legacy.repeat(TIMES),
        ] {
            assert!(decompress(&bytes, expected.len()).as_ref() == Ok(&expected));
        }
    }
}

/// What is read where nobody knows the end of the data is refused just as soon.
#[test]
fn the_limit_does_not_depend_on_the_end_of_the_data() {
    let bytes = [&GZIP_HEADER[..], &[3, 0], &GZIP_END].concat().repeat(100_000);
    let stream = Stream {
        end_is_known: false,
        ..stream(&bytes)
    };
    assert_eq!(stream.decompress(&mut [], HOOKS), Err(refusal(&bytes, 100)));
}
