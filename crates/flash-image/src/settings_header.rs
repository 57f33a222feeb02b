//! [`Header`]: the header of a settings block.

use hashes::Crc32;

use crate::SettingsError;
use crate::entries::{Fields, u32_at, u64_at};

/// The first bytes of a settings block.
pub(crate) const MAGIC: [u8; 8] = *b"FLINTSET";
/// The version of the format that is read and written here.
pub(crate) const VERSION: u32 = 1;
/// The size of the header before the body.
pub(crate) const HEADER_SIZE_BYTES: usize = 24;
/// The part of the header that the checksum covers, and what tells a block from flash without one.
pub(crate) const PREFIX_SIZE_BYTES: usize = 16;

/// The header of the block, field by field, but for its reserved word.
pub(crate) struct Header {
    magic: u64,
    version: u32,
    body_bytes: u32,
    crc32: u32,
}

impl Header {
    /// The fields in their order.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Self {
            magic: u64_at(bytes, 0),
            version: u32_at(bytes, 8),
            body_bytes: u32_at(bytes, 12),
            crc32: u32_at(bytes, 16),
        }
    }

    /// The body at the start of `after`, once all that the header says holds true. `prefix` is what
    /// the checksum covers of the header.
    pub(crate) fn check<'a>(&self, prefix: &[u8], after: &'a [u8], crc32: Crc32) -> Result<&'a [u8], SettingsError> {
        if self.magic != u64::from_le_bytes(MAGIC) {
            return Err(SettingsError::Magic {
                found: self.magic.to_le_bytes(),
            });
        }
        if self.version != VERSION {
            return Err(SettingsError::Version {
                found: self.version.into(),
            });
        }
        let body = after.get(..self.body_bytes as usize);
        let body = body.ok_or(SettingsError::BodyLength {
            body_bytes: self.body_bytes.into(),
            room_bytes: after.len(),
        })?;
        let found = crc32(crc32(0, prefix), body);
        if found == self.crc32 {
            Ok(body)
        } else {
            Err(SettingsError::Crc {
                stored: self.crc32,
                found,
            })
        }
    }

    /// Fills in the header of `body`.
    pub(crate) fn write(header: &mut [u8], body: &[u8]) {
        let (prefix, rest) = header.split_at_mut_checked(PREFIX_SIZE_BYTES).unwrap_or_default();
        let mut fields = Fields(prefix);
        fields.put(&MAGIC);
        fields.put(&VERSION.to_le_bytes());
        fields.put(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
        let crc32 = hashes::crc32(hashes::crc32(0, prefix), body);
        Fields(rest).put(&crc32.to_le_bytes());
    }
}
