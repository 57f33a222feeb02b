//! The state that EL2 is left in: a list of register values, decided by what the ID registers say
//! the CPU has.
//!
//! booting.rst asks that every writable register at or below the entry level is initialised by
//! someone (clause L1); a CPU that resets at EL2 has nobody above it, so the bootloader is that
//! someone. The values mean "off" or "no offset", except where a clause names another one. The
//! fine-grained traps are 0 too: some of their bits then trap EL1, which a kernel sees to before it
//! goes there (the rules for them are for entry at EL1). Registers of a feature are written only
//! where its ID field says that they exist.

mod register;

pub use register::Register;

use crate::id_registers::IdRegisters;

const HCR_RW: u64 = 1 << 31;
const CPTR_RES1: u64 = 0x33ff;
const CPTR_TZ: u64 = 1 << 8;
const CPTR_TSM: u64 = 1 << 12;
const VTCR_RES1: u64 = 1 << 31;
const CNTHCTL_EL1PCTEN: u64 = 1 << 0;
const CNTHCTL_EL1PCEN: u64 = 1 << 1;
const ICC_SRE_ENABLE_DIB_DFB_SRE: u64 = 0xf;
const VECTOR_LENGTH_MAX: u64 = 0xf;
const SMCR_EZT0: u64 = 1 << 30;
const SMCR_FA64: u64 = 1 << 31;

