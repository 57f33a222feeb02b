//! The vectors: a call from the normal world goes to [`crate::smc`], everything else is unexpected and goes to the report.
//!
//! While the normal world runs, `TPIDR_EL0` and `TPIDRRO_EL0` are its own; whoever comes here unexpectedly ends it, so they are free then.

use core::arch::{asm, global_asm};

use machine::exceptions;

use crate::board::BOARD;
use crate::smc;

global_asm!(
    // On entry: an exception to EL3; the stack pointer is that of the CPU's stack.
    // Does: saves what Rust may change on a call by `smc` from AArch64, and restores it. Registers of floating point are not touched: the monitor
    // is built without.
    // On exit: back in the normal world; or, for anything but a call, in the vectors that report it.
    r#"
    .macro monitor_report offset
    msr     tpidrro_el0, x0
    adr     x0, {report_vectors}
    msr     vbar_el3, x0
    isb
    ldr     x0, ={console}
    msr     tpidr_el0, x0
    mrs     x0, tpidrro_el0
    b       {report_vectors} + \offset
    .endm

    .macro monitor_unexpected offset
    .balign 128
    monitor_report \offset
    .endm

    .pushsection .text.vectors, "ax"
    .balign 2048
    .global monitor_vectors
monitor_vectors:
    .irp    offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380
    monitor_unexpected \offset
    .endr
    .balign 128
    stp     x29, x30, [sp, #-176]!
    mrs     x30, esr_el3
    ubfx    x30, x30, #26, #6
    cmp     x30, #0x17              // SMC from AArch64
    b.ne    1f
    stp     x0, x1, [sp, #16]
    stp     x2, x3, [sp, #32]
    stp     x4, x5, [sp, #48]
    stp     x6, x7, [sp, #64]
    stp     x8, x9, [sp, #80]
    stp     x10, x11, [sp, #96]
    stp     x12, x13, [sp, #112]
    stp     x14, x15, [sp, #128]
    stp     x16, x17, [sp, #144]
    str     x18, [sp, #160]
    add     x0, sp, #16
    mov     x29, xzr
    b       monitor_call
    .irp    offset, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
    monitor_unexpected \offset
    .endr
    .balign 128
    .ltorg
    // A call from AArch32 comes here too, as the level below EL3 is AArch64: nobody there is served, but a guest may try.
1:  cmp     x30, #0x13              // SMC from AArch32
    ldp     x29, x30, [sp], #176
    b.ne    2f
    mov     w0, #-1                 // NOT_SUPPORTED
    eret
2:  monitor_report 0x400
monitor_call:
    bl      {smc}
    ldp     x0, x1, [sp, #16]
    ldp     x2, x3, [sp, #32]
    ldp     x4, x5, [sp, #48]
    ldp     x6, x7, [sp, #64]
    ldp     x8, x9, [sp, #80]
    ldp     x10, x11, [sp, #96]
    ldp     x12, x13, [sp, #112]
    ldp     x14, x15, [sp, #128]
    ldp     x16, x17, [sp, #144]
    ldr     x18, [sp, #160]
    ldp     x29, x30, [sp], #176
    eret
    .ltorg
    .popsection
    "#,
    report_vectors = sym exceptions::machine_vectors,
    console = const BOARD.console,
    smc = sym smc::handle,
);

unsafe extern "C" {
    /// The vector table of the monitor.
    pub safe static monitor_vectors: u8;
}

/// From here on exceptions of EL3 are reported as those of a program that has no normal world below it.
pub fn leave_to_report() {
    let vectors = (&raw const exceptions::machine_vectors).addr() as u64;
    // SAFETY: the address is that of a vector table; what runs below EL3 on this CPU does not go on.
    unsafe { asm!("msr vbar_el3, {}", "isb", in(reg) vectors, options(nomem, nostack)) };
    // SAFETY: TPIDR_EL0 is what those vectors find the console by, and the normal world of this CPU does not go on.
    unsafe { asm!("msr tpidr_el0, {}", in(reg) BOARD.console, options(nomem, nostack)) };
}
