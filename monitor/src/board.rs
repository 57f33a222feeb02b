//! The board that this monitor is for.

use boards::{Board, QEMU_VIRT};

/// The board.
pub const BOARD: Board = QEMU_VIRT;
