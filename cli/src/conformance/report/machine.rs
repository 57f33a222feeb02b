//! [`MachineOptions`]: the machine of a run, for programs.

use serde::Serialize;

use crate::qemu::Machine;

/// The machine of a run, for programs.
#[derive(Clone, Debug, Serialize)]
pub struct MachineOptions {
    /// The place where its CPUs start, as `--el` takes it.
    el: &'static str,
    /// The version of its interrupt controller.
    gic: u32,
    /// Its CPU model with options, as QEMU's `-cpu` takes it.
    cpu: String,
    /// The number of CPUs.
    smp: u32,
    /// The size of RAM, in bytes.
    memory_bytes: u64,
    /// More arguments for QEMU; not those of the loader's recipe.
    arguments: Vec<String>,
}

impl From<&Machine> for MachineOptions {
    fn from(machine: &Machine) -> Self {
        let arguments = machine.extra.iter();
        Self {
            el: machine.el.name(),
            gic: machine.gic.number(),
            cpu: machine.cpu.clone(),
            smp: machine.smp,
            memory_bytes: machine.memory_bytes,
            arguments: arguments
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect(),
        }
    }
}
