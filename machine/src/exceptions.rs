//! Exceptions: the vectors, and the report of the one that nobody expected.
//!
//! On entry to a vector: an exception was taken to the level that this code runs at; the stack
//! pointer may be bad.
//! Does: goes to a stack of its own, saves the registers there, prints what happened, where and
//! with which registers, and a backtrace.
//! On exit: there is none. The CPU stops; a fault while reporting prints one line and stops as
//! well.
//!
//! `TPIDR_EL0` holds the address of the UART for the report (see [`Console::use_for_last_words`]).
//! `TPIDRRO_EL0` holds the top of the report's stack, and in bit 0 whether a report is under way;
//! so nothing here depends on memory that the program uses. `TPIDR_EL1` is the scratch register of
//! the entry: no kernel has put anything there before it has vectors of its own.

mod cause;
mod report;

use crate::console::Console;
use crate::cpu::{self, ExceptionLevel};
use crate::stack;
use core::arch::asm;
use core::cell::UnsafeCell;

pub use cause::{CauseBelow, below, fault_address, link, syndrome};
pub use report::{vector_names, write_general, write_report};

/// The general registers at the moment of the exception.
#[repr(C)]
pub struct Frame {
    x: [u64; 31],
    sp: u64,
}

impl Frame {
    /// x0 to x30.
    pub fn general(&self) -> &[u64; 31] {
        &self.x
    }
}

/// A stack for reports, for programs that have variables.
#[repr(C, align(16))]
pub struct ReportStack(UnsafeCell<[u8; stack::REPORT_BYTES as usize]>);

// SAFETY: the bytes are the stack of one CPU at a time, for which callers of `install` vouch; Rust
// never looks at them.
unsafe impl Sync for ReportStack {}

impl ReportStack {
    /// A stack that nobody uses yet.
    #[expect(clippy::new_without_default, reason = "it is for statics")]
    pub const fn new() -> Self {
        Self(UnsafeCell::new([0; stack::REPORT_BYTES as usize]))
    }

    /// The address behind the stack, where it begins to grow down from.
    fn top(&'static self) -> u64 {
        self.0.get().addr() as u64 + stack::REPORT_BYTES
    }
}

/// Assembly that moves x2 to x30 between the registers and a [`Frame`] at sp, by these instructions
/// for two registers and for one.
#[macro_export]
macro_rules! frame_registers {
    ($pair:literal, $one:literal) => {
        concat!(
            $pair,
            " x2, x3, [sp, #16]\n",
            $pair,
            " x4, x5, [sp, #32]\n",
            $pair,
            " x6, x7, [sp, #48]\n",
            $pair,
            " x8, x9, [sp, #64]\n",
            $pair,
            " x10, x11, [sp, #80]\n",
            $pair,
            " x12, x13, [sp, #96]\n",
            $pair,
            " x14, x15, [sp, #112]\n",
            $pair,
            " x16, x17, [sp, #128]\n",
            $pair,
            " x18, x19, [sp, #144]\n",
            $pair,
            " x20, x21, [sp, #160]\n",
            $pair,
            " x22, x23, [sp, #176]\n",
            $pair,
            " x24, x25, [sp, #192]\n",
            $pair,
            " x26, x27, [sp, #208]\n",
            $pair,
            " x28, x29, [sp, #224]\n",
            $one,
            " x30, [sp, #240]\n",
        )
    };
}

