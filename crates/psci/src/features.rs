//! [`Features`]: what the CPUs have, as far as answers depend on it.

use crate::Error;
use crate::function::Function;

/// Identification registers of a CPU (DDI0487, D24.2).
#[derive(Clone, Copy, Debug, Default)]
pub struct IdRegisters {
    /// `ID_AA64ISAR0_EL1`.
    pub isar0: u64,
    /// `ID_AA64MMFR1_EL1`.
    pub mmfr1: u64,
    /// `ID_AA64PFR0_EL1`.
    pub pfr0: u64,
    /// `ID_AA64PFR1_EL1`.
    pub pfr1: u64,
}

/// What the CPUs have. SMCCC's workarounds are about vulnerabilities of CPUs: the monitor does nothing about them, so that a workaround is
/// NOT_SUPPORTED where some CPU may need it, and not needed where all are known to be safe. The third answer of SMCCC_ARCH_FEATURES, 0 for
/// "this CPU needs it", is for monitors that do something when the workaround is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// CVE-2017-5715, branch target injection, is none of theirs: `CSV2` is not 0.
    safe_branch_targets: bool,
    /// CVE-2018-3639, speculative store bypass, can be turned off by the kernel itself: `SSBS` is not 0.
    safe_store_bypass: bool,
    /// CVE-2022-23960, branch history injection, is none of theirs: `CSV2` is 3, or `ECBHB` is 1.
    safe_branch_history: bool,
    /// They make random numbers: `RNDR` is not 0.
    random_numbers: bool,
}

impl Features {
    /// Those of one CPU.
    pub const fn of(id: &IdRegisters) -> Self {
        Self {
            safe_branch_targets: field(id.pfr0, 56) != 0,
            safe_store_bypass: field(id.pfr1, 4) != 0,
            safe_branch_history: field(id.pfr0, 56) >= 3 || field(id.mmfr1, 60) != 0,
            random_numbers: field(id.isar0, 60) != 0,
        }
    }

    /// Those that `other` CPUs have, too.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            safe_branch_targets: self.safe_branch_targets && other.safe_branch_targets,
            safe_store_bypass: self.safe_store_bypass && other.safe_store_bypass,
            safe_branch_history: self.safe_branch_history && other.safe_branch_history,
            random_numbers: self.random_numbers && other.random_numbers,
        }
    }

    /// What SMCCC_ARCH_FEATURES answers about `function`: 1 for a workaround that may be called on every CPU, where it does nothing, and need
    /// not be. NOT_REQUIRED (-2), which the second workaround has besides, is no news to a caller who gets 1.
    pub(crate) const fn arch_feature(self, function: Function) -> Result<u64, Error> {
        let is_safe = match function {
            Function::SmcccVersion | Function::SmcccArchFeatures => return Ok(0),
            Function::Workaround1 => self.safe_branch_targets,
            Function::Workaround2 => self.safe_store_bypass,
            Function::Workaround3 => self.safe_branch_history,
            _ => false,
        };
        if is_safe { Ok(1) } else { Err(Error::NotSupported) }
    }

    /// Whether there is a TRNG: NOT_SUPPORTED is what all of its functions answer without.
    pub(crate) const fn trng(self) -> Result<(), Error> {
        if self.random_numbers {
            Ok(())
        } else {
            Err(Error::NotSupported)
        }
    }
}

/// The four-bit ID field that starts at bit `shift`.
const fn field(register: u64, shift: u32) -> u64 {
    (register >> shift) & 0xf
}
