//! Valid forms of lz4 streams: frames, legacy frames, and frames to skip.

use std::slice::from_ref;

use super::lz4_writer::*;
use super::{Form, noise};

const ALL: u8 = VERSION | BLOCK_CHECKSUMS | CONTENT_SIZE | CONTENT_CHECKSUM;
const LEGACY_BLOCK: usize = 8 << 20;

fn frame(flags: u8, block_size: u8, blocks: &[Block], content: &[u8]) -> Vec<u8> {
    let frame = Frame {
        flags: VERSION | flags,
        block_size,
        blocks,
        content,
    };
    frame.bytes()
}

pub fn forms() -> Vec<Form> {
    let hello = Block::Packed(last(b"hello"));
    let frame_of_hello = |flags| frame(flags, 4, from_ref(&hello), b"hello");
    let mut forms = vec![
        Form::new("no flag but the version", frame_of_hello(0), b"hello"),
        Form::new("independent blocks", frame_of_hello(INDEPENDENT), b"hello"),
        Form::new("block checksums", frame_of_hello(BLOCK_CHECKSUMS), b"hello"),
        Form::new("a content size", frame_of_hello(CONTENT_SIZE), b"hello"),
        Form::new("a content checksum", frame_of_hello(CONTENT_CHECKSUM), b"hello"),
        Form::new("all flags", frame_of_hello(ALL | INDEPENDENT), b"hello"),
        Form::new("no block", frame(0, 4, &[], b""), b""),
        Form::new("no block, all flags", frame(ALL, 4, &[], b""), b""),
        Form::new(
            "a block of nothing",
            frame(ALL, 4, &[Block::Packed(last(b""))], b""),
            b"",
        ),
        Form::new(
            "frames of other flags",
            [frame_of_hello(0), frame_of_hello(ALL)].concat(),
            b"hellohello",
        ),
        Form::new(
            "an empty frame first",
            [frame(ALL, 4, &[], b""), frame_of_hello(0)].concat(),
            b"hello",
        ),
    ];
    for (name, block_size) in [
        ("blocks of 64 KiB", 4),
        ("blocks of 256 KiB", 5),
        ("blocks of 1 MiB", 6),
        ("blocks of 4 MiB", 7),
    ] {
        let size = 1 << (8 + 2 * block_size);
        let content = [noise(size), noise(1000)].concat();
        let blocks = [content[..size].to_vec(), content[size..].to_vec()].map(Block::Plain);
        forms.push(Form::new(name, frame(ALL, block_size, &blocks, &content), &content));
    }
    forms.extend(block_forms());
    forms.extend(skipping_forms(&frame_of_hello(ALL)));
    forms.extend(legacy_forms());
    forms
}

fn block_forms() -> Vec<Form> {
    let form =
        |name, flags, blocks: &[Block], content: &[u8]| Form::new(name, frame(flags, 4, blocks, content), content);
    let one = |name, block: Vec<u8>, content: &[u8]| form(name, ALL, &[Block::Packed(block)], content);
    let noise = noise(65_535);
    let far = [&noise[..], &noise[..20], b"abcde"].concat();
    let linked = [
        Block::Plain(noise.clone()),
        Block::Packed([sequence(b"", 65_535, 20), last(b"abcde")].concat()),
    ];
    let plain_and_packed = [Block::Plain(b"12345678".to_vec()), Block::Packed(last(b"9"))];
    let overlap = [sequence(b"abc", 3, 300), last(b"12345")].concat();
    let overlapped = [&b"abc".repeat(101)[..], b"12345"].concat();
    let full = [sequence(b"x", 1, 65_530), last(b"12345")].concat();
    let fulls = [&[b'x'; 65_531][..], b"12345"].concat();
    vec![
        one(
            "literals alone, 15 of them",
            last(b"123456789012345"),
            b"123456789012345",
        ),
        one("literals whose number goes on", last(&noise[..600]), &noise[..600]),
        one("a match that overlaps itself", overlap, &overlapped),
        one("a block as full as it can be", full, &fulls),
        form("a match into the block before", ALL, &linked, &far),
        form(
            "plain and packed blocks",
            ALL | INDEPENDENT,
            &plain_and_packed,
            b"123456789",
        ),
        form(
            "a plain block of nothing",
            ALL,
            &[Block::Plain(vec![]), Block::Plain(vec![1])],
            &[1],
        ),
    ]
}

fn skipping_forms(frame: &[u8]) -> Vec<Form> {
    let skip = |kind, content: &[u8]| skippable(kind, content);
    let all: Vec<u8> = (0..16).flat_map(|kind| skip(kind, &[kind; 5])).collect();
    vec![
        Form::new(
            "a skippable frame first",
            [skip(0, b"x"), frame.to_vec()].concat(),
            b"hello",
        ),
        Form::new(
            "an empty skippable frame",
            [skip(3, b""), frame.to_vec()].concat(),
            b"hello",
        ),
        Form::new("a skippable frame last", [frame, &skip(15, b"last")].concat(), b"hello"),
        Form::new(
            "all kinds of skippable frames",
            [&all, frame, &all, frame].concat(),
            b"hellohello",
        ),
    ]
}

fn legacy_forms() -> Vec<Form> {
    // A block that holds as much as any does: a literal, a match, and five literals.
    let full = [sequence(b"x", 1, LEGACY_BLOCK - 6), last(b"12345")].concat();
    let of_full = [&vec![b'x'; LEGACY_BLOCK - 5][..], b"12345"].concat();
    let hello = last(b"hello");
    let three = [&of_full[..], &of_full, b"hello"].concat();
    let with_size = |bytes: Vec<u8>, size: usize| [bytes, (size as u32).to_le_bytes().to_vec()].concat();
    vec![
        Form::new("legacy: one block", legacy(from_ref(&hello)), b"hello"),
        Form::new("legacy: a full block", legacy(from_ref(&full)), &of_full),
        Form::new(
            "legacy: three blocks",
            legacy(&[full.clone(), full.clone(), hello.clone()]),
            &three,
        ),
        Form::new(
            "legacy: two frames",
            [legacy(from_ref(&hello)), legacy(from_ref(&hello))].concat(),
            b"hellohello",
        ),
        // Linux's build appends the size, which no other tool reads.
        Form::new(
            "legacy: the size of the kernel behind it",
            with_size(legacy(&[full.clone(), full, hello]), three.len()),
            &three,
        ),
    ]
}
