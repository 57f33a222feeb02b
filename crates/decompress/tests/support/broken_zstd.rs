//! Broken forms of zstd streams.

use super::Broken;
use super::lz4_writer::skippable;
use super::zstd_writer::*;

const DAMAGED: &str = "compressed-corrupt";
const CUT: &str = "compressed-truncated";
const UNSUPPORTED: &str = "compressed-unsupported";

fn with_header(descriptor: u8, fields: &[u8], blocks: &[Vec<u8>]) -> Vec<u8> {
    [&[0x28, 0xb5, 0x2f, 0xfd, descriptor][..], fields, &blocks.concat()].concat()
}

pub fn forms() -> Vec<Broken> {
    let hello = [block(Kind::Plain, true, b"hello")];
    let header = |name, descriptor, fields: &[u8], code, position| {
        Broken::new(name, with_header(descriptor, fields, &hello), code, position)
    };
    let good = with_header(0, &[0], &hello);
    let end = good.len();
    let unended = frame(&[block(Kind::Plain, false, b"hello")]);
    let blocks = |blocks: &[Vec<u8>]| frame(blocks);
    let of_kind_3 = vec![3 << 1 | 1 | 5 << 3, 0, 0, 1, 2, 3, 4, 5];
    let mut forms = vec![
        header("the reserved bit", 8, &[0], DAMAGED, Some(0)),
        header("a dictionary by 1 byte", 1, &[0, 1], UNSUPPORTED, None),
        header("a dictionary by 2 bytes", 2, &[0, 0, 1], UNSUPPORTED, None),
        header("a dictionary by 4 bytes", 3, &[0, 0, 0, 0, 1], UNSUPPORTED, None),
        header("a size too small", 0x20, &[4], "compressed-corrupt", None),
        header("a size too large", 0x20, &[6], DAMAGED, Some(14)),
        header("a checksum cut", 4, &[0], CUT, Some(end)),
        Broken::new("a header cut", good[..5].to_vec(), CUT, Some(5)),
        Broken::new("no block", good[..6].to_vec(), CUT, Some(6)),
        Broken::new("a block's header cut", good[..8].to_vec(), CUT, Some(6)),
        Broken::new("a block cut", good[..end - 1].to_vec(), CUT, Some(9)),
        Broken::new("no last block", unended.clone(), CUT, Some(unended.len())),
        Broken::new("a block of kind 3", blocks(&[of_kind_3]), DAMAGED, Some(6)),
        Broken::new(
            "a plain block of more than 128 KiB",
            blocks(&[block(Kind::Plain, true, &vec![0; BLOCK_MAX + 1])]),
            DAMAGED,
            Some(6),
        ),
        Broken::new(
            "a repeated block of more than 128 KiB",
            blocks(&[sized_block(Kind::Repeated, true, BLOCK_MAX + 1, b"x")]),
            DAMAGED,
            Some(6),
        ),
        Broken::new(
            "a repeated block without its byte",
            blocks(&[sized_block(Kind::Repeated, true, 5, b"")]),
            CUT,
            Some(9),
        ),
        Broken::new(
            "a skippable frame cut",
            [&good[..], &skippable(0, b"12345")[..10]].concat(),
            CUT,
            Some(end + 8),
        ),
        Broken::new(
            "a wrong checksum",
            [with_header(4, &[0], &hello), vec![0; 4]].concat(),
            "compressed-checksum",
            None,
        ),
    ];
    forms.extend(literals_forms());
    forms.extend(sequences_forms());
    forms
}

/// Returns a form of a frame with one block, which is damaged.
fn damaged(name: &'static str, content: &[u8]) -> Broken {
    Broken::new(name, compressed(content), DAMAGED, Some(6))
}

