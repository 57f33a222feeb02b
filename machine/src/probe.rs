//! Probes: one instruction is executed, and the exception that it may cause is caught. For who
//! wants to know what its CPU does, and is told by no one.
//!
//! On entry to the vectors of this module: an exception was taken to the level that this code runs
//! at, EL1 or EL2.
//! Does: if a probe runs, as x20 says, puts `ESR_ELx` there and goes on behind the probe.
//! Everything else goes to the vectors of [`crate::exceptions`], with all registers as they were.
//! On exit: as said.

use core::arch::{asm, global_asm};
use core::ptr::with_exposed_provenance_mut;

use crate::console::Console;
use crate::cpu::ExceptionLevel;
use crate::exceptions::{self, ReportStack};
use crate::syndrome::Syndrome;

/// The value of x20 while a probe runs: no syndrome has these bits.
const RUNNING: u64 = 0xa5a5 << 48;

global_asm!(
    r#"
    .pushsection .text.probe_vectors, "ax"
    .macro others first, last
    .set    number, \first
    .rept   \last - \first + 1
    .balign 128
    b       machine_vectors + number * 128
    .set    number, number + 1
    .endr
    .endm

    .balign 2048
probe_vectors:
    others  0, 3
    .balign 128
    // Synchronous, from the level that runs: the fifth vector.
    msr     tpidr_el1, x0
    mov     x0, #{running}
    cmp     x0, x20
    mrs     x0, tpidr_el1
    b.ne    machine_vectors + 4 * 128
    mrs     x20, CurrentEL
    cmp     x20, #(2 << 2)
    b.eq    1f
    mrs     x20, esr_el1
    msr     elr_el1, x30
    eret
1:  mrs     x20, esr_el2
    msr     elr_el2, x30
    eret
    others  5, 15
    .balign 128
    .purgem others
    .popsection

    // The one instruction, and the way back. Written by `execute`.
    .pushsection .text.probe_slot, "ax"
    .balign 8
probe_slot:
    udf     #0
    ret
    .popsection
    "#,
    running = const RUNNING,
);

unsafe extern "C" {
    safe static probe_vectors: u8;
    safe static probe_slot: u8;
}

/// Takes exceptions of the current level, EL1 or EL2, with the vectors of this module; those that
/// no probe causes are reported to `console` on `stack`.
///
/// # Safety
/// As [`exceptions::install`].
pub unsafe fn install(console: &Console, stack: &'static ReportStack) {
    // SAFETY: the caller vouches for the stack.
    unsafe { exceptions::install(console, stack) };
    let address = (&raw const probe_vectors).addr() as u64;
    if ExceptionLevel::current() == ExceptionLevel::El2 {
        // SAFETY: the address is that of a vector table, which is never taken away.
        unsafe { asm!("msr vbar_el2, {}", "isb", in(reg) address, options(nomem, nostack)) };
    } else {
        // SAFETY: as above.
        unsafe { asm!("msr vbar_el1, {}", "isb", in(reg) address, options(nomem, nostack)) };
    }
}

/// Executes `instruction` with these values in x0 to x3, and gives x0 back.
///
/// # Errors
/// The exception that it caused, which was taken to this level.
///
/// # Safety
/// The MMU is off, [`install`] was called on this CPU, and no other CPU is in here. The instruction
/// changes no memory and no state that the program depends on, and of the general registers those
/// only that a function may change (AAPCS64, 6.1.1), but x30.
pub unsafe fn execute(instruction: u32, [x0, x1, x2, x3]: [u64; 4]) -> Result<u64, Syndrome> {
    let slot = (&raw const probe_slot).expose_provenance();
    let written = with_exposed_provenance_mut::<u32>(slot);
    // SAFETY: the slot is made for this: with the MMU off it can be written, and nobody executes it
    // now.
    unsafe { written.write_volatile(instruction) };
    // SAFETY: makes what was written what is fetched (DDI0487, B2.7.4.2).
    unsafe {
        asm!("dc cvau, {slot}", "dsb sy", "ic ivau, {slot}", "dsb sy", "isb", slot = in(reg) slot, options(nostack, preserves_flags));
    }
    let (result, syndrome): (u64, u64);
    // SAFETY: the caller vouches for the instruction. Whether it comes back by itself or by the
    // vectors, it does so behind the call, with nothing changed but what is named here.
    unsafe {
        asm!(
            "bl probe_slot",
            "isb",
            inout("x0") x0 => result,
            inout("x1") x1 => _,
            inout("x2") x2 => _,
            inout("x3") x3 => _,
            inout("x20") RUNNING => syndrome,
            clobber_abi("C"),
        );
    }
    if syndrome == RUNNING {
        Ok(result)
    } else {
        Err(Syndrome(syndrome))
    }
}
