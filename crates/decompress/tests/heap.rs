//! Nothing is allocated, whatever the stream holds.

mod support;

use decompress::Compression;
use support::{HOOKS, content, stream};

/// Decompresses and peeks.
fn check(bytes: &[u8], destination: &mut [u8], name: &str) {
    let stream = stream(bytes);
    // Of this thread only: the test harness allocates beside the test.
    let allocated = allocation_counter::measure(|| {
        let _ = stream.decompress(destination, HOOKS);
        let _ = stream.peek(&mut [0; 64]);
    });
    assert_eq!(allocated.count_total, 0, "{name}");
}

const FIXTURES: [&[u8]; 8] = [
    include_bytes!("fixtures/zstd-1.zst"),
    include_bytes!("fixtures/zstd-19-content-size.zst"),
    include_bytes!("fixtures/zstd-22.zst"),
    include_bytes!("fixtures/zstd-3-long-no-check.zst"),
    include_bytes!("fixtures/pzstd.zst"),
    include_bytes!("fixtures/zstd-two-frames.zst"),
    include_bytes!("fixtures/gzip-9.gz"),
    include_bytes!("fixtures/lz4-9-b4-linked.lz4"),
];

/// A frame with one block.
fn frame(block: &[u8]) -> Vec<u8> {
    let header = ((block.len() << 3) | 0b101).to_le_bytes();
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3], &header[..3], block].concat()
}

/// A literals section with codes of 1 bit, which claims far fewer literals than it holds; then no
/// sequences.
fn literals(claimed: u64) -> Vec<u8> {
    const STORED: usize = 131_066;
    let header = (2 | 3 << 2 | claimed << 4 | (STORED as u64) << 22).to_le_bytes();
    let weights_and_sizes = [128, 0x10, 0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f];
    let mut block = [&header[..5], &weights_and_sizes].concat();
    block.resize(5 + STORED, 0xff);
    block.push(0);
    block
}

/// A table of probabilities with a long run of zeros.
fn zeros(before: &[u8]) -> Vec<u8> {
    let mut block = before.to_vec();
    block.resize(131_072, 0xff);
    block
}

/// Streams of every format, sound and made to be costly.
#[test]
fn nothing_is_allocated() {
    let mut destination = vec![0; 1 << 20];
    for (index, bytes) in FIXTURES.iter().enumerate() {
        for size_max in [0, 100, 200_000, content().len(), 1 << 20] {
            check(
                bytes,
                &mut destination[..size_max],
                &format!("fixture {index} into {size_max}"),
            );
        }
    }
    for claimed in [0, 65_520, 70_000, 131_072] {
        check(&frame(&literals(claimed)), &mut destination, "literals");
    }
    let attacks: [(&str, Vec<u8>); 5] = [
        ("zeros for literal lengths", zeros(&[0, 1, 0b1000_0000, 0x10, 0xfc])),
        (
            "zeros for weights",
            zeros(&[0b0010 | 3 << 2, 0xff, 0xff, 0xff, 0x7f, 0x7f, 0x10, 0xfc]),
        ),
        ("many sequences", zeros(&[0, 255, 0xff, 0xff, 0b0101_0100, 0, 0, 0])),
        ("repeated literals", vec![0b1101, 0xff, 0xff, 0, 0]),
        ("nothing", vec![]),
    ];
    for (name, block) in attacks {
        check(&frame(&block), &mut destination, name);
    }
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize
    };
    for turn in 0..2000 {
        let mut bytes = FIXTURES[random() % 6].to_vec();
        let reach = if turn % 2 == 0 { 300 } else { bytes.len() - 4 };
        for _ in 0..1 + random() % 4 {
            bytes[4 + random() % reach] = random() as u8;
        }
        if Compression::detect(&bytes) == Some(Compression::Zstd) {
            check(&bytes, &mut destination, &format!("change {turn}"));
        }
    }
}
