//! The headers of zstd frames and blocks, by RFC 8878 3.1.1.

use crate::compression::is_skippable;
use crate::input::Input;
use crate::refusal::Refused;
use crate::{DecompressError, Stream};

/// The largest window that is supported: what `zstd --ultra -22` and `--long=27` ask for.
const WINDOW_MAX: u64 = 128 << 20;
/// No block holds more than this.
pub(crate) const BLOCK_MAX: usize = 128 << 10;

/// The bits of the frame header descriptor.
const SINGLE_SEGMENT: u8 = 1 << 5;
const RESERVED: u8 = 1 << 3;
const CONTENT_CHECKSUM: u8 = 1 << 2;

/// What a frame's header says.
pub(crate) struct FrameHeader {
    /// How far back matches may reach.
    pub window_bytes: u64,
    /// How much will come out, where the header says.
    pub content_size: Option<u64>,
    /// Whether a checksum follows the last block.
    pub has_checksum: bool,
}

impl FrameHeader {
    /// Reads a frame's header; `None` for a frame that is to be skipped, which is then behind `input`.
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
        let window_bytes = if is_single_segment {
            0
        } else {
            window_bytes(input.byte(PART)?)
        };
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
        let window_bytes = window_bytes.max(content_size.filter(|_| is_single_segment).unwrap_or(0));
        if window_bytes > WINDOW_MAX {
            let limit = WINDOW_MAX;
            return Err(input.refuse(DecompressError::Window { window_bytes, limit }));
        }
        Ok(Some(Self {
            window_bytes,
            content_size,
            has_checksum: descriptor & CONTENT_CHECKSUM != 0,
        }))
    }

    /// How much of what came out has to be kept where no more than `size_max` bytes may come out at all. No less than a block, as
    /// zstd makes blocks no larger than the window.
    pub fn kept_bytes(&self, size_max: u64) -> usize {
        let most = size_max
            .min(self.content_size.unwrap_or(u64::MAX))
            .max(BLOCK_MAX as u64);
        self.window_bytes.min(most) as usize
    }
}

/// RFC 8878 3.1.1.1.2.
fn window_bytes(descriptor: u8) -> u64 {
    let eighths = u64::from(descriptor & 7).saturating_add(8);
    eighths << u32::from(descriptor >> 3).saturating_add(7)
}

/// What the three bytes before a block say.
pub(crate) struct BlockHeader {
    /// Whether the frame ends with this block.
    pub is_last: bool,
    /// Whether it has sections of its own, rather than plain bytes.
    pub is_compressed: bool,
    /// How many bytes follow.
    pub size_bytes: usize,
}

impl BlockHeader {
    /// Reads a block's header.
    pub fn read(input: &mut Input<'_>) -> Result<Self, Refused> {
        const PART: &str = "block header";
        let start = input.position();
        let header = input.little_endian(3, PART)? as usize;
        let size = header >> 3;
        let kind = header >> 1 & 0b11;
        if kind == 3 || size > BLOCK_MAX {
            return Err(input.corrupt_at(start, PART));
        }
        Ok(Self {
            is_last: header & 1 != 0,
            is_compressed: kind == 2,
            // A block that repeats one byte says how often.
            size_bytes: if kind == 1 { 1 } else { size },
        })
    }
}

/// The most that any of the frames needs to keep; see [`FrameHeader::kept_bytes`].
pub(crate) fn most_kept_bytes(stream: &Stream<'_>, mut input: Input<'_>, size_max: u64) -> Result<usize, Refused> {
    let mut most = 0;
    loop {
        if let Some(frame) = FrameHeader::read(&mut input)? {
            most = frame.kept_bytes(size_max).max(most);
            skip_blocks(&mut input, &frame)?;
        }
        if !stream.goes_on(&input)? {
            return Ok(most);
        }
    }
}

fn skip_blocks(input: &mut Input<'_>, frame: &FrameHeader) -> Result<(), Refused> {
    loop {
        let block = BlockHeader::read(input)?;
        input.take(block.size_bytes, "block")?;
        if block.is_last {
            break;
        }
    }
    if frame.has_checksum {
        input.word("checksum")?;
    }
    Ok(())
}
