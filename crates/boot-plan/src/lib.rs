//! Where does everything go? [`Plan::new`] decides it once, as a value, before a single byte of RAM
//! is written.
//!
//! The rules are those of booting.rst ("Setup the device tree", "Call the kernel image"; clauses B1
//! to B5, D5 to D12 and E1 to E6), and a few that any loader has: nothing overlaps, everything lies
//! in RAM and outside what is reserved.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod error;
mod free;
mod machine;
mod page_sizes;
mod plan;
#[cfg(test)]
mod tests;

use phys_range::{KIB, MIB};

pub use error::{CODES, PlanError};
pub use machine::{Machine, MemoryMap};
pub use page_sizes::PageSizes;
pub use plan::{InitrdRequest, Plan, Request};

/// What the bootloader keeps for itself while it loads, in bytes: its stack and page tables. Free
/// memory again once the kernel runs.
pub const WORK_AREA_SIZE_BYTES: u64 = 128 * KIB;

/// The kernel's base address is a multiple of this many bytes (booting.rst "Call the kernel image",
/// E1).
pub const KERNEL_BASE_ALIGN: u64 = 2 * MIB;

/// The kernel maps the device tree with blocks of this many bytes, so the whole block is given to
/// it (B3); it is the largest device tree as well (B2).
pub const DEVICETREE_BLOCK: u64 = 2 * MIB;
