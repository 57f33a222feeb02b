//! The calls that ask and change nothing.

use crate::cpu::{AFFINITY_MASK, State, Statistic};
use crate::function::Function;
use crate::system::HIBERNATE_OFF;
use crate::{Cpu, Error, PowerState, System};

/// The state of a set of CPUs, with the one that counts most first (5.1.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AffinityState {
    On,
    OnPending,
    Off,
    Disabled,
}

impl AffinityState {
    /// A suspended CPU is on: it cannot be started.
    const fn of(cpu: &Cpu) -> Self {
        match cpu.state() {
            State::On | State::Standby { .. } | State::PoweredDown { .. } => Self::On,
            State::OnPending(_) => Self::OnPending,
            State::Absent | State::Off => Self::Off,
            State::Stopped => Self::Disabled,
        }
    }

    /// Returns what AFFINITY_INFO answers about an affinity instance of this level. Only a CPU is
    /// disabled: of a cluster that EL3 has stopped all CPUs of, nothing more is known than that
    /// none is on.
    const fn value(self, level: u32) -> Result<u64, Error> {
        match (self, level) {
            (Self::Disabled, 0) => Err(Error::Disabled),
            (Self::On, _) => Ok(0),
            (Self::Off | Self::Disabled, _) => Ok(1),
            (Self::OnPending, _) => Ok(2),
        }
    }
}

/// The power of a node, with the state that counts most first (5.1.18).
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
            State::Absent | State::Off | State::OnPending(_) | State::PoweredDown { .. } | State::Stopped => Self::Off,
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

/// The affinity fields that the CPUs of a node of this level have in common. Levels of power are
/// levels of affinity: a CPU, a cluster, and the system, which is the highest: there are no
/// machines of several.
const fn node_mask(level: u32) -> Result<u64, Error> {
    match level {
        0 => Ok(AFFINITY_MASK),
        1 => Ok(AFFINITY_MASK & !0xff),
        2 => Ok(AFFINITY_MASK & !0xffff),
        _ => Err(Error::InvalidParameters),
    }
}

impl System<'_> {
    /// AFFINITY_INFO (5.1.5): of all CPUs whose affinity is that of `target` from `lowest_level`
    /// on.
    pub(crate) fn affinity_info(&self, target: u64, lowest_level: u32) -> Result<u64, Error> {
        let is_affinity = target & !AFFINITY_MASK == 0;
        let members = self.node(target, lowest_level)?.filter(|_| is_affinity);
        let state = members.map(AffinityState::of).min();
        state.ok_or(Error::InvalidParameters)?.value(lowest_level)
    }

    /// NODE_HW_STATE (5.1.18): of the CPU `target`, or of the node of a higher level that it is in.
    /// A node above the CPUs is never off by itself; it is as off as they are.
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

    /// Returns what PSCI_STAT_RESIDENCY and PSCI_STAT_COUNT tell (5.1.21, 5.1.22). They have no
    /// errors: what does not exist was never used.
    pub(crate) fn statistic(&self, target: u64, power_state: u32) -> Statistic {
        match (self.named(target), PowerState::entered(power_state)) {
            (Ok((_, cpu)), Some(power_state)) => cpu.statistic(power_state),
            _ => Statistic::default(),
        }
    }

    /// PSCI_FEATURES (5.1.15). Flags are those of SYSTEM_OFF2: HIBERNATE_OFF. Those of CPU_SUSPEND
    /// are zeros: the original format, and no OS-initiated mode (table 11).
    pub(crate) fn psci_features(&self, id: u32) -> Result<u64, Error> {
        match self.served(id)? {
            Function::SystemOff2 => Ok(HIBERNATE_OFF),
            function if function.is_psci_feature() => Ok(0),
            _ => Err(Error::NotSupported),
        }
    }
}
