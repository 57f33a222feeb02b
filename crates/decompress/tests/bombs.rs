//! Little data that wants to become much is refused, and soon.

mod support;

use std::time::{Duration, Instant};

use decompress::Compression;
use support::{decompress, refusal};

const MIB: usize = 1 << 20;

fn is_refused_soon(bytes: &[u8], size_max: usize) {
    let start = Instant::now();
    let error = refusal(bytes, size_max);
    assert_eq!(error.code(), "compressed-too-large", "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn ten_mib_of_zeros_in_ten_kib_of_gzip() {
    let bytes = include_bytes!("fixtures/zeros-10m.gz");
    assert!(bytes.len() < 11_000);
    is_refused_soon(bytes, MIB);
    is_refused_soon(bytes, 10 * MIB - 1);
    assert!(decompress(bytes, 10 * MIB) == Ok(vec![0; 10 * MIB]));
}

/// A frame of blocks of 128 KiB of one byte each, in 4 bytes.
fn zstd_of_one_byte(descriptor: &[u8], size_bytes: usize) -> Vec<u8> {
    const BLOCK: usize = 128 << 10;
    let block = |is_last: usize| (BLOCK << 3 | 1 << 1 | is_last).to_le_bytes();
    let mut bytes = [&[0x28, 0xb5, 0x2f, 0xfd], descriptor].concat();
    for _ in 1..size_bytes / BLOCK {
        bytes.extend_from_slice(&block(0)[..3]);
        bytes.push(0);
    }
    bytes.extend_from_slice(&block(1)[..3]);
    bytes.push(0);
    bytes
}

#[test]
fn ten_gib_in_zstd() {
    for window in [0, 10 << 3, 17 << 3] {
        let bytes = zstd_of_one_byte(&[0, window], 10 << 30);
        assert!(bytes.len() < 330_000);
        // Without blocks of 128 KiB the frame is damaged, as its window is 1 KiB.
        if window != 0 {
            is_refused_soon(&bytes, MIB);
            is_refused_soon(&bytes, 40 * MIB);
        } else {
            assert!(decompress(&bytes, MIB).is_err());
        }
    }
}

#[test]
fn ten_gib_that_zstd_claims() {
    let claim = (10_u64 << 30).to_le_bytes();
    let descriptor = [&[0b1100_0000, 17 << 3][..], &claim].concat();
    let bytes = zstd_of_one_byte(&descriptor, 300 << 20);
    assert!(bytes.len() < 10_000);
    is_refused_soon(&bytes, 64 * MIB);
}

#[test]
fn many_small_zstd_frames() {
    let frame = zstd_of_one_byte(&[0, 17 << 3], 128 << 10);
    let bytes = frame.repeat(10_000);
    is_refused_soon(&bytes, 40 * MIB);
    assert!(decompress(&frame.repeat(8), MIB) == Ok(vec![0; MIB]));
}

#[test]
fn a_block_of_lz4_that_is_one_long_match() {
    // 255 bytes come out of each: a literal, a distance of 1, and a length that goes on and on.
    let mut block = vec![0x1f, 0, 1, 0];
    block.extend_from_slice(&vec![0xff; 32_000]);
    block.extend_from_slice(&[0, 0x50, 1, 2, 3, 4, 5]);
    let size = (block.len() as u32).to_le_bytes();
    let legacy = [&[2, 0x21, 0x4c, 0x18], &size[..], &block].concat();
    is_refused_soon(&legacy, MIB);
    assert_eq!(decompress(&legacy, 8 * MIB).unwrap().len(), 32_000 * 255 + 1 + 19 + 5);
    // Whatever the place, a block holds no more than 8 MiB.
    let bomb = [&[2, 0x21, 0x4c, 0x18], &size[..], &block, &size, &block].concat();
    is_refused_soon(&bomb, 8 * MIB);
}

#[test]
fn as_many_skippable_frames_as_there_is_data_end_whatever_is_around_them() {
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0].repeat(300_000);
    let legacy = [2, 0x21, 0x4c, 0x18, 1, 0, 0, 0, 0];
    let start = Instant::now();
    assert!(Compression::detect(&[&skippable, &legacy[..]].concat()).is_none());
    let error = refusal(&[&legacy, &skippable[..], &legacy].concat(), MIB);
    assert_eq!(error.code(), "compressed-trailing", "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
