//! `heap_bytes` is never less than what an allocator needs.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use decompress::Compression;
use support::{content, crc32, stream};

/// Counts what the simplest allocator would need that `heap_bytes` is for: pieces of powers of two, with a list of free ones for each,
/// and the large ones as they are. A vector that grows takes its new piece before it gives back the old one, as `realloc` is left as it
/// is.
struct Counting;

/// How many pieces there are of each power of two, and how many there were at most; the last is for bytes of large ones.
static IN_USE: [AtomicUsize; 23] = [const { AtomicUsize::new(0) }; 23];
static MOST: [AtomicUsize; 23] = [const { AtomicUsize::new(0) }; 23];
const LARGE: usize = 22;

/// Where a piece is counted, and as how many.
fn class(layout: Layout) -> (usize, usize) {
    match layout.size().next_power_of_two().trailing_zeros() as usize {
        class @ ..LARGE => (class, 1),
        _ => (LARGE, layout.size()),
    }
}

// SAFETY: everything is passed on to the system's allocator as it comes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (class, count) = class(layout);
        MOST[class].fetch_max(IN_USE[class].fetch_add(count, Relaxed) + count, Relaxed);
        // SAFETY: the caller keeps the rules.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let (class, count) = class(layout);
        IN_USE[class].fetch_sub(count, Relaxed);
        // SAFETY: the caller keeps the rules.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How much the task needs, and whether something came out.
fn most_in_use(task: impl FnOnce() -> bool) -> (u64, bool) {
    let before: Vec<usize> = IN_USE.iter().map(|count| count.load(Relaxed)).collect();
    for (most, count) in MOST.iter().zip(&before) {
        most.store(*count, Relaxed);
    }
    let is_ok = task();
    let counts = MOST
        .iter()
        .zip(&before)
        .map(|(most, before)| most.load(Relaxed) - before);
    let needed: usize = counts
        .enumerate()
        .map(|(class, count)| if class == LARGE { count } else { count << class })
        .sum();
    (needed as u64, is_ok)
}

/// Decompresses and peeks, and returns how much was allocated where something was.
fn check(bytes: &[u8], destination: &mut [u8], name: &str) -> u64 {
    let stream = stream(bytes);
    let size_max = destination.len() as u64;
    let (most, is_ok) = most_in_use(|| stream.decompress(destination, crc32).is_ok());
    match stream.heap_bytes(size_max) {
        Ok(heap_bytes) => assert!(most <= heap_bytes, "{name}: {most} of {heap_bytes}"),
        Err(_) => assert!(most == 0 && !is_ok, "{name}: {most}"),
    }
    let (peek, _) = most_in_use(|| stream.peek(&mut [0; 64]).is_ok());
    assert!(peek <= stream.heap_bytes(64).unwrap_or(0), "{name}: {peek}");
    most
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

/// A literals section with codes of 1 bit, which claims far fewer literals than it holds; then no sequences.
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

/// One test, as other threads would be counted too.
#[test]
fn no_more_is_allocated_than_heap_bytes_says() {
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
        let most = check(&frame(&literals(claimed)), &mut destination, "literals");
        assert!(most > 1 << 20, "the test does not do what it is for: {most}");
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
