//! The headers of zstd frames and blocks, by RFC 8878 3.1.1.

use crate::compression::is_skippable;
use crate::input::Input;
use crate::refusal::Refused;

/// No block holds more than this.
pub(crate) const BLOCK_MAX: usize = 128 << 10;

/// The bits of the frame header descriptor.
const SINGLE_SEGMENT: u8 = 1 << 5;
const RESERVED: u8 = 1 << 3;
const CONTENT_CHECKSUM: u8 = 1 << 2;

/// The fields of a frame's header.
pub(crate) struct FrameHeader {
    /// How much will come out, where the header says.
    pub content_size: Option<u64>,
    /// True if a checksum follows the last block.
    pub has_checksum: bool,
}

impl FrameHeader {
    /// Reads a frame's header; `None` for a frame that is to be skipped, which is then behind
    /// `input`.
    pub fn read(input: &mut Input<'_>) -> Result<Option<Self>, Refused> {
        const PART: &str = "frame header";
        let start = input.position();
        let magic = input.word(PART)?;
        if is_skippable(magic) {
            input.skip_frame()?;
            return Ok(None);
        }
        let descriptor = input.byte(PART)?;
        let is_single_segment = descriptor & SINGLE_SEGMENT != 0;
        // The window may be as large as it likes: the destination is the window.
        if !is_single_segment {
            input.byte(PART)?;
        }
        let dictionary_size = match descriptor & 0b11 {
            3 => 4,
            size => size,
        };
        if input.little_endian(dictionary_size.into(), PART)? != 0 {
            return Err(input.unsupported("a dictionary"));
        }
        let content_size = match descriptor >> 6 {
            0 if !is_single_segment => None,
            0 => Some(input.little_endian(1, PART)?),
            1 => Some(input.little_endian(2, PART)?.saturating_add(256)),
            2 => Some(input.little_endian(4, PART)?),
            _ => Some(input.little_endian(8, PART)?),
        };
        if descriptor & RESERVED != 0 {
            return Err(input.corrupt_at(start, PART));
        }
        Ok(Some(Self {
            content_size,
            has_checksum: descriptor & CONTENT_CHECKSUM != 0,
        }))
    }
}

/// The header of a block.
pub(crate) struct BlockHeader {
    /// True if the frame ends with this block.
    pub is_last: bool,
    /// What they are.
    pub kind: BlockKind,
    /// How many bytes follow.
    pub size_bytes: usize,
}

/// The kind of a block.
pub(crate) enum BlockKind {
    /// Plain bytes.
    Plain,
    /// A byte that comes out so many times.
    Repeated(usize),
    /// Literals and sequences.
    Compressed,
}

impl BlockHeader {
    /// Reads a block's header.
    pub fn read(input: &mut Input<'_>) -> Result<Self, Refused> {
        const PART: &str = "block header";
        let start = input.position();
        let header = input.little_endian(3, PART)? as usize;
        let size = header >> 3;
        if size > BLOCK_MAX {
            return Err(input.corrupt_at(start, PART));
        }
        let (kind, size_bytes) = match header >> 1 & 0b11 {
            0 => (BlockKind::Plain, size),
            1 => (BlockKind::Repeated(size), 1),
            2 => (BlockKind::Compressed, size),
            _ => return Err(input.corrupt_at(start, PART)),
        };
        Ok(Self {
            is_last: header & 1 != 0,
            kind,
            size_bytes,
        })
    }
}
