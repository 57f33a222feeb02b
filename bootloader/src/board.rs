//! The board that this bootloader is for, and what its page tables hold.

use boards::{Board, QEMU_VIRT};
use machine::cpu::ExceptionLevel;
use machine::page_tables::early::{EarlyTables, Spaces};
use machine::stack;
use phys_range::PhysRange;

/// The board.
pub const BOARD: Board = QEMU_VIRT;

/// The spaces that the page tables map.
pub const SPACES: Spaces = Spaces {
    flash: BOARD.flash,
    devices: BOARD.devices,
    ram: BOARD.ram,
};

/// The first stack at EL3, where it stays: the end of the secure RAM.
pub const SECURE_STACK: PhysRange = {
    let end = BOARD.secure.bootloader.end();
    match PhysRange::new(end - stack::REGION_BYTES, stack::REGION_BYTES) {
        Some(region) => region,
        None => panic!("the secure RAM has room for a stack"),
    }
};

/// The page tables for the first stack at EL1 and EL2.
pub static EARLY_TABLES: EarlyTables = EarlyTables::in_ram(&SPACES, BOARD.early_stack);
/// The page tables for the first stack at EL3.
pub static SECURE_TABLES: EarlyTables = EarlyTables::in_secure_ram(&SPACES, BOARD.secure.all(), SECURE_STACK);

const _: () = assert!(BOARD.early_stack.len() == stack::REGION_BYTES);

/// The region of the first stack.
pub fn first_stack() -> PhysRange {
    if ExceptionLevel::current() == ExceptionLevel::El3 {
        SECURE_STACK
    } else {
        BOARD.early_stack
    }
}
