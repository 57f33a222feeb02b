//! Was this boot as the protocol asks? The payload of `flint conformance` looks at what it was handed, and says of each clause and CPU how it
//! was kept. Here is what can be said ([`Line`]), so that payload and host tool speak the same language.

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

#[cfg(test)]
extern crate std;

mod line;
mod verdict;

pub use line::{Line, LineError};
pub use verdict::Verdict;
