//! QEMU: which one there is ([`Qemu`]), the machine it shall be ([`Machine`]), runs whose console
//! is read ([`Session`]), and a look from outside at what runs there ([`debugger::Debugger`]).

mod console;
pub mod debugger;
mod machine;
mod program;
mod session;
mod shell;
mod version;

pub use machine::{FwCfg, Gic, Machine, StartLevel, with_file};
pub use program::Qemu;
pub use session::{Ended, Outcome, Session};
pub use shell::{quoted, shell_words};
pub use version::Version;
