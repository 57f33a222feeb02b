//! [`Subject`]: the CPU that is looked at, and what is known about it.

use arrayvec::ArrayVec;

use crate::facts::Image;
use crate::feature::Feature;
use crate::instruction::{Instruction, Register, Trap};
use crate::{Entry, Facts, Judgement, feature};

/// The CPU that runs: the hands of the checks.
pub trait Cpu {
    /// Executes one instruction with these values in x0 to x3, and gives x0 back; or the exception
    /// that it caused.
    ///
    /// # Errors
    /// The exception.
    fn execute(&mut self, instruction: Instruction, x: [u64; 4]) -> Result<u64, Trap>;
}

/// The memory of the checks.
#[derive(Debug, Default)]
pub struct Common {
    /// What the CPUs have to have in common: what the first one had.
    of_first_cpu: ArrayVec<(&'static str, u64), 16>,
    /// The place where something that is described as RAM is none (A1).
    pub bad_ram: Option<u64>,
}

/// The CPU that is looked at, and what is known about it.
pub struct Subject<'a> {
    /// It.
    pub cpu: &'a mut dyn Cpu,
    /// What it was entered with.
    pub entry: &'a Entry,
    /// What the device tree says of the machine.
    pub facts: &'a Facts,
    /// The payload.
    pub image: &'a Image,
    /// What to remember.
    pub common: &'a mut Common,
}

impl Subject<'_> {
    /// Reads a system register.
    pub(crate) fn read(&mut self, register: Register) -> Result<u64, Trap> {
        self.cpu.execute(register.read(), [0; 4])
    }

    /// Writes a system register.
    pub(crate) fn write(&mut self, register: Register, value: u64) -> Result<u64, Trap> {
        self.cpu.execute(register.write(), [value, 0, 0, 0])
    }

    /// Reads 32 bits of memory or of a device.
    pub(crate) fn load(&mut self, address: u64) -> Result<u64, Trap> {
        self.cpu.execute(Instruction::LOAD_32, [address, 0, 0, 0])
    }

    /// Writes 32 bits.
    pub(crate) fn store(&mut self, address: u64, value: u64) -> Result<u64, Trap> {
        self.cpu.execute(Instruction::STORE_32, [address, value, 0, 0])
    }

    /// Returns whether the CPU has the feature.
    pub(crate) fn has(&mut self, feature: &Feature) -> bool {
        feature.is_there(|register| self.read(register).unwrap_or(0))
    }

    /// Returns whether it was entered at EL2.
    pub(crate) const fn is_at_el2(&self) -> bool {
        self.entry.level() == 2
    }

    /// `Err`, with the judgement for a CPU without it, unless the feature is there.
    pub(crate) fn needs(&mut self, wanted: &Feature) -> Result<(), Judgement> {
        if self.has(wanted) {
            return Ok(());
        }
        let reason = format_args!("of a CPU without {}", wanted.name);
        Err(match wanted.register() {
            Some(register) => {
                let value = self.read(register).unwrap_or(0);
                Judgement::not_applicable(reason, format_args!("{} {value:#x}", register.name))
            }
            None => Judgement::not_applicable(reason, "none"),
        })
    }

    /// `Err` unless there is an EL3 that the clause could be about.
    pub(crate) fn needs_el3(&mut self) -> Result<(), Judgement> {
        self.needs(&feature::EL3)
    }

    /// `Err` unless the kernel is entered at EL2.
    pub(crate) fn needs_entry_at_el2(&self) -> Result<(), Judgement> {
        if self.is_at_el2() {
            return Ok(());
        }
        let level = self.entry.level();
        Err(Judgement::not_applicable(
            "of a kernel that is not entered at EL2",
            format_args!("EL{level}"),
        ))
    }

    /// `Err` unless the kernel is entered at EL1, though there is an EL2.
    pub(crate) fn needs_entry_at_el1_below_el2(&mut self) -> Result<(), Judgement> {
        if self.is_at_el2() {
            return Err(Judgement::not_applicable("of a kernel that is entered at EL2", "EL2"));
        }
        self.needs(&feature::EL2)
    }

    /// Returns whether this is the first CPU.
    pub(crate) fn is_first(&mut self) -> bool {
        let own = self.entry.cpu();
        self.of_first_cpu("MPIDR_EL1", own) == own
    }

    /// Returns what the first CPU had of this, which is `value` if this is the first one.
    pub(crate) fn of_first_cpu(&mut self, what: &'static str, value: u64) -> u64 {
        if let Some((_, first)) = self.common.of_first_cpu.iter().find(|(known, _)| *known == what) {
            return *first;
        }
        let _ = self.common.of_first_cpu.try_push((what, value));
        value
    }

    /// Kept, if `value` is what the first CPU had; nothing is asked for where there is one CPU.
    pub(crate) fn same_on_every_cpu(&mut self, what: &'static str, value: u64) -> Judgement {
        let first = self.of_first_cpu(what, value);
        if self.facts.cpus.len() == 1 {
            return Judgement::not_applicable("of one CPU", format_args!("{what} {value:#x}"));
        }
        Judgement::of(
            value == first,
            format_args!("{what} as on the first CPU, {first:#x}"),
            format_args!("{value:#x}"),
        )
    }
}

/// The judgement, whichever way it was reached.
pub(crate) fn settle(judgement: Result<Judgement, Judgement>) -> Judgement {
    judgement.unwrap_or_else(|early| early)
}