/// Defines a table of vectors: symbol `$name`, in a section `.text.$name` of its own. Its vectors
/// lead to `$report`, a function that takes the [`Frame`] and the number of the vector and does not
/// return.
///
/// `$stack` is the register that holds the top of the report's stack, and in bit 0 whether a report
/// is under way; bits 63:48 and 3:1 are for others. `$console` is code that puts the address of the
/// UART into x0, for a fault while reporting; 0 means that there is none. `$call` is code in front
/// of the vector for synchronous exceptions from a lower level in AArch64, in which it has room for
/// 16 instructions; what falls through is reported.
#[macro_export]
macro_rules! vector_table {
    ($name:literal, $stack:literal, $console:literal, $report:path, $call:literal $(, $($operand:tt)*)?) => {
        core::arch::global_asm!(
            // On entry: an exception, any registers. Does: tells a second exception from a first,
            // goes to the report's stack, saves x0 to x30 and sp there. On exit: the report with x0
            // = the frame, x1 = the number of the vector. A vector has room for 32 instructions:
            // what all of them lead to lies in what the first two leave.
            concat!(
                r#"
    .macro save_first name, stack
    msr     tpidr_el1, x0
    mrs     x0, \stack
    tbnz    x0, #0, \name\()_nested
    orr     x0, x0, #1
    msr     \stack, x0
    and     x0, x0, #0x0000fffffffffff0
    // With no other register: sp becomes the report's, x0 what sp was.
    add     sp, sp, x0
    sub     x0, sp, x0
    sub     sp, sp, x0
    sub     sp, sp, #{frame_size}
    str     x0, [sp, #248]
    mrs     x0, tpidr_el1
    stp     x0, x1, [sp]
    adr     x1, .
    ubfx    x1, x1, #7, #4
    b       \name\()_save
    .endm

    .macro vectors count, name, stack
    .rept   \count
    .balign 128
    save_first \name, \stack
    .endr
    .endm

    .macro first_vectors name, stack
    .pushsection .text.\name, "ax"
    .balign 2048
    .global \name
\name:
    save_first \name, \stack
    .balign 128
    save_first \name, \stack
    vectors 6, \name, \stack
    .balign 128
    .endm

    .macro last_vectors name, stack
    save_first \name, \stack
    vectors 7, \name, \stack
    // Backwards, which is an error, if what lies between the vectors has moved them.
    .org    \name + 2048
    .popsection
    .endm

    .macro rest_of_vectors name
    .pushsection .text.\name\()_entry, "ax"
\name\()_save:
    "#, $crate::frame_registers!("stp", "str"), r#"
    mov     x0, sp
    b       {report}
    // A fault while a fault is reported: nothing but registers is to be trusted.
\name\()_nested:
    "#, $console, r#"
    cbz     x0, 3f
    adr     x1, \name\()_nested_text
    mov     w4, #0x100000
1:  ldrb    w2, [x1], #1
    cbz     w2, 3f
2:  ldr     w3, [x0, #0x18]         // UARTFR
    tbz     w3, #5, 4f              // TXFF: the FIFO is full
    subs    w4, w4, #1
    b.ne    2b
3:  wfi
    b       3b
4:  str     w2, [x0]                // UARTDR
    b       1b
\name\()_nested_text:
    .asciz  "\r\nerror: an exception without a stack to report it on, or while another one was reported [boot-exception]\r\n"
    .balign 4
    .popsection
    .endm

    rest_of_vectors "#, $name, "
    first_vectors ", $name, ", ", $stack,
                "\n", $call,
                "\nlast_vectors ", $name, ", ", $stack,
                r#"
    .purgem rest_of_vectors
    .purgem last_vectors
    .purgem first_vectors
    .purgem vectors
    .purgem save_first
    "#
            ),
            frame_size = const core::mem::size_of::<$crate::exceptions::Frame>(),
            report = sym $report,
            $($($operand)*)?
        );
    };
}

vector_table!("machine_vectors", "tpidrro_el0", "mrs x0, tpidr_el0", report, "");

unsafe extern "C" {
    /// The vector table of this module, for a start that installs it before any Rust runs; see
    /// [`install`].
    pub safe static machine_vectors: u8;
}

/// Takes exceptions of the current level with the vectors of this module, which report to `console`
/// on `stack`.
///
/// # Safety
/// No other CPU that may still take an exception by these vectors has `stack`: two reports at once
/// would overwrite each other.
pub unsafe fn install(console: &Console, stack: &'static ReportStack) {
    console.use_for_last_words();
    // SAFETY: the memory is made for reports, and the caller vouches that no other CPU has it.
    unsafe { stack::report_on(stack.top()) };
    let address = (&raw const machine_vectors).addr() as u64;
    match ExceptionLevel::current() {
        // SAFETY: the address is that of a vector table, which is never taken away.
        ExceptionLevel::El1 => unsafe { asm!("msr vbar_el1, {}", in(reg) address, options(nomem, nostack)) },
        // SAFETY: as above.
        ExceptionLevel::El2 => unsafe { asm!("msr vbar_el2, {}", in(reg) address, options(nomem, nostack)) },
        // SAFETY: as above.
        ExceptionLevel::El3 => unsafe { asm!("msr vbar_el3, {}", in(reg) address, options(nomem, nostack)) },
    }
    // SAFETY: a barrier, so that the next instruction already has the new vectors.
    unsafe { asm!("isb", options(nomem, nostack, preserves_flags)) };
}

/// Gives EL1 the vectors of this module too, as long as a kernel that is entered at EL2 and goes to
/// EL1 has none there.
///
/// # Safety
/// The CPU is at EL2, and nothing runs at EL1.
pub unsafe fn offer_to_el1() {
    let address = (&raw const machine_vectors).addr() as u64;
    // SAFETY: the address is that of a vector table, which is never taken away; the caller vouches
    // for the level.
    unsafe { asm!("msr vbar_el1, {}", in(reg) address, options(nomem, nostack)) };
}

/// Gives the levels below EL3 vectors at `address`, as long as a kernel has none.
///
/// # Safety
/// The CPU is at EL3, and nothing runs below. `has_el2` is true.
pub unsafe fn offer_below(address: u64, has_el2: bool) {
    // SAFETY: the caller vouches for the level.
    unsafe { asm!("msr vbar_el1, {}", in(reg) address, options(nomem, nostack)) };
    if has_el2 {
        // SAFETY: as above.
        unsafe { asm!("msr vbar_el2, {}", in(reg) address, options(nomem, nostack)) };
    }
}

/// Takes an exception on purpose, for its report.
pub fn break_here() -> ! {
    // SAFETY: the vectors report the breakpoint and stop the CPU.
    unsafe { asm!("brk #0", options(noreturn, nomem, nostack)) }
}

/// Prints the report and stops the CPU.
extern "C" fn report(frame: &Frame, vector: u64) -> ! {
    if let Some(mut console) = Console::last_words() {
        // A UART has no errors to give back.
        let _ = write_report(&mut console, frame, vector, stack::guard().as_slice());
        console.flush();
    }
    cpu::halt()
}
