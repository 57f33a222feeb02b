//! A kernel that is entered at EL1 though there is an EL2, which has to let it do what EL1 may.

use crate::mutations;

/// `SPSR_EL3.M`: EL1, with its own stack pointer.
const EL1H: u64 = 0b0101;
/// `HCR_EL2.RW`, `APK`, `API`, `EnSCXT` and `ATA`.
const HCR: u64 = 1 << 56 | 1 << 53 | 1 << 41 | 1 << 40 | 1 << 31;

/// `SCTLR_EL2.EnTP2`.
const TPIDR2: u64 = 60;
/// `HCRX_EL2.EnFPM`, `GCSEn`, `SCTLR2En`, `TCR2En`, `MSCEn`, `MCE2`, `EnASR` and `EnALS`.
const HCRX: u64 = 1 << 23 | 1 << 22 | 1 << 15 | 1 << 14 | 1 << 11 | 1 << 10 | 1 << 2 | 1 << 1;
/// `HFGRTR_EL2` and `HFGWTR_EL2`: what is 1 where nothing is trapped, for AIE, S1PIE, SME and GCS.
const FINE_GRAINED: u64 = 0b11 << 62 | 0b11 << 57 | 0b11 << 54 | 0b11 << 52;
/// The same of `HFGITR_EL2`, for GCS.
const FINE_GRAINED_INSTRUCTIONS: u64 = 0b111 << 57;

/// Returns whether the CPU has FEAT_FGT, by `ID_AA64MMFR0_EL1.FGT`.
fn has_fgt() -> bool {
    read!("id_aa64mmfr0_el1") >> 56 & 0xf != 0
}

/// Returns whether the CPU has FEAT_HCX, by `ID_AA64MMFR1_EL1.HCX`.
fn has_hcx() -> bool {
    read!("id_aa64mmfr1_el1") >> 40 & 0xf != 0
}

/// Has the CPU go on at EL1, with nothing that traps to EL2.
pub fn enter_at_el1() {
    write!("spsr_el3", read!("spsr_el3") & !0b1111 | EL1H);
    write!("hcr_el2", HCR);
    set!("sctlr_el2", TPIDR2);
    if has_hcx() {
        write!("s3_4_c1_c2_2", HCRX);
    }
    if has_fgt() {
        write!("s3_4_c1_c1_4", FINE_GRAINED);
        write!("s3_4_c1_c1_5", FINE_GRAINED);
        write!("s3_4_c1_c1_6", FINE_GRAINED_INSTRUCTIONS);
    }
}

mutations! {
    /// Nothing is broken: entry at EL1 is allowed, where it is the same on all CPUs.
    fn nothing_below_el2(_) { enter_at_el1() }
    /// `CNTHCTL_EL2.EL1PCTEN` is 0.
    fn j3_counter(_) {
        enter_at_el1();
        clear!("cnthctl_el2", 0);
    }
    /// `HCR_EL2.APK` is 0.
    fn m13_keys(_) {
        enter_at_el1();
        clear!("hcr_el2", 40);
    }
    /// `HCR_EL2.API` is 0.
    fn m13_instructions(_) {
        enter_at_el1();
        clear!("hcr_el2", 41);
    }
    /// `CPTR_EL2.TFP` is 1.
    fn m20_fp(_) {
        enter_at_el1();
        set!("cptr_el2", 10);
    }
    /// `CPTR_EL2.TZ` is 1.
    fn m23_sve(_) {
        enter_at_el1();
        set!("cptr_el2", 8);
    }
    /// `CPTR_EL2.TSM` is 1.
    fn m27_sme(_) {
        enter_at_el1();
        set!("cptr_el2", 12);
    }
    /// `SMCR_EL2.FA64` is 0.
    fn m29_fa64(_) {
        enter_at_el1();
        clear!("s3_4_c1_c2_6", 31);
    }
    /// `HCR_EL2.ATA` is 0.
    fn m31_tags(_) {
        enter_at_el1();
        clear!("hcr_el2", 56);
    }
    /// `SMCR_EL2.EZT0` is 0.
    fn m33_zt0(_) {
        enter_at_el1();
        clear!("s3_4_c1_c2_6", 30);
    }
    /// `HCRX_EL2.MSCEn` is 0.
    fn m40_copies(_) {
        enter_at_el1();
        if has_hcx() {
            clear!("s3_4_c1_c2_2", 11);
        }
    }
    /// `HCRX_EL2.TCR2En` is 0.
    fn m42_translation(_) {
        enter_at_el1();
        if has_hcx() {
            clear!("s3_4_c1_c2_2", 14);
        }
    }
    /// `HFGRTR_EL2.nPIR_EL1` is 0.
    fn m44_permissions(_) {
        enter_at_el1();
        if has_fgt() {
            clear!("s3_4_c1_c1_4", 58);
        }
    }
    /// `HCRX_EL2.GCSEn` is 0.
    fn m47_stacks(_) {
        enter_at_el1();
        if has_hcx() {
            clear!("s3_4_c1_c2_2", 22);
        }
    }
}
