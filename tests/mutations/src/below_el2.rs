//! A kernel that is entered at EL1 though there is an EL2, which has to let it do what EL1 may.

use crate::mutations;

/// `SPSR_EL3.M`: EL1, with its own stack pointer.
const EL1H: u64 = 0b0101;
/// `HCR_EL2.RW`, `APK`, `API`, `EnSCXT` and `ATA`.
const HCR: u64 = 1 << 56 | 1 << 53 | 1 << 41 | 1 << 40 | 1 << 31;

/// Has the CPU go on at EL1, with nothing that traps to EL2.
pub fn enter_at_el1() {
    write!("spsr_el3", read!("spsr_el3") & !0b1111 | EL1H);
    write!("hcr_el2", HCR);
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
}
