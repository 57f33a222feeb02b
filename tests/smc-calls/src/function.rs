//! The functions that the monitor may know, by their numbers (DEN0022, DEN0028, DEN0098), and what
//! their arguments are about.

use machine::random;

/// SMC64: bit 30 of a function id.
pub const SMC64: u32 = 1 << 30;
/// The hint about SVE, bit 16 of a function id, which is no part of it.
pub const SVE_HINT: u32 = 1 << 16;

pub const PSCI_VERSION: u32 = 0x8400_0000;
pub const CPU_SUSPEND: u32 = 0x8400_0001;
pub const CPU_OFF: u32 = 0x8400_0002;
pub const CPU_ON: u32 = 0x8400_0003;
pub const AFFINITY_INFO: u32 = 0x8400_0004;
pub const MIGRATE: u32 = 0x8400_0005;
pub const MIGRATE_INFO_TYPE: u32 = 0x8400_0006;
pub const MIGRATE_INFO_UP_CPU: u32 = 0x8400_0007;
pub const SYSTEM_OFF: u32 = 0x8400_0008;
pub const SYSTEM_RESET: u32 = 0x8400_0009;
pub const PSCI_FEATURES: u32 = 0x8400_000a;
pub const CPU_FREEZE: u32 = 0x8400_000b;
pub const CPU_DEFAULT_SUSPEND: u32 = 0x8400_000c;
pub const NODE_HW_STATE: u32 = 0x8400_000d;
pub const SYSTEM_SUSPEND: u32 = 0x8400_000e;
pub const SET_SUSPEND_MODE: u32 = 0x8400_000f;
pub const STAT_RESIDENCY: u32 = 0x8400_0010;
pub const STAT_COUNT: u32 = 0x8400_0011;
pub const SYSTEM_RESET2: u32 = 0x8400_0012;
pub const MEM_PROTECT: u32 = 0x8400_0013;
pub const MEM_PROTECT_CHECK_RANGE: u32 = 0x8400_0014;
pub const SYSTEM_OFF2: u32 = 0x8400_0015;
pub const TRNG_VERSION: u32 = 0x8400_0050;
pub const TRNG_FEATURES: u32 = 0x8400_0051;
pub const TRNG_GET_UUID: u32 = 0x8400_0052;
pub const TRNG_RND: u32 = 0x8400_0053;
pub const SMCCC_VERSION: u32 = 0x8000_0000;
pub const ARCH_FEATURES: u32 = 0x8000_0001;
pub const ARCH_SOC_ID: u32 = 0x8000_0002;
pub const FEATURE_AVAILABILITY: u32 = 0x8000_0003;
pub const ARCH_WORKAROUND_1: u32 = 0x8000_8000;
pub const ARCH_WORKAROUND_2: u32 = 0x8000_7fff;
pub const ARCH_WORKAROUND_3: u32 = 0x8000_3fff;
pub const ARCH_WORKAROUND_4: u32 = 0x8000_0004;

/// The meaning of an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A CPU, or several.
    Affinity,
    /// An entry point.
    Entry,
    /// A power state.
    PowerState,
    /// A function id.
    Function,
    /// The encoding of a register.
    Register,
    /// A level, a mode, a type: a small number.
    Small,
    /// Anything.
    Any,
}

/// Every function, by the id for SMC32, with what its first arguments are about. SYSTEM_OFF and its
/// kind are among them for PSCI_FEATURES.
pub const FUNCTIONS: &[(u32, [Argument; 3])] = {
    use Argument::{Affinity, Any, Entry, Function, PowerState, Register, Small};
    &[
        (PSCI_VERSION, [Any; 3]),
        (CPU_SUSPEND, [PowerState, Entry, Any]),
        (CPU_OFF, [Any; 3]),
        (CPU_ON, [Affinity, Entry, Any]),
        (AFFINITY_INFO, [Affinity, Small, Any]),
        (MIGRATE, [Affinity, Any, Any]),
        (MIGRATE_INFO_TYPE, [Any; 3]),
        (MIGRATE_INFO_UP_CPU, [Any; 3]),
        (SYSTEM_OFF, [Any; 3]),
        (SYSTEM_RESET, [Any; 3]),
        (PSCI_FEATURES, [Function, Any, Any]),
        (CPU_FREEZE, [Any; 3]),
        (CPU_DEFAULT_SUSPEND, [Entry, Any, Any]),
        (NODE_HW_STATE, [Affinity, Small, Any]),
        (SYSTEM_SUSPEND, [Entry, Any, Any]),
        (SET_SUSPEND_MODE, [Small, Any, Any]),
        (STAT_RESIDENCY, [Affinity, PowerState, Any]),
        (STAT_COUNT, [Affinity, PowerState, Any]),
        (SYSTEM_RESET2, [Small, Any, Any]),
        (MEM_PROTECT, [Small, Any, Any]),
        (MEM_PROTECT_CHECK_RANGE, [Entry, Small, Any]),
        (SYSTEM_OFF2, [Small, Any, Any]),
        (TRNG_VERSION, [Any; 3]),
        (TRNG_FEATURES, [Function, Any, Any]),
        (TRNG_GET_UUID, [Any; 3]),
        (TRNG_RND, [Small, Any, Any]),
        (SMCCC_VERSION, [Any; 3]),
        (ARCH_FEATURES, [Function, Any, Any]),
        (ARCH_SOC_ID, [Small, Any, Any]),
        (FEATURE_AVAILABILITY, [Register, Any, Any]),
        (ARCH_WORKAROUND_1, [Any; 3]),
        (ARCH_WORKAROUND_2, [Any; 3]),
        (ARCH_WORKAROUND_3, [Any; 3]),
        (ARCH_WORKAROUND_4, [Any; 3]),
    ]
};

/// Returns whether a function has an id for SMC64 as well.
const fn has_smc64(id: u32) -> bool {
    matches!(
        id,
        CPU_SUSPEND
            | CPU_ON
            | AFFINITY_INFO
            | CPU_DEFAULT_SUSPEND
            | NODE_HW_STATE
            | SYSTEM_SUSPEND
            | STAT_RESIDENCY
            | STAT_COUNT
            | SYSTEM_RESET2
            | SYSTEM_OFF2
            | FEATURE_AVAILABILITY
            | TRNG_RND
    )
}

/// The function that a monitor which serves PSCI 1.3, and TRNG where the CPUs make random numbers,
/// takes this id for, by the id for SMC32. Those that have two have the second for SMC64.
pub fn served(id: u32) -> Option<u32> {
    let (base, is_smc64) = (id & !SMC64, id & SMC64 != 0);
    match base {
        _ if is_smc64 && !has_smc64(base) => None,
        FEATURE_AVAILABILITY if !is_smc64 => None,
        PSCI_VERSION..=AFFINITY_INFO
        | MIGRATE_INFO_TYPE
        | SYSTEM_OFF..=PSCI_FEATURES
        | CPU_DEFAULT_SUSPEND..=SYSTEM_RESET2
        | SYSTEM_OFF2
        | SMCCC_VERSION
        | ARCH_FEATURES
        | FEATURE_AVAILABILITY
        | ARCH_WORKAROUND_1
        | ARCH_WORKAROUND_2
        | ARCH_WORKAROUND_3 => Some(base),
        TRNG_VERSION..=TRNG_RND if random::is_there() => Some(base),
        _ => None,
    }
}
