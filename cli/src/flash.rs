//! [`FlashBuilder`]: parts become the bytes of a flash image.

use flash_image::{PayloadRecord, Settings, map};
use phys_range::PhysRange;

use crate::Error;
use crate::build::Firmware;
use crate::size::grouped;

/// The byte that erased flash reads as.
pub const ERASED: u8 = 0xff;

/// A flash image in the making: what is not set stays erased.
///
/// Sound images come from [`bootloader`](Self::bootloader), [`kernel`](Self::kernel) and
/// [`command_line`](Self::command_line); the other methods make the broken ones that tests need.
#[derive(Clone, Debug, Default)]
pub struct FlashBuilder {
    bootloader: Vec<u8>,
    monitor: Vec<u8>,
    kernel: Vec<u8>,
    settings: SettingsBlock,
    overwritten: Vec<(u64, Vec<u8>)>,
}

/// The settings' part of the flash.
#[derive(Clone, Debug)]
enum SettingsBlock {
    /// A block with the command line, if any, and the record of the kernel.
    OfKernel(Option<String>),
    /// These bytes.
    Raw(Vec<u8>),
}

impl Default for SettingsBlock {
    fn default() -> Self {
        Self::OfKernel(None)
    }
}

/// A part of a flash image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// The place where it begins, in bytes from the start of the flash.
    pub offset: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl FlashBuilder {
    /// A flash with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a flat binary at the start of the flash.
    #[must_use]
    pub fn bootloader(mut self, flat: impl Into<Vec<u8>>) -> Self {
        self.bootloader = flat.into();
        self
    }

    /// Puts the monitor's flat binary in its place, for machines that reset at EL3.
    #[must_use]
    pub fn monitor(mut self, flat: impl Into<Vec<u8>>) -> Self {
        self.monitor = flat.into();
        self
    }

    /// Puts both in their places.
    #[must_use]
    pub fn firmware(self, firmware: Firmware) -> Self {
        self.bootloader(firmware.bootloader).monitor(firmware.monitor)
    }

    /// Puts a kernel in its place, as it is. Unless other settings are given, the settings block
    /// records it.
    #[must_use]
    pub fn kernel(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.kernel = bytes.into();
        self
    }

    /// Notes the kernel's command line in the settings block.
    #[must_use]
    pub fn command_line(mut self, text: impl Into<String>) -> Self {
        self.settings = SettingsBlock::OfKernel(Some(text.into()));
        self
    }

    /// Puts these bytes where the settings block should be.
    #[must_use]
    pub fn raw_settings(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.settings = SettingsBlock::Raw(bytes.into());
        self
    }

    /// Leaves the settings erased: no command line, and no record of the kernel.
    #[must_use]
    pub fn without_settings(self) -> Self {
        self.raw_settings([])
    }

    /// Puts `bytes` at `offset` after everything else is in place.
    #[must_use]
    pub fn overwrite(mut self, offset: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self.overwritten.push((offset, bytes.into()));
        self
    }

    /// The parts that have something in them, by offset.
    ///
    /// # Errors
    /// A part is too large for its place, or the command line cannot be stored.
    pub fn parts(&self) -> Result<Vec<Part>, Error> {
        let parts = [
            part("bootloader", map::BOOTLOADER, self.bootloader.clone())?,
            part("monitor", map::MONITOR, self.monitor.clone())?,
            part("settings", map::SETTINGS, self.settings_bytes()?)?,
            part("kernel", map::KERNEL, self.kernel.clone())?,
        ];
        Ok(parts.into_iter().filter(|part| !part.bytes.is_empty()).collect())
    }

    /// The flash image, all of its 64 MiB.
    ///
    /// # Errors
    /// A part is too large for its place, or the command line cannot be stored.
    pub fn build(&self) -> Result<Vec<u8>, Error> {
        let mut flash = vec![ERASED; in_memory(map::FLASH_SIZE_BYTES)];
        for part in self.parts()? {
            put(&mut flash, part.name, part.offset, &part.bytes)?;
        }
        for (offset, bytes) in &self.overwritten {
            put(&mut flash, "overwritten part", *offset, bytes)?;
        }
        Ok(flash)
    }

    fn settings_bytes(&self) -> Result<Vec<u8>, Error> {
        let command_line = match &self.settings {
            SettingsBlock::Raw(bytes) => return Ok(bytes.clone()),
            SettingsBlock::OfKernel(command_line) => command_line.as_deref(),
        };
        let payload = (!self.kernel.is_empty()).then(|| PayloadRecord::of(&self.kernel));
        if command_line.is_none() && payload.is_none() {
            return Ok(Vec::new());
        }
        let mut sector = vec![ERASED; in_memory(map::SETTINGS.len())];
        let used = Settings { command_line, payload }
            .write(&mut sector)
            .map_err(|error| Error::new(format!("{error} [{}]", error.code())))?;
        sector.truncate(used);
        Ok(sector)
    }
}

fn part(name: &'static str, place: PhysRange, bytes: Vec<u8>) -> Result<Part, Error> {
    if bytes.len() as u64 <= place.len() {
        return Ok(Part {
            name,
            offset: place.start(),
            bytes,
        });
    }
    let (size, room) = (grouped(bytes.len() as u64), grouped(place.len()));
    Err(Error::new(format!(
        "the {name} has {size} bytes; its place in the flash, {:#x}, has {room}",
        place.start()
    )))
}

fn put(flash: &mut [u8], name: &str, offset: u64, bytes: &[u8]) -> Result<(), Error> {
    let start = in_memory(offset);
    let place = start.checked_add(bytes.len()).and_then(|end| flash.get_mut(start..end));
    let place = place.ok_or_else(|| Error::new(format!("the {name} at {offset:#x} passes the end of the flash")))?;
    place.copy_from_slice(bytes);
    Ok(())
}

/// A size or offset of the flash as an index; one that no memory has is as good as the largest.
pub(crate) fn in_memory(size_bytes: u64) -> usize {
    usize::try_from(size_bytes).unwrap_or(usize::MAX)
}

/// Padding is erased flash, or the zeros of an image that was padded with them.
pub(crate) fn is_padding(byte: u8) -> bool {
    byte == ERASED || byte == 0
}

/// Returns whether the first word can be an instruction.
pub(crate) fn has_bootloader(bytes: &[u8]) -> bool {
    let word = bytes.first_chunk::<4>();
    word.is_some_and(|word| !word.iter().all(|byte| is_padding(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_each_part_in_its_place_and_leaves_the_rest_erased() {
        let flash = FlashBuilder::new()
            .bootloader(*b"boot")
            .kernel(*b"kernel")
            .without_settings();
        let flash = flash.overwrite(0x10_0002, *b"RN").build().unwrap();
        assert_eq!(flash.len(), 64 << 20);
        assert!(flash.starts_with(b"boot\xff"));
        assert!(flash[0x10_0000..].starts_with(b"keRNel\xff"));
        assert!(flash[0x8_0000..0x10_0000].iter().all(|byte| *byte == ERASED));
    }

    #[test]
    fn refuses_parts_that_pass_their_place() {
        let error = FlashBuilder::new().bootloader(vec![0; 0x4_0001]).parts().unwrap_err();
        assert_eq!(
            error.message(),
            "the bootloader has 262,145 bytes; its place in the flash, 0x0, has 262,144"
        );
        let flash = FlashBuilder::new();
        assert!(flash.clone().overwrite((64 << 20) - 1, [0, 0]).build().is_err());
        assert!(flash.overwrite(u64::MAX, [0]).build().is_err());
    }
}
