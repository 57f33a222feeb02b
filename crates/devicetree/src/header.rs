//! How large is the blob, and where are its blocks? [`Header`] (Devicetree Specification v0.4, 5.2).

use crate::{Defect, MAX_SIZE_BYTES, TreeError};

const MAGIC: u32 = 0xd00d_feed;
const SIZE_BYTES: u32 = 40;

pub(crate) const TOTAL_SIZE: usize = 4;
const STRUCTURE_OFFSET: usize = 8;
pub(crate) const STRINGS_OFFSET: usize = 12;
pub(crate) const STRINGS_SIZE: usize = 32;
pub(crate) const STRUCTURE_SIZE: usize = 36;

/// The fields of the header that this crate needs itself; dtoolkit checks the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) total_size: u32,
    pub(crate) structure_offset: u32,
    pub(crate) structure_size: u32,
    pub(crate) strings_offset: u32,
    pub(crate) strings_size: u32,
}

impl Header {
    /// Reads the header at the start of `memory`, and checks that the blob lies inside `memory` and is not too large
    /// for a kernel (boot-protocol B2). The blocks are not checked yet.
    pub(crate) fn read(memory: &[u8]) -> Result<Self, TreeError> {
        let field = |offset| {
            word(memory, offset).ok_or(TreeError::TooShort {
                length_bytes: memory.len(),
            })
        };
        let header = Self {
            structure_size: field(STRUCTURE_SIZE)?,
            strings_size: field(STRINGS_SIZE)?,
            total_size: field(TOTAL_SIZE)?,
            structure_offset: field(STRUCTURE_OFFSET)?,
            strings_offset: field(STRINGS_OFFSET)?,
        };
        let magic = field(0)?;
        if magic != MAGIC {
            return Err(TreeError::Magic { found: magic });
        }
        let total_bytes = header.total_size;
        if u64::from(total_bytes) > MAX_SIZE_BYTES {
            return Err(TreeError::TooLarge {
                total_bytes: total_bytes.into(),
            });
        }
        let available_bytes = memory.len() as u64;
        if total_bytes < SIZE_BYTES || u64::from(total_bytes) > available_bytes {
            return Err(TreeError::TotalSize {
                total_bytes,
                available_bytes,
            });
        }
        Ok(header)
    }

    /// The end of the last block, which is the strings block: dtoolkit has checked the order.
    pub(crate) fn used_size(&self) -> u32 {
        self.strings_offset.saturating_add(self.strings_size)
    }

    /// The structure block of this blob.
    pub(crate) fn structure<'a>(&self, blob: &'a [u8]) -> Result<&'a [u8], TreeError> {
        block(blob, self.structure_offset, self.structure_size)
    }

    /// The strings block of this blob.
    pub(crate) fn strings<'a>(&self, blob: &'a [u8]) -> Result<&'a [u8], TreeError> {
        block(blob, self.strings_offset, self.strings_size)
    }
}

fn block(blob: &[u8], offset: u32, size: u32) -> Result<&[u8], TreeError> {
    blob.get(offset as usize..)
        .and_then(|rest| rest.get(..size as usize))
        .ok_or(TreeError::Corrupt {
            defect: Defect::Bounds,
            offset_bytes: offset,
        })
}

/// The big-endian word at this offset.
pub(crate) fn word(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

/// Replaces the big-endian word at this offset; `None` if there is none.
pub(crate) fn set_word(bytes: &mut [u8], offset: usize, value: u32) -> Option<()> {
    *bytes.get_mut(offset..)?.first_chunk_mut()? = value.to_be_bytes();
    Some(())
}
