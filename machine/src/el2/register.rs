//! The registers that EL2 owns, by name.

use crate::registers::registers;

registers! {
    /// A register that EL2 owns, or that EL2 sets up for EL1.
    pub enum Register {
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
        /// The value that EL1 reads as `MIDR_EL1`.
        VpidrEl2 = "vpidr_el2",
        /// The value that EL1 reads as `MPIDR_EL1`.
        VmpidrEl2 = "vmpidr_el2",
        /// EL1 access to the counter and the physical timer.
        CnthctlEl2 = "cnthctl_el2",
        /// Offset of the virtual counter.
        CntvoffEl2 = "cntvoff_el2",
        /// Offset of the physical counter (FEAT_ECV_POFF).
        CntpoffEl2 = "s3_4_c14_c0_6",
        /// The hypervisor's timer.
        CnthpCtlEl2 = "cnthp_ctl_el2",
        /// The hypervisor's virtual timer (FEAT_VHE).
        CnthvCtlEl2 = "s3_4_c14_c3_1",
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
        /// Statistical profiling (FEAT_SPE).
        PmscrEl2 = "s3_4_c9_c9_0",
        /// Trace filter (FEAT_TRF).
        TrfcrEl2 = "s3_4_c1_c2_1",
        /// Branch records (FEAT_BRBE).
        BrbcrEl2 = "s2_4_c9_c0_0",
        /// Memory partitioning (FEAT_MPAM).
        Mpam2El2 = "s3_4_c10_c5_0",
        /// Memory partitioning of virtual machines (FEAT_MPAM).
        MpamhcrEl2 = "s3_4_c10_c4_0",
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
        /// SVE vector length (FEAT_SVE).
        ZcrEl2 = "s3_4_c1_c2_0",
        /// SME vector length and features (FEAT_SME).
        SmcrEl2 = "s3_4_c1_c2_6",
    }
}
