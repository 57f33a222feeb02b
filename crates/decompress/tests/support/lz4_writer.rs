//! A writer of lz4 frames by the LZ4 frame format v1.6.4, and of blocks.

use twox_hash::XxHash32;

/// The flags of a frame.
pub const VERSION: u8 = 1 << 6;
pub const INDEPENDENT: u8 = 1 << 5;
pub const BLOCK_CHECKSUMS: u8 = 1 << 4;
pub const CONTENT_SIZE: u8 = 1 << 3;
pub const CONTENT_CHECKSUM: u8 = 1 << 2;

/// A block of a frame.
#[derive(Clone)]
pub enum Block {
    /// Bytes that are stored as they are.
    Plain(Vec<u8>),
    /// Sequences.
    Packed(Vec<u8>),
}

/// A frame, whose parts are as its flags say.
pub struct Frame<'a> {
    pub flags: u8,
    /// The greatest size of a block: 4 for 64 KiB, to 7 for 4 MiB.
    pub block_size: u8,
    pub blocks: &'a [Block],
    /// What comes out.
    pub content: &'a [u8],
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    XxHash32::oneshot(0, bytes).to_le_bytes()
}

/// Returns a frame's magic number and descriptor; its checksum is added.
pub fn descriptor(fields: &[u8]) -> Vec<u8> {
    let [_, check, ..] = checksum(fields);
    [&[0x04, 0x22, 0x4d, 0x18], fields, &[check]].concat()
}

impl Frame<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let mut fields = vec![self.flags, self.block_size << 4];
        if self.flags & CONTENT_SIZE != 0 {
            fields.extend_from_slice(&(self.content.len() as u64).to_le_bytes());
        }
        let mut bytes = descriptor(&fields);
        for block in self.blocks {
            let (block, plain) = match block {
                Block::Plain(block) => (block, 1 << 31),
                Block::Packed(block) => (block, 0),
            };
            bytes.extend_from_slice(&(block.len() as u32 | plain).to_le_bytes());
            bytes.extend_from_slice(block);
            if self.flags & BLOCK_CHECKSUMS != 0 {
                bytes.extend_from_slice(&checksum(block));
            }
        }
        bytes.extend_from_slice(&[0; 4]);
        if self.flags & CONTENT_CHECKSUM != 0 {
            bytes.extend_from_slice(&checksum(self.content));
        }
        bytes
    }
}

/// Returns a frame to skip, by the lowest four bits of its magic number.
pub fn skippable(kind: u8, content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u32).to_le_bytes();
    [&[0x50 | kind, 0x2a, 0x4d, 0x18], &size[..], content].concat()
}

/// Returns a legacy frame of these blocks.
pub fn legacy(blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0x02, 0x21, 0x4c, 0x18];
    for block in blocks {
        bytes.extend_from_slice(&(block.len() as u32).to_le_bytes());
        bytes.extend_from_slice(block);
    }
    bytes
}

/// The half of a token for a length, and the bytes that it goes on in.
fn length(length: usize) -> (u8, Vec<u8>) {
    match length.checked_sub(15) {
        None => (length as u8, vec![]),
        Some(more) => (15, [vec![u8::MAX; more / 255], vec![(more % 255) as u8]].concat()),
    }
}

/// Returns literals and a match: its distance and its length, which is 4 or more.
pub fn sequence(literals: &[u8], distance: u16, match_length: usize) -> Vec<u8> {
    let (high, more_literals) = length(literals.len());
    let (low, more_length) = length(match_length - 4);
    let token = [high << 4 | low];
    [
        &token,
        &more_literals[..],
        literals,
        &distance.to_le_bytes(),
        &more_length,
    ]
    .concat()
}

/// Returns the literals at a block's end.
pub fn last(literals: &[u8]) -> Vec<u8> {
    let (high, more) = length(literals.len());
    [&[high << 4], &more[..], literals].concat()
}
