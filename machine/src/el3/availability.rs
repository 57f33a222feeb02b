//! The features that EL3 lets lower levels use, as SMCCC_ARCH_FEATURE_AVAILABILITY reports them
//! (DEN0028): the fields of a register that enable or trap a feature, each at its place, 1 for "not
//! trapped". Fields that trap are inverted, so 1 says nothing about whether the CPU has the
//! feature; of a field of two bits the lower one is reported.

use arm_sysregs::el3::registers::{CptrEl3, MdcrEl3, Mpam3El3, ScrEl3};

/// The fields of a register that are about features of lower levels.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    /// Those that enable something.
    enables: u64,
    /// Those that trap something.
    traps: u64,
}

/// Of `SCR_EL3`. `API` is set with `APK`, which stands for FEAT_PAuth.
pub const SECURE_CONFIGURATION: Reported = Reported {
    enables: ScrEl3::APK
        .union(ScrEl3::FIEN)
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
        .bits(),
    traps: ScrEl3::TERR.union(ScrEl3::TRNDR).bits(),
};

/// Of `CPTR_EL3`.
pub const ARCHITECTURAL_FEATURES: Reported = Reported {
    enables: CptrEl3::EZ.union(CptrEl3::ESM).bits(),
    traps: CptrEl3::TFP
        .union(CptrEl3::TTA)
        .union(CptrEl3::TAM)
        .union(CptrEl3::TCPAC)
        .bits(),
};

/// Of `MDCR_EL3`.
pub const DEBUG_CONFIGURATION: Reported = Reported {
    enables: MdcrEl3::ENPM2
        .union(MdcrEl3::MTPME)
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
        | 1 << MdcrEl3::TRBEE_SHIFT,
    traps: MdcrEl3::TPM
        .union(MdcrEl3::TDA)
        .union(MdcrEl3::TDOSA)
        .union(MdcrEl3::TTRF)
        .union(MdcrEl3::TDCC)
        .bits(),
};

/// Of `MPAM3_EL3`.
pub const PARTITIONING: Reported = Reported {
    enables: 0,
    traps: Mpam3El3::TRAPLOWER.bits(),
};

impl Reported {
    /// The features that a register with this value lets lower levels use.
    pub const fn of(self, value: u64) -> u64 {
        value & self.enables | !value & self.traps
    }
}

/// The features by `SCR_EL3` of the CPU that runs, at EL3.
#[cfg(target_arch = "aarch64")]
pub fn by_secure_configuration() -> u64 {
    SECURE_CONFIGURATION.of(arm_sysregs::el3::accessors::read_scr_el3().bits())
}

/// The same by `CPTR_EL3`.
#[cfg(target_arch = "aarch64")]
pub fn by_architectural_features() -> u64 {
    ARCHITECTURAL_FEATURES.of(arm_sysregs::el3::accessors::read_cptr_el3().bits())
}

/// The same by `MDCR_EL3`.
#[cfg(target_arch = "aarch64")]
pub fn by_debug_configuration() -> u64 {
    DEBUG_CONFIGURATION.of(arm_sysregs::el3::accessors::read_mdcr_el3().bits())
}

/// The same by `MPAM3_EL3`, of a CPU that has FEAT_MPAM.
#[cfg(target_arch = "aarch64")]
pub fn by_partitioning() -> u64 {
    PARTITIONING.of(arm_sysregs::el3::accessors::read_mpam3_el3().bits())
}
