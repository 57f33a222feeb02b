//! [`PowerState`]: how deep a CPU sleeps.

use crate::Error;

/// The highest level of power, that of the system.
const LEVEL_MAX: u32 = 2;
/// PowerLevel in a power state (5.4).
const LEVEL_SHIFT: u32 = 24;

/// A power state that CPU_SUSPEND takes, in the original format (5.4): StateID in bits 15:0,
/// StateType in bit 16, PowerLevel in bits 25:24, and zeros.
///
/// There is one state of each type, with StateID 0. Power-down may be requested at the levels of a
/// cluster and of the system, too: that is a request to do it when all CPUs there agree, and a
/// platform may go less deep (4.2.3.1). There is no power above the CPUs to turn off here, so it
/// always does. What the device tree offers as `arm,psci-suspend-param` has to be one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum PowerState {
    /// The CPU stops and keeps its state.
    Standby = 0,
    /// The CPU loses its state, and starts anew at an entry point.
    PowerDown = 1 << 16,
}

impl PowerState {
    /// The state that a CPU enters that asks for `power_state`.
    pub(crate) fn requested(power_state: u32) -> Result<Self, Error> {
        let is_higher = (1..=LEVEL_MAX).any(|level| power_state == Self::PowerDown as u32 | level << LEVEL_SHIFT);
        if is_higher {
            Ok(Self::PowerDown)
        } else {
            Self::entered(power_state).ok_or(Error::InvalidParameters)
        }
    }

    /// The state that `power_state` stands for, of those that are ever entered.
    pub(crate) const fn entered(power_state: u32) -> Option<Self> {
        match power_state {
            0 => Some(Self::Standby),
            0x1_0000 => Some(Self::PowerDown),
            _ => None,
        }
    }
}
