//! [`FlashImage`]: all that lies in the first flash.

use hashes::Crc32;
use phys_range::PhysRange;

use crate::{FlashError, FlashPayload, Settings, map};

/// All that lies in the first flash, by the [flash map](map).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashImage<'a> {
    /// The settings; `None` where none were written.
    pub settings: Option<Settings<'a>>,
    /// The payload.
    pub payload: FlashPayload<'a>,
}

impl<'a> FlashImage<'a> {
    /// Reads the first flash, or an image of it. What comes after [`map::FLASH_SIZE_BYTES`] is not
    /// looked at; of a shorter one, what is missing is taken for empty.
    ///
    /// # Errors
    /// Every [`FlashError`], in this order: the settings cannot be read, the kernel is an Image
    /// that breaks a rule of this flash format, or the payload was cut short.
    pub fn parse(flash: &'a [u8]) -> Result<Self, FlashError> {
        Self::from_parts(part(flash, map::SETTINGS), part(flash, map::KERNEL), hashes::crc32)
    }

    /// Reads the two parts that a boot needs: the sector at [`map::SETTINGS`] and all of
    /// [`map::KERNEL`]. For where the whole flash cannot be one slice: it starts at address 0, and
    /// no Rust slice does. `crc32` continues a CRC-32, as [`hashes::crc32()`] does.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_parts(settings: &'a [u8], payload: &'a [u8], crc32: Crc32) -> Result<Self, FlashError> {
        let settings = Settings::read(settings, crc32)?;
        let payload = FlashPayload::parse(payload, settings.and_then(|settings| settings.payload), crc32)?;
        Ok(Self { settings, payload })
    }
}

/// The bytes of one part of the flash map, as far as they are there.
fn part(flash: &[u8], range: PhysRange) -> &[u8] {
    let index = |offset| usize::try_from(offset).unwrap_or(usize::MAX).min(flash.len());
    flash.get(index(range.start())..index(range.end())).unwrap_or_default()
}
