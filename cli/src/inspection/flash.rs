//! The facts about a flash image.

use boards::QEMU_VIRT;
use flash_image::{FlashImage, Monitor, PayloadRecord, Settings, map};
use linux_image::ImageHeader;
use phys_range::{PhysRange, Size};
use serde::Serialize;

use super::{Inspection, KernelFacts, Problem};
use crate::flash::{has_bootloader, in_memory, is_padding};
use crate::reference_machine::ReferenceMachine;

/// The contents of a flash image besides the kernel.
#[derive(Debug, Serialize)]
pub struct FlashFacts {
    /// The size of the bootloader, up to its last byte that is not padding; 0 where there is none.
    pub bootloader_size_bytes: u64,
    /// The same of the monitor.
    pub monitor_size_bytes: u64,
    /// True if there is something where the settings block should be that cannot be read as one.
    pub settings_are_damaged: bool,
    /// The settings block; `null` where there is none, or none that can be read.
    pub settings: Option<SettingsFacts>,
}

/// The contents of a settings block.
#[derive(Debug, Serialize)]
pub struct SettingsFacts {
    /// The kernel's command line; `null` where the block has none.
    pub command_line: Option<String>,
    /// The length of the kernel as it was written; `null` where the block does not say.
    pub payload_size_bytes: Option<u64>,
    /// CRC-32 of the end of the kernel; `null` where the block does not say.
    pub payload_tail_crc32: Option<u32>,
}

impl Inspection {
    /// A flash image: what the bootloader would make of it, and what can be told where it would
    /// stop.
    pub(super) fn add_flash(&mut self, bytes: &[u8], machine: &ReferenceMachine) {
        let parsed = part(bytes, map::SETTINGS).map(Settings::parse);
        let settings_are_damaged = matches!(parsed, Some(Err(_)));
        let settings = parsed.and_then(Result::ok).flatten();
        self.flash = Some(FlashFacts {
            bootloader_size_bytes: used_size(bytes, map::BOOTLOADER),
            monitor_size_bytes: used_size(bytes, map::MONITOR),
            settings_are_damaged,
            settings: settings.map(SettingsFacts::from),
        });
        let (length, whole) = (bytes.len() as u64, map::FLASH_SIZE_BYTES);
        if length < whole {
            let message = format!(
                "the flash image is too short: {} are needed, it has {}",
                Size(whole),
                Size(length)
            );
            self.errors.push(Problem::new("flash-too-short", message));
        }
        if length > whole {
            let message = format!(
                "the flash image is too long: {} are needed, it has {}",
                Size(whole),
                Size(length)
            );
            self.errors.push(Problem::new("flash-too-long", message));
        }
        if !has_bootloader(bytes) {
            let message = "the flash begins with padding, so the CPU finds no instruction there when it is reset";
            self.errors.push(Problem::new("flash-no-bootloader", message));
        }
        let sectors = part(bytes, map::MONITOR).unwrap_or_default();
        let monitor = Monitor::find(sectors, QEMU_VIRT.secure.variables.len());
        if let (true, Err(error)) = (machine.resets_at_el3, monitor) {
            self.errors.push(Problem::new(error.code(), error));
        }
        let kernel = bytes.get(in_memory(map::KERNEL.start())..).unwrap_or_default();
        match FlashImage::parse(bytes) {
            Ok(FlashImage { settings, payload }) => {
                let command_line = settings.and_then(|settings| settings.command_line);
                self.add_fit(payload.bytes);
                self.add_prediction(machine, payload.bytes, payload.end_is_known, command_line);
            }
            Err(error) => {
                self.kernel = ImageHeader::parse(kernel)
                    .ok()
                    .map(|header| KernelFacts::of_header(&header));
                self.errors.push(Problem::new(error.code(), error));
            }
        }
        for problem in self
            .errors
            .iter_mut()
            .filter(|problem| problem.code == "payload-erased")
        {
            problem.help = Some(
                "a flash without a kernel boots what QEMU hands over by -kernel, as with flint run --fw-cfg; \
                 flint image --kernel FILE makes one that boots alone",
            );
        }
    }
}

impl From<Settings<'_>> for SettingsFacts {
    fn from(settings: Settings<'_>) -> Self {
        let Settings { command_line, payload } = settings;
        Self {
            command_line: command_line.map(String::from),
            payload_size_bytes: payload.map(|PayloadRecord { size_bytes, .. }| size_bytes),
            payload_tail_crc32: payload.map(|PayloadRecord { tail_crc32, .. }| tail_crc32),
        }
    }
}

/// A part of the flash map, as far as it is in the file.
fn part(bytes: &[u8], range: PhysRange) -> Option<&[u8]> {
    bytes.get(in_memory(range.start())..in_memory(range.end()).min(bytes.len()))
}

fn used_size(bytes: &[u8], range: PhysRange) -> u64 {
    let last = part(bytes, range).and_then(|part| part.iter().rposition(|byte| !is_padding(*byte)));
    last.map_or(0, |last| last as u64 + 1)
}
