//! The rights of the normal world: bits of EL3's own registers.

use crate::{is_other, mutations};

mutations! {
    /// `SCR_EL3.FIQ` is not the same on all CPUs.
    fn m1_fiq(_) { if is_other() { set!("scr_el3", 2) } }
    /// `SCR_EL3.HCE` is 0.
    fn m3_hvc(_) { clear!("scr_el3", 8) }
    /// `SCR_EL3.APK` is 0.
    fn m12_keys(_) { clear!("scr_el3", 16) }
    /// `SCR_EL3.API` is 0.
    fn m12_instructions(_) { clear!("scr_el3", 17) }
    /// `SCR_EL3.FGTEn` is 0.
    fn m16_traps(_) { clear!("scr_el3", 27) }
    /// `SCR_EL3.HXEn` is 0.
    fn m18_hcrx(_) { clear!("scr_el3", 38) }
    /// `SCR_EL3.HXEn` is 0 on one CPU.
    fn m18_hcrx_of_one(_) { if is_other() { clear!("scr_el3", 38) } }
    /// `CPTR_EL3.TFP` is 1.
    fn m19_fp(_) { set!("cptr_el3", 10) }
    /// `CPTR_EL3.EZ` is 0.
    fn m21_sve(_) { clear!("cptr_el3", 8) }
    /// `ZCR_EL3.LEN` is not the same on all CPUs.
    fn m22_length(_) { if is_other() { write!("s3_6_c1_c2_0", 0) } }
    /// `CPTR_EL3.ESM` is 0.
    fn m24_sme(_) { clear!("cptr_el3", 12) }
    /// `SCR_EL3.EnTP2` is 0.
    fn m25_tpidr2(_) { clear!("scr_el3", 41) }
    /// `SMCR_EL3.LEN` is not the same on all CPUs.
    fn m26_length(_) { if is_other() { clear!("s3_6_c1_c2_6", 0, 1, 2, 3) } }
    /// `SMCR_EL3.FA64` is 0.
    fn m28_fa64(_) { clear!("s3_6_c1_c2_6", 31) }
    /// `SCR_EL3.ATA` is 0.
    fn m30_tags(_) { clear!("scr_el3", 26) }
    /// `SMCR_EL3.EZT0` is 0.
    fn m32_zt0(_) { clear!("s3_6_c1_c2_6", 30) }
    /// `SCR_EL3.TCR2En` is 0.
    fn m41_translation(_) { clear!("scr_el3", 43) }
    /// `SCR_EL3.PIEn` is 0.
    fn m43_permissions(_) { clear!("scr_el3", 45) }
    /// `GCSCR_EL1.PCRSEL` is 1.
    fn m45_stacks(_) { if read!("id_aa64pfr1_el1") >> 44 & 0xf != 0 { write!("s3_0_c2_c5_0", 1) } }
    /// `SCR_EL3.GCSEn` is 0.
    fn m46_stacks(_) { clear!("scr_el3", 39) }
    /// `MDCR_EL3.TDA` is 1.
    fn m48_debug(_) { set!("mdcr_el3", 9) }
    /// `MDCR_EL3.TPM` is 1.
    fn m49_pmu(_) { set!("mdcr_el3", 6) }
    /// `CPTR_EL3.TCPAC` is 1.
    fn z2_tcpac(_) { set!("cptr_el3", 31) }
    /// `SCR_EL3.TLOR` is 1.
    fn z3_regions(_) { set!("scr_el3", 14) }
    /// `SCR_EL3.TERR` is 1.
    fn z3_errors(_) { set!("scr_el3", 15) }
    /// `MDCR_EL3.TDOSA` is 1.
    fn z4_os_lock(_) { set!("mdcr_el3", 10) }
    /// `SCR_EL3.EnSCXT` is 0.
    fn z6_scxtnum(_) { clear!("scr_el3", 25) }

    /// `SPSR_EL3.A` is 0: SErrors are not masked.
    fn h1_serror(_) { clear!("spsr_el3", 8) }
    /// `SPSR_EL3.D` is 0 on one CPU.
    fn h1_debug_of_one(_) { if is_other() { clear!("spsr_el3", 9) } }
    /// `SPSR_EL3.I` and `F` are 0.
    fn h1_interrupts(_) { clear!("spsr_el3", 6, 7) }
    /// The kernel is entered at EL3.
    fn h3_el3(exit) {
        exit.sctlr_el3 &= !1;
        set!("spsr_el3", 2, 3);
    }
    /// `SCR_EL3.NS` is 0, on a machine without EL2.
    fn h2_secure(_) { clear!("scr_el3", 0) }
    /// One CPU does not know how fast the counter is.
    fn j1_frequency_of_one(_) { if is_other() { write!("cntfrq_el0", 1_000_000) } }
    /// No CPU does.
    fn j1_no_frequency(_) { write!("cntfrq_el0", 0) }
    /// One CPU is entered at EL1, with an EL2 that is as EL1 needs it.
    fn n2_level_of_one(_) { if is_other() { crate::below_el2::enter_at_el1() } }
}
