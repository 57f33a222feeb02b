//! The endianness of data accesses below EL3 (`SCTLR_ELx.EE`; DEN0022F.b, 6.4.3.2).

use arm_sysregs::el1::{accessors as el1, registers::SctlrEl1};
use arm_sysregs::el2::{accessors as el2, registers::SctlrEl2};
use arm_sysregs::el3::accessors as el3;

use crate::id_registers::El3IdRegisters;

/// `SCTLR_ELx.EE`, which `arm-sysregs` does not know.
const SCTLR_EE: u64 = 1 << 25;
/// `SPSR_EL3.M`: the bit that is set for EL2, and clear for EL1.
const SPSR_EL2: u64 = 1 << 3;

/// Returns whether data accesses are big-endian at the level that the CPU has come to EL3 from.
pub fn is_caller_big_endian() -> bool {
    let sctlr = if el3::read_spsr_el3().bits() & SPSR_EL2 != 0 {
        el2::read_sctlr_el2().bits()
    } else {
        el1::read_sctlr_el1().bits()
    };
    sctlr & SCTLR_EE != 0
}

/// Makes data accesses big-endian at the level that the CPU enters next, EL2 where there is EL2.
///
/// # Safety
/// The CPU is at EL3, and the code that it enters below is written for this.
pub unsafe fn make_big_endian(id: &El3IdRegisters) {
    if id.el2() {
        let sctlr = el2::read_sctlr_el2() | SctlrEl2::from_bits_retain(SCTLR_EE);
        // SAFETY: the caller vouches for EL3 and for the code at EL2, which is all that this
        // concerns.
        unsafe { el2::write_sctlr_el2(sctlr) };
    } else {
        let sctlr = el1::read_sctlr_el1() | SctlrEl1::from_bits_retain(SCTLR_EE);
        // SAFETY: as above, at EL1.
        unsafe { el1::write_sctlr_el1(sctlr) };
    }
}
