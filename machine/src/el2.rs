//! The state that EL2 is left in: a list of register values, decided by what the ID registers say the CPU has.
//!
//! booting.rst asks that every writable register at or below the entry level is initialised by someone (clause L1); a CPU that resets
//! at EL2 has nobody above it, so the bootloader is that someone. The values mean "off", "no offset" or "no trap", except where a
//! clause names another one. Registers of a feature are written only where its ID field says that they exist.

/// The ID registers that the decisions below read (DDI0487, D24.2), as the CPU gives them.
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
    /// The number of PMU event counters (`PMCR_EL0.N`), 0 without a PMU.
    pub pmu_counters: u64,
}

/// The four-bit ID field that starts at bit `shift`.
const fn field(register: u64, shift: u32) -> u64 {
    (register >> shift) & 0xf
}

impl IdRegisters {
    const fn gic_system_registers(&self) -> bool {
        field(self.pfr0, 24) != 0
    }
    const fn sve(&self) -> bool {
        field(self.pfr0, 32) != 0
    }
    const fn mpam(&self) -> bool {
        field(self.pfr0, 40) != 0 || field(self.pfr1, 16) != 0
    }
    const fn amu(&self) -> bool {
        field(self.pfr0, 44) != 0
    }
    const fn csv2_2(&self) -> bool {
        field(self.pfr0, 56) >= 2 || field(self.pfr1, 32) >= 2
    }
    const fn sme(&self) -> bool {
        field(self.pfr1, 24) != 0
    }
    const fn sme2(&self) -> bool {
        field(self.pfr1, 24) >= 2
    }
    const fn gcs(&self) -> bool {
        field(self.pfr1, 44) != 0
    }
    const fn spe(&self) -> bool {
        field(self.dfr0, 32) != 0
    }
    const fn trace_filter(&self) -> bool {
        field(self.dfr0, 40) != 0
    }
    const fn brbe(&self) -> bool {
        field(self.dfr0, 52) != 0
    }
    const fn fgt(&self) -> bool {
        field(self.mmfr0, 56) != 0
    }
    const fn fgt2(&self) -> bool {
        field(self.mmfr0, 56) >= 2
    }
    const fn ecv_offset(&self) -> bool {
        field(self.mmfr0, 60) >= 2
    }
    const fn vhe(&self) -> bool {
        field(self.mmfr1, 8) != 0
    }
    const fn lor(&self) -> bool {
        field(self.mmfr1, 16) != 0
    }
    const fn hcx(&self) -> bool {
        field(self.mmfr1, 40) != 0
    }
    const fn tcr2(&self) -> bool {
        field(self.mmfr3, 0) != 0
    }
    const fn sctlr2(&self) -> bool {
        field(self.mmfr3, 4) != 0
    }
    const fn sme_fa64(&self) -> bool {
        self.smfr0 >> 63 != 0
    }
}

