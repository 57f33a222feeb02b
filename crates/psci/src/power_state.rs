//! [`PowerState`]: how deep a CPU sleeps.

use crate::Error;

/// A power state that CPU_SUSPEND takes, in the original format (5.4): StateID in bits 15:0, StateType in bit 16, PowerLevel in bits
/// 25:24, and zeros.
///
/// There is no power above the level of a CPU to turn off, and one state of each type, with StateID 0. What the device tree offers as
/// `arm,psci-suspend-param` has to be one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum PowerState {
    /// The CPU stops and keeps its state.
    Standby = 0,
    /// The CPU loses its state, and starts anew at an entry point.
    PowerDown = 1 << 16,
}

impl PowerState {
    /// The state that `power_state` stands for.
    pub(crate) const fn of(power_state: u32) -> Result<Self, Error> {
        match power_state {
            0 => Ok(Self::Standby),
            0x1_0000 => Ok(Self::PowerDown),
            _ => Err(Error::InvalidParameters),
        }
    }
}
