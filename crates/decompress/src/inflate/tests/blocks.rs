//! Tests: what comes out of blocks of each kind.

extern crate std;

use std::vec::Vec;

use super::writer::{END, Token, Writer, code, content};
use super::{Inflate, Stop, inflate_in_pieces};

/// Checks that `content` comes out of `data`, in pieces of any size, with or without room behind.
fn comes_out(data: &[u8], content: &[u8]) {
    // The fast decoder needs 8 bytes of data.
    let with_more = [data, &[0xff; 9]].concat();
    for bytes in [data, &with_more] {
        for room in [content.len(), content.len() + 1, content.len() + 500] {
            for piece in [1, 2, 100, 1000, usize::MAX] {
                let found = inflate_in_pieces(bytes, room, piece);
                assert_eq!(found.stop, Stop::End);
                assert_eq!(found.bytes_read, data.len());
                assert!(found.content == content, "{room} {piece}");
            }
        }
    }
}

/// Bytes that do not repeat soon.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| random()).collect()
}

#[test]
fn stored_blocks() {
    let content = noise(70_000);
    let (first, second) = content.split_at(0xffff);
    let data = Writer::default().stored(false, first).stored(true, second);
    comes_out(&data.bytes(), &content);
    let empty = Writer::default()
        .stored(false, &[])
        .stored(false, b"x")
        .stored(true, &[]);
    comes_out(&empty.bytes(), b"x");
}

#[test]
fn blocks_with_fixed_codes() {
    let tokens: Vec<Token> = (0..=255).map(Token::Literal).collect();
    let data = Writer::default().fixed(true, &tokens);
    comes_out(&data.bytes(), &content(&tokens));
    comes_out(&Writer::default().fixed(false, &[]).fixed(true, &[]).bytes(), &[]);
}

/// Codes of 1 to 15 bits, the longest twice.
fn long_code(count: usize, symbols: impl Iterator<Item = usize>) -> Vec<u8> {
    let lengths = (1..=15).chain([15]);
    code(count, &symbols.zip(lengths).collect::<Vec<_>>())
}

#[test]
fn blocks_with_codes_of_their_own() {
    let literals = code(260, &[(0x61, 2), (0x62, 2), (END, 2), (259, 2)]);
    let distances = code(3, &[(2, 1)]);
    let tokens = [
        Token::Literal(0x61),
        Token::Literal(0x62),
        Token::Literal(0x62),
        Token::Match { length: 5, distance: 3 },
        Token::Literal(0x61),
    ];
    let data = Writer::default().dynamic(true, &literals, &distances, &tokens);
    comes_out(&data.bytes(), &content(&tokens));
}

#[test]
fn codes_of_up_to_15_bits() {
    let bytes = (0..13).map(|byte| byte * 16);
    let literals = long_code(286, bytes.clone().chain([END, 264, 285]));
    // The least distance is 5 here, that of symbol 4.
    let distances = long_code(20, 4..20);
    let mut tokens: Vec<Token> = bytes.map(|byte| Token::Literal(byte as u8)).collect();
    for distance in [5, 6, 9, 13, 17, 33, 48, 49, 100, 193, 512, 513, 1000, 1024] {
        for length in [10, 258, 258, 10] {
            tokens.push(Token::Match {
                length,
                distance: distance.min(content(&tokens).len()),
            });
        }
    }
    let data = Writer::default().dynamic(true, &literals, &distances, &tokens);
    comes_out(&data.bytes(), &content(&tokens));
}

#[test]
fn a_run_of_literals_with_long_codes() {
    let literals = long_code(257, (0..15).chain([END]));
    let tokens: Vec<Token> = [11, 12, 13]
        .into_iter()
        .cycle()
        .take(1000)
        .map(Token::Literal)
        .collect();
    let data = Writer::default().dynamic(true, &literals, &[0], &tokens);
    comes_out(&data.bytes(), &content(&tokens));
}

#[test]
fn every_length_and_distance() {
    let mut tokens: Vec<Token> = noise(300).into_iter().map(Token::Literal).collect();
    tokens.extend((3..=258).map(|length| Token::Match { length, distance: 299 }));
    tokens.extend((1..=300).map(|distance| Token::Match {
        length: 3 + distance % 40,
        distance,
    }));
    tokens.extend((1..=20).map(|distance| Token::Match { length: 258, distance }));
    let data = Writer::default().fixed(true, &tokens);
    comes_out(&data.bytes(), &content(&tokens));

    // Further back: the least and the greatest of each symbol.
    let before = noise(32_768);
    let distances = (9..15).flat_map(|bit| [1 << bit, (1 << bit) + 1, 3 << (bit - 1), (3 << (bit - 1)) + 1]);
    let matches: Vec<Token> = (distances.chain([32_768]))
        .map(|distance| Token::Match { length: 4, distance })
        .collect();
    let data = Writer::default().stored(false, &before).fixed(true, &matches);
    let literals = before.into_iter().map(Token::Literal);
    let all: Vec<Token> = literals.chain(matches).collect();
    comes_out(&data.bytes(), &content(&all));
}

