//! [`FlashImage`]: all that lies in the first flash.

use phys_range::PhysRange;

use crate::{FlashError, FlashKernel, Settings, map};

/// All that lies in the first flash, by the [flash map](map).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashImage<'a> {
    /// The settings; `None` where none were written.
    pub settings: Option<Settings<'a>>,
    /// The kernel.
    pub kernel: FlashKernel<'a>,
}

impl<'a> FlashImage<'a> {
    /// Reads the first flash, or an image of it: [`map::FLASH_SIZE_BYTES`]; what comes after them is not looked at.
    ///
    /// # Errors
    /// Every [`FlashError`], in this order: the flash is too short, the settings cannot be read, the kernel is no
    /// Image, breaks a rule of this flash format, or was cut short.
    pub fn parse(flash: &'a [u8]) -> Result<Self, FlashError> {
        let too_short = FlashError::TooShort {
            length_bytes: flash.len(),
        };
        let sector = part(flash, map::SETTINGS).ok_or(too_short)?;
        let area = part(flash, map::KERNEL).ok_or(too_short)?;
        Self::from_parts(sector, area)
    }

    /// Reads the two parts that a boot needs: the sector at [`map::SETTINGS`] and all of [`map::KERNEL`]. For where the whole flash cannot
    /// be one slice: it starts at address 0, and no Rust slice does.
    ///
    /// # Errors
    /// As [`Self::parse`], but for the length of the flash.
    pub fn from_parts(settings: &'a [u8], kernel: &'a [u8]) -> Result<Self, FlashError> {
        let settings = Settings::parse(settings)?;
        let kernel = FlashKernel::parse(kernel, settings.and_then(|settings| settings.payload))?;
        Ok(Self { settings, kernel })
    }
}

/// The bytes of one part of the flash map.
fn part(flash: &[u8], range: PhysRange) -> Option<&[u8]> {
    flash.get(usize::try_from(range.start()).ok()?..usize::try_from(range.end()).ok()?)
}
