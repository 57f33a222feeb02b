//! The commands of `flint`, one module each: its arguments, and what it does with them.

pub mod bench;
pub mod conformance;
pub mod explain;
pub mod hardware;
pub mod image;
pub mod inspect;
pub mod parts;
pub mod run;
pub mod test;
