//! [`Writer`]: makes deflated data, right or wrong.

extern crate std;

use std::vec;
use std::vec::Vec;

/// The number of extra bits and the least value for each length symbol from 257 on (RFC 1951
/// 3.2.5).
#[rustfmt::skip]
const LENGTHS: [(u32, usize); 29] = [
    (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 9), (0, 10), (1, 11), (1, 13), (1, 15), (1, 17), (2, 19),
    (2, 23), (2, 27), (2, 31), (3, 35), (3, 43), (3, 51), (3, 59), (4, 67), (4, 83), (4, 99), (4, 115), (5, 131),
    (5, 163), (5, 195), (5, 227), (0, 258),
];
/// The same for each distance symbol.
#[rustfmt::skip]
const DISTANCES: [(u32, usize); 30] = [
    (0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (1, 7), (2, 9), (2, 13), (3, 17), (3, 25), (4, 33), (4, 49), (5, 65),
    (5, 97), (6, 129), (6, 193), (7, 257), (7, 385), (8, 513), (8, 769), (9, 1025), (9, 1537), (10, 2049),
    (10, 3073), (11, 4097), (11, 6145), (12, 8193), (12, 12289), (13, 16385), (13, 24577),
];
/// The order in which the lengths of the codes of code lengths come.
const LENGTHS_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// A code of all code lengths.
pub const LENGTHS_OF_LENGTHS: [u8; 19] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5];
/// The symbol that ends a block.
pub const END: usize = 256;

/// The tokens of a block.
#[derive(Clone, Copy, Debug)]
pub enum Token {
    /// A literal.
    Literal(u8),
    /// So many bytes, from so many bytes before.
    Match { length: usize, distance: usize },
}

/// The bits of deflated data.
#[derive(Clone, Default)]
pub struct Writer(Vec<bool>);

impl Writer {
    /// Appends a number, its lowest bit first.
    pub fn put(mut self, value: usize, count: u32) -> Self {
        self.0.extend((0..count).map(|bit| value >> bit & 1 != 0));
        self
    }

    /// Appends the code of a symbol, its highest bit first (RFC 1951 3.2.2).
    pub fn symbol(mut self, lengths: &[u8], symbol: usize) -> Self {
        let length = lengths[symbol];
        assert!(length > 0, "symbol {symbol} has no code");
        let count = |length, before| lengths[..before].iter().filter(|found| **found == length).count();
        let first = (1..length).fold(0, |first, shorter| (first + count(shorter, lengths.len())) << 1);
        let code = first + count(length, symbol);
        self.0.extend((0..length).rev().map(|bit| code >> bit & 1 != 0));
        self
    }

    /// Appends the first bits of a block.
    pub fn block(self, is_last: bool, kind: usize) -> Self {
        self.put(is_last.into(), 1).put(kind, 2)
    }

    /// Appends a stored block.
    pub fn stored(self, is_last: bool, content: &[u8]) -> Self {
        let mut header = self.block(is_last, 0);
        header.0.resize(header.0.len().next_multiple_of(8), false);
        let header = header.put(content.len(), 16).put(!content.len(), 16);
        content.iter().fold(header, |bits, byte| bits.put((*byte).into(), 8))
    }

    /// Appends a block with the fixed codes.
    pub fn fixed(self, is_last: bool, tokens: &[Token]) -> Self {
        let (literals, distances) = fixed_codes();
        let block = self.block(is_last, 1);
        block.tokens(&literals, &distances, tokens).symbol(&literals, END)
    }

    /// Appends the numbers of codes, and the code of their lengths.
    pub fn lengths_code(self, literals: usize, distances: usize, lengths_of_lengths: &[u8; 19]) -> Self {
        let header = self.put(literals - 257, 5).put(distances - 1, 5).put(15, 4);
        let lengths = LENGTHS_ORDER.map(|symbol| usize::from(lengths_of_lengths[symbol]));
        lengths.iter().fold(header, |bits, length| bits.put(*length, 3))
    }

    /// Appends these codes.
    pub fn codes(self, literals: &[u8], distances: &[u8]) -> Self {
        let header = self.lengths_code(literals.len(), distances.len(), &LENGTHS_OF_LENGTHS);
        let lengths = literals.iter().chain(distances);
        lengths.fold(header, |bits, length| {
            bits.symbol(&LENGTHS_OF_LENGTHS, (*length).into())
        })
    }

    /// Appends a block with these codes.
    pub fn dynamic(self, is_last: bool, literals: &[u8], distances: &[u8], tokens: &[Token]) -> Self {
        let block = self.block(is_last, 2).codes(literals, distances);
        block.tokens(literals, distances, tokens).symbol(literals, END)
    }

    /// Appends tokens by these codes.
    pub fn tokens(self, literals: &[u8], distances: &[u8], tokens: &[Token]) -> Self {
        tokens.iter().fold(self, |bits, token| match *token {
            Token::Literal(byte) => bits.symbol(literals, byte.into()),
            Token::Match { length, distance } => {
                let symbol = length_symbol(length);
                let (extra, least) = LENGTHS[symbol - 257];
                let bits = bits.symbol(literals, symbol).put(length - least, extra);
                let symbol = distance_symbol(distance);
                let (extra, least) = DISTANCES[symbol];
                bits.symbol(distances, symbol).put(distance - least, extra)
            }
        })
    }

    /// The bytes, the last one filled up with zeros.
    pub fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

/// The lengths of the fixed codes (RFC 1951 3.2.6).
pub fn fixed_codes() -> (Vec<u8>, Vec<u8>) {
    let literals = [vec![8; 144], vec![9; 112], vec![7; 24], vec![8; 8]].concat();
    (literals, vec![5; 32])
}

/// The lengths of the codes of so many symbols, none but for these.
pub fn code(count: usize, lengths: &[(usize, u8)]) -> Vec<u8> {
    let mut code = vec![0; count];
    for (symbol, length) in lengths {
        code[*symbol] = *length;
    }
    code
}

/// The symbol of a length.
pub fn length_symbol(length: usize) -> usize {
    257 + LENGTHS.iter().rposition(|(_, least)| *least <= length).unwrap()
}

/// The symbol of a distance.
pub fn distance_symbol(distance: usize) -> usize {
    DISTANCES.iter().rposition(|(_, least)| *least <= distance).unwrap()
}

/// The bytes that tokens stand for.
pub fn content(tokens: &[Token]) -> Vec<u8> {
    let mut content = Vec::new();
    for token in tokens {
        match *token {
            Token::Literal(byte) => content.push(byte),
            Token::Match { length, distance } => {
                for _ in 0..length {
                    content.push(content[content.len() - distance]);
                }
            }
        }
    }
    content
}
