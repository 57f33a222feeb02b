//! The board that this bootloader is for, and what its page tables hold.

use boards::{Board, QEMU_VIRT};
use machine::page_tables::{self, Layout};

/// The board.
pub const BOARD: Board = QEMU_VIRT;

/// What the page tables of [`BOARD`] hold.
pub static LAYOUT: Layout = Layout::new(BOARD.flash, BOARD.devices, BOARD.ram);

/// Where the page tables are at first: below the early stack.
pub const EARLY_TABLES: u64 = BOARD.early_stack.start();

const _: () = assert!(EARLY_TABLES.is_multiple_of(page_tables::ALIGN));
