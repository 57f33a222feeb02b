//! Registers of EL1 and EL0.

use super::{debug, fill, fill_but, has};

/// `SCTLR_EL1` at a CPU that starts at EL1: `M`, `C`, `I`, `IESB`, `NMI` and `SPINTMASK` are left;
/// `EE`, `E0E` and `DSSBS` are as the machine says.
const SCTLR_KEPT: u64 = 1 << 62 | 1 << 61 | 1 << 44 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 12 | 1 << 2 | 1;
/// `CNTP_CTL_EL0.IMASK`: QEMU 11.1 fails an assertion where an interrupt comes or goes as a write
/// to SCR_EL3 moves the timer by `CNTPOFF_EL2`.
const CNTP_IMASK: u64 = 1 << 1;
/// `msr pan, #1`, which assemblers take only for CPUs that are known to have it.
const MSR_PAN_1: u32 = 0xd500_419f;

/// Fills them from EL2 or EL3, where they have no value at reset at all.
pub fn fill_from_above(garbage: u64) {
    fill_features(garbage, true);
    fill!(garbage, "sctlr_el1" "sp_el1");
    if has(read!("id_aa64pfr0_el1"), 4, 2) {
        // Registers of AArch32 at EL1: DACR, IFSR, SPSR of its modes, and DBGVCR.
        fill!(garbage, "dacr32_el2" "ifsr32_el2" "spsr_abt" "spsr_fiq" "spsr_irq" "spsr_und" "dbgvcr32_el2");
    }
    fill_common(garbage);
}

/// Fills them at EL1.
pub fn fill_own(garbage: u64) {
    fill_features(garbage, false);
    fill_common(garbage);
    if has(read!("id_aa64mmfr1_el1"), 20, 1) && garbage & 1 != 0 {
        // SAFETY: nothing here is open to EL0.
        unsafe { core::arch::asm!(".inst {}", const MSR_PAN_1, options(nomem, nostack)) };
    }
    fill_but!(garbage, "sctlr_el1", SCTLR_KEPT);
}

/// What every CPU has.
fn fill_common(garbage: u64) {
    debug::fill(garbage);
    fill!(garbage, "ttbr0_el1" "ttbr1_el1" "tcr_el1" "mair_el1" "amair_el1" "contextidr_el1");
    fill!(garbage, "vbar_el1" "esr_el1" "far_el1" "afsr0_el1" "afsr1_el1" "par_el1" "elr_el1" "spsr_el1");
    fill!(garbage, "tpidr_el1" "tpidr_el0" "tpidrro_el0" "csselr_el1" "cpacr_el1");
    fill!(garbage, "cntkctl_el1" "cntp_cval_el0" "cntv_cval_el0" "cntv_ctl_el0");
    write!("cntp_ctl_el0", garbage | CNTP_IMASK);
}

/// What the ID registers announce. Registers that decide about translation at the level that runs
/// are 0 at reset.
fn fill_features(garbage: u64, is_from_above: bool) {
    let [pfr0, pfr1, pfr2] = [
        read!("id_aa64pfr0_el1"),
        read!("id_aa64pfr1_el1"),
        read!("s3_0_c0_c4_2"),
    ];
    let [isar1, isar2] = [read!("id_aa64isar1_el1"), read!("s3_0_c0_c6_2")];
    let [mmfr1, mmfr3] = [read!("id_aa64mmfr1_el1"), read!("s3_0_c0_c7_3")];
    // Keys of pointer authentication.
    if isar1 & 0xff00_0ff0 != 0 || isar2 & 0xff00 != 0 {
        fill!(garbage, "s3_0_c2_c1_0" "s3_0_c2_c1_1" "s3_0_c2_c1_2" "s3_0_c2_c1_3" "s3_0_c2_c2_0");
        fill!(garbage, "s3_0_c2_c2_1" "s3_0_c2_c2_2" "s3_0_c2_c2_3" "s3_0_c2_c3_0" "s3_0_c2_c3_1");
    }
    // SCXTNUM_EL1, SCXTNUM_EL0
    if has(pfr0, 56, 2) || has(pfr1, 32, 2) {
        fill!(garbage, "s3_0_c13_c0_7" "s3_3_c13_c0_7");
    }
    // LORSA_EL1, LOREA_EL1, LORN_EL1, LORC_EL1
    if has(mmfr1, 16, 1) {
        fill!(garbage, "s3_0_c10_c4_0" "s3_0_c10_c4_1" "s3_0_c10_c4_2" "s3_0_c10_c4_3");
    }
    // DISR_EL1
    if has(pfr0, 28, 1) {
        fill!(garbage, "s3_0_c12_c1_1");
    }
    // RGSR_EL1, GCR_EL1, TFSR_EL1, TFSRE0_EL1
    if has(pfr1, 8, 2) {
        fill!(garbage, "s3_0_c1_c0_5" "s3_0_c1_c0_6" "s3_0_c5_c6_0" "s3_0_c5_c6_1");
    }
    // ZCR_EL1
    if has(pfr0, 32, 1) {
        fill!(garbage, "s3_0_c1_c2_0");
    }
    // SMCR_EL1, SMPRI_EL1, TPIDR2_EL0
    if has(pfr1, 24, 1) {
        fill!(garbage, "s3_0_c1_c2_6" "s3_0_c1_c2_4" "s3_3_c13_c0_5");
    }
    // FPMR
    if has(pfr2, 32, 1) {
        fill!(garbage, "s3_3_c4_c4_2");
    }
    // PIRE0_EL1, PIR_EL1
    if has(mmfr3, 8, 1) {
        fill!(garbage, "s3_0_c10_c2_2" "s3_0_c10_c2_3");
    }
    // POR_EL1, POR_EL0
    if has(mmfr3, 16, 1) {
        fill!(garbage, "s3_0_c10_c2_4" "s3_3_c10_c2_4");
    }
    // S2POR_EL1
    if has(mmfr3, 20, 1) {
        fill!(garbage, "s3_0_c10_c2_5");
    }
    // MAIR2_EL1, AMAIR2_EL1
    if has(mmfr3, 24, 1) {
        fill!(garbage, "s3_0_c10_c2_1" "s3_0_c10_c3_1");
    }
    // GCSPR_EL1, GCSPR_EL0
    if has(pfr1, 44, 1) {
        fill!(garbage, "s3_0_c2_c5_1" "s3_3_c2_c5_1");
    }
    if is_from_above {
        // TCR2_EL1
        if has(mmfr3, 0, 1) {
            fill!(garbage, "s3_0_c2_c0_3");
        }
        // SCTLR2_EL1
        if has(mmfr3, 4, 1) {
            fill!(garbage, "s3_0_c1_c0_3");
        }
        // GCSCR_EL1, GCSCRE0_EL1
        if has(pfr1, 44, 1) {
            fill!(garbage, "s3_0_c2_c5_0" "s3_0_c2_c5_2");
        }
    }
}
