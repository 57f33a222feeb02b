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

/// How much of a node has power, with what counts most first (5.1.18).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NodeState {
    On,
    Standby,
    Off,
}

impl NodeState {
    /// Parked is as off as a CPU gets here.
    const fn of(cpu: &Cpu) -> Self {
        match cpu.state() {
            State::On => Self::On,
            State::Standby { .. } => Self::Standby,
            State::Off | State::OnPending(_) | State::PoweredDown { .. } => Self::Off,
        }
    }

    const fn value(self) -> u64 {
        match self {
            Self::On => 0,
            Self::Off => 1,
            Self::Standby => 2,
        }
    }
}

/// The affinity fields that the CPUs of a node of this level have in common. Levels of power are levels of affinity: a CPU, a cluster, and the
/// system, which is the highest: there are no machines of several.
const fn node_mask(level: u32) -> Result<u64, Error> {
    match level {
        0 => Ok(AFFINITY_MASK),
        1 => Ok(0xff_00ff_ff00),
        2 => Ok(0xff_00ff_0000),
        _ => Err(Error::InvalidParameters),
    }
}

impl System<'_> {
    /// AFFINITY_INFO (5.1.5): of all CPUs whose affinity is that of `target` from `lowest_level` on.
    pub(crate) fn affinity_info(&self, target: u64, lowest_level: u32) -> Result<u64, Error> {
        let is_affinity = target & !AFFINITY_MASK == 0;
        let members = self.node(target, lowest_level)?.filter(|_| is_affinity);
        let state = members.map(AffinityState::of).min();
        state.map(AffinityState::value).ok_or(Error::InvalidParameters)
    }

    /// NODE_HW_STATE (5.1.18): of the CPU `target`, or of the node of a higher level that it is in. A node above the CPUs is never off by
    /// itself; it is as off as they are.
    pub(crate) fn node_hw_state(&self, target: u64, power_level: u32) -> Result<u64, Error> {
        self.named(target)?;
        let state = self.node(target, power_level)?.map(NodeState::of).min();
        state.map(NodeState::value).ok_or(Error::InvalidParameters)
    }

    /// The CPUs of the node of this level that `target` is in.
    fn node(&self, target: u64, level: u32) -> Result<impl Iterator<Item = &Cpu>, Error> {
        let mask = node_mask(level)?;
        Ok(self
            .cpus
            .iter()
            .filter(move |cpu| (cpu.affinity() ^ target) & mask == 0))
    }

    /// What PSCI_STAT_RESIDENCY and PSCI_STAT_COUNT tell (5.1.21, 5.1.22). They have no errors: what does not exist was never used.
    pub(crate) fn statistic(&self, target: u64, power_state: u32) -> Statistic {
        match (self.named(target), PowerState::entered(power_state)) {
            (Ok((_, cpu)), Some(power_state)) => cpu.statistic(power_state),
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
