//! Boots as data: a [`Scenario`] says which machine starts what, and what its console must and must
//! not show; [`TestBed`] runs it.
//!
//! The scenarios themselves are in the folder `scenarios`, a file for each kind. To add one, copy a
//! line there.

#![forbid(unsafe_code)]

pub mod attack;
pub mod boot_log;
mod change;
pub mod compression;
pub mod console;
pub mod cpus;
mod debugged;
pub mod el3_map;
pub mod el3_state;
pub mod errata;
pub mod fit;
pub mod flash;
pub mod machine_types;
pub mod mutation;
pub mod mutator;
pub mod packing;
pub mod page_table_attack;
pub mod payload;
mod preparation;
mod run;
pub mod scenario;
pub mod secure_world;
pub mod settings;
pub mod stack_guard;
pub mod test_bed;
pub mod tree;
pub mod u_boot;
pub mod userspace;
mod verdict;

pub use flint_cli::linux;
pub use scenario::{End, Scenario, Start, Tampering};
pub use test_bed::TestBed;
pub use verdict::{Verdict, in_ci};
