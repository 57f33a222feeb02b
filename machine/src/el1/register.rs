//! The registers of EL1 and EL0 that are initialised, by name.

use crate::registers::registers;

registers! {
    /// A register that EL1 owns.
    pub enum Register {
        /// System control.
        SctlrEl1 = "sctlr_el1",
        /// Extended system control (FEAT_SCTLR2).
        Sctlr2El1 = "s3_0_c1_c0_3",
        /// Extended translation control (FEAT_TCR2).
        Tcr2El1 = "s3_0_c2_c0_3",
        /// FP, SIMD, SVE and SME at EL1 and EL0.
        CpacrEl1 = "cpacr_el1",
        /// EL0 access to the counter and timers.
        CntkctlEl1 = "cntkctl_el1",
        /// The physical timer.
        CntpCtlEl0 = "cntp_ctl_el0",
        /// The virtual timer.
        CntvCtlEl0 = "cntv_ctl_el0",
        /// Debug control.
        MdscrEl1 = "mdscr_el1",
        /// Process ID.
        ContextidrEl1 = "contextidr_el1",
        /// Software thread, EL1.
        TpidrEl1 = "tpidr_el1",
        /// Speculation context of EL1 (FEAT_CSV2_2).
        ScxtnumEl1 = "s3_0_c13_c0_7",
        /// Speculation context of EL0 (FEAT_CSV2_2).
        ScxtnumEl0 = "s3_3_c13_c0_7",
        /// Limited ordering regions (FEAT_LOR).
        LorcEl1 = "s3_0_c10_c4_3",
        /// Statistical profiling (FEAT_SPE).
        PmscrEl1 = "s3_0_c9_c9_0",
        /// Trace filter (FEAT_TRF).
        TrfcrEl1 = "s3_0_c1_c2_1",
        /// Branch records (FEAT_BRBE).
        BrbcrEl1 = "s2_1_c9_c0_0",
        /// Memory partitioning at EL1 (FEAT_MPAM).
        Mpam1El1 = "s3_0_c10_c5_0",
        /// Memory partitioning at EL0 (FEAT_MPAM).
        Mpam0El1 = "s3_0_c10_c5_1",
        /// Guarded control stack, EL1 (FEAT_GCS).
        GcscrEl1 = "s3_0_c2_c5_0",
        /// Guarded control stack, EL0 (FEAT_GCS).
        Gcscre0El1 = "s3_0_c2_c5_2",
    }
}
