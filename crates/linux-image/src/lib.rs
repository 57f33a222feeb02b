//! [`ImageHeader`]: the 64-byte header that opens every arm64 Linux `Image`.
//!
//! Source: Linux v7.1.8, `Documentation/arch/arm64/booting.rst`, "Call the kernel image"; clauses
//! D1 to D12 of Flint's boot-protocol list. The header is read and written here; what its numbers
//! allow is decided by the planner.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod error;
mod flags;
mod header;
mod pe;

pub use error::{CODES, ImageError};
pub use flags::{Endianness, PageSize, Placement};
pub use header::ImageHeader;
pub use pe::pe_file_size;
