//! Valid forms of zstd streams.

use twox_hash::XxHash64;

use super::lz4_writer::skippable;
use super::zstd_writer::*;
use super::{Form, noise};

/// A window of 1 KiB, and of 2 GiB (RFC 8878 3.1.1.1.2).
const WINDOW_1_KIB: u8 = 0;
const WINDOW_2_GIB: u8 = 21 << 3;

/// Returns a frame with this descriptor and these fields of its header.
fn with_header(descriptor: u8, fields: &[u8], blocks: &[Vec<u8>]) -> Vec<u8> {
    [&[0x28, 0xb5, 0x2f, 0xfd, descriptor][..], fields, &blocks.concat()].concat()
}

fn plain(is_last: bool, content: &[u8]) -> Vec<u8> {
    block(Kind::Plain, is_last, content)
}

pub fn forms() -> Vec<Form> {
    let hello = [plain(true, b"hello")];
    let header = |name, descriptor, fields: &[u8]| Form::new(name, with_header(descriptor, fields, &hello), b"hello");
    let long = noise(256 + 5);
    let sum = (XxHash64::oneshot(0, b"hello") as u32).to_le_bytes();
    let checked = [with_header(4, &[0], &hello), sum.to_vec()].concat();
    let skip = skippable(7, b"anything");
    let empty = with_header(0, &[0], &[plain(true, b"")]);
    let mut forms = vec![
        header("the smallest window", 0, &[WINDOW_1_KIB]),
        header("a window of 2 GiB", 0, &[WINDOW_2_GIB]),
        header(
            "a window of 2 GiB, and a size",
            0xc0,
            &[WINDOW_2_GIB, 5, 0, 0, 0, 0, 0, 0, 0],
        ),
        header("a size of 1 byte", 0x20, &[5]),
        header("a size of 4 bytes", 0xa0, &[5, 0, 0, 0]),
        header("a size of 8 bytes", 0xe0, &[5, 0, 0, 0, 0, 0, 0, 0]),
        header("no dictionary, in 1 byte", 1, &[0, 0]),
        header("no dictionary, in 2 bytes", 2, &[0, 0, 0]),
        header("no dictionary, in 4 bytes", 3, &[0, 0, 0, 0, 0]),
        header("the unused bit", 0x10, &[0]),
        Form::new(
            "a size of 2 bytes",
            with_header(0x60, &[5, 0], &[plain(true, &long)]),
            &long,
        ),
        Form::new("a checksum", checked.clone(), b"hello"),
        Form::new("an empty frame", empty.clone(), b""),
        Form::new(
            "frames of other headers",
            [checked.clone(), empty, checked.clone()].concat(),
            b"hellohello",
        ),
        Form::new("a skippable frame first", [&skip, &checked[..]].concat(), b"hello"),
        Form::new("a skippable frame last", [&checked[..], &skip].concat(), b"hello"),
        Form::new(
            "a skippable frame between",
            [&checked[..], &skip, &checked].concat(),
            b"hellohello",
        ),
    ];
    forms.extend(literals_forms());
    forms.extend(sequences_forms());
    forms
}

