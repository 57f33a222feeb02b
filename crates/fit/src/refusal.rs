//! [`Refusal`]: the place where the reason is written down once, while
//! [`Refused`] goes up the calls.
//!
//! A [`FitError`] has the names of nodes in it, and handing it from call to call took 4 KB of the
//! bootloader's code.

use core::cell::Cell;

use crate::FitError;

/// The reason is in the [`Refusal`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

/// Has the reason, once there is one.
#[derive(Debug)]
pub(crate) struct Refusal(Cell<FitError>);

impl Refusal {
    /// Returns what `read` gives; if it refuses, the reason that it leaves.
    pub(crate) fn told<T>(read: impl FnOnce(&Self) -> Result<T, Refused>) -> Result<T, FitError> {
        let refusal = Self(Cell::new(FitError::NOT_TOLD));
        read(&refusal).map_err(|Refused| refusal.0.get())
    }

    /// Leaves the reason.
    #[cold]
    pub(crate) fn leave(&self, reason: FitError) -> Refused {
        self.0.set(reason);
        Refused
    }
}
