//! The CPU that runs: its exception level, its identity, and how it stops.

use core::arch::asm;

use arm_sysregs::{el0, el1};

use crate::id_registers::{El3IdRegisters, IdRegisters};
pub use crate::level::ExceptionLevel;

impl ExceptionLevel {
    /// The level that a kernel is entered at: the highest below EL3 that the CPU has (H3).
    pub fn of_kernel() -> Self {
        match Self::current() {
            Self::El3 if el1::accessors::read_id_aa64pfr0_el1().bits() >> 8 & 0xf != 0 => Self::El2,
            Self::El3 => Self::El1,
            current => current,
        }
    }

    /// The level that this code runs at (`CurrentEL`, bits 3:2). Code of this crate never runs at
    /// EL0.
    pub fn current() -> Self {
        match (el0::accessors::read_currentel().bits() >> 2) & 0b11 {
            3 => Self::El3,
            2 => Self::El2,
            _ => Self::El1,
        }
    }
}

/// Reads an identification register that `arm-sysregs` does not know. It must be there, and the
/// level that runs must be allowed to.
macro_rules! read_constant {
    ($encoding:literal) => {{
        let value: u64;
        // SAFETY: reading an identification register has no side effect. ID space that is not
        // allocated reads as 0; the other registers are read where the ID registers announce them,
        // at a level that may.
        unsafe {
            asm!(concat!("mrs {}, ", $encoding), out(reg) value, options(pure, nomem, nostack, preserves_flags));
        }
        value
    }};
}

/// The affinity fields of `MPIDR_EL1`: which of the CPUs this is.
pub fn affinity() -> u64 {
    psci::affinity(el1::accessors::read_mpidr_el1().bits())
}

/// `SP_EL0`, which is not the stack pointer in use.
pub(crate) fn sp_el0() -> u64 {
    let value: u64;
    // SAFETY: reading the register has no side effect; the level that runs uses its own stack
    // pointer.
    unsafe { asm!("mrs {}, sp_el0", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}

/// `MIDR_EL1`: which core this is.
pub fn main_id() -> u64 {
    el1::accessors::read_midr_el1().bits()
}

/// `ID_AA64MMFR0_EL1`: which page sizes and address sizes it implements.
pub fn memory_model_id() -> u64 {
    el1::accessors::read_id_aa64mmfr0_el1().bits()
}

/// The identification registers that decide how EL2 is set up.
pub fn id_registers() -> IdRegisters {
    use el1::accessors as id;
    let pmu_counters = match (id::read_id_aa64dfr0_el1().bits() >> 8) & 0xf {
        0 | 0xf => 0,
        _ => (el0::accessors::read_pmcr_el0().bits() >> 11) & 0x1f,
    };
    let mut all = IdRegisters {
        midr: main_id(),
        mpidr: id::read_mpidr_el1().bits(),
        pfr0: id::read_id_aa64pfr0_el1().bits(),
        pfr1: id::read_id_aa64pfr1_el1().bits(),
        dfr0: id::read_id_aa64dfr0_el1().bits(),
        mmfr0: memory_model_id(),
        mmfr1: id::read_id_aa64mmfr1_el1().bits(),
        mmfr3: id::read_id_aa64mmfr3_el1().bits(),
        smfr0: id::read_id_aa64smfr0_el1().bits(),
        mpamidr: 0,
        pmu_counters,
    };
    if all.mpam() {
        all.mpamidr = id::read_mpamidr_el1().bits();
    }
    all
}

/// The identification registers that decide how EL3 is set up.
///
/// # Safety
/// The CPU is at EL3: below it, some of these may trap.
pub unsafe fn el3_id_registers() -> El3IdRegisters {
    use el1::accessors as id;
    let shared = id_registers();
    El3IdRegisters {
        shared,
        pfr2: id::read_id_aa64pfr2_el1().bits(),
        isar0: id::read_id_aa64isar0_el1().bits(),
        isar1: id::read_id_aa64isar1_el1().bits(),
        isar2: id::read_id_aa64isar2_el1().bits(),
        dfr1: id::read_id_aa64dfr1_el1().bits(),
        dfr2: read_constant!("s3_0_c0_c5_2"),
        mmfr4: id::read_id_aa64mmfr4_el1().bits(),
        pmsidr: if shared.spe() {
            read_constant!("s3_0_c9_c9_7")
        } else {
            0
        },
        amcgcr: if shared.amu() {
            read_constant!("s3_3_c13_c2_2")
        } else {
            0
        },
    }
}

/// Waits until what was written has arrived.
pub fn complete() {
    // SAFETY: a barrier.
    unsafe { asm!("dsb sy", options(nostack, preserves_flags)) };
}

/// Wakes CPUs that wait for an event, once what was written has arrived.
pub fn send_event() {
    complete();
    // SAFETY: a hint.
    unsafe { asm!("sev", options(nostack, preserves_flags)) };
}

/// Stops this CPU for good: it sleeps with every interrupt masked.
pub fn halt() -> ! {
    loop {
        // SAFETY: waiting has no effect on memory; a wake-up comes back here.
        unsafe { asm!("msr daifset, #0xf", "wfi", options(nomem, nostack)) }
    }
}
