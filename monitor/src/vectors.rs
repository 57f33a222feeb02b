//! The vectors: a call from the normal world goes to [`crate::smc`], another exception of it to
//! [`crate::trap`]; everything else is unexpected and goes to the report.
//!
//! `TPIDR_EL3` holds the top of the CPU's stack for reports, in bit 0 whether a report is under
//! way, and in bits 3:1 what keeps the normal world from steering the branches of EL3, with a
//! number for that in bits 63:48.

use core::arch::{asm, global_asm};

use machine::cores::speculation::{self, EntryMitigation};
use machine::cpu;
use machine::exceptions::Frame;
use machine::vector_table;

use crate::board::BOARD;
use crate::{report, smc, trap};

/// The bits of `TPIDR_EL3` that say what is done first when a call comes from the normal world, to
/// forget what that has taught the branch predictors ([`EntryMitigation`]): one of the next three,
/// or 0. The iterations of a loop are in bits 63:48.
const MITIGATION: u64 = 0b111 << 1;
const CLEAR_HISTORY: u64 = 1 << 1;
const LOOP: u64 = 2 << 1;
const INVALIDATE_PREDICTOR: u64 = 3 << 1;
const ITERATIONS_SHIFT: u32 = 48;

/// The size of the frame of a call, and where x29 and x30 are at its end.
const CALL_FRAME_BYTES: usize = 176;
/// The size of the frame of another exception: [`trap::Registers`].
const TRAP_FRAME_BYTES: usize = size_of::<trap::Registers>();

vector_table!(
    "monitor_vectors",
    "tpidr_el3",
    "mov    x0, #{console}",
    unexpected,
    // On entry: a synchronous exception of the normal world; the stack pointer is that of the CPU's
    // stack for calls.
    // Does: makes room for `smc::Frame`, saves the two registers that it takes to tell a call,
    // forgets branches.
    // On exit: in `monitor_call` for a call from AArch64 with the number 0, else in `monitor_trap`.
    r#"
    stp     x29, x30, [sp, #-{call_frame}]!
    mrs     x30, tpidr_el3
    tst     x30, #{mitigation}
    b.ne    monitor_mitigate
monitor_dispatch:
    mrs     x30, esr_el3
    mov     w29, #0x5e000000        // SMC from AArch64, a 32-bit instruction, number 0
    cmp     w30, w29
    b.eq    monitor_call
    b       monitor_trap
    "#,
    console = const BOARD.console,
    call_frame = const CALL_FRAME_BYTES,
    mitigation = const MITIGATION,
);

global_asm!(
    // On entry: a call from AArch64, x29 and x30 saved where `smc::Frame` ends.
    // Does: saves what Rust may change, and restores it. Registers of floating point are not
    // touched: the monitor is built without.
    // On exit: back in the normal world.
    concat!(
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
    ldp     x29, x30, [sp], #{call_frame}
    eret
    // No speculation past a return (the architecture's SB, for CPUs that lack it).
    dsb     nsh
    isb

    // On entry: another exception of the normal world, x29 and x30 saved as for a call.
    // Does: saves all general registers, and restores them.
    // On exit: in the normal world, where `trap::handle` has it go on.
monitor_trap:
    ldp     x29, x30, [sp], #{call_frame}
    sub     sp, sp, #{trap_frame}
    stp     x0, x1, [sp]
    "#,
        machine::frame_registers!("stp", "str"),
        r#"
    mov     x0, sp
    mov     x29, xzr
    bl      {trap}
    ldp     x0, x1, [sp]
    "#,
        machine::frame_registers!("ldp", "ldr"),
        r#"
    add     sp, sp, #{trap_frame}
    eret
    dsb     nsh
    isb

    // On entry: x30 = TPIDR_EL3; x29 may change.
monitor_mitigate:
    lsr     x29, x30, #{iterations_shift}
    and     x30, x30, #{mitigation}
    cmp     x30, #{loop}
    b.eq    2f
    b.hi    3f
    hint    #22                     // clrbhb
    isb
    b       monitor_dispatch
    // Two taken branches an iteration.
2:  b       4f
4:  subs    x29, x29, #1
    b.ne    2b
    dsb     nsh
    isb
    b       monitor_dispatch
3:  mrs     x29, sctlr_el3
    bic     x30, x29, #1
    msr     sctlr_el3, x30
    isb
    msr     sctlr_el3, x29
    isb
    b       monitor_dispatch
    .popsection
    "#
    ),
    call_frame = const CALL_FRAME_BYTES,
    trap_frame = const TRAP_FRAME_BYTES,
    mitigation = const MITIGATION,
    iterations_shift = const ITERATIONS_SHIFT,
    loop = const LOOP,
    smc = sym smc::handle,
    trap = sym trap::handle,
);

unsafe extern "C" {
    /// The vector table of the monitor.
    pub safe static monitor_vectors: u8;
}

/// Reports what nobody expected, and stops the CPU.
extern "C" fn unexpected(frame: &Frame, vector: u64) -> ! {
    report::unexpected(frame, vector)
}

/// Chooses what the CPU that runs does first when a call comes.
pub fn mitigate() {
    // SAFETY: at EL3.
    let mitigation = match speculation::entry_mitigation(&unsafe { cpu::el3_id_registers() }) {
        EntryMitigation::None => 0,
        EntryMitigation::ClearHistory => CLEAR_HISTORY,
        EntryMitigation::Loop { iterations } => LOOP | u64::from(iterations) << ITERATIONS_SHIFT,
        EntryMitigation::InvalidatePredictor => INVALIDATE_PREDICTOR,
    };
    // SAFETY: the register is the vectors' own, and these bits of it are 0 until now.
    unsafe {
        asm!(
            "mrs {value}, tpidr_el3",
            "orr {value}, {value}, {mitigation}",
            "msr tpidr_el3, {value}",
            value = out(reg) _,
            mitigation = in(reg) mitigation,
            options(nomem, nostack, preserves_flags)
        );
    }
}
