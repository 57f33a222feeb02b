//! The decoders against the reference implementations.

mod support;

use std::io::Write;

use decompress::Compression;
use proptest::prelude::*;
use support::{HOOKS, decompress, stream};

const SIZE_MAX: usize = 1 << 20;

/// Returns what comes out of a stream, if anything does.
fn ours(compression: Compression, bytes: &[u8]) -> Option<Vec<u8>> {
    if Compression::detect(bytes) != Some(compression) {
        return None;
    }
    let mut content = vec![0; SIZE_MAX];
    let size = stream(bytes).decompress(&mut content, HOOKS).ok()?;
    content.truncate(size);
    Some(content)
}

/// Returns what the reference makes of a zstd stream.
fn reference(bytes: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::decompress(bytes, SIZE_MAX).ok()
}

/// A piece of content: one of some bytes so many times, noise of some bits, or a repetition of what
/// was before.
#[derive(Clone, Debug)]
enum Piece {
    Run(u8, usize),
    Noise { seed: u64, bits: u32, size: usize },
    Again { back: usize, size: usize },
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        (any::<u8>(), 0_usize..3000).prop_map(|(byte, size)| Piece::Run(byte, size)),
        (any::<u64>(), 1_u32..=8, 0_usize..9000).prop_map(|(seed, bits, size)| Piece::Noise { seed, bits, size }),
        (1_usize..200_000, 1_usize..400).prop_map(|(back, size)| Piece::Again { back, size }),
        (1_usize..9, 1_usize..90_000).prop_map(|(back, size)| Piece::Again { back, size }),
    ]
}

fn content(pieces: &[Piece]) -> Vec<u8> {
    let mut content = Vec::new();
    for piece in pieces {
        match *piece {
            Piece::Run(byte, size) => content.resize(content.len() + size, byte),
            Piece::Noise { seed, bits, size } => {
                let mut state = seed | 1;
                for _ in 0..size {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    // Some values more often than others, so that there are codes of several
                    // lengths.
                    content.push(((state >> 20) as u8 & (state >> 40) as u8) & (u8::MAX >> (8 - bits)));
                }
            }
            Piece::Again { back, size } => {
                let from = content.len().saturating_sub(back);
                for index in from..from + size {
                    let Some(byte) = content.get(index).copied() else {
                        break;
                    };
                    content.push(byte);
                }
            }
        }
    }
    content.truncate(SIZE_MAX);
    content
}

/// A frame of any level up to 22, the last of `zstd --ultra`; as `zstd --long` makes it if
/// `is_long`.
fn compressed(content: &[u8], level: i32, has_checksum: bool, is_long: bool) -> Vec<u8> {
    let mut compressor = zstd::bulk::Compressor::new(level).unwrap();
    compressor.include_checksum(has_checksum).unwrap();
    if is_long {
        compressor.include_contentsize(false).unwrap();
        compressor.long_distance_matching(true).unwrap();
    }
    compressor.compress(content).unwrap()
}

/// A frame of lz4.
fn lz4_frame(content: &[u8], has_checksum: bool) -> Vec<u8> {
    let checksum = match has_checksum {
        true => lz4::ContentChecksum::ChecksumEnabled,
        false => lz4::ContentChecksum::NoChecksum,
    };
    let mut encoder = lz4::EncoderBuilder::new().checksum(checksum).build(Vec::new()).unwrap();
    encoder.write_all(content).unwrap();
    let (frame, result) = encoder.finish();
    result.unwrap();
    frame
}

proptest! {
    #[test]
    fn what_went_into_zstd_comes_out(
        pieces in prop::collection::vec(piece(), 0..60),
        level in prop_oneof![-5..=9_i32, 10..=22_i32],
        has_checksum in any::<bool>(),
        is_long in any::<bool>(),
        room in 0_usize..80,
    ) {
        let content = content(&pieces);
        let bytes = compressed(&content, level, has_checksum, is_long);
        for size_max in [SIZE_MAX, content.len() + room] {
            let found = decompress(&bytes, size_max);
            prop_assert!(found.as_ref() == Ok(&content), "{:?}", found.map(|found| found.len()));
        }
    }

    #[test]
    fn what_went_into_lz4_comes_out(
        pieces in prop::collection::vec(piece(), 0..60),
        // Above 9 this build of the encoder crashes on some content.
        level in prop::option::of(1..=9_i32),
    ) {
        use lz4::block::{CompressionMode, compress};

        let content = content(&pieces);
        let mode = level.map(CompressionMode::HIGHCOMPRESSION);
        let block = compress(&content, mode, false).unwrap();
        let size = (block.len() as u32).to_le_bytes();
        let bytes = [b"\x02\x21\x4c\x18", &size[..], &block].concat();
        prop_assert!(ours(Compression::Lz4Legacy, &bytes).as_ref() == Some(&content));
    }

    /// A checksum is of its own frame, to the last byte.
    #[test]
    fn frames_follow_each_other_with_and_without_checksums(
        frames in prop::collection::vec((prop::collection::vec(piece(), 0..4), any::<bool>()), 1..5),
    ) {
        let frames: Vec<_> = frames.iter().map(|(pieces, has_checksum)| (content(pieces), *has_checksum)).collect();
        let all: Vec<u8> = frames.iter().flat_map(|(content, _)| content.clone()).collect();
        prop_assume!(all.len() <= SIZE_MAX);
        let lz4: Vec<u8> = frames.iter().flat_map(|(content, has_checksum)| lz4_frame(content, *has_checksum)).collect();
        prop_assert!(ours(Compression::Lz4Frame, &lz4).as_ref() == Some(&all));
        let zstd: Vec<u8> =
            frames.iter().flat_map(|(content, has_checksum)| compressed(content, 3, *has_checksum, false)).collect();
        prop_assert!(ours(Compression::Zstd, &zstd).as_ref() == Some(&all));
    }

    #[test]
    fn what_went_into_gzip_comes_out(
        pieces in prop::collection::vec(piece(), 0..60),
        level in 0..=9_u32,
    ) {
        let content = content(&pieces);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(&content).unwrap();
        prop_assert!(ours(Compression::Gzip, &encoder.finish().unwrap()).as_ref() == Some(&content));
    }

    #[test]
    fn what_both_take_for_good_comes_out_the_same(
        pieces in prop::collection::vec(piece(), 1..12),
        level in -5..=19_i32,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        near_start in any::<bool>(),
    ) {
        let mut bytes = compressed(&content(&pieces), level, false, false);
        let reach = if near_start { bytes.len().min(80) } else { bytes.len() };
        for (position, byte) in changes {
            *position.get_mut(&mut bytes[4..reach]) = byte;
        }
        if let (Some(ours), Some(reference)) = (ours(Compression::Zstd, &bytes), reference(&bytes)) {
            prop_assert!(ours == reference);
        }
    }
}
