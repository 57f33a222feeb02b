//! The state that EL1 is left in: a list of register values, decided by what the ID registers say
//! the CPU has.
//!
//! Where there is no EL2, this is the state of the level that the kernel is entered at; where there
//! is one, a kernel finds EL1 in order before it goes there (clause L1). The values mean "off".
//! Rules of booting.rst for entry at EL1 that name registers of EL2 are void: a CPU that is entered
//! at EL1 has none, and so no offset of the virtual counter either (J2).
//!
//! `TPIDR_EL0` and `TPIDRRO_EL0` are not among them: the vectors need them for what a kernel does
//! before it has its own (`exceptions`).

mod register;

pub use register::Register;

use crate::id_registers::IdRegisters;

const CPACR_FPEN: u64 = 0b11 << 20;

/// Calls `set` with every register that EL1 is to be left with. The order does not matter.
pub fn state_at_entry(id: &IdRegisters, mut set: impl FnMut(Register, u64)) {
    use Register as R;

    set(R::SctlrEl1, crate::page_tables::SCTLR_EL1_OFF);
    // Floating point is not trapped; SVE and SME are for the kernel to allow.
    set(R::CpacrEl1, CPACR_FPEN);
    set(R::CntkctlEl1, 0);
    set(R::CntpCtlEl0, 0);
    set(R::CntvCtlEl0, 0);
    set(R::MdscrEl1, 0);
    set(R::ContextidrEl1, 0);
    set(R::TpidrEl1, 0);
    if id.csv2_2() {
        set(R::ScxtnumEl1, 0);
        set(R::ScxtnumEl0, 0);
    }
    if id.lor() {
        set(R::LorcEl1, 0);
    }
    if id.spe() {
        set(R::PmscrEl1, 0);
    }
    if id.trace_filter() {
        set(R::TrfcrEl1, 0);
    }
    if id.brbe() {
        set(R::BrbcrEl1, 0);
    }
    if id.mpam() {
        set(R::Mpam1El1, 0);
        set(R::Mpam0El1, 0);
    }
    if id.tcr2() {
        set(R::Tcr2El1, 0);
    }
    if id.sctlr2() {
        set(R::Sctlr2El1, 0);
    }
    // M45
    if id.gcs() {
        set(R::GcscrEl1, 0);
        set(R::Gcscre0El1, 0);
    }
}

/// Brings EL1 of the CPU that runs into the state that the boot protocol asks for. At EL1 itself,
/// `SCTLR_EL1` is left alone: the MMU is on.
///
/// # Safety
/// The CPU is at EL1 or EL2, or at EL3 with `SCR_EL3.NS` set. `HCR_EL2.E2H` is clear at EL2.
/// Nothing runs at EL1 or EL0, or what does is this and uses none of the registers.
#[cfg(target_arch = "aarch64")]
pub unsafe fn initialise(id: &IdRegisters) {
    let is_el1 = crate::cpu::ExceptionLevel::current() == crate::cpu::ExceptionLevel::El1;
    state_at_entry(id, |register, value| {
        if is_el1 && register == Register::SctlrEl1 {
            return;
        }
        // SAFETY: the registers of EL1 belong to EL1, and levels above may write them;
        // `state_at_entry` names those that the ID registers announce, and nothing runs that they
        // matter to.
        unsafe { register.write(value) };
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(id: &IdRegisters) -> Vec<(Register, u64)> {
        let mut all = Vec::new();
        state_at_entry(id, |register, value| all.push((register, value)));
        all
    }

    #[test]
    fn l1_system_control_is_off_with_its_res1_bits_set() {
        let state = state(&IdRegisters::default());
        assert_eq!(state[0], (Register::SctlrEl1, 0x30d0_0800));
    }

    #[test]
    fn floating_point_is_not_trapped_and_all_else_is_off() {
        let state = state(&IdRegisters::default());
        assert_eq!(state[1], (Register::CpacrEl1, 3 << 20));
        assert_eq!(state.len(), 8);
        assert!(state[2..].iter().all(|(_, value)| *value == 0));
    }

    #[test]
    fn each_feature_brings_its_registers_and_no_others() {
        use Register as R;
        let with = |change: fn(&mut IdRegisters)| {
            let mut id = IdRegisters::default();
            change(&mut id);
            state(&id)[8..].iter().map(|(name, _)| *name).collect::<Vec<_>>()
        };
        assert_eq!(with(|id| id.pfr0 = 2 << 56), [R::ScxtnumEl1, R::ScxtnumEl0]);
        assert_eq!(with(|id| id.mmfr1 = 1 << 16), [R::LorcEl1]);
        assert_eq!(with(|id| id.dfr0 = 1 << 32), [R::PmscrEl1]);
        assert_eq!(with(|id| id.dfr0 = 1 << 40), [R::TrfcrEl1]);
        assert_eq!(with(|id| id.dfr0 = 1 << 52), [R::BrbcrEl1]);
        assert_eq!(with(|id| id.pfr0 = 1 << 40), [R::Mpam1El1, R::Mpam0El1]);
        assert_eq!(with(|id| id.mmfr3 = 1), [R::Tcr2El1]);
        assert_eq!(with(|id| id.mmfr3 = 1 << 4), [R::Sctlr2El1]);
        assert_eq!(with(|id| id.pfr1 = 1 << 44), [R::GcscrEl1, R::Gcscre0El1], "M45");
    }
}
