//! [`Piece`] and [`Pieces`]: the number of members, frames and blocks that a stream may have.
//!
//! A piece costs work that nothing in it pays for: two bytes of deflated data make a new Huffman
//! table of 1024 entries, 30 bytes of zstd four tables of 3,300 entries. Streams of nothing but
//! such pieces took hundreds of times the work of a kernel of the same size.

use core::fmt;

/// The number of pieces of each kind that are never too many.
const ALWAYS_ALLOWED: u64 = 128;
/// One more piece is allowed for so many bytes of compressed data before it, and one for so many
/// bytes that came out. Tools are far from both: `bgzip` makes a member of 64 KiB, `pzstd` and the
/// seekable format of zstd a frame of 1 to 4 MiB (and a frame to be skipped), `lz4 -B4` a block of
/// 64 KiB, `gzip` a block of 4096 symbols at least, and where `zstd` splits its blocks of 128 KiB,
/// a part has some hundreds of sequences. What comes out counts less, since there can be more of
/// it.
const BYTES_READ_PER_PIECE: u64 = 512;
const BYTES_OUT_PER_PIECE: u64 = 4096;

/// A part of a stream that costs work whatever its size is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A member of gzip.
    Member,
    /// A frame of lz4 or zstd, also one that is to be skipped.
    Frame,
    /// A block of any format.
    Block,
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member => "members",
            Self::Frame => "frames",
            Self::Block => "blocks",
        })
    }
}

/// The number of pieces of each kind that have begun.
#[derive(Clone, Copy)]
pub(crate) struct Pieces([u64; 3]);

impl Pieces {
    /// None.
    pub const fn new() -> Self {
        Self([0; 3])
    }

    /// Counts a piece that begins at byte `position` of the compressed data, once `bytes_out` have
    /// come out; `Err` has the number of pieces that are allowed there.
    pub fn begin(&mut self, piece: Piece, position: u64, bytes_out: u64) -> Result<(), u64> {
        let allowed = ALWAYS_ALLOWED
            .saturating_add(position / BYTES_READ_PER_PIECE)
            .saturating_add(bytes_out / BYTES_OUT_PER_PIECE);
        let Self([members, frames, blocks]) = self;
        let count = match piece {
            Piece::Member => members,
            Piece::Frame => frames,
            Piece::Block => blocks,
        };
        *count = count.saturating_add(1);
        work_counter::add(1);
        if *count > allowed { Err(allowed) } else { Ok(()) }
    }
}