#[test]
fn a_code_may_be_of_one_symbol_or_none() {
    // The end, by one bit; the other bit would be damage.
    let end = code(257, &[(END, 1)]);
    let none = code(1, &[]);
    let data = Writer::default().dynamic(true, &end, &none, &[]);
    comes_out(&data.bytes(), &[]);
    // Literals alone need no distances.
    let literals = code(257, &[(0, 1), (END, 1)]);
    let data = Writer::default().dynamic(true, &literals, &none, &[Token::Literal(0)]);
    comes_out(&data.bytes(), &[0]);
}

#[test]
fn blocks_of_all_kinds_follow_each_other() {
    let literals = code(257, &[(0, 1), (END, 1)]);
    let data = Writer::default()
        .fixed(false, &[Token::Literal(1)])
        .stored(false, &[2, 3])
        .dynamic(false, &literals, &[0], &[Token::Literal(0)])
        .fixed(false, &[Token::Match { length: 3, distance: 4 }])
        .stored(false, &[4])
        .dynamic(true, &literals, &[0], &[Token::Literal(0)]);
    comes_out(&data.bytes(), &[1, 2, 3, 0, 1, 2, 3, 4, 0]);
}

#[test]
fn code_lengths_are_repeated() {
    // 97 zeros (11 + 86), two codes of 2 bits, zeros up to 256 (138 + 3 + 3 + 13), then a code of 2
    // bits and another one, which a repetition gives to the first three distances, too.
    let lengths_of_lengths = code(19, &[(0, 3), (2, 2), (16, 2), (17, 3), (18, 2)]);
    let lengths_of_lengths: [u8; 19] = lengths_of_lengths.try_into().unwrap();
    let header = Writer::default()
        .block(true, 2)
        .lengths_code(258, 4, &lengths_of_lengths);
    let length = |bits: Writer, symbol: usize| bits.symbol(&lengths_of_lengths, symbol);
    let header = length(header, 18).put(86, 7);
    let header = length(length(header, 2), 2);
    let header = length(length(header, 18).put(127, 7), 17).put(0, 3);
    let header = length(length(header, 17).put(0, 3), 18).put(2, 7);
    let header = length(length(header, 2), 16).put(2, 2);
    let literals = code(258, &[(97, 2), (98, 2), (END, 2), (257, 2)]);
    let distances = [2; 4];
    let tokens = [
        Token::Literal(97),
        Token::Literal(98),
        Token::Match { length: 3, distance: 2 },
    ];
    let data = header.tokens(&literals, &distances, &tokens).symbol(&literals, END);
    comes_out(&data.bytes(), b"ababa");
}

#[test]
fn decoding_goes_on_where_it_stopped() {
    let tokens = [
        Token::Literal(1),
        Token::Literal(2),
        Token::Match {
            length: 258,
            distance: 2,
        },
    ];
    let data = Writer::default().stored(false, &[7; 1000]).fixed(true, &tokens).bytes();
    let mut output = [0; 2000];
    let (mut inflate, mut filled) = (Inflate::new(), 0);
    let mut next = |enough| (inflate.decode(&data, &mut output, &mut filled, enough), filled);
    // A stored block is not divided, nor is a match.
    assert_eq!(next(1), (Stop::BlockEnd, 1000));
    assert_eq!(next(1000), (Stop::Enough, 1000));
    assert_eq!(next(1001), (Stop::Enough, 1001));
    assert_eq!(next(1003), (Stop::Enough, 1260));
    assert_eq!(next(1260), (Stop::Enough, 1260));
    assert_eq!(next(1261), (Stop::End, 1260));
}

#[test]
fn a_decoder_can_start_anew() {
    let mut inflate = Inflate::new();
    let damaged = Writer::default().block(true, 3).bytes();
    for data in [
        Writer::default().fixed(true, &[Token::Literal(9)]).bytes(),
        Writer::default().stored(true, &[9]).bytes(),
    ] {
        for (data, stop) in [(&data, Stop::End), (&damaged, Stop::Corrupt)] {
            inflate.restart();
            assert_eq!(inflate.decode(data, &mut [0; 9], &mut 0, 9), stop);
        }
    }
}
