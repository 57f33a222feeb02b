//! What is to be booted? [`Parts`]: the kernel in a payload and what travels with it;
//! [`Preparation`]: what is decided about them before a byte is loaded.
//!
//! The bootloader boots by it, and the host tool predicts with it: both meet the same errors, in
//! the same order.

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

mod command_line;
mod error;
mod parts;
mod preparation;

pub use command_line::{COMMAND_LINE_MAX_BYTES, Candidates, CommandLine, Origin};
pub use error::{CODES, PartsError};
pub use parts::{FitFacts, KernelPart, Offer, Parts};
pub use preparation::{Given, Preparation, PreparationError};
