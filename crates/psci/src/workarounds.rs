//! [`Workarounds`]: what firmware does about the CPUs' vulnerabilities.

use crate::Error;
use crate::function::Function;

/// Whether firmware helps with a vulnerability of the CPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mitigation {
    /// Some CPU needs it, or nobody knows, and the monitor does nothing. The workaround is NOT_SUPPORTED, and Linux says "Vulnerable"
    /// unless it knows the CPU as safe itself.
    Missing,
    /// No CPU needs it. SMCCC_ARCH_FEATURES answers 1: the workaround may be called on every CPU, where it does nothing, and need not be.
    NotNeeded,
}

/// The vulnerabilities that SMCCC has a workaround for. The third answer of SMCCC_ARCH_FEATURES, 0 for "this CPU needs it", is for
/// monitors that do something when the workaround is called.
///
/// The answers are about all CPUs: 1 on one of them promises that the call is safe on the others. NOT_REQUIRED (-2), which the second
/// workaround has besides, is no news to a caller who gets 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workarounds {
    /// Of SMCCC_ARCH_WORKAROUND_1: CVE-2017-5715, branch target injection. Not needed where `ID_AA64PFR0_EL1.CSV2` is not 0.
    pub branch_target_injection: Mitigation,
    /// Of SMCCC_ARCH_WORKAROUND_2: CVE-2018-3639, speculative store bypass. Not needed where `ID_AA64PFR1_EL1.SSBS` is not 0.
    pub speculative_store_bypass: Mitigation,
    /// Of SMCCC_ARCH_WORKAROUND_3: CVE-2022-23960, branch history injection. Not needed where `ID_AA64PFR0_EL1.CSV2` is 3 or
    /// `ID_AA64MMFR1_EL1.ECBHB` is 1.
    pub branch_history_injection: Mitigation,
}

impl Workarounds {
    /// Nothing is known about the CPUs.
    pub const UNKNOWN: Self = Self {
        branch_target_injection: Mitigation::Missing,
        speculative_store_bypass: Mitigation::Missing,
        branch_history_injection: Mitigation::Missing,
    };

    /// What SMCCC_ARCH_FEATURES answers about `function`.
    pub(crate) const fn feature(self, function: Function) -> Result<u64, Error> {
        let mitigation = match function {
            Function::SmcccVersion | Function::SmcccArchFeatures => return Ok(0),
            Function::Workaround1 => self.branch_target_injection,
            Function::Workaround2 => self.speculative_store_bypass,
            Function::Workaround3 => self.branch_history_injection,
            _ => return Err(Error::NotSupported),
        };
        match mitigation {
            Mitigation::Missing => Err(Error::NotSupported),
            Mitigation::NotNeeded => Ok(1),
        }
    }
}