/// Names the registers, and writes them on the target.
macro_rules! registers {
    ($($(#[$doc:meta])* $name:ident = $encoding:literal,)*) => {
        /// A register that EL2 owns, or that EL2 sets up for EL1.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Register {
            $($(#[$doc])* $name,)*
        }

        impl Register {
            /// Writes `value` to the register of the CPU that runs.
            ///
            /// # Safety
            /// The CPU is at EL2, has the register, and can go on with this value in it.
            #[cfg(target_arch = "aarch64")]
            pub unsafe fn write(self, value: u64) {
                match self {
                    $(Self::$name => {
                        // SAFETY: the caller vouches for the level, the register and the value.
                        unsafe {
                            core::arch::asm!(concat!("msr ", $encoding, ", {}"), in(reg) value, options(nostack, preserves_flags));
                        }
                    })*
                }
            }
        }
    };
}

registers! {
    /// Hypervisor configuration.
    HcrEl2 = "hcr_el2",
    /// Extended hypervisor configuration (FEAT_HCX).
    HcrxEl2 = "s3_4_c1_c2_2",
    /// Architectural feature traps.
    CptrEl2 = "cptr_el2",
    /// Traps by coprocessor number, AArch32 only.
    HstrEl2 = "hstr_el2",
    /// Implementation-defined hypervisor control.
    HacrEl2 = "hacr_el2",
    /// Debug and PMU traps.
    MdcrEl2 = "mdcr_el2",
    /// Stage 2 translation control.
    VtcrEl2 = "vtcr_el2",
    /// Stage 2 translation table.
    VttbrEl2 = "vttbr_el2",
    /// What EL1 reads as `MIDR_EL1`.
    VpidrEl2 = "vpidr_el2",
    /// What EL1 reads as `MPIDR_EL1`.
    VmpidrEl2 = "vmpidr_el2",
    /// EL1 access to the counter and the physical timer.
    CnthctlEl2 = "cnthctl_el2",
    /// Offset of the virtual counter.
    CntvoffEl2 = "cntvoff_el2",
    /// Offset of the physical counter (FEAT_ECV_POFF).
    CntpoffEl2 = "s3_4_c14_c0_6",
    /// The hypervisor's timer.
    CnthpCtlEl2 = "cnthp_ctl_el2",
    /// The physical timer.
    CntpCtlEl0 = "cntp_ctl_el0",
    /// The virtual timer.
    CntvCtlEl0 = "cntv_ctl_el0",
    /// GIC CPU interface by system registers (GICv3).
    IccSreEl2 = "s3_4_c12_c9_5",
    /// Virtual GIC CPU interface (GICv3).
    IchHcrEl2 = "s3_4_c12_c11_0",
    /// Software thread, EL2.
    TpidrEl2 = "tpidr_el2",
    /// Process ID, EL2 (FEAT_VHE).
    ContextidrEl2 = "s3_4_c13_c0_1",
    /// Speculation context (FEAT_CSV2_2).
    ScxtnumEl2 = "s3_4_c13_c0_7",
    /// Limited ordering regions (FEAT_LOR).
    LorcEl1 = "s3_0_c10_c4_3",
    /// Statistical profiling (FEAT_SPE).
    PmscrEl2 = "s3_4_c9_c9_0",
    /// Trace filter (FEAT_TRF).
    TrfcrEl2 = "s3_4_c1_c2_1",
    /// Branch records (FEAT_BRBE).
    BrbcrEl2 = "s2_4_c9_c0_0",
    /// Memory partitioning (FEAT_MPAM).
    Mpam2El2 = "s3_4_c10_c5_0",
    /// Fine-grained read traps (FEAT_FGT).
    HfgrtrEl2 = "s3_4_c1_c1_4",
    /// Fine-grained write traps (FEAT_FGT).
    HfgwtrEl2 = "s3_4_c1_c1_5",
    /// Fine-grained instruction traps (FEAT_FGT).
    HfgitrEl2 = "s3_4_c1_c1_6",
    /// Fine-grained debug read traps (FEAT_FGT).
    HdfgrtrEl2 = "s3_4_c3_c1_4",
    /// Fine-grained debug write traps (FEAT_FGT).
    HdfgwtrEl2 = "s3_4_c3_c1_5",
    /// Fine-grained activity monitor traps (FEAT_FGT and FEAT_AMUv1).
    HafgrtrEl2 = "s3_4_c3_c1_6",
    /// More fine-grained debug read traps (FEAT_FGT2).
    Hdfgrtr2El2 = "s3_4_c3_c1_0",
    /// More fine-grained debug write traps (FEAT_FGT2).
    Hdfgwtr2El2 = "s3_4_c3_c1_1",
    /// More fine-grained read traps (FEAT_FGT2).
    Hfgrtr2El2 = "s3_4_c3_c1_2",
    /// More fine-grained write traps (FEAT_FGT2).
    Hfgwtr2El2 = "s3_4_c3_c1_3",
    /// More fine-grained instruction traps (FEAT_FGT2).
    Hfgitr2El2 = "s3_4_c3_c1_7",
    /// Extended translation control (FEAT_TCR2).
    Tcr2El2 = "s3_4_c2_c0_3",
    /// Extended system control (FEAT_SCTLR2).
    Sctlr2El2 = "s3_4_c1_c0_3",
    /// Guarded control stack, EL2 (FEAT_GCS).
    GcscrEl2 = "s3_4_c2_c5_0",
    /// Guarded control stack, EL1 (FEAT_GCS).
    GcscrEl1 = "s3_0_c2_c5_0",
    /// Guarded control stack, EL0 (FEAT_GCS).
    Gcscre0El1 = "s3_0_c2_c5_2",
    /// System control of EL1.
    SctlrEl1 = "sctlr_el1",
    /// FP, SIMD, SVE and SME at EL1 and EL0.
    CpacrEl1 = "cpacr_el1",
    /// EL0 access to the counter and timers.
    CntkctlEl1 = "cntkctl_el1",
    /// Debug control.
    MdscrEl1 = "mdscr_el1",
    /// SVE vector length (FEAT_SVE).
    ZcrEl2 = "s3_4_c1_c2_0",
    /// SME vector length and features (FEAT_SME).
    SmcrEl2 = "s3_4_c1_c2_6",
}

const HCR_RW: u64 = 1 << 31;
const CPTR_RES1: u64 = 0x33ff;
const CPTR_TZ: u64 = 1 << 8;
const CPTR_TSM: u64 = 1 << 12;
const VTCR_RES1: u64 = 1 << 31;
const CNTHCTL_EL1PCTEN: u64 = 1 << 0;
const CNTHCTL_EL1PCEN: u64 = 1 << 1;
const ICC_SRE_ENABLE_DIB_DFB_SRE: u64 = 0xf;
const CPACR_FPEN: u64 = 0b11 << 20;
const VECTOR_LENGTH_MAX: u64 = 0xf;
const SMCR_EZT0: u64 = 1 << 30;
const SMCR_FA64: u64 = 1 << 31;

/// Calls `set` with every register that EL2 is to be left with, in an order in which they can be written.
///
/// [`Register::ZcrEl2`] and [`Register::SmcrEl2`] come last, since they trap until [`Register::CptrEl2`] has taken effect: the caller puts
/// a context synchronization event between [`Register::CptrEl2`] and them.
pub fn state_at_entry(id: &IdRegisters, mut set: impl FnMut(Register, u64)) {
    use Register as R;

    // EL1 is AArch64; nothing is trapped or virtualised.
    set(R::HcrEl2, HCR_RW);
    // Floating point, SVE and SME are not trapped (M19, M21, M24 in spirit); the trap bits are RES1 where there is no SVE or SME.
    let untrapped = if id.sve() { CPTR_TZ } else { 0 } | if id.sme() { CPTR_TSM } else { 0 };
    set(R::CptrEl2, CPTR_RES1 & !untrapped);
    set(R::HstrEl2, 0);
    set(R::HacrEl2, 0);
    // No debug or PMU traps; all event counters belong to EL1 (HPMN).
    set(R::MdcrEl2, id.pmu_counters);
    set(R::VtcrEl2, VTCR_RES1);
    set(R::VttbrEl2, 0);
    set(R::VpidrEl2, id.midr);
    set(R::VmpidrEl2, id.mpidr);

    // J2 and J3; no timer is running.
    set(R::CnthctlEl2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
    set(R::CntvoffEl2, 0);
    if id.ecv_offset() {
        set(R::CntpoffEl2, 0);
    }
    for timer in [R::CnthpCtlEl2, R::CntpCtlEl0, R::CntvCtlEl0] {
        set(timer, 0);
    }

    // M9: a GICv3 is driven by system registers, at EL1 too.
    if id.gic_system_registers() {
        set(R::IccSreEl2, ICC_SRE_ENABLE_DIB_DFB_SRE);
        set(R::IchHcrEl2, 0);
    }

    set(R::TpidrEl2, 0);
    let optional: [(bool, &[Register]); 14] = [
        (id.vhe(), &[R::ContextidrEl2]),
        (id.csv2_2(), &[R::ScxtnumEl2]),
        (id.lor(), &[R::LorcEl1]),
        (id.spe(), &[R::PmscrEl2]),
        (id.trace_filter(), &[R::TrfcrEl2]),
        (id.brbe(), &[R::BrbcrEl2]),
        (id.mpam(), &[R::Mpam2El2]),
        (id.hcx(), &[R::HcrxEl2]),
        (
            id.fgt(),
            &[R::HfgrtrEl2, R::HfgwtrEl2, R::HfgitrEl2, R::HdfgrtrEl2, R::HdfgwtrEl2],
        ),
        (id.fgt() && id.amu(), &[R::HafgrtrEl2]),
        (
            id.fgt2(),
            &[
                R::Hdfgrtr2El2,
                R::Hdfgwtr2El2,
                R::Hfgrtr2El2,
                R::Hfgwtr2El2,
                R::Hfgitr2El2,
            ],
        ),
        (id.tcr2(), &[R::Tcr2El2]),
        (id.sctlr2(), &[R::Sctlr2El2]),
        // M45
        (id.gcs(), &[R::GcscrEl2, R::GcscrEl1, R::Gcscre0El1]),
    ];
    for register in optional
        .iter()
        .filter(|(present, _)| *present)
        .flat_map(|(_, registers)| *registers)
    {
        set(*register, 0);
    }

    set(R::SctlrEl1, crate::page_tables::SCTLR_EL1_OFF);
    set(R::CpacrEl1, CPACR_FPEN);
    set(R::CntkctlEl1, 0);
    set(R::MdscrEl1, 0);

    if id.sve() {
        set(R::ZcrEl2, VECTOR_LENGTH_MAX);
    }
    if id.sme() {
        let full_a64 = if id.sme_fa64() { SMCR_FA64 } else { 0 };
        let lookup_table = if id.sme2() { SMCR_EZT0 } else { 0 };
        set(R::SmcrEl2, VECTOR_LENGTH_MAX | full_a64 | lookup_table);
    }
}

/// Brings EL2 of the CPU that runs into the state that the boot protocol asks for.
///
/// # Safety
/// The CPU is at EL2, `HCR_EL2.E2H` is clear, and nothing runs at EL1.
#[cfg(target_arch = "aarch64")]
pub unsafe fn initialise(id: &IdRegisters) {
    state_at_entry(id, |register, value| {
        if matches!(register, Register::ZcrEl2 | Register::SmcrEl2) {
            // SAFETY: a barrier; CPTR_EL2 must be in force before these registers can be reached.
            unsafe { core::arch::asm!("isb", options(nomem, nostack, preserves_flags)) };
        }
        // SAFETY: the caller vouches for EL2; `state_at_entry` names registers that the ID registers announce, with values under which
        // EL2 itself goes on as before.
        unsafe { register.write(value) };
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(id: &IdRegisters) -> Vec<(Register, u64)> {
        let mut all = Vec::new();
        state_at_entry(id, |register, value| all.push((register, value)));
        all
    }

    fn value(id: &IdRegisters, register: Register) -> Option<u64> {
        state(id)
            .into_iter()
            .find(|(name, _)| *name == register)
            .map(|(_, value)| value)
    }

    /// Cortex-A53 r0p4 in a GICv3 system.
    const A53: IdRegisters = IdRegisters {
        midr: 0x410f_d034,
        mpidr: 0x8000_0000,
        pfr0: 0x0100_2222,
        pfr1: 0,
        dfr0: 0x1030_5106,
        mmfr0: 0x0000_1122,
        mmfr1: 0,
        mmfr3: 0,
        smfr0: 0,
        pmu_counters: 6,
    };

    #[test]
    fn a_cpu_without_features_gets_the_base_registers_only() {
        let names: Vec<_> = state(&A53).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), 21);
        assert_eq!(value(&A53, Register::HcrEl2), Some(1 << 31));
        assert_eq!(value(&A53, Register::CptrEl2), Some(0x33ff));
        assert_eq!(value(&A53, Register::CnthctlEl2), Some(3));
        assert_eq!(value(&A53, Register::CntvoffEl2), Some(0));
        assert_eq!(value(&A53, Register::MdcrEl2), Some(6));
        assert_eq!(value(&A53, Register::VpidrEl2), Some(0x410f_d034));
        assert_eq!(value(&A53, Register::VmpidrEl2), Some(0x8000_0000));
        assert_eq!(value(&A53, Register::IccSreEl2), Some(0xf));
        assert_eq!(value(&A53, Register::SctlrEl1), Some(0x30d0_0800));
        assert_eq!(value(&A53, Register::ZcrEl2), None);
    }

    #[test]
    fn a_gicv2_has_no_system_registers_to_write() {
        let id = IdRegisters { pfr0: 0x2222, ..A53 };
        assert_eq!(value(&id, Register::IccSreEl2), None);
        assert_eq!(value(&id, Register::IchHcrEl2), None);
    }

    #[test]
    fn each_feature_brings_its_registers_and_no_others() {
        use Register as R;
        let with = |change: fn(&mut IdRegisters)| {
            let mut id = A53;
            change(&mut id);
            let base = state(&A53);
            state(&id)
                .into_iter()
                .map(|(name, _)| name)
                .filter(|name| !base.iter().any(|(old, _)| old == name))
                .collect::<Vec<_>>()
        };
        assert_eq!(with(|id| id.pfr0 |= 1 << 32), [R::ZcrEl2]);
        assert_eq!(with(|id| id.pfr1 |= 1 << 24), [R::SmcrEl2]);
        assert_eq!(with(|id| id.pfr0 |= 1 << 40), [R::Mpam2El2]);
        assert_eq!(with(|id| id.pfr0 |= 2 << 56), [R::ScxtnumEl2]);
        assert_eq!(with(|id| id.pfr0 |= 1 << 56), [], "FEAT_CSV2 alone has no SCXTNUM_EL2");
        assert_eq!(with(|id| id.pfr1 |= 1 << 44), [R::GcscrEl2, R::GcscrEl1, R::Gcscre0El1]);
        assert_eq!(with(|id| id.dfr0 |= 1 << 32), [R::PmscrEl2]);
        assert_eq!(with(|id| id.dfr0 |= 1 << 40), [R::TrfcrEl2]);
        assert_eq!(with(|id| id.dfr0 |= 1 << 52), [R::BrbcrEl2]);
        assert_eq!(with(|id| id.mmfr0 |= 1 << 56).len(), 5);
        assert_eq!(with(|id| id.mmfr0 |= 2 << 56).len(), 10);
        assert_eq!(
            with(|id| (id.mmfr0, id.pfr0) = (id.mmfr0 | 1 << 56, id.pfr0 | 1 << 44)).len(),
            6
        );
        assert_eq!(with(|id| id.mmfr0 |= 2 << 60), [R::CntpoffEl2]);
        assert_eq!(with(|id| id.mmfr1 |= 1 << 8), [R::ContextidrEl2]);
        assert_eq!(with(|id| id.mmfr1 |= 1 << 16), [R::LorcEl1]);
        assert_eq!(with(|id| id.mmfr1 |= 1 << 40), [R::HcrxEl2]);
        assert_eq!(with(|id| id.mmfr3 |= 1), [R::Tcr2El2]);
        assert_eq!(with(|id| id.mmfr3 |= 1 << 4), [R::Sctlr2El2]);
    }

    #[test]
    fn vector_extensions_are_not_trapped_and_as_long_as_they_get() {
        let sve = IdRegisters {
            pfr0: A53.pfr0 | 1 << 32,
            ..A53
        };
        assert_eq!(value(&sve, Register::CptrEl2), Some(0x32ff));
        assert_eq!(value(&sve, Register::ZcrEl2), Some(0xf));
        let sme2 = IdRegisters {
            pfr1: 2 << 24,
            smfr0: 1 << 63,
            ..A53
        };
        assert_eq!(value(&sme2, Register::CptrEl2), Some(0x23ff));
        assert_eq!(value(&sme2, Register::SmcrEl2), Some(0xc000_000f));
    }

    #[test]
    fn vector_lengths_come_after_the_traps_are_off() {
        let id = IdRegisters {
            pfr0: A53.pfr0 | 1 << 32,
            pfr1: 1 << 24,
            ..A53
        };
        let names: Vec<_> = state(&id).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[names.len() - 2..], [Register::ZcrEl2, Register::SmcrEl2]);
        assert!(names.iter().position(|name| *name == Register::CptrEl2).unwrap() < names.len() - 2);
    }
}
