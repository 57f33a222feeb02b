//! The board that this bootloader is for, and its page tables.

use boards::{Board, QEMU_VIRT};
use machine::page_tables::{FirstGib, Memory, Root};

/// The board.
pub const BOARD: Board = QEMU_VIRT;

#[unsafe(link_section = ".rodata.page_tables.first_gib")]
static FIRST_GIB: FirstGib = FirstGib::new(&[(BOARD.flash, Memory::Flash), (BOARD.devices, Memory::Device)]);

/// The page tables of [`BOARD`].
#[unsafe(link_section = ".rodata.page_tables.root")]
pub static PAGE_TABLES: Root = Root::new(&FIRST_GIB, &[(BOARD.ram, Memory::Ram)]);
