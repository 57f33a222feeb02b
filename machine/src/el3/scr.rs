//! `SCR_EL3`: what lower levels may use, and where exceptions go.

use arm_sysregs::el3::registers::ScrEl3;

use super::Bits;
use crate::id_registers::El3IdRegisters;

/// The value of `SCR_EL3` while the normal world runs.
///
/// What stays 0, and why:
/// * `EA`, `IRQ`, `FIQ`, `TMEA`, `NMEA`, `EASE`, `EnDSE`: every interrupt and every abort goes to
///   the kernel. The monitor has no interrupt of its own and could do nothing about an error but
///   stop. So `FIQ` is the same on all CPUs and never changes (M1, M2).
/// * `SMD`: a kernel calls PSCI by `smc` (Z1). `TWI`, `TWE`, `TWEDEn`: waiting is the kernel's
///   affair (Z1).
/// * `TLOR`, `TERR`, `TWERR`, `TRNDR`, `TID3`, `TID5`: what the CPU has is not trapped (Z3).
/// * `EEL2`, `ST`: nothing runs in the secure world below EL3. `NSE`, `GPF`: the normal world is
///   Non-secure, not a Realm or Root.
pub fn secure_configuration(id: &El3IdRegisters) -> u64 {
    let shared = &id.shared;
    // H2 and Z1: non-secure, AArch64. SIF: EL3 fetches nothing from memory that its page tables
    // call Non-secure, so that a stray jump into what the normal world can write ends in a report.
    // Bootloader and monitor run from secure memory.
    let always = ScrEl3::RES1 | ScrEl3::NS | ScrEl3::RW | ScrEl3::SIF;
    let Bits(all) = Bits(always)
        // M3. Without EL2 `hvc` has nowhere to go.
        .with(id.el2(), ScrEl3::HCE)
        // M12
        .with(id.pointer_authentication(), ScrEl3::APK.union(ScrEl3::API))
        // M16, M17
        .with(shared.fgt(), ScrEl3::FGTEN)
        .with(shared.fgt2(), ScrEl3::FGTEN2)
        // M18
        .with(shared.hcx(), ScrEl3::HXEN)
        // M25
        .with(shared.sme(), ScrEl3::ENTP2)
        // M30
        .with(id.mte2(), ScrEl3::ATA)
        // M41, M43, M46
        .with(shared.tcr2(), ScrEl3::TCR2EN)
        .with(id.permission_indirection(), ScrEl3::PIEN)
        .with(shared.gcs(), ScrEl3::GCSEN)
        // Z6: CNTPOFF_EL2 is what ECVEn is about, and that came with the second version of
        // FEAT_ECV.
        .with(shared.sctlr2(), ScrEl3::SCTLR2EN)
        .with(shared.csv2_2(), ScrEl3::ENSCXT)
        .with(shared.ecv_offset(), ScrEl3::ECVEN)
        .with(id.fpmr(), ScrEl3::ENFPM)
        .with(id.memory_encryption_contexts(), ScrEl3::MECEN)
        .with(id.attribute_index_extension(), ScrEl3::AIEN)
        // No clause yet, but registers that would trap to EL3 and that a kernel finds in the ID
        // registers (L1, N3; DDI0487, SCR_EL3).
        .with(id.fault_injection(), ScrEl3::FIEN)
        .with(id.amu_offsets(), ScrEl3::AMVOFFEN)
        .with(id.ls64_accdata(), ScrEl3::ENAS0.union(ScrEl3::ADEN))
        .with(id.translation_hardening(), ScrEl3::RCWMASKEN)
        .with(id.d128(), ScrEl3::D128EN)
        .with(id.sysreg128(), ScrEl3::ENIDCP128)
        .with(id.fault_address(), ScrEl3::PFAREN)
        .with(id.register_masks(), ScrEl3::SRMASKEN)
        .with(id.hdbss(), ScrEl3::HDBSSEN)
        .with(id.hacdbs(), ScrEl3::HACDBSEN);
    all.bits()
}
