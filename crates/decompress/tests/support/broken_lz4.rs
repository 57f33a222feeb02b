//! Broken forms of lz4 streams: frames and legacy frames.

use std::slice::from_ref;

use super::Broken;
use super::lz4_writer::*;

const DAMAGED: &str = "compressed-corrupt";
const CUT: &str = "compressed-truncated";
const CHECKSUM: &str = "compressed-checksum";
const UNSUPPORTED: &str = "compressed-unsupported";

/// Returns a frame with these flags and blocks, out of which `hello` would come.
fn frame(flags: u8, blocks: &[Block]) -> Vec<u8> {
    let frame = Frame {
        flags: VERSION | flags,
        block_size: 4,
        blocks,
        content: b"hello",
    };
    frame.bytes()
}

/// Returns `bytes` with a bit of the byte `from_end` before their end flipped.
fn flipped(mut bytes: Vec<u8>, from_end: usize) -> Vec<u8> {
    let position = bytes.len() - from_end;
    bytes[position] ^= 1;
    bytes
}

pub fn forms() -> Vec<Broken> {
    let hello = Block::Packed(last(b"hello"));
    let good = |flags| frame(flags, from_ref(&hello));
    let with = |fields: &[u8]| [&descriptor(fields)[..], &[0; 4]].concat();
    let all = good(BLOCK_CHECKSUMS | CONTENT_SIZE | CONTENT_CHECKSUM);
    let end = all.len();
    let cut = |size: usize| all[..size].to_vec();
    let too_long = Block::Plain(vec![0; (64 << 10) + 1]);
    let mut forms = vec![
        Broken::new("version 0", with(&[0, 0x40]), UNSUPPORTED, None),
        Broken::new("version 2", with(&[2 << 6, 0x40]), UNSUPPORTED, None),
        Broken::new(
            "a dictionary",
            with(&[VERSION | 1, 0x40, 1, 0, 0, 0]),
            UNSUPPORTED,
            None,
        ),
        Broken::new("a reserved flag", with(&[VERSION | 2, 0x40]), DAMAGED, Some(4)),
        Broken::new("blocks of size 3", with(&[VERSION, 0x30]), DAMAGED, Some(4)),
        Broken::new(
            "a reserved bit at the size of blocks",
            with(&[VERSION, 0xc0]),
            DAMAGED,
            Some(4),
        ),
        Broken::new(
            "a reserved bit behind the size of blocks",
            with(&[VERSION, 0x41]),
            DAMAGED,
            Some(4),
        ),
        Broken::new(
            "the descriptor's checksum wrong",
            flipped(with(&[VERSION, 0x40]), 5),
            CHECKSUM,
            None,
        ),
        Broken::new("a descriptor cut in its size", cut(10), CUT, Some(6)),
        Broken::new("no block and no end", descriptor(&[VERSION, 0x40]), CUT, Some(7)),
        Broken::new("a block cut", cut(20), CUT, Some(19)),
        Broken::new(
            "a block larger than the frame says",
            frame(0, &[too_long]),
            DAMAGED,
            Some(7),
        ),
        Broken::new("a block's checksum wrong", flipped(all.clone(), 9), CHECKSUM, None),
        Broken::new("a block's checksum cut", cut(end - 10), CUT, Some(end - 12)),
        Broken::new("no end mark", cut(end - 8), CUT, Some(end - 8)),
        Broken::new("the content's checksum wrong", flipped(all.clone(), 1), CHECKSUM, None),
        Broken::new("the content's checksum cut", cut(end - 1), CUT, Some(end - 4)),
        Broken::new(
            "a content size too small",
            frame(CONTENT_SIZE, &[hello.clone(), hello]),
            DAMAGED,
            Some(39),
        ),
        Broken::new("a content size too large", frame(CONTENT_SIZE, &[]), DAMAGED, Some(19)),
        Broken::new(
            "a skippable frame cut",
            [&all[..], &skippable(0, b"12345")[..10]].concat(),
            CUT,
            Some(end + 8),
        ),
        Broken::new(
            "a legacy frame behind a frame",
            [all, legacy(&[last(b"x")])].concat(),
            "compressed-trailing",
            Some(end),
        ),
        Broken::new("legacy: no block", legacy(&[]), CUT, Some(4)),
        Broken::new("legacy: a block of no byte", legacy(&[vec![]]), DAMAGED, Some(4)),
        Broken::new(
            "legacy: a block cut",
            legacy(&[last(b"hello")])[..12].to_vec(),
            CUT,
            Some(8),
        ),
        Broken::new(
            "legacy: a block of more than 8 MiB",
            legacy(&[[sequence(b"x", 1, 8 << 20), last(b"12345")].concat()]),
            DAMAGED,
            Some(8),
        ),
        Broken::new(
            "legacy: a match into the block before",
            legacy(&[last(b"12345678"), [sequence(b"", 4, 4), last(b"12345")].concat()]),
            DAMAGED,
            Some(21),
        ),
    ];
    forms.extend(block_forms());
    forms
}

fn block_forms() -> Vec<Broken> {
    let form = |name, block: Vec<u8>| Broken::new(name, frame(0, &[Block::Packed(block)]), DAMAGED, Some(11));
    let second = |name, flags, block: Vec<u8>| {
        let blocks = [Block::Plain(b"12345678".to_vec()), Block::Packed(block)];
        Broken::new(name, frame(flags, &blocks), DAMAGED, Some(23))
    };
    let matched = |distance| [sequence(b"abcdefgh", distance, 4), last(b"12345")].concat();
    let far_from_end = |distance| [sequence(b"abcdefgh", distance, 4), last(&[b'x'; 40])].concat();
    vec![
        form("a match at distance 0", matched(0)),
        form("a match at distance 0, with room behind it", far_from_end(0)),
        form("a match from before the start", matched(9)),
        form("a match from before the start, with room behind it", far_from_end(9)),
        form("no literals behind the last match", sequence(b"abcdefgh", 8, 4)),
        form("literals cut", last(b"hello")[..4].to_vec()),
        form("a number of literals cut", vec![0xf0, 255]),
        form(
            "a length cut",
            [&sequence(b"abcdefgh", 8, 19 + 255)[..11], &[255]].concat(),
        ),
        form("a distance cut", last(b"hello").into_iter().chain([1]).collect()),
        form(
            "more than a block holds",
            [sequence(b"x", 1, 64 << 10), last(b"12345")].concat(),
        ),
        second(
            "a match into an independent block before",
            INDEPENDENT,
            [sequence(b"", 4, 4), last(b"12345")].concat(),
        ),
        second(
            "a match from before the first block",
            0,
            [sequence(b"", 9, 4), last(b"12345")].concat(),
        ),
    ]
}
