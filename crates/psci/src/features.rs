//! [`Features`]: what a CPU has, as far as answers depend on it.

use crate::function::Workaround;

/// A CPU's state with regard to a vulnerability, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vulnerability {
    /// The CPU is not affected, or the kernel deals with it alone.
    NotAffected,
    /// The CPU is affected. The firmware mitigates that at every entry to EL3 from below, or
    /// permanently.
    Mitigated,
    /// The CPU is or may be affected, and the firmware does nothing about it.
    Unmitigated,
}

/// A CPU's features. The workarounds of SMCCC are about its vulnerabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// CVE-2017-5715, branch target injection.
    pub branch_target_injection: Vulnerability,
    /// CVE-2018-3639, speculative store bypass. A mitigation by the firmware is a permanent one:
    /// the call that would turn it on and off does nothing.
    pub store_bypass: Vulnerability,
    /// CVE-2022-23960, branch history injection.
    pub branch_history_injection: Vulnerability,
    /// The CPU has FEAT_RNG.
    pub random_numbers: bool,
}

impl Features {
    /// The CPU's state with regard to what `workaround` is for. The third workaround includes the
    /// first, which has to be there with it.
    pub(crate) fn vulnerability(&self, workaround: Workaround) -> Vulnerability {
        match workaround {
            Workaround::First => self.branch_target_injection,
            Workaround::Second => self.store_bypass,
            Workaround::Third => self.branch_target_injection.max(self.branch_history_injection),
        }
    }
}
