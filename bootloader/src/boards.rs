//! Boards: tables of facts. What the device tree can tell is not among them.

mod qemu_virt;

use machine::page_tables::{FirstGib, Memory, Root};
use phys_range::PhysRange;

pub use qemu_virt::QEMU_VIRT;

/// What must be known about a board before its device tree can be read.
pub struct Board {
    /// The first flash, which the CPU starts in, at address 0.
    pub flash: PhysRange,
    /// The devices of the first GiB.
    pub devices: PhysRange,
    /// Where RAM can be: whole GiB. How much there is, the device tree says.
    pub ram: PhysRange,
    /// Where the machine puts its device tree, and the most that it can take there.
    pub devicetree: PhysRange,
    /// RAM that is there on every such machine, outside [`Self::devicetree`]: the stack until the work area is known.
    pub early_stack: PhysRange,
    /// The PL011 that is the console until the device tree has named one.
    pub console: u64,
    /// The clock of that UART in Hz.
    pub console_clock_hz: u32,
}

/// The board that this bootloader is for.
pub const BOARD: Board = QEMU_VIRT;

#[unsafe(link_section = ".rodata.page_tables.first_gib")]
static FIRST_GIB: FirstGib = FirstGib::new(&[(BOARD.flash, Memory::Flash), (BOARD.devices, Memory::Device)]);

/// The page tables of [`BOARD`].
#[unsafe(link_section = ".rodata.page_tables.root")]
pub static PAGE_TABLES: Root = Root::new(&FIRST_GIB, &[(BOARD.ram, Memory::Ram)]);
