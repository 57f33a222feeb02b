//! Registers of EL3.

use super::{fill, fill_but, has};

/// `SCR_EL3.NS`; `EEL2`, for registers of a secure EL2.
const SCR_NS: u64 = 1 << 0;
const SCR_EEL2: u64 = 1 << 18;
/// `SCR_EL3.NSE`, `NMEA` and `EASE` are 0 at reset.
const SCR_KEPT: u64 = 1 << 62 | 1 << 20 | 1 << 19;
/// `CPTR_EL3.ESM` and `EZ`: where they are 0, EL3 itself has no SVE and no SME.
const CPTR_SVE_AND_SME: u64 = 1 << 12 | 1 << 8;
/// What of `MDCR_EL3` has no value at reset: `SBRBE`, `TDCC`, `NSTB`, `TTRF`, `SDD`, `SPD32`,
/// `NSPB`, `TDOSA`, `TDA`, `EnPM2` and `TPM`.
const MDCR_UNKNOWN: u64 =
    0b11 << 32 | 1 << 27 | 0b11 << 24 | 1 << 19 | 0b111 << 14 | 0b11 << 12 | 1 << 10 | 1 << 9 | 1 << 7 | 1 << 6;
/// `SCTLR_EL3.M`, `C`, `I`, `IESB`, `NMI` and `SPINTMASK` are left; `EE` and `DSSBS` are as the
/// machine says.
const SCTLR_KEPT: u64 = 1 << 62 | 1 << 61 | 1 << 44 | 1 << 25 | 1 << 21 | 1 << 12 | 1 << 2 | 1;

/// Returns whether there is an EL2.
pub fn has_el2() -> bool {
    has(read!("id_aa64pfr0_el1"), 8, 1)
}

/// Lets EL3 reach registers of lower levels, of the normal world and of a secure EL2.
pub fn open_lower_levels() {
    let secure_el2 = SCR_EEL2 * u64::from(has(read!("id_aa64pfr0_el1"), 36, 1));
    write!("scr_el3", SCR_NS | secure_el2);
    write!("cptr_el3", CPTR_SVE_AND_SME);
    barrier!();
}

/// Fills them.
pub fn fill(garbage: u64) {
    let [pfr0, pfr1, mmfr3] = [
        read!("id_aa64pfr0_el1"),
        read!("id_aa64pfr1_el1"),
        read!("s3_0_c0_c7_3"),
    ];
    fill!(garbage, "ttbr0_el3" "tcr_el3" "mair_el3" "amair_el3" "afsr0_el3" "afsr1_el3");
    fill!(garbage, "vbar_el3" "esr_el3" "far_el3" "elr_el3" "spsr_el3" "tpidr_el3" "sp_el0");
    // CNTPS_CVAL_EL1, CNTPS_CTL_EL1
    fill!(garbage, "s3_7_c14_c2_2" "s3_7_c14_c2_1");
    // SDER32_EL3
    if has(pfr0, 4, 2) {
        fill!(garbage, "s3_6_c1_c1_1");
    }
    // SCXTNUM_EL3
    if has(pfr0, 56, 2) || has(pfr1, 32, 2) {
        fill!(garbage, "s3_6_c13_c0_7");
    }
    // TFSR_EL3
    if has(pfr1, 8, 2) {
        fill!(garbage, "s3_6_c5_c6_0");
    }
    // ZCR_EL3
    if has(pfr0, 32, 1) {
        fill!(garbage, "s3_6_c1_c2_0");
    }
    // SMCR_EL3
    if has(pfr1, 24, 1) {
        fill!(garbage, "s3_6_c1_c2_6");
    }
    // PIR_EL3
    if has(mmfr3, 8, 1) {
        fill!(garbage, "s3_6_c10_c2_3");
    }
    // POR_EL3
    if has(mmfr3, 16, 1) {
        fill!(garbage, "s3_6_c10_c2_4");
    }
    // MAIR2_EL3, AMAIR2_EL3
    if has(mmfr3, 24, 1) {
        fill!(garbage, "s3_6_c10_c1_1" "s3_6_c10_c3_1");
    }
    // MECID_RL_A_EL3
    if has(mmfr3, 28, 1) {
        fill!(garbage, "s3_6_c10_c10_1");
    }
    // GCSPR_EL3
    if has(pfr1, 44, 1) {
        fill!(garbage, "s3_6_c2_c5_1");
    }
    fill_but!(garbage, "sctlr_el3", SCTLR_KEPT);
    fill_but!(garbage, "mdcr_el3", !MDCR_UNKNOWN);
    fill!(garbage, "cptr_el3");
    fill_but!(garbage, "scr_el3", SCR_KEPT);
}