/// Calls `set` with every register that EL2 is to be left with, in an order in which they can be
/// written: some can be reached only once an earlier one has taken effect, so the caller puts a
/// context synchronization event before each.
///
/// `has_gicv3` is what the device tree says: a CPU can have the registers of a GICv3 in a machine
/// with a GICv2, where they are undefined.
pub fn state_at_entry(id: &IdRegisters, has_gicv3: bool, mut set: impl FnMut(Register, u64)) {
    use Register as R;

    // EL1 is AArch64; nothing is trapped or virtualised.
    set(R::HcrEl2, HCR_RW);
    // Floating point, SVE and SME are not trapped (M19, M21, M24 in spirit); the trap bits are RES1
    // where there is no SVE or SME.
    let untrapped = if id.sve() { CPTR_TZ } else { 0 } | if id.sme() { CPTR_TSM } else { 0 };
    set(R::CptrEl2, CPTR_RES1 & !untrapped);
    set(R::HstrEl2, 0);
    set(R::HacrEl2, 0);
    // No debug or PMU traps; all event counters belong to EL1 (HPMN).
    set(R::MdcrEl2, id.pmu_counters);
    set(R::VtcrEl2, VTCR_RES1);
    set(R::VttbrEl2, 0);
    set(R::VpidrEl2, id.midr);
    set(R::VmpidrEl2, id.mpidr);

    // J2 and J3; no timer is running.
    set(R::CnthctlEl2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
    set(R::CntvoffEl2, 0);
    if id.ecv_offset() {
        set(R::CntpoffEl2, 0);
    }
    set(R::CnthpCtlEl2, 0);

    // M9: a GICv3 is driven by system registers, at EL1 too.
    if id.gic_system_registers() && has_gicv3 {
        set(R::IccSreEl2, ICC_SRE_ENABLE_DIB_DFB_SRE);
        set(R::IchHcrEl2, 0);
    }

    set(R::TpidrEl2, 0);
    if id.vhe() {
        set(R::ContextidrEl2, 0);
        set(R::CnthvCtlEl2, 0);
    }
    if id.csv2_2() {
        set(R::ScxtnumEl2, 0);
    }
    if id.spe() {
        set(R::PmscrEl2, 0);
    }
    if id.trace_filter() {
        set(R::TrfcrEl2, 0);
    }
    if id.brbe() {
        set(R::BrbcrEl2, 0);
    }
    if id.mpam() {
        set(R::Mpam2El2, 0);
        if id.mpam_hypervisor() {
            set(R::MpamhcrEl2, 0);
        }
    }
    if id.hcx() {
        set(R::HcrxEl2, 0);
    }
    if id.fgt() {
        set(R::HfgrtrEl2, 0);
        set(R::HfgwtrEl2, 0);
        set(R::HfgitrEl2, 0);
        set(R::HdfgrtrEl2, 0);
        set(R::HdfgwtrEl2, 0);
        if id.amu() {
            set(R::HafgrtrEl2, 0);
        }
    }
    if id.fgt2() {
        set(R::Hdfgrtr2El2, 0);
        set(R::Hdfgwtr2El2, 0);
        set(R::Hfgrtr2El2, 0);
        set(R::Hfgwtr2El2, 0);
        set(R::Hfgitr2El2, 0);
    }
    if id.tcr2() {
        set(R::Tcr2El2, 0);
    }
    if id.sctlr2() {
        set(R::Sctlr2El2, 0);
    }
    // M45
    if id.gcs() {
        set(R::GcscrEl2, 0);
    }

    if id.sve() {
        set(R::ZcrEl2, VECTOR_LENGTH_MAX);
    }
    if id.sme() {
        let full_a64 = if id.sme_fa64() { SMCR_FA64 } else { 0 };
        let lookup_table = if id.sme2() { SMCR_EZT0 } else { 0 };
        set(R::SmcrEl2, VECTOR_LENGTH_MAX | full_a64 | lookup_table);
    }
}

/// Brings EL2 of the CPU that runs into the state that the boot protocol asks for.
///
/// # Safety
/// The CPU is at EL2, or at EL3 with `SCR_EL3.NS` set and every trap of EL3 off; `HCR_EL2.E2H` is
/// clear, and nothing runs at EL1, or at EL2 where this is EL3. `SCTLR_EL2` is left alone, as the
/// level that runs may be using it.
#[cfg(target_arch = "aarch64")]
pub unsafe fn initialise(id: &IdRegisters, has_gicv3: bool) {
    state_at_entry(id, has_gicv3, |register, value| {
        // SAFETY: a barrier, so that what was written before is in force.
        unsafe { core::arch::asm!("isb", options(nomem, nostack, preserves_flags)) };
        // SAFETY: the caller vouches for the level; EL3 may write what EL2 may, ICC_SRE_EL2 and
        // ICH_HCR_EL2 with SCR_EL3.NS set. `state_at_entry` names registers that the ID registers
        // announce, with values under which EL2 itself goes on as before.
        unsafe { register.write(value) };
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(id: &IdRegisters) -> Vec<(Register, u64)> {
        let mut all = Vec::new();
        state_at_entry(id, true, |register, value| all.push((register, value)));
        all
    }

    fn value(id: &IdRegisters, register: Register) -> Option<u64> {
        state(id)
            .into_iter()
            .find(|(name, _)| *name == register)
            .map(|(_, value)| value)
    }

    /// Cortex-A53 r0p4 in a GICv3 system.
    const A53: IdRegisters = IdRegisters {
        midr: 0x410f_d034,
        mpidr: 0x8000_0000,
        pfr0: 0x0100_2222,
        pfr1: 0,
        dfr0: 0x1030_5106,
        mmfr0: 0x0000_1122,
        mmfr1: 0,
        mmfr3: 0,
        smfr0: 0,
        mpamidr: 0,
        pmu_counters: 6,
    };

    #[test]
    fn a_cpu_without_features_gets_the_base_registers_only() {
        let names: Vec<_> = state(&A53).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), 15);
        assert_eq!(value(&A53, Register::HcrEl2), Some(1 << 31));
        assert_eq!(value(&A53, Register::CptrEl2), Some(0x33ff));
        assert_eq!(value(&A53, Register::CnthctlEl2), Some(3));
        assert_eq!(value(&A53, Register::CntvoffEl2), Some(0));
        assert_eq!(value(&A53, Register::MdcrEl2), Some(6));
        assert_eq!(value(&A53, Register::VpidrEl2), Some(0x410f_d034));
        assert_eq!(value(&A53, Register::VmpidrEl2), Some(0x8000_0000));
        assert_eq!(value(&A53, Register::IccSreEl2), Some(0xf));
        assert_eq!(value(&A53, Register::ZcrEl2), None);
    }

    #[test]
    fn a_gicv2_has_no_system_registers_to_write() {
        let id = IdRegisters { pfr0: 0x2222, ..A53 };
        assert_eq!(value(&id, Register::IccSreEl2), None);
        assert_eq!(value(&id, Register::IchHcrEl2), None);
    }

    #[test]
    fn a_cpu_made_for_a_gicv3_may_stand_in_a_machine_with_a_gicv2() {
        let mut names = Vec::new();
        state_at_entry(&A53, false, |register, _| names.push(register));
        assert!(!names.contains(&Register::IccSreEl2) && !names.contains(&Register::IchHcrEl2));
    }

    #[test]
    fn each_feature_brings_its_registers_and_no_others() {
        use Register as R;
        let with = |change: fn(&mut IdRegisters)| {
            let mut id = A53;
            change(&mut id);
            let base = state(&A53);
            state(&id)
                .into_iter()
                .map(|(name, _)| name)
                .filter(|name| !base.iter().any(|(old, _)| old == name))
                .collect::<Vec<_>>()
        };
        assert_eq!(with(|id| id.pfr0 |= 1 << 32), [R::ZcrEl2]);
        assert_eq!(with(|id| id.pfr1 |= 1 << 24), [R::SmcrEl2]);
        assert_eq!(with(|id| id.pfr0 |= 1 << 40), [R::Mpam2El2]);
        assert_eq!(
            with(|id| (id.pfr0, id.mpamidr) = (id.pfr0 | 1 << 40, 1 << 17)),
            [R::Mpam2El2, R::MpamhcrEl2]
        );
        assert_eq!(with(|id| id.pfr0 |= 2 << 56), [R::ScxtnumEl2]);
        assert_eq!(with(|id| id.pfr0 |= 1 << 56), [], "FEAT_CSV2 alone has no SCXTNUM_EL2");
        assert_eq!(with(|id| id.pfr1 |= 1 << 44), [R::GcscrEl2]);
        assert_eq!(with(|id| id.dfr0 |= 1 << 32), [R::PmscrEl2]);
        assert_eq!(with(|id| id.dfr0 |= 1 << 40), [R::TrfcrEl2]);
        assert_eq!(with(|id| id.dfr0 |= 1 << 52), [R::BrbcrEl2]);
        assert_eq!(with(|id| id.mmfr0 |= 1 << 56).len(), 5);
        assert_eq!(with(|id| id.mmfr0 |= 2 << 56).len(), 10);
        assert_eq!(
            with(|id| (id.mmfr0, id.pfr0) = (id.mmfr0 | 1 << 56, id.pfr0 | 1 << 44)).len(),
            6
        );
        assert_eq!(with(|id| id.mmfr0 |= 2 << 60), [R::CntpoffEl2]);
        assert_eq!(with(|id| id.mmfr1 |= 1 << 8), [R::ContextidrEl2, R::CnthvCtlEl2]);
        assert_eq!(with(|id| id.mmfr1 |= 1 << 40), [R::HcrxEl2]);
        assert_eq!(with(|id| id.mmfr3 |= 1), [R::Tcr2El2]);
        assert_eq!(with(|id| id.mmfr3 |= 1 << 4), [R::Sctlr2El2]);
    }

    #[test]
    fn vector_extensions_are_not_trapped_and_as_long_as_they_get() {
        let sve = IdRegisters {
            pfr0: A53.pfr0 | 1 << 32,
            ..A53
        };
        assert_eq!(value(&sve, Register::CptrEl2), Some(0x32ff));
        assert_eq!(value(&sve, Register::ZcrEl2), Some(0xf));
        let sme2 = IdRegisters {
            pfr1: 2 << 24,
            smfr0: 1 << 63,
            ..A53
        };
        assert_eq!(value(&sme2, Register::CptrEl2), Some(0x23ff));
        assert_eq!(value(&sme2, Register::SmcrEl2), Some(0xc000_000f));
    }

    #[test]
    fn vector_lengths_come_after_the_traps_are_off() {
        let id = IdRegisters {
            pfr0: A53.pfr0 | 1 << 32,
            pfr1: 1 << 24,
            ..A53
        };
        let names: Vec<_> = state(&id).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[names.len() - 2..], [Register::ZcrEl2, Register::SmcrEl2]);
        assert!(names.iter().position(|name| *name == Register::CptrEl2).unwrap() < names.len() - 2);
    }
}
