//! Exceptions: the vectors, and the report of the one that nobody expected.
//!
//! On entry to a vector: an exception was taken to the level that this code runs at; the stack pointer may be bad.
//! Does: saves the registers, prints what happened, where and with which registers, and a backtrace.
//! On exit: there is none. The CPU stops; a fault while reporting prints one line and stops as well.
//!
//! `TPIDR_EL0` holds the address of the UART for the report (see [`Console::use_for_last_words`]), and in bit 0 whether a report is under
//! way, so that nothing here depends on memory that may be what broke. `TPIDRRO_EL0` is the scratch register of the entry.

use core::arch::asm;
use core::fmt::{self, Write};

use phys_range::PhysRange;

use crate::console::Console;
use crate::cpu::{self, ExceptionLevel};
use crate::syndrome::Syndrome;

/// The general registers at the moment of the exception.
#[repr(C)]
pub struct Frame {
    x: [u64; 31],
    sp: u64,
}

/// Defines a table of vectors: symbol `$name`, in a section `.text.$name` of its own. Its vectors lead to `$report`, a function that takes the
/// [`Frame`] and the number of the vector and does not return.
///
/// `$console` is the register that holds the address of the UART, for a fault while reporting, and in bit 0 whether a report is under way.
/// `$call` is code in front of the vector for synchronous exceptions from a lower level in AArch64, in which it has room for 21
/// instructions; what falls through is reported.
#[macro_export]
macro_rules! vector_table {
    ($name:literal, $console:literal, $report:path, $call:literal $(, $($operand:tt)*)?) => {
        core::arch::global_asm!(
            // On entry: an exception, any registers. Does: tells a second exception from a first, saves x0 to x30 and sp on the stack.
            // On exit: the report with x0 = the frame, x1 = the number of the vector.
            // A vector has room for 32 instructions: what all of them lead to lies in what the first two leave.
            concat!(
                r#"
    .macro save_first name, console
    msr     tpidrro_el0, x0
    mrs     x0, \console
    tbnz    x0, #0, \name\()_nested
    orr     x0, x0, #1
    msr     \console, x0
    mrs     x0, tpidrro_el0
    sub     sp, sp, #{frame_size}
    stp     x0, x1, [sp]
    adr     x1, .
    ubfx    x1, x1, #7, #4
    b       \name\()_save
    .endm

    .macro vectors count, name, console
    .rept   \count
    .balign 128
    save_first \name, \console
    .endr
    .endm

    .macro first_vectors name, console
    .pushsection .text.\name, "ax"
    .balign 2048
    .global \name
\name:
    save_first \name, \console
\name\()_save:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    add     x2, sp, #{frame_size}
    stp     x30, x2, [sp, #240]
    mov     x0, sp
    b       {report}
    .balign 128
    save_first \name, \console
    // A fault while a fault is reported: the UART's address is in x0, and nothing but registers is to be trusted.
\name\()_nested:
    bics    x0, x0, #1
    b.eq    3f
    adr     x1, \name\()_nested_text
1:  ldrb    w2, [x1], #1
    cbz     w2, 3f
2:  ldr     w3, [x0, #0x18]         // UARTFR
    tbnz    w3, #5, 2b              // TXFF: the FIFO is full
    str     w2, [x0]                // UARTDR
    b       1b
3:  wfi
    b       3b
    vectors 6, \name, \console
    .balign 128
    .endm

    .macro last_vectors name, console
    save_first \name, \console
    vectors 7, \name, \console
    // Backwards, which is an error, if what lies between the vectors has moved them.
    .org    \name + 2048
    .popsection

    .pushsection .text.\name\()_entry, "ax"
\name\()_nested_text:
    .asciz  "\r\nerror: another exception while the first was reported [boot-exception]\r\n"
    .balign 4
    .popsection
    .endm

    first_vectors "#, $name, ", ", $console,
                "\n", $call,
                "\nlast_vectors ", $name, ", ", $console,
                r#"
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

vector_table!("machine_vectors", "tpidr_el0", report, "");

unsafe extern "C" {
    /// The vector table of this module, for a start that installs it before any Rust runs; see [`install`].
    pub safe static machine_vectors: u8;
    /// The first byte of the running image, from its linker script.
    safe static __image_start: u8;
    /// The end of the running image's code and constants, from its linker script.
    safe static __image_end: u8;
}

/// Takes exceptions of the current level with the vectors of this module, which report to `console`.
pub fn install(console: &Console) {
    console.use_for_last_words();
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

/// Takes an exception on purpose, for its report.
pub fn break_here() -> ! {
    // SAFETY: the vectors report the breakpoint and stop the CPU.
    unsafe { asm!("brk #0", options(noreturn, nomem, nostack)) }
}

/// The registers that say what happened.
struct Cause {
    syndrome: Syndrome,
    link: u64,
    fault_address: u64,
    saved_state: u64,
}

/// Reads the exception registers of one level.
macro_rules! cause_of {
    ($esr:literal, $elr:literal, $far:literal, $spsr:literal) => {{
        let (esr, elr, far, spsr): (u64, u64, u64, u64);
        // SAFETY: reads registers of the level that runs, without any effect.
        unsafe { asm!(concat!("mrs {}, ", $esr), out(reg) esr, options(nomem, nostack, preserves_flags)) };
        // SAFETY: as above.
        unsafe { asm!(concat!("mrs {}, ", $elr), out(reg) elr, options(nomem, nostack, preserves_flags)) };
        // SAFETY: as above.
        unsafe { asm!(concat!("mrs {}, ", $far), out(reg) far, options(nomem, nostack, preserves_flags)) };
        // SAFETY: as above.
        unsafe { asm!(concat!("mrs {}, ", $spsr), out(reg) spsr, options(nomem, nostack, preserves_flags)) };
        Cause { syndrome: Syndrome(esr), link: elr, fault_address: far, saved_state: spsr }
    }};
}

impl Cause {
    fn read() -> Self {
        match ExceptionLevel::current() {
            ExceptionLevel::El1 => cause_of!("esr_el1", "elr_el1", "far_el1", "spsr_el1"),
            ExceptionLevel::El2 => cause_of!("esr_el2", "elr_el2", "far_el2", "spsr_el2"),
            ExceptionLevel::El3 => cause_of!("esr_el3", "elr_el3", "far_el3", "spsr_el3"),
        }
    }
}

/// The first vector for exceptions from a lower level.
const FIRST_FROM_BELOW: u64 = 8;

/// What the exception was that was taken last to the level that runs.
pub fn syndrome() -> Syndrome {
    Cause::read().syndrome
}

/// Prints the report and stops the CPU.
extern "C" fn report(frame: &Frame, vector: u64) -> ! {
    if let Some(mut console) = Console::last_words() {
        // A UART has no errors to give back.
        let _ = write_report(&mut console, frame, vector);
        console.flush();
    }
    cpu::halt()
}

/// Writes what happened, where and with which registers, and a backtrace: for the report of a [`vector_table`].
///
/// # Errors
/// Those of `out`.
pub fn write_report(out: &mut Console, frame: &Frame, vector: u64) -> fmt::Result {
    let cause = Cause::read();
    let kind = ["synchronous", "IRQ", "FIQ", "SError"][(vector & 0b11) as usize];
    let from = [
        "this level with SP_EL0",
        "this level",
        "a lower level",
        "a lower level in AArch32",
    ][(vector >> 2 & 0b11) as usize];

    let level = ExceptionLevel::current().name();
    for part in [
        "\nerror: ",
        kind,
        " exception taken to ",
        level,
        " from ",
        from,
        " [boot-exception]\n",
    ] {
        out.write_str(part)?;
    }
    writeln!(out, "  ESR  {:#018x}  {}", cause.syndrome.0, cause.syndrome)?;
    writeln!(out, "  ELR  {:#018x}  {}", cause.link, Location(cause.link))?;
    if cause.syndrome.has_fault_address() {
        writeln!(out, "  FAR  {:#018x}", cause.fault_address)?;
    }
    write!(out, "  SPSR {:#018x}", cause.saved_state)?;
    // What came from a lower level has stacks of its own, which are not to be read from here.
    let is_own = vector < FIRST_FROM_BELOW;
    if is_own {
        write!(out, "  SP {:#018x}", frame.sp)?;
    }
    writeln!(out)?;
    for (index, values) in frame.x.chunks(4).enumerate() {
        for (offset, value) in values.iter().enumerate() {
            write!(out, "  x{:<2} {value:#018x}", index * 4 + offset)?;
        }
        writeln!(out)?;
    }
    if is_own {
        write_backtrace(out, cause.link, frame)?;
    }
    Ok(())
}

/// The calls that led to `address`, by the chain of frame records (AAPCS64, 6.4.6). The chain is only followed upwards, within
/// reach of the stack pointer, so it ends.
fn write_backtrace(out: &mut Console, address: u64, frame: &Frame) -> fmt::Result {
    const DEPTH: usize = 24;
    const STACK_BYTES: u64 = 0x2_0000;
    writeln!(out, "  backtrace:\n    {address:#018x}  {}", Location(address))?;
    let Some(stack) = PhysRange::new(frame.sp, STACK_BYTES) else {
        return Ok(());
    };
    let mut record = frame.x[29];
    let mut lowest = stack.start();
    for _ in 0..DEPTH {
        let inside = PhysRange::new(record, 16).is_some_and(|bytes| stack.contains(&bytes));
        if !inside || record < lowest || !record.is_multiple_of(16) {
            break;
        }
        let words = core::ptr::with_exposed_provenance::<[u64; 2]>(record as usize);
        // SAFETY: the record is aligned and lies in the stack that the exception interrupted; where that is no RAM, the read faults
        // and the vectors report it as a second exception.
        let [next, caller] = unsafe { words.read_volatile() };
        if caller == 0 {
            break;
        }
        writeln!(out, "    {caller:#018x}  {}", Location(caller))?;
        lowest = record + 16;
        record = next;
    }
    Ok(())
}

/// An address of code, displayed as its offset in the running image, which is its address in the image's ELF file.
struct Location(u64);

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (
            (&raw const __image_start).addr() as u64,
            (&raw const __image_end).addr() as u64,
        );
        if (start..end).contains(&self.0) {
            write!(f, "image + {:#x}", self.0 - start)
        } else {
            f.write_str("outside this image")
        }
    }
}
