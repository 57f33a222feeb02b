//! Which board? Tables of facts. What the device tree can tell is not among them.
//!
//! The bootloader starts from a table, and the host tool predicts with the same one what the bootloader will do.

#![no_std]
#![forbid(unsafe_code)]

mod qemu_virt;

use phys_range::PhysRange;

pub use qemu_virt::QEMU_VIRT;

/// What must be known about a board before its device tree can be read.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// The flash, which the CPU starts in, at address 0.
    pub flash: PhysRange,
    /// The devices of the first GiB.
    pub devices: PhysRange,
    /// Where RAM can be: whole GiB. How much there is, the device tree says.
    pub ram: PhysRange,
    /// Where the machine puts its device tree, and the most that it can take there.
    pub devicetree: PhysRange,
    /// RAM that is there on every such machine, outside [`Self::devicetree`]: the stack, and below it the
    /// page tables, until the work area is known.
    pub early_stack: PhysRange,
    /// The address of the PL011 that is the console until the device tree has named one.
    pub console: u64,
    /// The clock of that UART in Hz.
    pub console_clock_hz: u32,
}

impl Board {
    /// What the bootloader still reads or stands on while it places the first parts.
    pub const fn in_use(&self) -> [PhysRange; 2] {
        [self.devicetree, self.early_stack]
    }
}
