//! The board that this monitor is for, what its page tables hold, and what it has room for.

use boards::{Board, QEMU_VIRT};
use machine::page_tables::{Layout, Spaces};
use phys_range::PhysRange;

/// The board.
pub const BOARD: Board = QEMU_VIRT;

/// What the page tables of [`BOARD`] hold.
pub static LAYOUT: Layout = Layout::for_secure_ram(&Spaces {
    flash: BOARD.flash,
    devices: BOARD.devices,
    secure_code: BOARD.secure.code,
    secure_data: secure_data(),
    ram: BOARD.ram,
});

/// The most CPUs: a GICv3 serves as many on this board.
pub const CPUS_MAX: usize = 512;

/// The stack of each CPU, in bytes.
pub const STACK_BYTES: usize = 0x2000;

/// The stack of the first CPU while it reads the device tree and fills in the states of all, in bytes.
pub const BOOT_STACK_BYTES: usize = 0x4_0000;

const fn secure_data() -> PhysRange {
    match PhysRange::from_bounds(BOARD.secure.data.start(), BOARD.secure.all().end()) {
        Some(range) => range,
        None => panic!("the secure RAM is in order"),
    }
}
