//! [`Function`]: the functions that are served, by their numbers.

/// A function that is served. What is not here is NOT_SUPPORTED, to whoever calls it and to whoever
/// asks PSCI_FEATURES.
///
/// Left out:
/// * MIGRATE and MIGRATE_INFO_UP_CPU: there is no trusted OS to migrate.
/// * MEM_PROTECT and MEM_PROTECT_CHECK_RANGE: RAM is not cleared at reset.
/// * CPU_FREEZE: a CPU that stops is parked all the same.
/// * SMCCC_ARCH_SOC_ID: it names the SiP and the SoC by JEP-106 codes, which no board here has.
/// * SMCCC_ARCH_WORKAROUND_4: it asserts a mitigation of CVE-2024-7881, which the monitor lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// PSCI_VERSION (5.1.1).
    PsciVersion,
    /// CPU_SUSPEND (5.1.2).
    CpuSuspend,
    /// CPU_OFF (5.1.3).
    CpuOff,
    /// CPU_ON (5.1.4).
    CpuOn,
    /// AFFINITY_INFO (5.1.5).
    AffinityInfo,
    /// MIGRATE_INFO_TYPE (5.1.7).
    MigrateInfoType,
    /// SYSTEM_OFF (5.1.9).
    SystemOff,
    /// SYSTEM_OFF2 (5.1.10).
    SystemOff2,
    /// SYSTEM_RESET (5.1.11).
    SystemReset,
    /// SYSTEM_RESET2 (5.1.12).
    SystemReset2,
    /// PSCI_FEATURES (5.1.15).
    PsciFeatures,
    /// CPU_DEFAULT_SUSPEND (5.1.17).
    CpuDefaultSuspend,
    /// NODE_HW_STATE (5.1.18).
    NodeHwState,
    /// SYSTEM_SUSPEND (5.1.19).
    SystemSuspend,
    /// PSCI_SET_SUSPEND_MODE (5.1.20).
    SetSuspendMode,
    /// PSCI_STAT_RESIDENCY (5.1.21).
    StatResidency,
    /// PSCI_STAT_COUNT (5.1.22).
    StatCount,
    /// SMCCC_VERSION.
    SmcccVersion,
    /// SMCCC_ARCH_FEATURES.
    SmcccArchFeatures,
    /// SMCCC_ARCH_FEATURE_AVAILABILITY, whose result has 64 bits: by SMC64 only.
    FeatureAvailability,
    /// SMCCC_ARCH_WORKAROUND_1 to 3.
    Workaround(Workaround),
    /// TRNG_VERSION.
    TrngVersion,
    /// TRNG_FEATURES.
    TrngFeatures,
    /// TRNG_GET_UUID.
    TrngGetUuid,
    /// TRNG_RND.
    TrngRnd,
}

/// A workaround of SMCCC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workaround {
    /// SMCCC_ARCH_WORKAROUND_1, for CVE-2017-5715 (Spectre, variant 2).
    First,
    /// SMCCC_ARCH_WORKAROUND_2, for CVE-2018-3639 (Spectre, variant 4).
    Second,
    /// SMCCC_ARCH_WORKAROUND_3, for CVE-2022-23960 (Spectre-BHB) and CVE-2017-5715.
    Third,
}

impl Function {
    /// The function with this id. Where there are two, the second is the one for SMC64.
    ///
    /// Bits 23:17 must be zero in ids of fast calls (DEN0028, "Function Identifiers"); an id in
    /// which they are not is no function's.
    pub(crate) const fn of(id: u32) -> Option<Self> {
        Some(match id {
            0x8400_0000 => Self::PsciVersion,
            0x8400_0001 | 0xc400_0001 => Self::CpuSuspend,
            0x8400_0002 => Self::CpuOff,
            0x8400_0003 | 0xc400_0003 => Self::CpuOn,
            0x8400_0004 | 0xc400_0004 => Self::AffinityInfo,
            0x8400_0006 => Self::MigrateInfoType,
            0x8400_0008 => Self::SystemOff,
            0x8400_0009 => Self::SystemReset,
            0x8400_000a => Self::PsciFeatures,
            0x8400_000c | 0xc400_000c => Self::CpuDefaultSuspend,
            0x8400_000d | 0xc400_000d => Self::NodeHwState,
            0x8400_000e | 0xc400_000e => Self::SystemSuspend,
            0x8400_000f => Self::SetSuspendMode,
            0x8400_0010 | 0xc400_0010 => Self::StatResidency,
            0x8400_0011 | 0xc400_0011 => Self::StatCount,
            0x8400_0012 | 0xc400_0012 => Self::SystemReset2,
            0x8400_0015 | 0xc400_0015 => Self::SystemOff2,
            0x8400_0050 => Self::TrngVersion,
            0x8400_0051 => Self::TrngFeatures,
            0x8400_0052 => Self::TrngGetUuid,
            0x8400_0053 | 0xc400_0053 => Self::TrngRnd,
            0x8000_0000 => Self::SmcccVersion,
            0x8000_0001 => Self::SmcccArchFeatures,
            0xc000_0003 => Self::FeatureAvailability,
            0x8000_8000 => Self::Workaround(Workaround::First),
            0x8000_7fff => Self::Workaround(Workaround::Second),
            0x8000_3fff => Self::Workaround(Workaround::Third),
            _ => return None,
        })
    }

    /// Returns whether PSCI_FEATURES knows the function: all of PSCI, and of SMCCC the one that
    /// finds the rest (5.1.15).
    pub(crate) const fn is_psci_feature(self) -> bool {
        !matches!(
            self,
            Self::SmcccArchFeatures | Self::FeatureAvailability | Self::Workaround(_)
        ) && !self.is_trng()
    }

    /// Returns whether the function is of the TRNG.
    pub(crate) const fn is_trng(self) -> bool {
        matches!(
            self,
            Self::TrngVersion | Self::TrngFeatures | Self::TrngGetUuid | Self::TrngRnd
        )
    }
}
