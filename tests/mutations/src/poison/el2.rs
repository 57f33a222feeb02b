//! Registers of EL2.

use super::{fill, fill_but, has};

/// `SCTLR_EL2` at a CPU that starts at EL2: `M`, `C`, `I`, `IESB`, `NMI` and `SPINTMASK` are left;
/// `EE` and `DSSBS` are as the machine says.
const SCTLR_KEPT: u64 = 1 << 62 | 1 << 61 | 1 << 44 | 1 << 25 | 1 << 21 | 1 << 12 | 1 << 2 | 1;
/// `CNTHCTL_EL2` at such a CPU, but for the counter and the timer of EL1.
const CNTHCTL_KEPT: u64 = !0b11;

/// Fills them from EL3, where they have no value at reset at all.
pub fn fill_from_above(garbage: u64) {
    let [pfr0, pfr1] = [read!("id_aa64pfr0_el1"), read!("id_aa64pfr1_el1")];
    let [mmfr0, mmfr1, mmfr2] = [
        read!("id_aa64mmfr0_el1"),
        read!("id_aa64mmfr1_el1"),
        read!("id_aa64mmfr2_el1"),
    ];
    let mmfr3 = read!("s3_0_c0_c7_3");
    fill!(garbage, "sctlr_el2" "sp_el2" "mdcr_el2" "cnthctl_el2" "vpidr_el2" "vmpidr_el2");
    // HCRX_EL2
    if has(mmfr1, 40, 1) {
        fill!(garbage, "s3_4_c1_c2_2");
    }
    // HFGRTR_EL2, HFGWTR_EL2, HFGITR_EL2, HDFGRTR_EL2, HDFGWTR_EL2
    if has(mmfr0, 56, 1) {
        fill!(garbage, "s3_4_c1_c1_4" "s3_4_c1_c1_5" "s3_4_c1_c1_6" "s3_4_c3_c1_4" "s3_4_c3_c1_5");
    }
    // HDFGRTR2_EL2, HDFGWTR2_EL2, HFGRTR2_EL2, HFGWTR2_EL2, HFGITR2_EL2
    if has(mmfr0, 56, 2) {
        fill!(garbage, "s3_4_c3_c1_0" "s3_4_c3_c1_1" "s3_4_c3_c1_2" "s3_4_c3_c1_3" "s3_4_c3_c1_7");
    }
    // TCR2_EL2
    if has(mmfr3, 0, 1) {
        fill!(garbage, "s3_4_c2_c0_3");
    }
    // SCTLR2_EL2
    if has(mmfr3, 4, 1) {
        fill!(garbage, "s3_4_c1_c0_3");
    }
    // GCSCR_EL2
    if has(pfr1, 44, 1) {
        fill!(garbage, "s3_4_c2_c5_0");
    }
    // VSTCR_EL2, VSTTBR_EL2. The timers of a secure EL2 are off without one, and QEMU 7.2 has none.
    if has(pfr0, 36, 1) {
        fill!(garbage, "s3_4_c2_c6_2" "s3_4_c2_c6_0");
    }
    // MECID_P0_EL2, MECID_A0_EL2, MECID_P1_EL2, MECID_A1_EL2, VMECID_P_EL2, VMECID_A_EL2
    if has(mmfr3, 28, 1) {
        fill!(garbage, "s3_4_c10_c8_0" "s3_4_c10_c8_1" "s3_4_c10_c8_2" "s3_4_c10_c8_3" "s3_4_c10_c9_0" "s3_4_c10_c9_1");
    }
    // VNCR_EL2
    if has(mmfr2, 24, 2) {
        fill!(garbage, "s3_4_c2_c2_0");
    }
    fill_common(garbage);
}

/// Fills them at EL2. Registers of later features, and those that a kernel at EL1 needs nobody for,
/// have values at reset.
pub fn fill_own(garbage: u64) {
    fill_but!(garbage, "cnthctl_el2", CNTHCTL_KEPT);
    fill_but!(garbage, "sctlr_el2", SCTLR_KEPT);
    fill_common(garbage);
}

/// What has no value at reset, wherever the CPU starts. `HCR_EL2` comes last, as it may change what
/// others are.
fn fill_common(garbage: u64) {
    let [pfr0, pfr1] = [read!("id_aa64pfr0_el1"), read!("id_aa64pfr1_el1")];
    let [mmfr0, mmfr1, mmfr3] = [
        read!("id_aa64mmfr0_el1"),
        read!("id_aa64mmfr1_el1"),
        read!("s3_0_c0_c7_3"),
    ];
    fill!(garbage, "ttbr0_el2" "tcr_el2" "mair_el2" "amair_el2" "vttbr_el2" "vtcr_el2" "hstr_el2" "hacr_el2");
    fill!(garbage, "vbar_el2" "esr_el2" "far_el2" "hpfar_el2" "afsr0_el2" "afsr1_el2" "elr_el2" "spsr_el2" "tpidr_el2");
    fill!(garbage, "cntvoff_el2" "cnthp_cval_el2" "cnthp_ctl_el2");
    // CNTPOFF_EL2
    if has(mmfr0, 60, 2) {
        fill!(garbage, "s3_4_c14_c0_6");
    }
    // TTBR1_EL2, CONTEXTIDR_EL2, CNTHV_CVAL_EL2, CNTHV_CTL_EL2
    if has(mmfr1, 8, 1) {
        fill!(garbage, "s3_4_c2_c0_1" "s3_4_c13_c0_1" "s3_4_c14_c3_2" "s3_4_c14_c3_1");
    }
    // SCXTNUM_EL2
    if has(pfr0, 56, 2) || has(pfr1, 32, 2) {
        fill!(garbage, "s3_4_c13_c0_7");
    }
    // VDISR_EL2, VSESR_EL2
    if has(pfr0, 28, 1) {
        fill!(garbage, "s3_4_c12_c1_1" "s3_4_c5_c2_3");
    }
    // TFSR_EL2
    if has(pfr1, 8, 2) {
        fill!(garbage, "s3_4_c5_c6_0");
    }
    // ZCR_EL2
    if has(pfr0, 32, 1) {
        fill!(garbage, "s3_4_c1_c2_0");
    }
    // SMCR_EL2, SMPRIMAP_EL2
    if has(pfr1, 24, 1) {
        fill!(garbage, "s3_4_c1_c2_6" "s3_4_c1_c2_5");
    }
    // PIRE0_EL2, PIR_EL2
    if has(mmfr3, 8, 1) {
        fill!(garbage, "s3_4_c10_c2_2" "s3_4_c10_c2_3");
    }
    // S2PIR_EL2
    if has(mmfr3, 12, 1) {
        fill!(garbage, "s3_4_c10_c2_5");
    }
    // POR_EL2
    if has(mmfr3, 16, 1) {
        fill!(garbage, "s3_4_c10_c2_4");
    }
    // MAIR2_EL2, AMAIR2_EL2
    if has(mmfr3, 24, 1) {
        fill!(garbage, "s3_4_c10_c1_1" "s3_4_c10_c3_1");
    }
    // GCSPR_EL2
    if has(pfr1, 44, 1) {
        fill!(garbage, "s3_4_c2_c5_1");
    }
    fill!(garbage, "cptr_el2" "hcr_el2");
}
