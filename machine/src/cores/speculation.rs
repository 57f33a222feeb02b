//! Speculation: the cores that lower levels can mislead, and the means of EL3 against it.
//!
//! Sources: Arm's "Cache Speculation Side-channels" and "Spectre-BHB" white papers, and Trusted
//! Firmware-A's advisories TFV-6 (CVE-2017-5715), TFV-7 (CVE-2018-3639) and TFV-9 (CVE-2022-23960).
//! Where the ID registers say that a CPU is safe, or how to make it safe, they decide; the part
//! number does for older cores. Of cores that are not listed, nothing but the ID registers is
//! known.
//!
//! **Cortex-A73 and A75** stay exposed to CVE-2017-5715 (revisions without FEAT_CSV2) and
//! CVE-2022-23960. Turning the MMU off and on does not invalidate their predictors; only `BPIALL`
//! does, which exists in AArch32 alone. EL3 would have to enter AArch32 at Secure EL1 by `eret`,
//! execute it, and come back by `smc`, with vectors of its own and with `SCTLR_EL1`, `SCR_EL3`,
//! `SPSR_EL3` and `ELR_EL3` saved around it, at each entry. The monitor has no Secure EL1, and says
//! NOT_SUPPORTED to `ARCH_WORKAROUND_1` and `_3`.

use psci::Vulnerability;

use crate::id_registers::El3IdRegisters;

use super::IMPLEMENTER_ARM;

/// The first thing that EL3 must do when it is entered from a lower level, before any branch that
/// could be predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryMitigation {
    /// Nothing: the CPU needs nothing, or there is nothing that helps.
    None,
    /// `clrbhb`, then `isb` (FEAT_CLRBHB).
    ClearHistory,
    /// Taken branches that push out the history of the level below, then a speculation barrier.
    Loop {
        /// The number of iterations; each has two taken branches.
        iterations: u8,
    },
    /// `SCTLR_EL3.M` cleared and set again, with `isb` after each: invalidates the predictor of
    /// Cortex-A57 and A72.
    InvalidatePredictor,
}

/// A group of cores that are affected alike.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Cortex-A35, A53 and A55: no speculation that matters to any of the three.
    InOrder,
    /// Cortex-A57 and A72: turning the MMU off and on invalidates the predictor.
    MmuInvalidates,
    /// Cortex-A73 and A75: see the module's documentation.
    Aarch32Invalidates,
    /// Cores with FEAT_CSV2, whose branch history this many iterations push out.
    History { iterations: u8 },
    /// Every other core.
    Unknown,
}

impl Family {
    const fn of(midr: u64) -> Self {
        if midr >> 24 & 0xff != IMPLEMENTER_ARM {
            return Self::Unknown;
        }
        match midr >> 4 & 0xfff {
            // Cortex-A53, A35, A55.
            0xd03..=0xd05 => Self::InOrder,
            // Cortex-A57, A72.
            0xd07 | 0xd08 => Self::MmuInvalidates,
            // Cortex-A73, A75.
            0xd09 | 0xd0a => Self::Aarch32Invalidates,
            // Cortex-A76, Neoverse N1, Cortex-A77, A76AE.
            0xd0b..=0xd0e => Self::History { iterations: 24 },
            // Neoverse V1; Cortex-A78, A78AE; X1; A710; Neoverse N2; Cortex-A78C.
            0xd40..=0xd42 | 0xd44 | 0xd47 | 0xd49 | 0xd4b => Self::History { iterations: 32 },
            // Neoverse V2.
            0xd4f => Self::History { iterations: 132 },
            _ => Self::Unknown,
        }
    }
}

/// The number of iterations for a Cortex-A72 that has FEAT_CSV2 (r1p0).
const CORTEX_A72_ITERATIONS: u8 = 8;
const CORTEX_A72: u64 = 0xd08;

/// Returns the state of branch target injection, Spectre variant 2 (CVE-2017-5715).
pub const fn branch_targets(id: &El3IdRegisters) -> Vulnerability {
    match Family::of(id.shared.midr) {
        _ if id.shared.csv2() != 0 => Vulnerability::NotAffected,
        Family::InOrder => Vulnerability::NotAffected,
        Family::MmuInvalidates => Vulnerability::Mitigated,
        _ => Vulnerability::Unmitigated,
    }
}

/// Returns the state of speculative store bypass, Spectre variant 4 (CVE-2018-3639). A CPU with
/// FEAT_SSBS enters EL3 with `PSTATE.SSBS` clear, as `SCTLR_EL3.DSSBS` is; others have a control
/// bit that [`super::operations`] sets for good.
pub fn store_bypass(id: &El3IdRegisters) -> Vulnerability {
    let stopped = || super::store_bypass_is_stopped(id.shared.midr);
    match Family::of(id.shared.midr) {
        _ if id.shared.ssbs() => Vulnerability::Mitigated,
        Family::InOrder => Vulnerability::NotAffected,
        _ if stopped() => Vulnerability::Mitigated,
        _ => Vulnerability::Unmitigated,
    }
}

/// Returns the state of branch history injection, Spectre-BHB (CVE-2022-23960).
pub const fn branch_history(id: &El3IdRegisters) -> Vulnerability {
    if id.history_is_isolated() || matches!(Family::of(id.shared.midr), Family::InOrder) {
        return Vulnerability::NotAffected;
    }
    match entry_mitigation(id) {
        EntryMitigation::None => Vulnerability::Unmitigated,
        _ => Vulnerability::Mitigated,
    }
}

/// Returns the mitigation that each entry to EL3 from a lower level needs, against branch targets
/// and branch history.
pub const fn entry_mitigation(id: &El3IdRegisters) -> EntryMitigation {
    let targets_are_isolated = id.shared.csv2() != 0;
    match Family::of(id.shared.midr) {
        Family::InOrder => EntryMitigation::None,
        // Invalidates the history, too, so that it goes before all that is only about history.
        Family::MmuInvalidates if !targets_are_isolated => EntryMitigation::InvalidatePredictor,
        _ if id.history_is_isolated() => EntryMitigation::None,
        _ if id.clears_history() => EntryMitigation::ClearHistory,
        Family::MmuInvalidates if id.shared.midr >> 4 & 0xfff == CORTEX_A72 => EntryMitigation::Loop {
            iterations: CORTEX_A72_ITERATIONS,
        },
        Family::MmuInvalidates => EntryMitigation::InvalidatePredictor,
        Family::History { iterations } => EntryMitigation::Loop { iterations },
        Family::Aarch32Invalidates | Family::Unknown => EntryMitigation::None,
    }
}
