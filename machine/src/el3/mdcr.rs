//! `MDCR_EL3`: debug, trace and the PMU.

use arm_sysregs::el3::registers::MdcrEl3;

use super::Bits;
use crate::id_registers::El3IdRegisters;

/// `NSPB`, `NSTB`: the buffer belongs to the normal world, which reaches its registers untrapped.
const OWNED_BY_NORMAL_WORLD: u8 = 0b11;
/// `SBRBE`: branches of the normal world are recorded, and its accesses not trapped; those of the
/// secure world are.
const NORMAL_WORLD_BRANCHES: u8 = 0b01;
/// `PMEE`, `PMSEE`, `TRBEE`: EL2 decides about the exceptions.
const DECIDED_BY_EL2: u8 = 0b01;

/// The value of `MDCR_EL3` while the normal world runs.
///
/// What stays 0, and why:
/// * `TDA`, `TDOSA`, `TDCC`, `TPM`, `TTRF`: nothing of debug, trace or PMU traps (M48, M49, Z4).
/// * `EDAD`, `EPMAD`, `ETAD`, `ETBAD`, `EPMSSAD`, `RLTE` and the bits that extend them: an external
///   debugger is for the board to keep out.
/// * `SPME`, `MPMX`, `STE`, `E3BREC`, `E3BREW`: events, traces and branches of EL3 are not for the
///   kernel's counters and buffers.
/// * `NSPBE`, `NSTBE`: the normal world is not a Realm.
pub fn debug_configuration(id: &El3IdRegisters) -> u64 {
    let shared = &id.shared;
    let none = MdcrEl3::empty();
    // Nothing is to be debugged in the secure world.
    let always = MdcrEl3::SDD;
    let Bits(all) = Bits(always)
        // M34
        .with(shared.brbe(), none.with_sbrbe(NORMAL_WORLD_BRANCHES))
        // M36
        .with(
            id.pmu_v3p9() || id.system_pmu() || id.profiling_exceptions() || id.pmu_snapshots(),
            MdcrEl3::ENPM2,
        )
        // M38
        .with(id.spe_data_source_filter(), MdcrEl3::ENPMS3)
        // Z4
        .with(shared.spe(), none.with_nspb(OWNED_BY_NORMAL_WORLD))
        .with(id.trace_buffer(), none.with_nstb(OWNED_BY_NORMAL_WORLD))
        // The cycle counter stands still in EL3, as the event counters do; but it runs on CPUs
        // before PMUv3p5, where the normal world would have to set PMCR_EL0.DP.
        .with(id.pmu_v3p5(), MdcrEl3::SCCD)
        .with(id.pmu_v3p7(), MdcrEl3::MCCD)
        .with(id.pmu_snapshots(), MdcrEl3::ENPMSS)
        // Counting for all threads of a core works as the ID registers say.
        .with(id.multithreaded_pmu(), MdcrEl3::MTPME)
        // No clause yet, but registers that would trap to EL3 and that a kernel finds in the ID
        // registers (L1, N3; DDI0487, MDCR_EL3).
        .with(id.spe_v1p2(), MdcrEl3::ENPMSN)
        .with(id.spe_physical_buffer(), MdcrEl3::ENPMS4)
        .with(id.debug_v8p9(), MdcrEl3::EBWE)
        .with(id.instrumentation_trace(), MdcrEl3::ENITE)
        .with(id.step2(), MdcrEl3::ENSTEPOP)
        .with(id.pmu_exceptions(), none.with_pmee(DECIDED_BY_EL2))
        .with(id.spe_exceptions(), none.with_pmsee(DECIDED_BY_EL2))
        .with(id.trace_buffer_exceptions(), none.with_trbee(DECIDED_BY_EL2));
    all.bits()
}
