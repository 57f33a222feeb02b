//! Does a loader keep the boot protocol? [`Run`]s of a payload that checks it from inside, and a
//! look from outside at each.
//!
//! A [`recipe`] says how QEMU boots the payload with some loader, and becomes a [`loader`] once
//! that is there; [`boot`] puts everything in its place, and [`watch`] looks on: the debugger stops
//! every CPU at its first instruction, and the console tells what the payload found. The [`judge`]
//! holds what was seen against the clauses, without any machine. [`matrix`] chooses the boots,
//! [`report`] shows what became of them.

pub mod boot;
pub mod console;
pub mod dtc;
pub mod efi_stub;
pub mod finding;
pub mod firmware;
pub mod initrd;
pub mod judge;
pub mod loader;
pub mod matrix;
mod not_entered;
pub mod observation;
pub mod outcome;
pub mod payload;
pub mod recipe;
pub mod report;
pub mod run;
pub mod session;
mod silence;
mod spin_table;
pub mod trial;
pub mod watch;

pub use run::Run;
pub use trial::Trial;
