//! [`Refusal`]: the place where the reason is written down once, while
//! [`Refused`] goes up the calls.
//!
//! Handing a [`DecompressError`] from call to call took 1 KB of the bootloader's code.

use core::cell::Cell;

use crate::{Compression, DecompressError};

/// The reason is in the [`Refusal`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

/// Has the reason, once there is one.
#[derive(Debug)]
pub(crate) struct Refusal(Cell<DecompressError>);

impl Refusal {
    /// Returns what `read` gives; if it refuses, the reason that it leaves.
    pub fn told<T>(read: impl FnOnce(&Self) -> Result<T, Refused>) -> Result<T, DecompressError> {
        // Never told: whoever refuses leaves a reason.
        let refusal = Self(Cell::new(DecompressError::Unsupported {
            compression: Compression::Gzip,
            feature: "",
        }));
        read(&refusal).map_err(|Refused| refusal.0.get())
    }

    /// Leaves the reason.
    #[cold]
    pub fn leave(&self, reason: DecompressError) -> Refused {
        self.0.set(reason);
        Refused
    }
}
