//! [`Cpu`]: whether a CPU is on, and where it goes next.

use crate::{Arrival, Error, Features, PowerState, Start};

/// The affinity fields of `MPIDR_EL1` (DDI0487, D24.2), by which device trees and PSCI name a CPU:
/// Aff3 in bits 39:32, Aff2 to Aff0 in bits 23:0.
pub const AFFINITY_MASK: u64 = 0xff_00ff_ffff;

/// Returns the affinity fields of the `MPIDR_EL1` of a CPU.
pub const fn affinity(mpidr: u64) -> u64 {
    mpidr & AFFINITY_MASK
}

/// A CPU, as the monitor keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    affinity: u64,
    state: State,
    /// The CPU's features; `None` before it has joined.
    features: Option<Features>,
    /// Since when it is off, for a CPU that turned itself off and has not arrived anew.
    off_since_us: Option<u64>,
    standby: Statistic,
    power_down: Statistic,
}

/// The state of a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// Described, and not seen yet: it may be on its way, or not exist.
    Absent,
    /// In the monitor, parked or on its way there. Nobody has to know which: it asks when it
    /// arrives, and again when it is woken.
    Off,
    /// As before, with a start to find when it asks.
    OnPending(Start),
    /// In the normal world.
    On,
    /// In the monitor until there is an interrupt, then back to its caller.
    Standby {
        /// Since when.
        since_us: u64,
    },
    /// In the monitor until there is an interrupt, then to its entry point.
    PoweredDown {
        /// The entry point.
        start: Start,
        /// Since when.
        since_us: u64,
    },
    /// EL3 had to stop it, for good.
    Stopped,
}

/// A CPU's use of a power state since reset (5.1.21, 5.1.22). A sleep counts when it is over, and
/// so does being off, which is to be powered down; what came before the first start is not a use of
/// anything.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Statistic {
    /// The number of uses.
    pub(crate) count: u64,
    /// The time of all of them, in microseconds.
    pub(crate) residency_us: u64,
}

impl Cpu {
    /// The CPU with this MPIDR, or with its affinity as the device tree has it. It has not joined.
    pub const fn new(mpidr: u64) -> Self {
        let unused = Statistic {
            count: 0,
            residency_us: 0,
        };
        Self {
            affinity: affinity(mpidr),
            state: State::Absent,
            features: None,
            off_since_us: None,
            standby: unused,
            power_down: unused,
        }
    }

    /// The CPU's affinity fields.
    pub const fn affinity(&self) -> u64 {
        self.affinity
    }

    pub(crate) const fn state(&self) -> State {
        self.state
    }

    pub(crate) const fn features(&self) -> Option<&Features> {
        self.features.as_ref()
    }

    pub(crate) const fn statistic(&self, power_state: PowerState) -> Statistic {
        match power_state {
            PowerState::Standby => self.standby,
            PowerState::PowerDown => self.power_down,
        }
    }

    /// The CPU is there, and has these features. It is off from here on, unless it has joined
    /// before.
    pub(crate) const fn join(&mut self, features: Features) {
        if matches!(self.state, State::Absent) {
            self.state = State::Off;
            self.features = Some(features);
        }
    }

    /// EL3 has stopped this CPU. A start that it was to make is lost.
    pub(crate) const fn fail(&mut self) {
        self.state = State::Stopped;
    }

    /// On without a start: the CPU that the machine was reset with.
    pub(crate) const fn set_on(&mut self) {
        self.state = State::On;
    }

    /// CPU_ON of this CPU.
    pub(crate) const fn start(&mut self, start: Start) -> Result<(), Error> {
        match self.state {
            State::Off => self.state = State::OnPending(start),
            State::OnPending(_) => return Err(Error::OnPending),
            State::Absent | State::Stopped => return Err(Error::InternalFailure),
            State::On | State::Standby { .. } | State::PoweredDown { .. } => return Err(Error::AlreadyOn),
        }
        Ok(())
    }

    /// CPU_OFF by this CPU. From here on it can be started, wherever it is on its way.
    pub(crate) const fn stop(&mut self, now_us: u64) {
        self.state = State::Off;
        self.off_since_us = Some(now_us);
    }

    /// CPU_SUSPEND by this CPU, to a standby state.
    pub(crate) const fn stand_by(&mut self, now_us: u64) {
        self.state = State::Standby { since_us: now_us };
    }

    /// CPU_SUSPEND by this CPU, to a power-down state.
    pub(crate) const fn power_down(&mut self, start: Start, now_us: u64) {
        self.state = State::PoweredDown {
            start,
            since_us: now_us,
        };
    }

    /// The CPU asks where to go. A CPU that is on has no business asking, and certainly gets no
    /// second start.
    pub(crate) const fn arrive(&mut self, now_us: u64) -> Arrival {
        let arrival = match self.state {
            State::Absent | State::Off | State::On | State::Stopped => return Arrival::Park,
            State::OnPending(start) => {
                if let Some(since_us) = self.off_since_us.take() {
                    self.power_down.count_sleep(since_us, now_us);
                }
                Arrival::Enter(start)
            }
            State::Standby { since_us } => {
                self.standby.count_sleep(since_us, now_us);
                Arrival::Return
            }
            State::PoweredDown { start, since_us } => {
                self.power_down.count_sleep(since_us, now_us);
                Arrival::Enter(start)
            }
        };
        self.state = State::On;
        arrival
    }
}

impl Statistic {
    /// One sleep more. Both numbers may wrap, in half a million years.
    const fn count_sleep(&mut self, since_us: u64, now_us: u64) {
        self.count = self.count.wrapping_add(1);
        self.residency_us = self.residency_us.wrapping_add(now_us.saturating_sub(since_us));
    }
}
