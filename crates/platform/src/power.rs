//! How EL3 ends the machine: [`PowerControl`].

use boards::PowerLines;
use devicetree::{Devicetree, GpioLine};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::PlatformError;

/// What the lines of the board's power control can do on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerControl {
    /// The machine can be powered off.
    pub off: bool,
    /// The machine can be reset.
    pub reset: bool,
}

/// The same as numbers, of which 0 means no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Stored {
    off: u64,
    reset: u64,
}

impl Stored {
    /// Takes the lines that the tree describes, which must be the board's. A machine may lack either.
    pub(crate) fn new(board: &PowerLines, tree: &Devicetree<'_>) -> Result<Self, PlatformError> {
        let is_there = |described: Option<GpioLine>, line: u8| match described {
            Some(described) if (described.controller, described.line) == (board.base, line.into()) => Ok(1),
            Some(described) => Err(PlatformError::Power {
                described,
                board: GpioLine {
                    controller: board.base,
                    line: line.into(),
                },
            }),
            None => Ok(0),
        };
        Ok(Self {
            off: is_there(tree.secure_power_off(), board.off)?,
            reset: is_there(tree.secure_restart(), board.reset)?,
        })
    }

    pub(crate) const fn control(self) -> PowerControl {
        PowerControl {
            off: self.off != 0,
            reset: self.reset != 0,
        }
    }
}
