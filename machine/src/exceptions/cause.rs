//! [`Cause`] of an exception: the registers in which a level finds what happened.

use core::arch::asm;
use core::fmt::{self, Write};

use crate::console::Console;
use crate::cpu::{self, ExceptionLevel};
use crate::syndrome::Syndrome;

/// The registers that say what happened.
pub(super) struct Cause {
    pub syndrome: Syndrome,
    pub link: u64,
    pub fault_address: u64,
    pub saved_state: u64,
}

/// Reads a register of the level that runs, or of one below.
macro_rules! read {
    ($register:literal) => {{
        let value: u64;
        // SAFETY: reading the register has no effect.
        unsafe { asm!(concat!("mrs {}, ", $register), out(reg) value, options(nomem, nostack, preserves_flags)) };
        value
    }};
}

/// Reads the exception registers of one level.
macro_rules! cause_of {
    ($esr:literal, $elr:literal, $far:literal, $spsr:literal) => {
        Cause {
            syndrome: Syndrome(read!($esr)),
            link: read!($elr),
            fault_address: read!($far),
            saved_state: read!($spsr),
        }
    };
}

impl Cause {
    pub fn read() -> Self {
        match ExceptionLevel::current() {
            ExceptionLevel::El1 => cause_of!("esr_el1", "elr_el1", "far_el1", "spsr_el1"),
            ExceptionLevel::El2 => cause_of!("esr_el2", "elr_el2", "far_el2", "spsr_el2"),
            ExceptionLevel::El3 => cause_of!("esr_el3", "elr_el3", "far_el3", "spsr_el3"),
        }
    }
}

/// The exception that a level below EL3 has taken, by its registers.
pub struct CauseBelow {
    cause: Cause,
    sp: u64,
    /// `VBAR_ELx`.
    pub vectors: u64,
}

/// The exception that `level`, EL1 or EL2, has taken last.
///
/// # Safety
/// The CPU is at EL3, with `SCR_EL3.NS` set, and has that level.
pub unsafe fn below(level: ExceptionLevel) -> CauseBelow {
    let (cause, own_sp, vectors) = match level {
        ExceptionLevel::El2 => (
            cause_of!("esr_el2", "elr_el2", "far_el2", "spsr_el2"),
            read!("sp_el2"),
            read!("vbar_el2"),
        ),
        _ => (
            cause_of!("esr_el1", "elr_el1", "far_el1", "spsr_el1"),
            read!("sp_el1"),
            read!("vbar_el1"),
        ),
    };
    // SPSel in the saved state.
    let sp = if cause.saved_state & 1 == 0 {
        cpu::sp_el0()
    } else {
        own_sp
    };
    CauseBelow { cause, sp, vectors }
}

impl CauseBelow {
    /// Writes all but the general registers.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut Console) -> fmt::Result {
        let Cause {
            syndrome,
            link,
            fault_address,
            saved_state,
        } = self.cause;
        writeln!(out, "  ESR  {:#018x}  {syndrome}", syndrome.0)?;
        writeln!(out, "  ELR  {link:#018x}")?;
        if syndrome.has_fault_address() {
            writeln!(out, "  FAR  {fault_address:#018x}")?;
        }
        writeln!(out, "  SPSR {saved_state:#018x}  SP {:#018x}", self.sp)
    }
}

/// The syndrome of the exception that was taken last to the level that runs.
pub fn syndrome() -> Syndrome {
    Cause::read().syndrome
}

/// The address that it concerned, where its syndrome says that there is one.
pub fn fault_address() -> u64 {
    Cause::read().fault_address
}

/// Returns where the program goes on after it.
pub fn link() -> u64 {
    Cause::read().link
}
