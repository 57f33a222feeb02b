//! [`Entry`]: what a CPU was entered with.

/// The registers of a CPU at its first instruction, in the order in which the payload's
/// assembly writes them.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// x0 to x30.
    pub x: [u64; 31],
    /// The stack pointer in use.
    pub sp: u64,
    /// `DAIF`.
    pub daif: u64,
    /// `SPSel`.
    pub sp_select: u64,
    /// `CurrentEL`.
    pub current_el: u64,
    /// `SCTLR_ELx` of that level.
    pub sctlr: u64,
    /// The address of the first instruction.
    pub pc: u64,
    /// `MPIDR_EL1`.
    pub mpidr: u64,
}

impl Entry {
    /// The exception level.
    pub const fn level(&self) -> u64 {
        self.current_el >> 2 & 0b11
    }

    /// Returns which CPU this is: the affinity fields of `MPIDR_EL1`.
    pub const fn cpu(&self) -> u64 {
        ::psci::affinity(self.mpidr)
    }
}
