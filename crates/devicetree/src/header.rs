//! [`Header`]: the size of the blob and the places of its blocks (Devicetree Specification v0.4,
//! 5.2).

use crate::{Defect, TreeError};

const MAGIC: u32 = 0xd00d_feed;
const SIZE_BYTES: u32 = 40;
/// The version that is read and written here.
const FORMAT_VERSION: u32 = 17;

/// The place where the fields are that an edit changes.
pub(crate) const TOTAL_SIZE: usize = 4;
pub(crate) const STRUCTURE_OFFSET: usize = 8;
pub(crate) const STRINGS_OFFSET: usize = 12;
pub(crate) const STRINGS_SIZE: usize = 32;
pub(crate) const STRUCTURE_SIZE: usize = 36;

/// The fields of the header that say where things are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) total_size: u32,
    pub(crate) reservations_offset: u32,
    pub(crate) structure_offset: u32,
    pub(crate) structure_size: u32,
    pub(crate) strings_offset: u32,
    pub(crate) strings_size: u32,
}

impl Header {
    /// Reads the header at the start of `memory`, and gives the blob that it opens. Checks that the
    /// blob lies inside `memory`, is no larger than `limit_bytes`, and has its blocks inside,
    /// aligned and in their order.
    pub(crate) fn read(memory: &[u8], limit_bytes: u64) -> Result<(Self, &[u8]), TreeError> {
        let too_short = TreeError::TooShort {
            length_bytes: memory.len(),
        };
        let bytes: &[u8; SIZE_BYTES as usize] = memory.first_chunk().ok_or(too_short)?;
        let mut words = [0; SIZE_BYTES as usize / size_of::<u32>()];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = big_endian(bytes);
        }
        #[rustfmt::skip]
        let [
            magic, total_size, structure_offset, strings_offset, reservations_offset,
            version, last_compatible_version, _boot_cpu, strings_size, structure_size,
        ] = words;
        if magic != MAGIC {
            return Err(TreeError::Magic { found: magic });
        }
        if !(last_compatible_version..=version).contains(&FORMAT_VERSION) {
            return Err(TreeError::Version {
                version: version.into(),
            });
        }
        let header = Self {
            total_size,
            reservations_offset,
            structure_offset,
            structure_size,
            strings_offset,
            strings_size,
        };
        header.check_size(memory.len() as u64, limit_bytes)?;
        header.check_blocks()?;
        let blob = block(memory, 0, total_size);
        Ok((header, blob))
    }

    fn check_size(&self, available_bytes: u64, limit_bytes: u64) -> Result<(), TreeError> {
        let total_bytes = u64::from(self.total_size);
        if total_bytes > limit_bytes {
            return Err(TreeError::TooLarge { total_bytes });
        }
        if total_bytes < u64::from(SIZE_BYTES) || total_bytes > available_bytes {
            return Err(TreeError::TotalSize {
                total_bytes,
                available_bytes,
            });
        }
        Ok(())
    }

    /// The reservation block, the structure block and the strings block come one after the other
    /// (5.1), at multiples of 8, 4 and 1 (5.6).
    fn check_blocks(&self) -> Result<(), TreeError> {
        let structure_end = self.structure_offset.saturating_add(self.structure_size);
        let in_order = SIZE_BYTES <= self.reservations_offset
            && self.reservations_offset <= self.structure_offset
            && structure_end <= self.strings_offset
            && self.used_size() <= self.total_size;
        if in_order && self.reservations_offset.is_multiple_of(8) && self.structure_offset.is_multiple_of(4) {
            return Ok(());
        }
        Err(TreeError::Corrupt {
            defect: Defect::Header,
            offset_bytes: 0,
        })
    }

    /// The end of the last block, which is the strings block.
    pub(crate) fn used_size(&self) -> u32 {
        self.strings_offset.saturating_add(self.strings_size)
    }
}

/// The bytes of a block, which the header's checks have found inside the blob.
pub(crate) fn block(blob: &[u8], offset: u32, size: u32) -> &[u8] {
    let rest = blob.get(offset as usize..).unwrap_or_default();
    rest.get(..size as usize).unwrap_or(rest)
}

/// The big-endian word at this offset.
pub(crate) fn word(bytes: &[u8], offset: usize) -> Option<u32> {
    let word = bytes.get(offset..)?.first_chunk()?;
    Some(u32::from_be_bytes(*word))
}

pub(crate) const fn big_endian(bytes: &[u8; 4]) -> u32 {
    u32::from_be_bytes(*bytes)
}
