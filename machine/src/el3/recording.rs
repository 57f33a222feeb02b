//! Recording: what a CPU writes to memory about the program that it runs, beside the program.

use core::arch::asm;

use crate::id_registers::El3IdRegisters;

/// Ends statistical profiling (FEAT_SPE) and tracing to memory (FEAT_TRBE) on the CPU that runs,
/// and waits until what was recorded is in memory: a kernel that turns a CPU off takes back the
/// buffers (DDI0487, D17.6 and D6.6).
///
/// Reviewed, not tested: QEMU has neither feature.
///
/// # Safety
/// The CPU is at EL3, has left the normal world for good or until it is started anew, and
/// `SCR_EL3.NS` is set.
pub unsafe fn stop(id: &El3IdRegisters) {
    if id.shared.spe() {
        // SAFETY: `psb csync`, then PMBLIMITR_EL1.E = 0, which the CPU has.
        unsafe {
            asm!(
                "hint #17",
                "dsb nsh",
                "msr s3_0_c9_c10_0, xzr",
                "isb",
                options(nostack, preserves_flags)
            );
        };
    }
    if id.trace_buffer() {
        // SAFETY: `tsb csync`, then TRBLIMITR_EL1.E = 0, which the CPU has; what that flushes is
        // waited for, too.
        unsafe {
            asm!(
                "hint #18",
                "dsb nsh",
                "msr s3_0_c9_c11_0, xzr",
                "isb",
                "hint #18",
                "dsb nsh",
                options(nostack, preserves_flags)
            );
        };
    }
}
