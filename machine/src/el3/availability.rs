//! The features that EL3 lets lower levels use, as SMCCC_ARCH_FEATURE_AVAILABILITY reports them
//! (DEN0028): the fields of a register that enable or trap a feature, each at its place.
//!
//! A field is 1 where the CPU has the feature and nothing at EL3 keeps it from lower levels, so
//! fields that trap are inverted. Of a field of two bits the lower one is reported. Two fields are
//! reported as TF-A reports them: `FIEN` wherever there is FEAT_RAS, and `EnPM2` always.

use arm_sysregs::el3::registers::{CptrEl3, MdcrEl3, Mpam3El3, ScrEl3};

use super::{Bits, architectural_features, debug_configuration, secure_configuration};
use crate::id_registers::El3IdRegisters;

/// The fields of `SCR_EL3` that enable a feature. `API` is set with `APK`, which stands for
/// FEAT_PAuth.
const SECURE_CONFIGURATION: u64 = ScrEl3::APK
    .union(ScrEl3::ENSCXT)
    .union(ScrEl3::ATA)
    .union(ScrEl3::FGTEN)
    .union(ScrEl3::ECVEN)
    .union(ScrEl3::AMVOFFEN)
    .union(ScrEl3::ENAS0)
    .union(ScrEl3::ADEN)
    .union(ScrEl3::HXEN)
    .union(ScrEl3::GCSEN)
    .union(ScrEl3::ENTP2)
    .union(ScrEl3::RCWMASKEN)
    .union(ScrEl3::TCR2EN)
    .union(ScrEl3::SCTLR2EN)
    .union(ScrEl3::PIEN)
    .union(ScrEl3::AIEN)
    .union(ScrEl3::D128EN)
    .union(ScrEl3::MECEN)
    .union(ScrEl3::ENFPM)
    .union(ScrEl3::PFAREN)
    .union(ScrEl3::SRMASKEN)
    .union(ScrEl3::ENIDCP128)
    .union(ScrEl3::FGTEN2)
    .union(ScrEl3::HDBSSEN)
    .union(ScrEl3::HACDBSEN)
    .bits();
/// The fields of `MDCR_EL3` that enable a feature.
const DEBUG_CONFIGURATION: u64 = MdcrEl3::MTPME
    .union(MdcrEl3::ENPMSN)
    .union(MdcrEl3::ENPMS3)
    .union(MdcrEl3::EBWE)
    .union(MdcrEl3::ENPMSS)
    .union(MdcrEl3::ENITE)
    .union(MdcrEl3::ENSTEPOP)
    .union(MdcrEl3::ENPMS4)
    .bits()
    | 1 << MdcrEl3::NSPB_SHIFT
    | 1 << MdcrEl3::NSTB_SHIFT
    | 1 << MdcrEl3::SBRBE_SHIFT
    | 1 << MdcrEl3::PMEE_SHIFT
    | 1 << MdcrEl3::PMSEE_SHIFT
    | 1 << MdcrEl3::TRBEE_SHIFT;

/// Returns the features by `SCR_EL3` of a CPU.
pub fn by_secure_configuration(id: &El3IdRegisters) -> u64 {
    let Bits(others) = Bits(ScrEl3::empty())
        .with(id.error_records(), ScrEl3::TERR.union(ScrEl3::FIEN))
        .with(id.random_numbers(), ScrEl3::TRNDR);
    secure_configuration(id) & SECURE_CONFIGURATION | others.bits()
}

/// Returns the features by `CPTR_EL3` of a CPU.
pub fn by_architectural_features(id: &El3IdRegisters) -> u64 {
    let Bits(traps) = Bits(CptrEl3::TFP.union(CptrEl3::TCPAC))
        .with(id.trace_registers(), CptrEl3::TTA)
        .with(id.shared.amu(), CptrEl3::TAM);
    architectural_features(id) | traps.bits()
}

/// Returns the features by `MDCR_EL3` of a CPU.
pub fn by_debug_configuration(id: &El3IdRegisters) -> u64 {
    let Bits(others) = Bits(MdcrEl3::ENPM2.union(MdcrEl3::TDA).union(MdcrEl3::TDOSA))
        .with(id.pmu(), MdcrEl3::TPM)
        .with(id.shared.trace_filter(), MdcrEl3::TTRF)
        .with(id.shared.fgt(), MdcrEl3::TDCC);
    debug_configuration(id) & DEBUG_CONFIGURATION | others.bits()
}

/// Returns the features by `MPAM3_EL3` of a CPU.
pub fn by_partitioning(id: &El3IdRegisters) -> u64 {
    let Bits(traps) = Bits(Mpam3El3::empty()).with(id.shared.mpam(), Mpam3El3::TRAPLOWER);
    traps.bits()
}
