//! The text of the report: what happened, the registers, and a backtrace.

use core::fmt::{self, Write};

use phys_range::PhysRange;

use super::Frame;
use super::cause::Cause;
use crate::console::Console;
use crate::cpu::{self, ExceptionLevel};

unsafe extern "C" {
    /// The first byte of the running image, from its linker script.
    safe static __image_start: u8;
    /// The end of the running image's code and constants, from its linker script.
    safe static __image_end: u8;
}

/// The first vector for exceptions of code that uses the stack pointer of its level.
const FIRST_WITH_OWN_SP: u64 = 4;
/// The first vector for exceptions from a lower level.
const FIRST_FROM_BELOW: u64 = 8;

/// The kind of exception that this vector is for, and where it comes from.
pub fn vector_names(vector: u64) -> (&'static str, &'static str) {
    let kind = ["synchronous", "IRQ", "FIQ", "SError"][(vector & 0b11) as usize];
    let from = [
        "this level with SP_EL0",
        "this level",
        "a lower level",
        "a lower level in AArch32",
    ][(vector >> 2 & 0b11) as usize];
    (kind, from)
}

/// Writes what happened, where and with which registers, and a backtrace: for the report of a
/// [`vector_table`](crate::vector_table). `guards` are the pages below stacks.
///
/// # Errors
/// Those of `out`.
pub fn write_report(out: &mut Console, frame: &Frame, vector: u64, guards: &[PhysRange]) -> fmt::Result {
    let cause = Cause::read();
    let (kind, from) = vector_names(vector);
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
    let sp = if vector < FIRST_WITH_OWN_SP {
        cpu::sp_el0()
    } else {
        frame.sp
    };
    if is_own {
        write!(out, "  SP {sp:#018x}")?;
    }
    writeln!(out)?;
    write_general(out, &frame.x)?;
    if is_own {
        let mut guards = guards.iter();
        if cause.syndrome.is_translation_fault() && guards.any(|guard| guard.contains_address(cause.fault_address)) {
            out.write_str("  the stack has overflowed: the address is in the page below it\n")?;
        }
        write_backtrace(out, cause.link, frame.x[29], sp)?;
    }
    Ok(())
}

/// Writes x0 to x30, four in a line.
///
/// # Errors
/// Those of `out`.
pub fn write_general(out: &mut Console, x: &[u64; 31]) -> fmt::Result {
    for (index, values) in x.chunks(4).enumerate() {
        for (offset, value) in values.iter().enumerate() {
            write!(out, "  x{:<2} {value:#018x}", index * 4 + offset)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The calls that led to `address`, by the chain of frame records (AAPCS64, 6.4.6). The chain is
/// only followed upwards, within reach of the stack pointer, so it ends.
fn write_backtrace(out: &mut Console, address: u64, first_record: u64, sp: u64) -> fmt::Result {
    const DEPTH: usize = 24;
    const STACK_BYTES: u64 = 0x2_0000;
    writeln!(out, "  backtrace:\n    {address:#018x}  {}", Location(address))?;
    let Some(stack) = PhysRange::new(sp, STACK_BYTES) else {
        return Ok(());
    };
    let mut record = first_record;
    let mut lowest = stack.start();
    for _ in 0..DEPTH {
        let inside = PhysRange::new(record, 16).is_some_and(|bytes| stack.contains(&bytes));
        // A frame pointer of 0 is the end of the chain; without this, it would lie inside of what a
        // stack pointer of 0 reaches.
        if record == 0 || !inside || record < lowest || !record.is_multiple_of(16) {
            break;
        }
        let words = core::ptr::with_exposed_provenance::<[u64; 2]>(record as usize);
        // SAFETY: the record is aligned and lies in the stack that the exception interrupted; where
        // that is no RAM, the read faults and the vectors report it as a second exception.
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

/// An address of code, displayed as its offset in the running image, which is its address in the
/// image's ELF file.
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