fn literals_forms() -> Vec<Form> {
    let form = |name, section: &[u8], content: &[u8]| Form::new(name, compressed(&[section, &[0]].concat()), content);
    let many = noise(5000);
    let sized = |kind: u32, format: u32, size: usize, bytes: usize| {
        let shift = if format == 0 { 3 } else { 4 };
        ((size as u32) << shift | format << 2 | kind).to_le_bytes()[..bytes].to_vec()
    };
    let stored = |format, size: usize, bytes| [sized(0, format, size, bytes), many[..size].to_vec()].concat();
    let repeated = |format, size, bytes| [sized(1, format, size, bytes), vec![b'r']].concat();
    let coded: Vec<u8> = (0..2000).map(|index| u8::from(index * index % 7 < 3)).collect();
    let four = |has_code| [&coded_literals(&streams(&coded), coded.len(), has_code)[..], &[0]].concat();
    let again = frame(&[
        block(Kind::Compressed, false, &four(true)),
        plain(false, b"-"),
        block(Kind::Compressed, true, &four(false)),
    ]);
    let twice = [&coded[..], b"-", &coded].concat();
    // One stream of three literals by a code of one bit each, whose one weight is stored.
    let stream = {
        let mut bits = BackwardBits::default();
        bits.put(0b010, 3);
        [vec![128, 0x10], bits.stream()].concat()
    };
    let one_stream = [&(2 | 3 << 4 | stream.len() << 14).to_le_bytes()[..3], &stream].concat();
    let blocks = [
        plain(false, b""),
        sized_block(Kind::Repeated, false, 3, b"x"),
        sized_block(Kind::Repeated, false, 0, b"y"),
        block(Kind::Compressed, false, &[0, 0]),
        plain(true, b"z"),
    ];
    vec![
        Form::new("blocks of all kinds, some empty", frame(&blocks), b"xxxz"),
        Form::new(
            "the largest repeated block",
            frame(&[sized_block(Kind::Repeated, true, BLOCK_MAX, b"x")]),
            &[b'x'; BLOCK_MAX],
        ),
        form("plain literals, a size of 5 bits", &stored(0, 31, 1), &many[..31]),
        form("plain literals, a size of 12 bits", &stored(1, 4000, 2), &many[..4000]),
        form("plain literals, a size of 20 bits", &stored(3, 5000, 3), &many),
        form("repeated literals, a size of 5 bits", &repeated(0, 31, 1), &[b'r'; 31]),
        form(
            "repeated literals, a size of 12 bits",
            &repeated(1, 4000, 2),
            &[b'r'; 4000],
        ),
        form(
            "repeated literals, a size of 20 bits",
            &repeated(3, 131_072, 3),
            &[b'r'; 131_072],
        ),
        form("literals in one stream", &one_stream, &[0, 1, 0]),
        Form::new("literals in four streams", compressed(&four(true)), &coded),
        Form::new("the Huffman code of a block before", again, &twice),
    ]
}

fn sequences_forms() -> Vec<Form> {
    let before = b"12345678";
    let form = |name, blocks: &[&[u8]], content: &[u8]| {
        let count = blocks.len();
        let packed = blocks.iter().enumerate();
        let packed = packed.map(|(index, content)| block(Kind::Compressed, index + 1 == count, content));
        let all: Vec<Vec<u8>> = [plain(false, before)].into_iter().chain(packed).collect();
        Form::new(name, frame(&all), content)
    };
    // The number of sequences in one byte, the default tables, and 17 bits of states: none for
    // literals, the distance before the last one, and the shortest match.
    let mut states = BackwardBits::default();
    states.put(0, 17);
    let default_tables = [&[0, 1, 0][..], &states.stream()].concat();
    // Tables of 16 states each for the codes 0 and 1, as RFC 8878 4.1.1 stores them. State 16 is of
    // code 1: one literal, or the offset 2 and a bit.
    let table = (17_u16 << 4 | 31 << 9).to_le_bytes();
    let mut states = BackwardBits::default();
    for (state, count) in [(16, 5), (16, 5), (0, 5), (0, 1)] {
        states.put(state, count);
    }
    let literal = plain_literals(b"9");
    let own_tables = [
        &literal[..],
        &[1, 0b10_10_10_00],
        &table,
        &table,
        &table,
        &states.stream(),
    ]
    .concat();
    let again = [&literal[..], &[1, 0b11_11_11_00], &states.stream()].concat();
    let many = Sequences {
        literal_length_code: 0,
        match_length_code: 0,
        offset_code: 0,
        added: vec![[0; 3]; 0x7f00 + 1],
    };
    let of_many = many.run(before.to_vec(), b"").unwrap();
    let three_bytes = [&[0, 255, 1, 0, 0b01_01_01_00, 0, 0, 0][..], &[1]].concat();
    let far = Sequences {
        literal_length_code: 0,
        match_length_code: 0,
        offset_code: 3,
        added: vec![[0, 0, 3]],
    };
    let far = [&[0][..], &far.section()].concat();
    // Offset 3 without literals: the distance before the last one, less 1.
    let less_one = Sequences {
        literal_length_code: 0,
        match_length_code: 0,
        offset_code: 1,
        added: vec![[0, 0, 0], [0, 0, 0], [0, 0, 1]],
    };
    let of_less_one = less_one.run(before.to_vec(), b"").unwrap();
    let less_one = [&[0][..], &less_one.section()].concat();
    vec![
        form("the default tables", &[&default_tables], b"12345678567"),
        form("tables of their own", &[&own_tables], b"123456789678"),
        form(
            "the tables of a block before",
            &[&own_tables, &again],
            b"1234567896789999",
        ),
        form("a number of sequences of 3 bytes", &[&three_bytes], &of_many),
        form("a distance to the first byte", &[&far], b"12345678123"),
        form("distances that are repeated", &[&less_one], &of_less_one),
    ]
}
