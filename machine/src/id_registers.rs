//! The CPU's features: the ID registers, and the features that they announce (DDI0487, D24.2).

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

/// [`IdRegisters`], and the registers that only EL3 decides by, or that only EL3 can read for sure:
/// below it, MDCR_EL3 and CPTR_EL3 may trap the last two.
#[derive(Clone, Copy, Debug, Default)]
pub struct El3IdRegisters {
    /// The registers that decide how EL2 is set up, too.
    pub shared: IdRegisters,
    /// `ID_AA64PFR2_EL1`.
    pub pfr2: u64,
    /// `ID_AA64ISAR0_EL1`.
    pub isar0: u64,
    /// `ID_AA64ISAR1_EL1`.
    pub isar1: u64,
    /// `ID_AA64ISAR2_EL1`.
    pub isar2: u64,
    /// `ID_AA64DFR1_EL1`.
    pub dfr1: u64,
    /// `ID_AA64DFR2_EL1`.
    pub dfr2: u64,
    /// `ID_AA64MMFR4_EL1`.
    pub mmfr4: u64,
    /// `PMSIDR_EL1`, 0 without FEAT_SPE.
    pub pmsidr: u64,
    /// `AMCGCR_EL0`, 0 without FEAT_AMUv1.
    pub amcgcr: u64,
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
    /// Returns whether the CPU implements FEAT_MPAM.
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
    /// FEAT_CSV2 and what came after it: 1 and up, whether branch targets of one context are used
    /// by another.
    pub(crate) const fn csv2(&self) -> u64 {
        field(self.pfr0, 56)
    }
    /// FEAT_SSBS: `PSTATE.SSBS` lets software decide about loads before older stores.
    pub(crate) const fn ssbs(&self) -> bool {
        field(self.pfr1, 4) != 0
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
    pub(crate) const fn pan(&self) -> bool {
        field(self.mmfr1, 20) != 0
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

impl El3IdRegisters {
    /// Returns whether the CPU implements EL2.
    pub const fn el2(&self) -> bool {
        field(self.shared.pfr0, 8) != 0
    }
    /// FEAT_PAuth, by whichever algorithm: APA, API, GPA, GPI; GPA3, APA3.
    pub(crate) const fn pointer_authentication(&self) -> bool {
        self.isar1 & 0xff00_0ff0 != 0 || self.isar2 & 0xff00 != 0
    }
    /// FEAT_NMI.
    pub(crate) const fn nmi(&self) -> bool {
        field(self.shared.pfr1, 36) != 0
    }
    /// FEAT_RNG.
    pub(crate) const fn random_numbers(&self) -> bool {
        field(self.isar0, 60) != 0
    }
    /// FEAT_RAS.
    pub(crate) const fn error_records(&self) -> bool {
        field(self.shared.pfr0, 28) != 0
    }
    /// The registers of the trace unit can be reached as system registers.
    pub(crate) const fn trace_registers(&self) -> bool {
        field(self.shared.dfr0, 4) != 0
    }
    /// FEAT_RASv1p1: faults can be injected into the nodes that record errors.
    pub(crate) const fn fault_injection(&self) -> bool {
        field(self.shared.pfr0, 28) >= 2
    }
    /// FEAT_SPMU.
    pub(crate) const fn system_pmu(&self) -> bool {
        field(self.dfr1, 32) != 0
    }
    /// FEAT_EBEP.
    pub(crate) const fn profiling_exceptions(&self) -> bool {
        field(self.dfr1, 48) != 0
    }
    /// FEAT_PMUv3_SS.
    pub(crate) const fn pmu_snapshots(&self) -> bool {
        field(self.shared.dfr0, 16) != 0
    }
    /// FEAT_CSV2_3 or FEAT_ECBHB: branch history of one context does not direct branches of
    /// another.
    pub(crate) const fn history_is_isolated(&self) -> bool {
        self.shared.csv2() >= 3 || field(self.shared.mmfr1, 60) != 0
    }
    /// FEAT_CLRBHB: the instruction `clrbhb`.
    pub(crate) const fn clears_history(&self) -> bool {
        field(self.isar2, 28) != 0
    }
    pub(crate) const fn mte2(&self) -> bool {
        field(self.shared.pfr1, 8) >= 2
    }
    /// FEAT_AMUv1p1: virtual offsets of the activity monitors.
    pub(crate) const fn amu_offsets(&self) -> bool {
        field(self.shared.pfr0, 44) >= 2
    }
    /// The number of auxiliary activity monitors (`AMCGCR_EL0.CG1NC`).
    pub(crate) const fn amu_auxiliary_counters(&self) -> u64 {
        (self.amcgcr >> 8) & 0xff
    }
    /// FEAT_LS64_ACCDATA.
    pub(crate) const fn ls64_accdata(&self) -> bool {
        field(self.isar1, 60) >= 3
    }
    /// FEAT_THE: masks for read-check-write.
    pub(crate) const fn translation_hardening(&self) -> bool {
        field(self.shared.pfr1, 48) != 0
    }
    /// Permission indirection or overlays, of either stage: S1PIE, S2PIE, S1POE, S2POE.
    pub(crate) const fn permission_indirection(&self) -> bool {
        self.shared.mmfr3 & 0x00ff_ff00 != 0
    }
    /// FEAT_AIE: `MAIR2_ELx`.
    pub(crate) const fn attribute_index_extension(&self) -> bool {
        field(self.shared.mmfr3, 24) != 0
    }
    pub(crate) const fn d128(&self) -> bool {
        field(self.shared.mmfr3, 32) != 0
    }
    pub(crate) const fn memory_encryption_contexts(&self) -> bool {
        field(self.shared.mmfr3, 28) != 0
    }
    pub(crate) const fn fpmr(&self) -> bool {
        field(self.pfr2, 32) != 0
    }
    /// FEAT_PFAR: the physical address of a fault.
    pub(crate) const fn fault_address(&self) -> bool {
        field(self.shared.pfr1, 60) != 0
    }
    /// FEAT_SRMASK: bit masks of system registers.
    pub(crate) const fn register_masks(&self) -> bool {
        field(self.mmfr4, 44) != 0
    }
    pub(crate) const fn sysreg128(&self) -> bool {
        field(self.isar2, 32) != 0
    }
    /// FEAT_HDBSS: a log of the blocks that were written to.
    pub(crate) const fn hdbss(&self) -> bool {
        field(self.shared.mmfr1, 0) >= 4
    }
    /// FEAT_HACDBS: cleaning by such a log.
    pub(crate) const fn hacdbs(&self) -> bool {
        field(self.mmfr4, 12) != 0
    }
    /// Returns whether the PMU is of the version that `PMUVer` calls `id_value`, or a later one.
    /// 0xf is a PMU that is not by the architecture.
    const fn pmu_v3(&self, id_value: u64) -> bool {
        let version = field(self.shared.dfr0, 8);
        version >= id_value && version != 0xf
    }
    /// FEAT_PMUv3.
    pub(crate) const fn pmu(&self) -> bool {
        self.pmu_v3(1)
    }
    /// FEAT_PMUv3p5: `MDCR_EL3.SCCD`.
    pub(crate) const fn pmu_v3p5(&self) -> bool {
        self.pmu_v3(6)
    }
    /// FEAT_PMUv3p7: `MDCR_EL3.MCCD`.
    pub(crate) const fn pmu_v3p7(&self) -> bool {
        self.pmu_v3(7)
    }
    /// FEAT_PMUv3p9: `PMUACR_EL1`, `PMICNTR_EL0`.
    pub(crate) const fn pmu_v3p9(&self) -> bool {
        self.pmu_v3(9)
    }
    /// FEAT_MTPMU; here, too, 0xf says no.
    pub(crate) const fn multithreaded_pmu(&self) -> bool {
        field(self.shared.dfr0, 48) == 1
    }
    /// FEAT_SPEv1p2: `PMSNEVFR_EL1`.
    pub(crate) const fn spe_v1p2(&self) -> bool {
        field(self.shared.dfr0, 32) >= 3
    }
    /// FEAT_SPE_FDS: `PMSDSFR_EL1`.
    pub(crate) const fn spe_data_source_filter(&self) -> bool {
        self.shared.spe() && self.pmsidr & 1 << 7 != 0
    }
    pub(crate) const fn trace_buffer(&self) -> bool {
        field(self.shared.dfr0, 44) != 0
    }
    /// FEAT_ITE: `TRCITECR_EL1`.
    pub(crate) const fn instrumentation_trace(&self) -> bool {
        field(self.dfr1, 44) != 0
    }
    /// FEAT_Debugv8p9: `MDSELR_EL1`.
    pub(crate) const fn debug_v8p9(&self) -> bool {
        field(self.shared.dfr0, 0) >= 11
    }
    /// FEAT_EBEP: profiling exceptions of the PMU.
    pub(crate) const fn pmu_exceptions(&self) -> bool {
        field(self.dfr1, 48) != 0
    }
    /// FEAT_SPE_EXC: profiling exceptions of SPE.
    pub(crate) const fn spe_exceptions(&self) -> bool {
        field(self.dfr2, 16) != 0
    }
    /// FEAT_SPE_nVM: `PMBMAR_EL1`.
    pub(crate) const fn spe_physical_buffer(&self) -> bool {
        field(self.dfr2, 20) != 0
    }
    /// FEAT_TRBE_EXC: trace exceptions of TRBE.
    pub(crate) const fn trace_buffer_exceptions(&self) -> bool {
        field(self.dfr2, 24) != 0
    }
    /// FEAT_STEP2: `MDSTEPOP_EL1`.
    pub(crate) const fn step2(&self) -> bool {
        field(self.dfr2, 0) != 0
    }
}
