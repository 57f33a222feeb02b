//! The system registers that the clauses are about (DDI0487, D24).

use crate::instruction::Register;

macro_rules! registers {
    ($($name:ident = $op0:literal, $op1:literal, $crn:literal, $crm:literal, $op2:literal;)*) => {
        $(pub(crate) const $name: Register = Register::new(stringify!($name), [$op0, $op1, $crn, $crm, $op2]);)*
    };
}

registers! {
    ID_AA64PFR0_EL1 = 3, 0, 0, 4, 0;
    ID_AA64PFR1_EL1 = 3, 0, 0, 4, 1;
    ID_AA64PFR2_EL1 = 3, 0, 0, 4, 2;
    ID_AA64SMFR0_EL1 = 3, 0, 0, 4, 5;
    ID_AA64DFR0_EL1 = 3, 0, 0, 5, 0;
    ID_AA64ISAR1_EL1 = 3, 0, 0, 6, 1;
    ID_AA64ISAR2_EL1 = 3, 0, 0, 6, 2;
    ID_AA64MMFR0_EL1 = 3, 0, 0, 7, 0;
    ID_AA64MMFR1_EL1 = 3, 0, 0, 7, 1;
    ID_AA64MMFR3_EL1 = 3, 0, 0, 7, 3;
    MIDR_EL1 = 3, 0, 0, 0, 0;
    MPIDR_EL1 = 3, 0, 0, 0, 5;
    SCTLR_EL1 = 3, 0, 1, 0, 0;
    CPACR_EL1 = 3, 0, 1, 0, 2;
    SCTLR2_EL1 = 3, 0, 1, 0, 3;
    RGSR_EL1 = 3, 0, 1, 0, 5;
    GCR_EL1 = 3, 0, 1, 0, 6;
    ZCR_EL1 = 3, 0, 1, 2, 0;
    SMPRI_EL1 = 3, 0, 1, 2, 4;
    SMCR_EL1 = 3, 0, 1, 2, 6;
    TRFCR_EL1 = 3, 0, 1, 2, 1;
    TCR2_EL1 = 3, 0, 2, 0, 3;
    APIAKEYLO_EL1 = 3, 0, 2, 1, 0;
    GCSCR_EL1 = 3, 0, 2, 5, 0;
    GCSCRE0_EL1 = 3, 0, 2, 5, 2;
    ICC_PMR_EL1 = 3, 0, 4, 6, 0;
    ERRIDR_EL1 = 3, 0, 5, 3, 0;
    PMSCR_EL1 = 3, 0, 9, 9, 0;
    PMSIDR_EL1 = 3, 0, 9, 9, 7;
    PMSDSFR_EL1 = 3, 0, 9, 10, 4;
    TRBLIMITR_EL1 = 3, 0, 9, 11, 0;
    PMUACR_EL1 = 3, 0, 9, 14, 4;
    PIRE0_EL1 = 3, 0, 10, 2, 2;
    PIR_EL1 = 3, 0, 10, 2, 3;
    MAIR2_EL1 = 3, 0, 10, 2, 1;
    LORC_EL1 = 3, 0, 10, 4, 3;
    MPAM1_EL1 = 3, 0, 10, 5, 0;
    ICC_CTLR_EL1 = 3, 0, 12, 12, 4;
    ICC_SRE_EL1 = 3, 0, 12, 12, 5;
    SCXTNUM_EL1 = 3, 0, 13, 0, 7;
    FPMR = 3, 3, 4, 4, 2;
    PMCR_EL0 = 3, 3, 9, 12, 0;
    TPIDR2_EL0 = 3, 3, 13, 0, 5;
    AMCNTENSET0_EL0 = 3, 3, 13, 2, 5;
    CNTFRQ_EL0 = 3, 3, 14, 0, 0;
    CNTPCT_EL0 = 3, 3, 14, 0, 1;
    CNTVCT_EL0 = 3, 3, 14, 0, 2;
    CNTP_CTL_EL0 = 3, 3, 14, 2, 1;
    CNTV_CTL_EL0 = 3, 3, 14, 3, 1;
    VPIDR_EL2 = 3, 4, 0, 0, 0;
    VMPIDR_EL2 = 3, 4, 0, 0, 5;
    SCTLR_EL2 = 3, 4, 1, 0, 0;
    HCR_EL2 = 3, 4, 1, 1, 0;
    MDCR_EL2 = 3, 4, 1, 1, 1;
    CPTR_EL2 = 3, 4, 1, 1, 2;
    HSTR_EL2 = 3, 4, 1, 1, 3;
    HFGRTR_EL2 = 3, 4, 1, 1, 4;
    ZCR_EL2 = 3, 4, 1, 2, 0;
    HCRX_EL2 = 3, 4, 1, 2, 2;
    SMCR_EL2 = 3, 4, 1, 2, 6;
    VTTBR_EL2 = 3, 4, 2, 1, 0;
    VTCR_EL2 = 3, 4, 2, 1, 2;
    GCSCR_EL2 = 3, 4, 2, 5, 0;
    HDFGRTR2_EL2 = 3, 4, 3, 1, 0;
    MPAM2_EL2 = 3, 4, 10, 5, 0;
    ICC_SRE_EL2 = 3, 4, 12, 9, 5;
    CNTVOFF_EL2 = 3, 4, 14, 0, 3;
    CNTPOFF_EL2 = 3, 4, 14, 0, 6;
    CNTHP_CTL_EL2 = 3, 4, 14, 2, 1;
    MDSCR_EL1 = 2, 0, 0, 2, 2;
    OSLAR_EL1 = 2, 0, 1, 0, 4;
    OSDLR_EL1 = 2, 0, 1, 3, 4;
    BRBCR_EL1 = 2, 1, 9, 0, 0;
}
