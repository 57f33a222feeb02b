//! [`Features`]: what a CPU has, as far as answers depend on it.

use crate::function::Workaround;

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
    /// The CPU has FEAT_MPAM, and with it `MPAM3_EL3`.
    pub mpam: bool,
}

impl Features {
    /// Returns what the identification registers announce, with a firmware that mitigates nothing:
    /// a CPU that does not announce that it is safe is taken to be affected.
    pub const fn of(id: &IdRegisters) -> Self {
        let csv2 = field(id.pfr0, 56);
        Self {
            branch_target_injection: unless(csv2 != 0),
            // With FEAT_SSBS the kernel turns the bypass off itself.
            store_bypass: unless(field(id.pfr1, 4) != 0),
            // FEAT_CSV2_3, or FEAT_ECBHB.
            branch_history_injection: unless(csv2 >= 3 || field(id.mmfr1, 60) != 0),
            random_numbers: field(id.isar0, 60) != 0,
            mpam: field(id.pfr0, 40) != 0 || field(id.pfr1, 16) != 0,
        }
    }

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

const fn unless(is_safe: bool) -> Vulnerability {
    if is_safe {
        Vulnerability::NotAffected
    } else {
        Vulnerability::Unmitigated
    }
}

/// The four-bit ID field that starts at bit `shift`.
const fn field(register: u64, shift: u32) -> u64 {
    (register >> shift) & 0xf
}
