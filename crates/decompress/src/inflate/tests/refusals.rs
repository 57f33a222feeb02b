//! Tests: what is refused, and where.

extern crate std;

use std::vec;
use std::vec::Vec;

use super::writer::{END, LENGTHS_OF_LENGTHS, Token, Writer, code, fixed_codes};
use super::{Outcome, Stop, inflate};

/// Checks that the data of these bits is refused once their last byte is read.
#[track_caller]
fn is_corrupt(data: &Writer) {
    let bytes = data.bytes();
    for more in [0, 1, 20] {
        let data = [&bytes[..], &vec![0; more]].concat();
        let found = inflate(&data, 1000);
        assert_eq!((found.stop, found.bytes_read), (Stop::Corrupt, bytes.len()), "{more}");
    }
}

#[test]
fn a_block_of_a_kind_that_does_not_exist() {
    is_corrupt(&Writer::default().block(false, 3));
    is_corrupt(&Writer::default().block(true, 3));
    is_corrupt(&Writer::default().stored(false, b"x").block(true, 3));
}

#[test]
fn a_stored_size_that_is_not_the_same_twice() {
    let header = Writer::default().block(true, 0).put(0, 5);
    is_corrupt(&header.clone().put(1, 16).put(!2, 16));
    is_corrupt(&header.put(0, 16).put(0, 16));
}

#[test]
fn more_codes_than_there_are_symbols() {
    // 287 literals and lengths, 31 distances.
    is_corrupt(&Writer::default().block(true, 2).put(30, 5).put(0, 5).put(15, 4));
    is_corrupt(&Writer::default().block(true, 2).put(0, 5).put(30, 5).put(15, 4));
}

#[test]
fn codes_of_code_lengths_that_do_not_fit_or_leave_bits() {
    let header = |lengths: &[(usize, u8)]| {
        let lengths: [u8; 19] = code(19, lengths).try_into().unwrap();
        Writer::default().block(true, 2).lengths_code(257, 1, &lengths)
    };
    is_corrupt(&header(&[(0, 1), (1, 1), (18, 1)]));
    is_corrupt(&header(&[(0, 1), (1, 2), (2, 2), (18, 7)]));
    // Not even one code alone is complete, nor is none.
    is_corrupt(&header(&[(0, 1)]));
    is_corrupt(&header(&[]));
    is_corrupt(&header(&[(0, 1), (1, 2)]));
}

#[test]
fn codes_that_do_not_fit_or_leave_bits() {
    let codes = |literals: &[u8], distances: &[u8]| Writer::default().block(true, 2).codes(literals, distances);
    let good = code(257, &[(0, 1), (END, 1)]);
    is_corrupt(&codes(&code(257, &[(0, 1), (1, 1), (END, 1)]), &[0]));
    is_corrupt(&codes(&code(257, &[(0, 1), (1, 2), (2, 2), (END, 15)]), &[0]));
    is_corrupt(&codes(&code(257, &[(0, 1), (END, 2)]), &[0]));
    is_corrupt(&codes(&code(257, &[(END, 2)]), &[0]));
    is_corrupt(&codes(&good, &[1, 1, 1]));
    is_corrupt(&codes(&good, &[2]));
    is_corrupt(&codes(&good, &[1, 2]));
    // A 15-bit code that is missing leaves bits, too.
    let mut long: Vec<(usize, u8)> = (1..=15).map(|length| (usize::from(length), length)).collect();
    is_corrupt(&codes(&code(257, &long), &[0]));
    long.push((END, 15));
    let whole = codes(&code(257, &long), &[0]).symbol(&code(257, &long), END);
    assert_eq!(inflate(&whole.bytes(), 0).stop, Stop::End);
}

