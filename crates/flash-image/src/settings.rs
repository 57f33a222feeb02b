//! [`Settings`]: the settings block at [`map::SETTINGS`](crate::map::SETTINGS); what follows is its
//! specification.
//!
//! All numbers are little endian. The block starts with its sector:
//!
//! | byte | size | holds |
//! | --- | --- | --- |
//! | 0 | 8 | the magic, `FLINTSET` |
//! | 8 | 4 | the version of this format: 1 |
//! | 12 | 4 | the length of the body in bytes |
//! | 16 | 4 | CRC-32 (ISO-HDLC, that of zip) over bytes 0 to 15 and the body |
//! | 20 | 4 | reserved: written as 0 and not looked at |
//! | 24 | | the body: entries, one after the other |
//!
//! An entry is a tag (4 bytes), the length of its value in bytes (4 bytes), the value, and padding
//! up to the next multiple of 8, which is written as 0 and not looked at. Each tag comes at most
//! once:
//!
//! | tag | value |
//! | --- | --- |
//! | 1 | the command line for the kernel: UTF-8, no NUL byte, at most [`COMMAND_LINE_MAX_BYTES`] |
//! | 2 | the [`PayloadRecord`]: `size_bytes` (8 bytes), `tail_crc32` (4 bytes) |
//!
//! A reader refuses a version or a tag that it does not know, as it cannot tell what it would miss.
//! A sector that begins with 16 bytes of 0xff (erased flash) or of 0x00 (an image padded with
//! zeroes) holds no settings, which is no error. What comes after the body is not looked at.

use core::str;

use hashes::Crc32;

use crate::entries::{Entries, Entry, Fields, entry_size};
use crate::settings_header::{HEADER_SIZE_BYTES, Header, PREFIX_SIZE_BYTES};
use crate::{PayloadRecord, SettingsError};

/// The longest command line: Linux' `COMMAND_LINE_SIZE` on arm64 is 2048, and the NUL at the end
/// counts.
pub const COMMAND_LINE_MAX_BYTES: usize = 2047;

const TAG_COMMAND_LINE: u32 = 1;
const TAG_PAYLOAD_RECORD: u32 = 2;

/// The contents of the settings block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings<'a> {
    /// The command line for the kernel, where there is one.
    pub command_line: Option<&'a str>,
    /// What was written to [`map::KERNEL`](crate::map::KERNEL), where it was noted.
    pub payload: Option<PayloadRecord>,
}

impl<'a> Settings<'a> {
    /// Reads the block that `sector` begins with; `None` where the sector is erased or zero.
    ///
    /// # Errors
    /// Every [`SettingsError`] but [`SettingsError::NoRoom`]: a block is taken as a whole or not at
    /// all.
    pub fn parse(sector: &'a [u8]) -> Result<Option<Self>, SettingsError> {
        Self::read(sector, hashes::crc32)
    }

    /// As [`Self::parse`], with the checksum by `crc32`.
    pub(crate) fn read(sector: &'a [u8], crc32: Crc32) -> Result<Option<Self>, SettingsError> {
        let too_short = SettingsError::BodyLength {
            body_bytes: 0,
            room_bytes: 0,
        };
        let (header, after) = sector.split_first_chunk::<HEADER_SIZE_BYTES>().ok_or(too_short)?;
        let prefix = header.first_chunk::<PREFIX_SIZE_BYTES>().ok_or(too_short)?;
        let is_all = |filling: u8| prefix.iter().all(|byte| *byte == filling);
        if is_all(0xff) || is_all(0) {
            return Ok(None);
        }
        let body = Header::read(header).check(prefix, after, crc32)?;
        Self::from_entries(Entries::new(body, HEADER_SIZE_BYTES)).map(Some)
    }

    fn from_entries(mut entries: Entries<'a>) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        while let Some(Entry { tag, value, offset }) = entries.next() {
            match (tag, value) {
                (TAG_COMMAND_LINE, Some(value)) if settings.command_line.is_none() => {
                    settings.command_line = Some(command_line(value)?);
                }
                (TAG_PAYLOAD_RECORD, Some(value))
                    if settings.payload.is_none() && value.len() == PayloadRecord::SIZE_BYTES =>
                {
                    settings.payload = Some(PayloadRecord::from_bytes(value));
                }
                _ => {
                    return Err(SettingsError::Entry {
                        offset,
                        tag: tag.into(),
                    });
                }
            }
        }
        Ok(settings)
    }

    /// Writes the block to the start of `sector`, and returns its size in bytes. The rest of the
    /// sector stays as it is.
    ///
    /// # Errors
    /// [`SettingsError::NoRoom`], [`SettingsError::CommandLineLength`] and
    /// [`SettingsError::CommandLineText`]; the sector is then unchanged.
    pub fn write(&self, sector: &mut [u8]) -> Result<usize, SettingsError> {
        if let Some(text) = self.command_line {
            command_line(text.as_bytes())?;
        }
        let needed_bytes = self.size_bytes();
        let no_room = SettingsError::NoRoom {
            needed_bytes,
            room_bytes: sector.len(),
        };
        let block = sector.get_mut(..needed_bytes).ok_or(no_room)?;
        block.fill(0);
        let (header, body) = block.split_at_mut_checked(HEADER_SIZE_BYTES).ok_or(no_room)?;
        self.write_entries(Fields(body));
        Header::write(header, body);
        Ok(needed_bytes)
    }

    fn write_entries(&self, mut body: Fields<'_>) {
        if let Some(text) = self.command_line {
            body.put_entry(TAG_COMMAND_LINE, text.as_bytes());
        }
        if let Some(record) = self.payload {
            body.put_entry(TAG_PAYLOAD_RECORD, &record.to_bytes());
        }
    }

    /// The size of the block.
    fn size_bytes(&self) -> usize {
        let command_line = self.command_line.map_or(0, |text| entry_size(text.len()));
        let payload = self.payload.map_or(0, |_| entry_size(PayloadRecord::SIZE_BYTES));
        HEADER_SIZE_BYTES.saturating_add(command_line).saturating_add(payload)
    }
}

/// The command line in the value of an entry.
fn command_line(value: &[u8]) -> Result<&str, SettingsError> {
    if value.len() > COMMAND_LINE_MAX_BYTES {
        return Err(SettingsError::CommandLineLength {
            length_bytes: value.len(),
        });
    }
    let text_end = match str::from_utf8(value) {
        Ok(text) => match text.bytes().position(|byte| byte == 0) {
            None => return Ok(text),
            Some(position) => position,
        },
        Err(error) => error.valid_up_to(),
    };
    Err(SettingsError::CommandLineText { position: text_end })
}
