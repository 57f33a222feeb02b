//! [`Observation`]: what was seen of a boot from outside. Plain data: the judges need no machine.

use std::collections::BTreeMap;

/// The observation of a boot from outside.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The first CPU at the payload's first instruction; `None`: it did not get there.
    pub first: Option<CpuState>,
    /// The other CPUs, each at the payload's first instruction for it, in the order in which they
    /// came.
    pub others: Vec<CpuState>,
    /// The first CPU again, when the last of the others came.
    pub first_later: Option<CpuState>,
    /// What the first CPU's CNTFRQ_EL0 was before the loader ran, if the debugger shows it.
    pub reset_frequency: Option<u64>,
    /// The place where the payload is.
    pub image_at: u64,
    /// What was in memory when the first CPU got there.
    pub memory: Memory,
}

/// A CPU at the payload's first instruction.
#[derive(Clone, Debug, Default)]
pub struct CpuState {
    /// Its number, from 0.
    pub number: usize,
    /// Its registers, as far as the debugger shows them.
    pub registers: BTreeMap<&'static str, u64>,
}

/// The contents of memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// As many bytes as the payload's file has, from where it is.
    pub image: Vec<u8>,
    /// What x0 points to, as long as the device tree there says that it is; empty where there is
    /// none.
    pub tree: Vec<u8>,
    /// What the device tree says the initrd is.
    pub initrd: Option<Vec<u8>>,
}

/// The registers that are judged, and those that tell which features a CPU has.
pub const REGISTERS: [&str; 50] = [
    "x0",
    "x1",
    "x2",
    "x3",
    "pc",
    "cpsr",
    "AMCR_EL0",
    "CNTFRQ_EL0",
    "CNTHCTL_EL2",
    "CNTHV_CTL_EL2",
    "CNTPOFF_EL2",
    "CNTVOFF_EL2",
    "CPTR_EL2",
    "CPTR_EL3",
    "GCSCRE0_EL1",
    "GCSCR_EL1",
    "GCSCR_EL2",
    "HCRX_EL2",
    "HCR_EL2",
    "HDFGRTR_EL2",
    "HDFGWTR_EL2",
    "HFGITR_EL2",
    "HFGRTR_EL2",
    "HFGWTR_EL2",
    "ID_AA64DFR0_EL1",
    "ID_AA64ISAR1_EL1",
    "ID_AA64ISAR2_EL1",
    "ID_AA64MMFR0_EL1",
    "ID_AA64MMFR1_EL1",
    "ID_AA64MMFR3_EL1",
    "ID_AA64PFR1_EL1",
    "ID_AA64PFR2_EL1",
    "ID_AA64SMFR0_EL1",
    "MDCR_EL3",
    "SCR_EL3",
    "SCTLR2_EL1",
    "SCTLR2_EL2",
    "SCTLR_EL1",
    "SCTLR_EL2",
    "SCTLR_EL3",
    "SCXTNUM_EL1",
    "SMCR_EL2",
    "SMCR_EL3",
    "TCR2_EL1",
    "TCR2_EL2",
    "VBAR_EL3",
    "VMPIDR_EL2",
    "VPIDR_EL2",
    "ZCR_EL2",
    "ZCR_EL3",
];

impl Observation {
    /// Every CPU that got there, the first one first.
    pub fn cpus(&self) -> impl Iterator<Item = &CpuState> {
        self.first.iter().chain(&self.others)
    }
}

impl CpuState {
    /// A register, if the debugger shows it.
    pub fn get(&self, register: &str) -> Option<u64> {
        self.registers.get(register).copied()
    }

    /// The exception level, by PSTATE.
    pub fn level(&self) -> u64 {
        self.get("cpsr").unwrap_or_default() >> 2 & 0b11
    }
}
