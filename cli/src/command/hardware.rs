//! [`Hardware`]: the machine, as `flint run` and `flint conformance` are told it.

use clap::Args;

use crate::qemu::{Gic, Machine, StartLevel};
use crate::size::parse_size;

/// The machine; the reference machine unless told otherwise.
#[derive(Clone, Debug, Args)]
pub struct Hardware {
    /// The exception level that the CPU starts in; 3-without-el2 is a machine with EL3 above EL1
    #[arg(long, value_name = "1|2|3|3-without-el2", default_value = "2", value_parser = parse_start_level)]
    pub el: StartLevel,
    /// The version of the interrupt controller
    #[arg(long, value_name = "2|3", default_value = "3", value_parser = parse_gic)]
    pub gic: Gic,
    /// The CPU model, such as cortex-a57, cortex-a76 or max
    #[arg(long, value_name = "NAME", default_value = "cortex-a53")]
    pub cpu: String,
    /// The number of CPUs
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=512))]
    pub smp: u32,
    /// The amount of RAM, such as 64M or 3G; a number without a letter counts mebibytes
    #[arg(long, value_name = "SIZE", default_value = "128M", value_parser = parse_size)]
    pub memory: u64,
}

impl Hardware {
    /// As QEMU is told it.
    pub fn machine(&self) -> Machine {
        Machine {
            el: self.el,
            gic: self.gic,
            cpu: self.cpu.clone(),
            smp: self.smp,
            memory_bytes: self.memory,
            ..Machine::default()
        }
    }
}

/// Parses a level to start in, as `--el` takes it.
pub(super) fn parse_start_level(text: &str) -> Result<StartLevel, String> {
    let level = StartLevel::ALL.into_iter().find(|level| level.name() == text);
    level.ok_or("an exception level to start in is 1, 2, 3 or 3-without-el2".into())
}

fn parse_gic(text: &str) -> Result<Gic, String> {
    match text {
        "2" => Ok(Gic::V2),
        "3" => Ok(Gic::V3),
        _ => Err("the interrupt controller is version 2 or 3".into()),
    }
}
