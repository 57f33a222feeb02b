//! The end of the machine by EL3: [`Stored`].

use boards::PowerLines;
use devicetree::{Devicetree, GpioLine};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::PlatformError;

/// The abilities of the board's power control on this machine, as numbers of which 0 means
/// no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Stored {
    pub(crate) off: u64,
    pub(crate) reset: u64,
}

impl Stored {
    /// Takes the lines that the tree describes, which must be the board's. A machine may lack
    /// either.
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
}
