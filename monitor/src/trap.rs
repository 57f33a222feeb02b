//! Exceptions of the normal world that are no calls.
//!
//! EL3 traps nothing on purpose. An instruction that traps all the same, because a bit is missing
//! that the CPU has a feature for, is answered as undefined in the level that it came from: that
//! costs a feature, never a CPU. A kernel that has no vectors yet is led here by vectors of the
//! bootloader's ([`machine::report_vectors`]), for its report.

use core::sync::atomic::{AtomicBool, Ordering};

use machine::cpu::{self, ExceptionLevel};
use machine::el3::undefined::{self, Injection};
use machine::exceptions;
use machine::report_vectors;
use platform::CPUS_MAX;
use psci::Error;

use crate::{entry, report, world};

/// x0 to x30 of the normal world.
#[repr(C)]
pub struct Registers {
    x: [u64; 31],
    _padding: u64,
}

impl Registers {
    /// x0 to x30.
    pub fn general(&self) -> &[u64; 31] {
        &self.x
    }
}

/// An exception that a level below EL3 has taken before it called.
pub struct Below {
    /// That level.
    pub level: ExceptionLevel,
    /// The cause, by the level's registers.
    pub cause: exceptions::CauseBelow,
    /// The number of the vector.
    pub vector: u64,
}

/// True for each CPU whose trap has been reported. One line a CPU: the normal world can trap as
/// often as it likes.
static IS_REPORTED: [AtomicBool; CPUS_MAX] = [const { AtomicBool::new(false) }; CPUS_MAX];

/// On entry: a synchronous exception of the normal world that is no call of SMCCC; `ELR_EL3` and
/// `SPSR_EL3` say where it goes on.
/// Does: answers it.
/// On exit: in the normal world; or the CPU has stopped after a report.
pub extern "C" fn handle(registers: &mut Registers) {
    let syndrome = exceptions::syndrome();
    match syndrome.class() {
        SMC_AARCH64 if syndrome.specific() == report_vectors::CALL => {
            if let Some(below) = fault_below() {
                report::kernel_fault(registers, &below);
            }
            registers.x[0] = Error::NotSupported.x0();
        }
        // A number that SMCCC does not know; nobody in AArch32 is served, but a guest may try.
        SMC_AARCH64 | SMC_AARCH32 => registers.x[0] = Error::NotSupported.x0(),
        // EL3 takes no aborts of others, and nothing that is not an instruction.
        class if undefined::is_trapped_instruction(class) => {
            let is_reported = IS_REPORTED.get(entry::own_place());
            if !is_reported.is_none_or(|reported| reported.swap(true, Ordering::Relaxed)) {
                report::trapped(syndrome);
            }
            // SAFETY: at EL3.
            let id = unsafe { cpu::el3_id_registers() };
            // SAFETY: at EL3, for the exception that is being handled.
            unsafe { Injection::inject(&id) };
        }
        _ => report::unanswered(registers),
    }
}

/// `ESR_EL3.EC` of an `smc` from AArch64 and from AArch32.
const SMC_AARCH64: u64 = 0x17;
const SMC_AARCH32: u64 = 0x13;

/// The exception that has led a level below to the vectors for reports; `None` where it has others
/// by now, so that this is an `smc` like any other.
fn fault_below() -> Option<Below> {
    let caller = exceptions::link();
    let level = undefined::level_of_caller()?;
    // SAFETY: at EL3, and the call has come from that level.
    let below = unsafe { exceptions::below(level) };
    let offset = caller
        .checked_sub(below.vectors)
        .filter(|offset| *offset < report_vectors::SIZE_BYTES)?;
    let is_ours = below.vectors == world::state().report_vectors;
    is_ours.then_some(Below {
        level,
        cause: below,
        vector: offset / report_vectors::VECTOR_BYTES,
    })
}
