//! Answers to PSCI, SMCCC and TRNG calls, for a monitor at EL3: the state of all CPUs as a value.
//!
//! Served are PSCI 1.3 (numbers of sections are those of DEN0022 F.b), the Arm Architecture Calls
//! of SMCCC 1.3 (DEN0028, by the names of its functions), and TRNG 1.0 (DEN0098, likewise). The
//! monitor keeps one [`System`] under a lock. For an SMC from CPU `c` it takes the lock, calls
//! `system.call(c, &Request::of([x0, x1, x2, x3], is_big_endian), now_us)`, gives the lock back,
//! and does what the [`Answer`] says. A CPU that an answer takes away from its caller comes back
//! through [`System::arrive`].
//!
//! Calls are decoded by hand. The crate `arm-psci` reads power states in the extended format only,
//! fails on the arguments of MIGRATE before it can be NOT_SUPPORTED, and decodes what is not served
//! too: 3,000 bytes for that alone, which is what all of this crate takes. What it would save is
//! one table of numbers.

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

mod answer;
mod cpu;
mod error;
mod features;
mod function;
mod power_state;
mod queries;
mod request;
mod smccc;
mod system;
#[cfg(test)]
mod tests;
mod trng;

pub use answer::{Answer, Arrival, El3Register, Start};
pub use cpu::{AFFINITY_MASK, Cpu, affinity};
pub use error::Error;
pub use features::{Features, Vulnerability};
pub use power_state::PowerState;
pub use request::Request;
pub use system::{PowerControl, System};
pub use trng::{Random, TRNG_UUID};
