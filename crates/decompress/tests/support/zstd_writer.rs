//! A writer of zstd frames by RFC 8878, for forms that tools hardly ever write.

pub const BLOCK_MAX: usize = 128 << 10;
/// The bits that are added to codes from 16 (literal lengths) or 32 (match lengths) on, and the
/// lengths of those codes (RFC 8878 3.1.1.3.2.1.1).
const LITERAL_LENGTH_BITS: [u32; 20] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_LENGTH_BITS: [u32; 21] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/// The kinds of blocks (RFC 8878 3.1.1.2.2).
#[derive(Clone, Copy)]
pub enum Kind {
    Plain = 0,
    Repeated = 1,
    Compressed = 2,
}

/// A block whose header has `size`.
pub fn sized_block(kind: Kind, is_last: bool, size: usize, content: &[u8]) -> Vec<u8> {
    let header = (size << 3 | (kind as usize) << 1 | usize::from(is_last)).to_le_bytes();
    [&header[..3], content].concat()
}

pub fn block(kind: Kind, is_last: bool, content: &[u8]) -> Vec<u8> {
    sized_block(kind, is_last, content.len(), content)
}

/// A frame without a size or a checksum.
pub fn frame(blocks: &[Vec<u8>]) -> Vec<u8> {
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3][..], &blocks.concat()].concat()
}

/// A frame of one compressed block.
pub fn compressed(block_content: &[u8]) -> Vec<u8> {
    frame(&[block(Kind::Compressed, true, block_content)])
}

/// Bits in the order in which they are read, from the end of the stream.
#[derive(Clone, Default)]
pub struct BackwardBits(pub Vec<bool>);

impl BackwardBits {
    pub fn put(&mut self, value: usize, count: u32) {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 != 0));
    }

    pub fn stream(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.0.len() / 8 + 1];
        for (index, bit) in [true].iter().chain(&self.0).enumerate() {
            let place = self.0.len() - index;
            bytes[place / 8] |= u8::from(*bit) << (place % 8);
        }
        bytes
    }
}

/// A literals section that is stored as it is.
pub fn plain_literals(literals: &[u8]) -> Vec<u8> {
    let header = (literals.len() << 4 | 3 << 2).to_le_bytes();
    [&header[..3], literals].concat()
}

/// A literals section in Huffman codes of one bit, in four streams: zeros and ones.
pub fn coded_literals(streams: &[BackwardBits; 4], count: usize, has_code: bool) -> Vec<u8> {
    let streams = streams.each_ref().map(BackwardBits::stream);
    // One weight is stored, and is 1; the last one is 1 as well.
    let mut stored = if has_code { vec![128, 0x10] } else { vec![] };
    for stream in &streams[..3] {
        stored.extend_from_slice(&(stream.len() as u16).to_le_bytes());
    }
    stored.extend_from_slice(&streams.concat());
    let kind = if has_code { 2 } else { 3 };
    let header = (kind | 3 << 2 | count << 4 | stored.len() << 22).to_le_bytes();
    [&header[..5], &stored].concat()
}

/// The streams of these literals.
pub fn streams(literals: &[u8]) -> [BackwardBits; 4] {
    let size = literals.len().div_ceil(4);
    std::array::from_fn(|index| {
        let end = literals.len().min((index + 1) * size);
        BackwardBits(
            literals[index * size..end]
                .iter()
                .map(|literal| *literal == 1)
                .collect(),
        )
    })
}

/// A section of sequences that all have the same codes, each the only one of its table.
#[derive(Clone, Debug)]
pub struct Sequences {
    pub literal_length_code: usize,
    pub match_length_code: usize,
    pub offset_code: u32,
    /// The numbers added to literal length, match length and offset.
    pub added: Vec<[usize; 3]>,
}

/// The shortest length of a code, and the number of bits that are added.
pub fn length(shortest: usize, bits: &[u32], plain: usize, code: usize) -> (usize, u32) {
    let Some(more) = code.checked_sub(plain) else {
        return (shortest + code, 0);
    };
    let before: usize = bits[..more].iter().map(|bits| 1 << bits).sum();
    (shortest + plain + before, bits[more])
}

impl Sequences {
    /// Lengths and offsets of each.
    pub fn numbers(&self) -> impl Iterator<Item = [(usize, u32); 3]> {
        let (literals, literal_bits) = length(0, &LITERAL_LENGTH_BITS, 16, self.literal_length_code);
        let (length, length_bits) = length(3, &MATCH_LENGTH_BITS, 32, self.match_length_code);
        let low = |number: usize, bits: u32| number & ((1 << bits) - 1);
        self.added.iter().map(move |[more_literals, more_length, more_offset]| {
            [
                (literals + low(*more_literals, literal_bits), literal_bits),
                (length + low(*more_length, length_bits), length_bits),
                (
                    (1 << self.offset_code) + low(*more_offset, self.offset_code),
                    self.offset_code,
                ),
            ]
        })
    }

    pub fn section(&self) -> Vec<u8> {
        let mut bits = BackwardBits::default();
        for [literals, length, offset] in self.numbers() {
            bits.put(offset.0, offset.1);
            let (shortest, _) = self::length(3, &MATCH_LENGTH_BITS, 32, self.match_length_code);
            bits.put(length.0 - shortest, length.1);
            let (shortest, _) = self::length(0, &LITERAL_LENGTH_BITS, 16, self.literal_length_code);
            bits.put(literals.0 - shortest, literals.1);
        }
        let mut section = vec![
            (self.added.len() >> 8) as u8 | 0x80,
            self.added.len() as u8,
            0b01_01_01_00,
            self.literal_length_code as u8,
            self.offset_code as u8,
            self.match_length_code as u8,
        ];
        section.extend_from_slice(&bits.stream());
        section
    }

    /// The output behind `content`, byte by byte; `None` for damage.
    pub fn run(&self, mut content: Vec<u8>, mut literals: &[u8]) -> Option<Vec<u8>> {
        let start = content.len();
        let mut distances = [1, 4, 8];
        for [(count, _), (length, _), (offset, _)] in self.numbers() {
            content.extend_from_slice(literals.split_off(..count)?);
            let [first, second, third] = distances;
            let distance = match (offset, count) {
                (4.., _) => offset - 3,
                (1, 1..) => first,
                (1, 0) | (2, 1..) => second,
                (2, 0) | (3, 1..) => third,
                _ => first - 1,
            };
            distances = match (offset, count) {
                (1, 1..) => distances,
                (1, 0) | (2, 1..) => [second, first, third],
                _ => [distance, first, second],
            };
            for _ in 0..length {
                let from = content.len().checked_sub(distance)?;
                content.push(*content.get(from)?);
            }
            if content.len() - start > BLOCK_MAX {
                return None;
            }
        }
        content.extend_from_slice(literals);
        (content.len() - start <= BLOCK_MAX).then_some(content)
    }
}
