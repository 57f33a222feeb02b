//! The calls that ask and change nothing.

use crate::cpu::{AFFINITY_MASK, State, Statistic};
use crate::function::Function;
use crate::{Cpu, Error, PowerState, System};

/// How much of a set of CPUs is on, with what counts most first (5.1.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AffinityState {
    On,
    OnPending,
    Off,
}

impl AffinityState {
    /// A suspended CPU is on: it cannot be started.
    const fn of(cpu: &Cpu) -> Self {
        match cpu.state() {
            State::On | State::Standby { .. } | State::PoweredDown { .. } => Self::On,
            State::OnPending(_) => Self::OnPending,
            State::Off => Self::Off,
        }
    }

    const fn value(self) -> u64 {
        match self {
            Self::On => 0,
            Self::Off => 1,
            Self::OnPending => 2,
        }
    }
}

/// The affinity fields from this level on. All four levels may be asked for in SMC32 too, where Aff3 is 0.
const fn affinity_mask(lowest_level: u32) -> Result<u64, Error> {
    match lowest_level {
        0 => Ok(AFFINITY_MASK),
        1 => Ok(0xff_00ff_ff00),
        2 => Ok(0xff_00ff_0000),
        3 => Ok(0xff_0000_0000),
        _ => Err(Error::InvalidParameters),
    }
}

impl System<'_> {
    /// AFFINITY_INFO (5.1.5): of all CPUs whose affinity is that of `target` from `lowest_level` on.
    pub(crate) fn affinity_info(&self, target: u64, lowest_level: u32) -> Result<u64, Error> {
        let mask = affinity_mask(lowest_level)?;
        let is_affinity = target & !AFFINITY_MASK == 0;
        let members = self.cpus.iter().filter(|cpu| (cpu.affinity() ^ target) & mask == 0);
        let state = members.map(AffinityState::of).min().filter(|_| is_affinity);
        state.map(AffinityState::value).ok_or(Error::InvalidParameters)
    }

    /// NODE_HW_STATE (5.1.18): on (0), off (1) or in standby (2). The CPUs are the only nodes, as there is no power above them to ask for;
    /// parked is as off as they get here.
    pub(crate) fn node_hw_state(&self, target: u64, power_level: u32) -> Result<u64, Error> {
        let (_, cpu) = self.named(target)?;
        match (power_level, cpu.state()) {
            (0, State::On) => Ok(0),
            (0, State::Off | State::OnPending(_) | State::PoweredDown { .. }) => Ok(1),
            (0, State::Standby { .. }) => Ok(2),
            _ => Err(Error::InvalidParameters),
        }
    }

    /// What PSCI_STAT_RESIDENCY and PSCI_STAT_COUNT tell (5.1.21, 5.1.22). They have no errors: what does not exist was never used.
    pub(crate) fn statistic(&self, target: u64, power_state: u32) -> Statistic {
        match (self.named(target), PowerState::of(power_state)) {
            (Ok((_, cpu)), Ok(power_state)) => cpu.statistic(power_state),
            _ => Statistic::default(),
        }
    }

    /// SMCCC_ARCH_FEATURES (DEN0028).
    pub(crate) fn arch_features(&self, id: u32) -> Result<u64, Error> {
        self.features.arch_feature(Function::of(id).ok_or(Error::NotSupported)?)
    }

    /// SMCCC_ARCH_WORKAROUND_1 to 3 (DEN0028): nothing to do, where they may be called at all.
    pub(crate) fn workaround(&self, function: Function) -> Result<u64, Error> {
        self.features.arch_feature(function).map(|_| 0)
    }
}

/// PSCI_FEATURES (5.1.15). The flags of CPU_SUSPEND are zeros as well: the original format, and no OS-initiated mode (table 11).
pub(crate) fn psci_features(id: u32) -> Result<u64, Error> {
    let function = Function::of(id).filter(|function| function.is_psci_feature());
    function.map(|_| 0).ok_or(Error::NotSupported)
}
