//! The board that this bootloader is for, and what its page tables hold.

use boards::{Board, QEMU_VIRT};
use machine::cpu::ExceptionLevel;
use machine::page_tables::{self, Layout, Spaces};
use phys_range::PhysRange;

/// The board.
pub const BOARD: Board = QEMU_VIRT;

/// What the page tables of [`BOARD`] hold.
pub static LAYOUT: Layout = Layout::for_flash(&Spaces {
    flash: BOARD.flash,
    devices: BOARD.devices,
    secure_code: BOARD.secure.code,
    secure_data: secure_data(),
    ram: BOARD.ram,
});

/// The first stack, with the page tables below it: at EL3 in the secure RAM, where it stays.
pub fn first_stack() -> PhysRange {
    if ExceptionLevel::current() == ExceptionLevel::El3 {
        BOARD.secure.bootloader
    } else {
        BOARD.early_stack
    }
}

const _: () = assert!(BOARD.early_stack.start().is_multiple_of(page_tables::ALIGN));
const _: () = assert!(BOARD.secure.bootloader.start().is_multiple_of(page_tables::ALIGN));

/// What the bootloader writes of the secure RAM besides the monitor's code.
const fn secure_data() -> PhysRange {
    match PhysRange::from_bounds(BOARD.secure.data.start(), BOARD.secure.all().end()) {
        Some(range) => range,
        None => panic!("the secure RAM is in order"),
    }
}
