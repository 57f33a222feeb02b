//! The registers that EL3 owns, by name.

use crate::registers::registers;

registers! {
    /// A register that only EL3 writes, or that EL3 sets up for the level that it enters.
    pub enum Register {
        /// Secure configuration: what lower levels may use, and where exceptions go.
        ScrEl3 = "scr_el3",
        /// Architectural feature traps.
        CptrEl3 = "cptr_el3",
        /// Debug, trace and PMU traps.
        MdcrEl3 = "mdcr_el3",
        /// SVE vector length (FEAT_SVE).
        ZcrEl3 = "s3_6_c1_c2_0",
        /// SME vector length and features (FEAT_SME).
        SmcrEl3 = "s3_6_c1_c2_6",
        /// Streaming mode and the ZA array (FEAT_SME).
        Svcr = "s3_3_c4_c2_2",
        /// Memory partitioning (FEAT_MPAM).
        Mpam3El3 = "s3_6_c10_c5_0",
        /// Activity monitors: how they count (FEAT_AMUv1).
        AmcrEl0 = "s3_3_c13_c2_0",
        /// Activity monitors: the architected ones that count (FEAT_AMUv1).
        Amcntenset0El0 = "s3_3_c13_c2_5",
        /// Activity monitors: the auxiliary ones that count (FEAT_AMUv1).
        Amcntenset1El0 = "s3_3_c13_c3_1",
        /// GIC CPU interface by system registers (GICv3).
        IccSreEl3 = "s3_6_c12_c12_5",
        /// The same for EL1 of the security state that `SCR_EL3.NS` selects (GICv3).
        IccSreEl1 = "s3_0_c12_c12_5",
        /// Control of the GIC CPU interface (GICv3).
        IccCtlrEl3 = "s3_6_c12_c12_4",
        /// Group 0 interrupts (GICv3).
        IccIgrpen0El1 = "s3_0_c12_c12_6",
        /// Group 1 interrupts of both security states (GICv3).
        IccIgrpen1El3 = "s3_6_c12_c12_7",
        /// The priority below which interrupts wait (GICv3).
        IccPmrEl1 = "s3_0_c4_c6_0",
        /// The frequency of the counter.
        CntfrqEl0 = "cntfrq_el0",
        /// The secure physical timer.
        CntpsCtlEl1 = "s3_7_c14_c2_1",
        /// System control of EL2.
        SctlrEl2 = "sctlr_el2",
    }
}
