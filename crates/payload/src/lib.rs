//! [`Format::detect`] tells a payload's format by its first bytes; a [`Kernel`] is an arm64
//! Image, whatever it is wrapped in.
//!
//! Sources: Linux v7.1.8, `Documentation/arch/arm64/booting.rst` and
//! `drivers/firmware/efi/libstub/zboot-header.S`; for the magic numbers of other formats, the
//! documents of each.

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
mod format;
mod kernel;
#[cfg(test)]
mod tests;
mod zboot;

pub use decompress::Hooks;
pub use error::{CODES, FirstBytes, PayloadError};
pub use format::Format;
pub use kernel::Kernel;
pub use zboot::TypeName;
