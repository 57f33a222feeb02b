//! What the CPU has: the ID registers, and the features that they announce (DDI0487, D24.2).

/// The ID registers that the decisions of [`crate::el2`] read, as the CPU gives them.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdRegisters {
    /// `MIDR_EL1`.
    pub midr: u64,
    /// `MPIDR_EL1`.
    pub mpidr: u64,
    /// `ID_AA64PFR0_EL1`.
    pub pfr0: u64,
    /// `ID_AA64PFR1_EL1`.
    pub pfr1: u64,
    /// `ID_AA64DFR0_EL1`.
    pub dfr0: u64,
    /// `ID_AA64MMFR0_EL1`.
    pub mmfr0: u64,
    /// `ID_AA64MMFR1_EL1`.
    pub mmfr1: u64,
    /// `ID_AA64MMFR3_EL1`.
    pub mmfr3: u64,
    /// `ID_AA64SMFR0_EL1`.
    pub smfr0: u64,
    /// `MPAMIDR_EL1`, 0 without FEAT_MPAM.
    pub mpamidr: u64,
    /// The number of PMU event counters (`PMCR_EL0.N`), 0 without a PMU.
    pub pmu_counters: u64,
}

/// The four-bit ID field that starts at bit `shift`.
const fn field(register: u64, shift: u32) -> u64 {
    (register >> shift) & 0xf
}

impl IdRegisters {
    pub(crate) const fn gic_system_registers(&self) -> bool {
        field(self.pfr0, 24) != 0
    }
    pub(crate) const fn sve(&self) -> bool {
        field(self.pfr0, 32) != 0
    }
    /// Whether the CPU implements FEAT_MPAM.
    pub const fn mpam(&self) -> bool {
        field(self.pfr0, 40) != 0 || field(self.pfr1, 16) != 0
    }
    pub(crate) const fn mpam_hypervisor(&self) -> bool {
        (self.mpamidr >> 17) & 1 != 0
    }
    pub(crate) const fn amu(&self) -> bool {
        field(self.pfr0, 44) != 0
    }
    pub(crate) const fn csv2_2(&self) -> bool {
        field(self.pfr0, 56) >= 2 || field(self.pfr1, 32) >= 2
    }
    pub(crate) const fn sme(&self) -> bool {
        field(self.pfr1, 24) != 0
    }
    pub(crate) const fn sme2(&self) -> bool {
        field(self.pfr1, 24) >= 2
    }
    pub(crate) const fn gcs(&self) -> bool {
        field(self.pfr1, 44) != 0
    }
    pub(crate) const fn spe(&self) -> bool {
        field(self.dfr0, 32) != 0
    }
    pub(crate) const fn trace_filter(&self) -> bool {
        field(self.dfr0, 40) != 0
    }
    pub(crate) const fn brbe(&self) -> bool {
        field(self.dfr0, 52) != 0
    }
    pub(crate) const fn fgt(&self) -> bool {
        field(self.mmfr0, 56) != 0
    }
    pub(crate) const fn fgt2(&self) -> bool {
        field(self.mmfr0, 56) >= 2
    }
    pub(crate) const fn ecv_offset(&self) -> bool {
        field(self.mmfr0, 60) >= 2
    }
    pub(crate) const fn vhe(&self) -> bool {
        field(self.mmfr1, 8) != 0
    }
    pub(crate) const fn lor(&self) -> bool {
        field(self.mmfr1, 16) != 0
    }
    pub(crate) const fn hcx(&self) -> bool {
        field(self.mmfr1, 40) != 0
    }
    pub(crate) const fn tcr2(&self) -> bool {
        field(self.mmfr3, 0) != 0
    }
    pub(crate) const fn sctlr2(&self) -> bool {
        field(self.mmfr3, 4) != 0
    }
    pub(crate) const fn sme_fa64(&self) -> bool {
        self.smfr0 >> 63 != 0
    }
}
