//! [`Compression`]: the formats, and how to know them.

use core::fmt;

/// A format of compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// gzip (RFC 1952), one or more members.
    Gzip,
    /// LZ4 in the frame that `lz4 -l` and the kernel's own build make: no checksums, no end mark.
    Lz4Legacy,
    /// LZ4 in its current frame.
    Lz4Frame,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Compression {
    /// Returns what `bytes` begin with, if it is one of these. Skippable frames are looked past
    /// where one of the formats that have them follows: lz4 in its current frame, and zstd.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut magic = first_word(rest)?;
        if magic == 0x184c_2102 {
            return Some(Self::Lz4Legacy);
        }
        if magic & 0xffff == 0x8b1f {
            return Some(Self::Gzip);
        }
        while is_skippable(magic) {
            work_counter::add(1);
            rest = after_skippable(rest)?;
            magic = first_word(rest)?;
        }
        match magic {
            0x184d_2204 => Some(Self::Lz4Frame),
            0xfd2f_b528 => Some(Self::Zstd),
            _ => None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Lz4Legacy => "lz4 (legacy frame)",
            Self::Lz4Frame => "lz4",
            Self::Zstd => "zstd",
        })
    }
}

/// The little-endian word that `bytes` begin with.
pub(crate) fn first_word(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|word| u32::from_le_bytes(*word))
}

/// Returns whether a frame of lz4 or zstd with this magic number is to be skipped (RFC 8878 3.1.2).
pub(crate) const fn is_skippable(magic: u32) -> bool {
    magic & 0xffff_fff0 == 0x184d_2a50
}

fn after_skippable(bytes: &[u8]) -> Option<&[u8]> {
    let size = usize::try_from(first_word(bytes.get(4..)?)?).ok()?;
    bytes.get(size.checked_add(8)?..)
}
