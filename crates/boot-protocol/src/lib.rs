//! Was this boot as the protocol asks? The payload of `flint conformance` looks at what it was
//! handed, and says of each clause and CPU how it was kept. Here is what can be said ([`Line`]), so
//! that payload and host tool speak the same language, and how it is judged: the payload records
//! what it was entered with ([`Entry`]), reads its device tree ([`Facts`]), and lends its hands
//! ([`Cpu`]); the [`checks`] make a [`Judgement`] of each clause, of which a [`Report`] makes
//! lines.

#![no_std]
#![forbid(unsafe_code)]
#![expect(
    clippy::result_large_err,
    reason = "a judgement carries its texts, as nothing can be allocated, and is moved a few hundred times a run"
)]
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

pub mod checks;
mod entry;
pub mod facts;
mod feature;
mod instruction;
mod judgement;
mod line;
pub mod psci;
mod register;
mod report;
pub mod spin_table;
mod subject;
mod verdict;

pub use entry::Entry;
pub use facts::{Facts, Image};
pub use instruction::{Instruction, Trap};
pub use judgement::{Judgement, Text};
pub use line::{Line, LineError, Start};
pub use report::{Place, Report, Summary};
pub use subject::{Common, Cpu, Subject};
pub use verdict::Verdict;