fn literals_forms() -> Vec<Broken> {
    let plain = plain_literals(b"hello");
    let coded = |stored: &[u8], count: usize, format: usize| {
        let header = (2 | format << 2 | count << 4 | stored.len() << 14).to_le_bytes();
        [&header[..3], stored, &[0]].concat()
    };
    let stream = |count: u32| {
        let mut bits = BackwardBits::default();
        bits.put(0, count);
        bits.stream()
    };
    let literals: Vec<u8> = (0..400).map(|index| (index % 2) as u8).collect();
    let four = |has_code| [&coded_literals(&streams(&literals), 400, has_code)[..], &[0]].concat();
    vec![
        damaged("a block of no byte", &[]),
        damaged("plain literals cut", &plain[..6]),
        damaged("repeated literals without their byte", &[5 << 3 | 1]),
        damaged("more literals than a block holds", &[0x1d, 0, 0x20, b'x', 0]),
        damaged("no number of sequences", &plain),
        damaged("coded literals cut", &four(true)[..50]),
        damaged("the Huffman code of a block before, where there is none", &four(false)),
        damaged("no weight", &coded(&[&[127 + 1][..], &[0], &stream(3)].concat(), 3, 0)),
        damaged(
            "weights that leave no power of two",
            &coded(&[&[127 + 3][..], &[0x32, 0x20], &stream(3)].concat(), 3, 0),
        ),
        damaged(
            "weights of more than 11 bits",
            &coded(&[&[127 + 1][..], &[0xc0], &stream(3)].concat(), 3, 0),
        ),
        damaged(
            "weights that are all too large",
            &coded(&[&[128, 0x20][..], &stream(3)].concat(), 3, 0),
        ),
        damaged("weights cut", &coded(&[127 + 9, 0x11], 3, 0)),
        damaged(
            "weights in FSE codes of no byte",
            &coded(&[&[0][..], &stream(3)].concat(), 3, 0),
        ),
        damaged(
            "weights in FSE codes of too great an accuracy",
            &coded(&[1, 2, 1], 3, 0),
        ),
        damaged(
            "fewer literals in a stream than there should be",
            &coded(&[&[128, 0x10][..], &stream(2)].concat(), 3, 0),
        ),
        damaged(
            "more literals in a stream than there should be",
            &coded(&[&[128, 0x10][..], &stream(4)].concat(), 3, 0),
        ),
        damaged("a stream without its mark", &coded(&[128, 0x10, 0], 3, 0)),
        damaged("a stream of no byte", &coded(&[128, 0x10], 3, 0)),
        damaged(
            "four streams without their sizes",
            &coded(&[&[128, 0x10][..], &stream(3)].concat(), 3, 1),
        ),
    ]
}

fn sequences_forms() -> Vec<Broken> {
    let section = |literals: &[u8], section: &[u8]| [&plain_literals(literals)[..], section].concat();
    let one = |literals: &[u8], literal_length_code, offset_code, more_offset| {
        let sequences = Sequences {
            literal_length_code,
            match_length_code: 0,
            offset_code,
            added: vec![[0, 0, more_offset]],
        };
        section(literals, &sequences.section())
    };
    let mut unmarked = one(b"abc", 2, 2, 0);
    *unmarked.last_mut().unwrap() = 0;
    vec![
        damaged("bytes behind no sequence", &section(b"hello", &[0, 1])),
        damaged("a number of sequences cut", &section(b"hello", &[0x80])),
        damaged("a long number of sequences cut", &section(b"hello", &[255, 0])),
        damaged("no modes", &section(b"hello", &[1])),
        damaged(
            "reserved bits of the modes",
            &section(b"hello", &[1, 0b01_01_01_01, 0, 0, 0, 1]),
        ),
        damaged(
            "a code of literal lengths that does not exist",
            &section(b"hello", &[1, 0b01_01_01_00, 36, 0, 0, 1]),
        ),
        damaged(
            "a code of offsets that does not exist",
            &section(b"hello", &[1, 0b01_01_01_00, 0, 32, 0, 1]),
        ),
        damaged(
            "a code of match lengths that does not exist",
            &section(b"hello", &[1, 0b01_01_01_00, 0, 0, 53, 1]),
        ),
        damaged("a table cut", &section(b"hello", &[1, 0b10_01_01_00, 0x10])),
        damaged(
            "a table of too great an accuracy",
            &section(b"hello", &[1, 0b10_01_01_00, 0x0f, 0xff, 0xff, 0, 0, 1]),
        ),
        damaged(
            "a table of more codes than there are",
            &section(b"hello", &[&[1, 0b10_01_01_00][..], &[0; 20], &[1]].concat()),
        ),
        damaged(
            "the table of a block before, where there is none",
            &section(b"hello", &[1, 0b11_01_01_00, 0, 0, 1]),
        ),
        damaged("no bits", &section(b"hello", &[1, 0b01_01_01_00, 0, 0, 0])),
        damaged("bits without their mark", &unmarked),
        damaged("bits cut", &section(b"hello", &[1, 0b01_01_01_00, 16, 4, 0, 1])),
        damaged("more literals than there are", &one(b"abc", 4, 2, 0)),
        damaged("a distance of 0", &one(b"a", 0, 1, 1)),
        damaged("a distance to before the start", &one(b"abc", 3, 2, 3)),
        damaged("a distance to far before the start", &one(b"abc", 3, 30, 1)),
    ]
}
