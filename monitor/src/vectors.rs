//! The vectors: a call from the normal world goes to [`crate::smc`], everything else is unexpected and goes to the report.
//!
//! `TPIDR_EL3` holds the address of the UART for the report, and in bit 0 whether one is under way.

use core::arch::global_asm;
use core::fmt::{self, Write};

use machine::console::Console;
use machine::cpu;
use machine::el3::trap;
use machine::exceptions::{self, Frame};
use machine::vector_table;

use crate::board::BOARD;
use crate::{smc, world};

/// The vector for synchronous exceptions from a lower level in AArch64: traps. Interrupts do not say in `ESR_EL3` what they are.
const TRAP: u64 = 8;

vector_table!(
    "monitor_vectors",
    "tpidr_el3",
    report,
    // On entry: a synchronous exception of the normal world; the stack pointer is that of the CPU's stack.
    // Does: makes room for `smc::Frame`, and saves the two registers that it takes to tell a call.
    // On exit: in `monitor_call`, for a call from AArch64 or AArch32; everything else is reported, with the registers as they were.
    r#"
    stp     x29, x30, [sp, #-176]!
    mrs     x30, esr_el3
    ubfx    x30, x30, #26, #6
    cmp     x30, #0x17              // SMC from AArch64
    b.eq    monitor_call
    cmp     x30, #0x13              // SMC from AArch32
    ldp     x29, x30, [sp], #176
    b.eq    monitor_call_from_aarch32
    "#
);

global_asm!(
    // On entry: a call from AArch64, x29 and x30 saved where `smc::Frame` ends.
    // Does: saves what Rust may change, and restores it. Registers of floating point are not touched: the monitor is built without.
    // On exit: back in the normal world.
    r#"
    .pushsection .text.monitor_call, "ax"
monitor_call:
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
    // No speculation past a return (the architecture's SB, for CPUs that lack it).
    dsb     nsh
    isb
    // Nobody in AArch32 is served, but a guest may try: the level below EL3 is AArch64, so that its calls come here too.
monitor_call_from_aarch32:
    mov     w0, #-1                 // NOT_SUPPORTED
    eret
    dsb     nsh
    isb
    .popsection
    "#,
    smc = sym smc::handle,
);

unsafe extern "C" {
    /// The vector table of the monitor.
    pub safe static monitor_vectors: u8;
}

/// Reports what nobody expected, and stops the CPU.
extern "C" fn report(frame: &Frame, vector: u64) -> ! {
    // A UART has no errors to give back.
    let _ = last_words(|console| {
        exceptions::write_report(console, frame, vector)?;
        writeln!(console, "  CPU  {:#x}", cpu::affinity())?;
        match trap::clause(exceptions::syndrome()).filter(|_| vector == TRAP) {
            Some(clause) => writeln!(
                console,
                "  clause: by {clause} this does not trap to EL3; see flint explain {clause}"
            ),
            None => Ok(()),
        }
    });
    world::stop()
}

/// Lets `write` say why this CPU stops.
///
/// # Errors
/// Those of `write`.
pub fn last_words(write: impl FnOnce(&mut Console) -> fmt::Result) -> fmt::Result {
    // SAFETY: the board's PL011, mapped as a device. The normal world may write to it, too: what this CPU says may cut into a line of others.
    let Some(mut console) = (unsafe { Console::new(BOARD.console) }) else {
        return Ok(());
    };
    write(&mut console)?;
    console.flush();
    Ok(())
}
