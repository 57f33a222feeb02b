//! [`PayloadRecord`]: how a flash write that was cut short is noticed.

use hashes::Crc32;

use crate::entries::{Fields, u32_at, u64_at};

/// The record of what was written to [`map::KERNEL`](crate::map::KERNEL), as the tool that wrote it
/// noted.
///
/// Flash is written from low to high addresses, so that a write that was cut short misses its end:
/// checking the last 512 bytes notices that at once, at next to no cost. A damaged byte elsewhere
/// is not noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadRecord {
    /// The length of the payload.
    pub size_bytes: u64,
    /// CRC-32 (ISO-HDLC) of its last [`PayloadRecord::TAIL_MAX_BYTES`] bytes, or of all of it where
    /// it is shorter.
    pub tail_crc32: u32,
}

impl PayloadRecord {
    /// How many bytes at the end of the payload the checksum is over, at most.
    pub const TAIL_MAX_BYTES: usize = 512;
    /// The size of the record in a settings block.
    pub(crate) const SIZE_BYTES: usize = 12;

    /// The record of `payload`, which is all of what is written to the flash.
    pub fn of(payload: &[u8]) -> Self {
        Self::by(payload, hashes::crc32)
    }

    /// As [`Self::of`], with the checksum by `crc32`.
    pub(crate) fn by(payload: &[u8], crc32: Crc32) -> Self {
        let size_bytes = u64::try_from(payload.len()).unwrap_or(u64::MAX);
        Self {
            size_bytes,
            tail_crc32: crc32(0, tail(payload)),
        }
    }

    /// The record in the value of a settings entry, which has [`Self::SIZE_BYTES`].
    pub(crate) fn from_bytes(value: &[u8]) -> Self {
        Self {
            size_bytes: u64_at(value, 0),
            tail_crc32: u32_at(value, 8),
        }
    }

    /// The value of the settings entry.
    pub(crate) fn to_bytes(self) -> [u8; Self::SIZE_BYTES] {
        let mut value = [0; Self::SIZE_BYTES];
        let mut fields = Fields(&mut value);
        fields.put(&self.size_bytes.to_le_bytes());
        fields.put(&self.tail_crc32.to_le_bytes());
        value
    }
}

/// The part of the payload that the checksum is over.
fn tail(payload: &[u8]) -> &[u8] {
    payload
        .last_chunk::<{ PayloadRecord::TAIL_MAX_BYTES }>()
        .map_or(payload, |tail| tail)
}