#[test]
fn code_lengths_that_repeat_nothing_or_too_often() {
    let header = Writer::default()
        .block(true, 2)
        .lengths_code(257, 1, &LENGTHS_OF_LENGTHS);
    let length = |bits: Writer, symbol| bits.symbol(&LENGTHS_OF_LENGTHS, symbol);
    is_corrupt(&length(header.clone(), 16));
    // 258 lengths are wanted. 138 and 121 are one too many.
    let most = length(header, 18).put(127, 7);
    is_corrupt(&length(most.clone(), 18).put(110, 7));
    // 138, 117, and three or six.
    let most = length(most, 18).put(106, 7);
    let exact = length(most.clone(), 17).put(0, 3);
    assert_eq!(inflate(&exact.bytes(), 0).stop, Stop::Corrupt, "a block without an end");
    is_corrupt(&length(most.clone(), 17).put(3, 3));
    is_corrupt(&length(most, 16).put(3, 2));
}

#[test]
fn bits_that_no_code_begins_with() {
    let one = code(258, &[(257, 1)]);
    is_corrupt(&Writer::default().block(true, 2).codes(&one, &[0]).put(1, 1));
    // A length, and no distances, or only one whose code is 0.
    let literals = code(258, &[(0, 2), (1, 2), (END, 2), (257, 2)]);
    for distances in [[0], [1]] {
        let block = Writer::default().block(true, 2).codes(&literals, &distances);
        is_corrupt(&block.symbol(&literals, 0).symbol(&literals, 257).put(1, 1));
    }
}

#[test]
fn symbols_that_never_occur() {
    let (literals, distances) = fixed_codes();
    let block = Writer::default().block(true, 1).symbol(&literals, 7);
    for symbol in [286, 287] {
        is_corrupt(&block.clone().symbol(&literals, symbol));
    }
    for symbol in [30, 31] {
        is_corrupt(&block.clone().symbol(&literals, 257).symbol(&distances, symbol));
    }
}

#[test]
fn distances_from_before_the_start() {
    let (literals, distances) = fixed_codes();
    for size in [0, 1, 4, 8, 20, 100] {
        let tokens = vec![Token::Literal(b'x'); size];
        let block = Writer::default().block(true, 1).tokens(&literals, &distances, &tokens);
        let token = |distance| [Token::Match { length: 3, distance }];
        is_corrupt(&block.clone().tokens(&literals, &distances, &token(size + 1)));
        is_corrupt(&block.clone().tokens(&literals, &distances, &token(32_768)));
        if size > 0 {
            let good = block.tokens(&literals, &distances, &token(size)).symbol(&literals, END);
            assert_eq!(inflate(&good.bytes(), 1000).content, vec![b'x'; size + 3]);
        }
    }
}

/// A block of each kind, with a match.
fn all_kinds() -> (Vec<u8>, Vec<u8>) {
    let literals = code(258, &[(0, 2), (1, 2), (END, 2), (257, 2)]);
    let matched = Token::Match { length: 3, distance: 3 };
    let data = Writer::default()
        .stored(false, b"abcdefghij")
        .fixed(false, &[Token::Literal(0x90), matched])
        .dynamic(true, &literals, &[0, 0, 1], &[Token::Literal(1), matched]);
    (data.bytes(), b"abcdefghij\x90ij\x90\x01j\x90\x01".to_vec())
}

#[test]
fn an_end_anywhere() {
    let (data, content) = all_kinds();
    assert_eq!(inflate(&data, 100).content, content);
    for size in 0..data.len() {
        let found = inflate(&data[..size], 100);
        assert_eq!((found.stop, found.bytes_read), (Stop::Truncated, size));
        assert!(content.starts_with(&found.content));
    }
}

#[test]
fn more_than_there_is_room_for() {
    let (data, content) = all_kinds();
    for room in 0..content.len() {
        let found = inflate(&data, room);
        assert_eq!((found.stop, &found.content[..]), (Stop::Full, &content[..room]));
    }
    // The end of the data is found first only where the next symbol is cut.
    let cut = Writer::default().stored(true, b"abc").bytes();
    let end = Outcome {
        stop: Stop::Full,
        bytes_read: 7,
        content: b"ab".to_vec(),
    };
    assert_eq!(inflate(&cut[..7], 2), end);
}
