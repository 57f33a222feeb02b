//! The source of the payload: QEMU, by fw_cfg, where it has a kernel to give (`-kernel`), else the
//! flash.

use arrayvec::ArrayVec;
use boards::Board;
use boot_parts::{COMMAND_LINE_MAX_BYTES, Offer, Origin, PartsError};
use devicetree::Devicetree;
use flash_image::{FlashError, FlashImage, Monitor, map};
use linux_image::ImageHeader;
use machine::fw_cfg::{FwCfg, Item};
use machine::{crc32, ram};
use phys_range::PhysRange;

use crate::board::BOARD;
use crate::error::BootError;
use crate::memory::Memory;

/// Room for the longest command line and its NUL.
const COMMAND_LINE_ROOM: usize = COMMAND_LINE_MAX_BYTES + 1;

/// The source of the payload.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of it, on a stack that has the room"
)]
pub enum Source {
    /// The flash.
    Flash(FlashImage<'static>),
    /// fw_cfg.
    FwCfg(Offered),
}

/// The items that fw_cfg has besides the kernel, and the device to fetch them from.
pub struct Offered {
    /// The device.
    pub device: FwCfg,
    /// The size of the kernel's file.
    pub kernel_bytes: u64,
    /// The size of the initrd.
    pub initrd_bytes: Option<u64>,
    command_line: Option<ArrayVec<u8, COMMAND_LINE_ROOM>>,
}

impl Source {
    /// Finds it.
    pub fn find(board: &Board, tree: &Devicetree<'_>, memory: &mut Memory<'_>) -> Result<Self, BootError> {
        if let Some(offered) = offered(board, tree, memory)? {
            return Ok(Self::FwCfg(offered));
        }
        Ok(Self::Flash(read_flash()?))
    }

    /// Returns what a boot can start from: a payload in memory, fetched there if need be, or the
    /// header of a raw kernel that stays where it is until its place is known.
    pub fn offer(&mut self, memory: &mut Memory<'_>) -> Result<Offer<'static>, BootError> {
        let offered = match self {
            Self::Flash(flash) => {
                return Ok(Offer::Payload {
                    bytes: flash.payload.bytes,
                    end_is_known: flash.payload.end_is_known,
                });
            }
            Self::FwCfg(offered) => offered,
        };
        let size_bytes = offered.kernel_bytes;
        let mut start = [0; ImageHeader::SIZE_BYTES];
        offered.device.read_small(Item::Kernel, &mut start);
        if let Ok(header) = ImageHeader::parse(&start)
            && size_bytes >= start.len() as u64
        {
            return Ok(Offer::Kernel { header, size_bytes });
        }
        let staged = memory.scratch(size_bytes)?.into_bytes();
        offered.device.read(Item::Kernel, staged)?;
        Ok(Offer::Payload {
            bytes: staged,
            end_is_known: true,
        })
    }

    /// The command line that fw_cfg has, without its NUL.
    pub fn fw_cfg_command_line(&self) -> Option<&[u8]> {
        let Self::FwCfg(Offered { command_line, .. }) = self else {
            return None;
        };
        command_line.as_deref()
    }

    /// The size of the initrd that fw_cfg has.
    pub fn fw_cfg_initrd_bytes(&self) -> Option<u64> {
        match self {
            Self::FwCfg(offered) => offered.initrd_bytes,
            Self::Flash(_) => None,
        }
    }

    /// The device that parts are still to be fetched from.
    pub fn into_device(self) -> Option<FwCfg> {
        match self {
            Self::FwCfg(offered) => Some(offered.device),
            Self::Flash(_) => None,
        }
    }

    /// The command line that the settings block has.
    pub fn settings_command_line(&self) -> Option<&'static str> {
        match self {
            Self::Flash(flash) => flash.settings.and_then(|settings| settings.command_line),
            Self::FwCfg(_) => None,
        }
    }
}

/// Returns what fw_cfg has; `None` where there is no such device, or none with a kernel.
#[inline(never)]
fn offered(board: &Board, tree: &Devicetree<'_>, memory: &mut Memory<'_>) -> Result<Option<Offered>, BootError> {
    let is_there = |registers: &PhysRange| {
        // Older ones have fewer registers, from the same address on.
        board.fw_cfg.contains(registers) && registers.start() == board.fw_cfg.start()
    };
    let Some(registers) = tree.fw_cfg().filter(is_there) else {
        return Ok(None);
    };
    // SAFETY: the device tree describes the device, at an address that the page tables map as one;
    // this is the only `FwCfg`.
    let Some(mut device) = (unsafe { FwCfg::new(registers.start(), memory.mailbox()?) }) else {
        return Ok(None);
    };
    let kernel_bytes = device.number(Item::KernelSize);
    if kernel_bytes == 0 {
        return Ok(None);
    }
    let initrd_bytes = Some(device.number(Item::InitrdSize)).filter(|size| *size > 0);
    let command_line = command_line(&mut device)?;
    Ok(Some(Offered {
        device,
        kernel_bytes,
        initrd_bytes,
        command_line,
    }))
}

/// The command line, without its NUL. QEMU hands over an empty one where there is no `-append`, so
/// that one is none.
#[inline(never)]
fn command_line(device: &mut FwCfg) -> Result<Option<ArrayVec<u8, COMMAND_LINE_ROOM>>, BootError> {
    let size_bytes = device.number(Item::CommandLineSize) as usize;
    if size_bytes == 0 {
        return Ok(None);
    }
    if size_bytes > COMMAND_LINE_ROOM {
        return Err(BootError::Payload(PartsError::CommandLineLength {
            origin: Origin::FwCfg,
            length_bytes: size_bytes.saturating_sub(1),
        }));
    }
    let mut text = ArrayVec::from([0; COMMAND_LINE_ROOM]);
    text.truncate(size_bytes);
    device.read_small(Item::CommandLine, &mut text);
    if text.last() == Some(&0) {
        text.pop();
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The two parts of the flash that a boot reads.
fn read_flash() -> Result<FlashImage<'static>, FlashError> {
    // SAFETY: the flash is mapped, in read mode since reset, and the bootloader sends it no
    // commands.
    let part = |range| unsafe { ram::flash(range) };
    FlashImage::from_parts(part(map::SETTINGS), part(map::KERNEL), crc32::update())
}

/// The monitor in the flash.
pub fn monitor() -> Result<Monitor<'static>, FlashError> {
    // SAFETY: as in `read_flash`.
    let sectors = unsafe { ram::flash(map::MONITOR) };
    Monitor::find(sectors, BOARD.secure.variables.len())
}
