//! Broken forms of gzip streams.

use super::Broken;
use super::gzip_writer::deflate::{END, Token, Writer, code};
use super::gzip_writer::*;

const DAMAGED: &str = "compressed-corrupt";
const CUT: &str = "compressed-truncated";
const CHECKSUM: &str = "compressed-checksum";

pub fn forms() -> Vec<Broken> {
    let stored = |flags: u8, fields: &[u8]| stored_member(&header(flags, fields), b"hello");
    let set = |mut bytes: Vec<u8>, position: usize, byte: u8| {
        bytes[position] = byte;
        bytes
    };
    let plain = stored(0, &[]);
    let end = plain.len();
    let cut = |size: usize| plain[..size].to_vec();
    let mut forms = vec![
        Broken::new(
            "another method",
            set(plain.clone(), 2, 9),
            "compressed-unsupported",
            None,
        ),
        Broken::new(
            "a reserved flag",
            set(plain.clone(), 3, 0x80),
            "compressed-unsupported",
            None,
        ),
        Broken::new("a header cut in its time", cut(7), CUT, Some(0)),
        Broken::new("FEXTRA longer than the data", header(FEXTRA, &[9, 0, 1]), CUT, Some(12)),
        Broken::new("FNAME without an end", header(FNAME, b"Image"), CUT, Some(15)),
        Broken::new("FCOMMENT without an end", header(FCOMMENT, b"Image"), CUT, Some(15)),
        Broken::new(
            "FHCRC cut",
            header(0, &[])[..3]
                .iter()
                .chain(&[2, 0, 0, 0, 0, 0, 3, 1])
                .copied()
                .collect(),
            CUT,
            Some(10),
        ),
        Broken::new("FHCRC wrong", set(stored(FHCRC, &[]), 10, 0), CHECKSUM, None),
        Broken::new("no deflated data", header(0, &[]), CUT, Some(10)),
        Broken::new("CRC wrong", set(plain.clone(), end - 8, 0), CHECKSUM, None),
        Broken::new("CRC cut", cut(end - 6), CUT, Some(end - 8)),
        Broken::new("size cut", cut(end - 1), CUT, Some(end - 4)),
        Broken::new("size wrong", set(plain.clone(), end - 4, 6), DAMAGED, Some(end)),
        Broken::new(
            "a second member cut",
            [&plain[..], &plain[..end - 1]].concat(),
            CUT,
            Some(2 * end - 4),
        ),
    ];
    forms.extend(deflated_forms());
    forms
}

fn deflated_forms() -> Vec<Broken> {
    let form = |name, deflated: Writer| {
        let bytes = [header(0, &[]), deflated.bytes(), vec![0; 8]].concat();
        Broken::new(name, bytes, DAMAGED, None)
    };
    let start = Writer::default;
    let matched = |length, distance| Token::Match { length, distance };
    let end_and = |symbol| code(symbol + 1, &[(END, 1), (symbol, 1)]);
    let with_end = |lengths: &[(usize, u8)]| code(258, &[&[(END, 1)], lengths].concat());
    let fixed = deflate::fixed_codes();
    vec![
        form("a block of kind 3", start().block(true, 3)),
        form(
            "a stored size that its complement denies",
            start().block(true, 0).put(0, 5).put(5, 16).put(5, 16),
        ),
        form(
            "287 literal codes",
            start().block(true, 2).put(30, 5).put(0, 5).put(15, 4),
        ),
        form(
            "31 distance codes",
            start().block(true, 2).put(0, 5).put(30, 5).put(15, 4),
        ),
        form(
            "code lengths whose codes leave bits",
            start().block(true, 2).lengths_code(257, 1, &[2; 19].map(|_| 5)),
        ),
        form(
            "code lengths whose codes do not fit",
            start().block(true, 2).lengths_code(257, 1, &[1; 19]),
        ),
        form("a repetition of nothing", {
            let lengths = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0];
            start()
                .block(true, 2)
                .lengths_code(257, 1, &lengths)
                .symbol(&lengths, 16)
                .put(0, 2)
        }),
        form("a repetition beyond the last code", {
            let lengths = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
            let header = start().block(true, 2).lengths_code(257, 1, &lengths);
            (0..2).fold(header, |bits, _| bits.symbol(&lengths, 18).put(127, 7))
        }),
        form(
            "no code for the end",
            start().block(true, 2).codes(&code(257, &[(0, 1), (1, 1)]), &[0]),
        ),
        form(
            "literal codes that leave bits",
            start().block(true, 2).codes(&with_end(&[(257, 2)]), &[0]),
        ),
        form(
            "literal codes that do not fit",
            start().block(true, 2).codes(&with_end(&[(1, 1), (257, 2)]), &[0]),
        ),
        form(
            "distance codes that leave bits",
            start().block(true, 2).codes(&end_and(257), &[2, 2]),
        ),
        form(
            "distance codes that do not fit",
            start().block(true, 2).codes(&end_and(257), &[1, 1, 1]),
        ),
        form(
            "a bit that no code begins with",
            start().block(true, 2).codes(&code(257, &[(END, 1)]), &[0]).put(1, 1),
        ),
        form("a match without a distance code", {
            start()
                .block(true, 2)
                .codes(&end_and(257), &[0])
                .symbol(&end_and(257), 257)
                .put(0, 8)
        }),
        form("length symbol 286", start().block(true, 1).symbol(&fixed.0, 286)),
        form("length symbol 287", start().block(true, 1).symbol(&fixed.0, 287)),
        form("distance symbol 30", {
            start()
                .stored(false, &[7; 300])
                .block(true, 1)
                .symbol(&fixed.0, 257)
                .symbol(&fixed.1, 30)
        }),
        form("a match at the start", start().fixed(true, &[matched(3, 1)])),
        form("a match from before the start", {
            start().fixed(true, &[Token::Literal(1), Token::Literal(2), matched(3, 3)])
        }),
    ]
}
