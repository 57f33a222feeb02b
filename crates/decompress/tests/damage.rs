//! Damaged streams: an error, or what came out before; never a panic, never a byte outside.

mod support;

use proptest::prelude::*;

use decompress::{Compression, Stream};
use support::{HOOKS, content, decompress};

/// Streams with checksums, or for lz4's legacy frame, without any.
const STREAMS: [&[u8]; 5] = [
    include_bytes!("fixtures/gzip-9.gz"),
    include_bytes!("fixtures/lz4-9-b5-linked-block-crc.lz4"),
    include_bytes!("fixtures/lz4-9-b4-linked.lz4"),
    include_bytes!("fixtures/zstd-22.zst"),
    include_bytes!("fixtures/pzstd.zst"),
];
const LEGACY: &[u8] = include_bytes!("fixtures/legacy-9.lz4");

#[test]
fn every_cut_is_an_error() {
    for stream in STREAMS.iter().chain([&LEGACY]) {
        let starts = (4..64)
            .chain((64..stream.len() - 64).step_by(97))
            .chain(stream.len() - 64..stream.len());
        for length in starts {
            let result = decompress_if_known(&stream[..length]);
            assert!(result.is_none(), "{length} of {}", stream.len());
        }
    }
}

#[test]
fn a_cut_between_two_frames_is_not_seen() {
    let twice = [LEGACY, LEGACY].concat();
    assert!(decompress_if_known(&twice[..LEGACY.len()]) == Some(content()));
}

/// Returns what comes out, if anything does.
fn decompress_if_known(bytes: &[u8]) -> Option<Vec<u8>> {
    Compression::detect(bytes)?;
    decompress(bytes, content().len()).ok()
}

/// Decompresses into the middle of a larger place, and sees to it that the rest of it stays as it
/// was.
fn decompress_between_guards(bytes: &[u8], compression: Compression, end_is_known: bool, size_max: usize) {
    let stream = Stream {
        compression,
        bytes,
        end_is_known,
    };
    let mut first = [0; 64];
    let peeked = stream.peek(&mut first);
    let mut place = vec![0xc3; size_max + 128];
    let result = stream.decompress(&mut place[64..64 + size_max], HOOKS);
    assert!(place[..64] == [0xc3; 64] && place[64 + size_max..] == [0xc3; 64]);
    if let (Ok(count), Ok(size_bytes)) = (peeked, result) {
        assert_eq!(first[..count], place[64..][..size_bytes.min(64)]);
    }
}

fn compression() -> impl Strategy<Value = Compression> {
    use Compression::{Gzip, Lz4Frame, Lz4Legacy, Zstd};
    prop::sample::select(vec![Gzip, Lz4Legacy, Lz4Frame, Zstd])
}

proptest! {
    #[test]
    fn a_flipped_bit_is_an_error_or_changes_nothing(
        stream in 0..STREAMS.len(),
        position in any::<prop::sample::Index>(),
        bit in 0..8,
    ) {
        let mut bytes = STREAMS[stream].to_vec();
        *position.get_mut(&mut bytes) ^= 1_u8 << bit;
        if let Some(found) = decompress_if_known(&bytes) {
            prop_assert!(found == content());
        }
    }

    #[test]
    fn any_changes_stay_inside_the_destination(
        stream in 0..=STREAMS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        near_start in any::<bool>(),
        size_max in prop::sample::select(vec![0, 1, 64, 1000, 131_072, 300_000, 300_001, 400_000]),
    ) {
        let bytes = STREAMS.get(stream).copied().unwrap_or(LEGACY);
        let compression = Compression::detect(bytes).unwrap();
        let mut bytes = bytes.to_vec();
        for (position, byte) in changes {
            let reach = if near_start { 200 } else { bytes.len() };
            *position.get_mut(&mut bytes[4..reach]) = byte;
        }
        decompress_between_guards(&bytes, compression, true, size_max);
    }

    #[test]
    fn any_bytes_behind_a_magic_number_stay_inside_the_destination(
        compression in compression(),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        end_is_known in any::<bool>(),
        size_max in 0_usize..100_000,
    ) {
        let magic: &[u8] = match compression {
            Compression::Gzip => b"\x1f\x8b\x08",
            Compression::Lz4Legacy => b"\x02\x21\x4c\x18",
            Compression::Lz4Frame => b"\x04\x22\x4d\x18",
            Compression::Zstd => b"\x28\xb5\x2f\xfd",
        };
        decompress_between_guards(&[magic, &bytes].concat(), compression, end_is_known, size_max);
    }

    #[test]
    fn any_bytes_at_all_are_an_error_or_known(bytes in prop::collection::vec(any::<u8>(), 0..64), kind in compression()) {
        decompress_between_guards(&bytes, kind, true, 1000);
        prop_assert!(Compression::detect(&bytes).is_none_or(|found| found != Compression::Gzip || bytes[0] == 0x1f));
    }
}
