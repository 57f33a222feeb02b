//! The flash map: which part of the first flash holds what.
//!
//! Offsets into the flash are physical addresses too, as the flash starts at address 0 of the
//! reference machine.

use phys_range::{KIB, MIB, PhysRange};

/// The unit in which the flash is erased: each part below starts on one and is made of whole ones.
pub const SECTOR_SIZE_BYTES: u64 = 256 * KIB;
/// The size of the first flash, and of every flash image.
pub const FLASH_SIZE_BYTES: u64 = 64 * MIB;

/// The bootloader: the machine starts here.
pub const BOOTLOADER: PhysRange = part(0, 0x4_0000);
/// The monitor, which only a machine that resets at EL3 uses.
pub const MONITOR: PhysRange = part(0x4_0000, 0x8_0000);
/// The [settings block](crate::Settings).
pub const SETTINGS: PhysRange = part(0x8_0000, 0xc_0000);
/// Reserved: the rollback floor.
pub const ROLLBACK_FLOOR: PhysRange = part(0xc_0000, 0x10_0000);
/// The kernel, up to the end of the flash.
pub const KERNEL: PhysRange = part(0x10_0000, FLASH_SIZE_BYTES);

/// The flash from `start` to `end`; an empty part does not compile.
#[expect(clippy::panic, reason = "only ever evaluated by the compiler")]
const fn part(start: u64, end: u64) -> PhysRange {
    match PhysRange::from_bounds(start, end) {
        Some(range) => range,
        None => panic!("a part of the flash map is empty"),
    }
}
