//! The reason of a failed boot: the stage, and the rule that was broken in it.

use core::fmt;

use boot_parts::{PartsError, PreparationError};
use boot_plan::PlanError;
use devicetree::TreeError;
use fit::FitError;
use flash_image::FlashError;
use machine::fw_cfg::FwCfgError;
use payload::PayloadError;
use platform::PlatformError;

/// The end of a boot: printed as one line, then the CPU stops.
#[derive(Clone, Copy, Debug)]
pub enum BootError {
    /// EL3 cannot serve the machine as its device tree describes it.
    Platform(PlatformError),
    /// The device tree of the machine, or of the kernel, cannot be used.
    Devicetree(TreeError),
    /// The flash cannot be used: the payload was cut short, the settings are damaged, or the
    /// monitor is none for this board.
    Flash(FlashError),
    /// fw_cfg does not give what it has.
    FwCfg(FwCfgError),
    /// The payload cannot be booted.
    Payload(PartsError),
    /// There is no place for everything.
    Plan(PlanError),
}

impl BootError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Platform(error) => error.code(),
            Self::Devicetree(error) => error.code(),
            Self::Flash(error) => error.code(),
            Self::FwCfg(error) => error.code(),
            Self::Payload(error) => error.code(),
            Self::Plan(error) => error.code(),
        }
    }
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform(error) => write!(f, "platform: {error}"),
            Self::Devicetree(error) => write!(f, "tree: {error}"),
            Self::Flash(error) => write!(f, "flash: {error}"),
            Self::FwCfg(error) => write!(f, "fw_cfg: {error}"),
            Self::Payload(error) => write!(f, "payload: {error}"),
            Self::Plan(error) => write!(f, "plan: {error}"),
        }
    }
}

impl From<PreparationError> for BootError {
    fn from(error: PreparationError) -> Self {
        match error {
            PreparationError::Parts(error) => Self::Payload(error),
            PreparationError::Tree(error) => Self::Devicetree(error),
            PreparationError::Plan(error) => Self::Plan(error),
        }
    }
}

impl From<PlatformError> for BootError {
    fn from(error: PlatformError) -> Self {
        Self::Platform(error)
    }
}

impl From<FwCfgError> for BootError {
    fn from(error: FwCfgError) -> Self {
        Self::FwCfg(error)
    }
}

impl From<PartsError> for BootError {
    fn from(error: PartsError) -> Self {
        Self::Payload(error)
    }
}

impl From<FitError> for BootError {
    fn from(error: FitError) -> Self {
        Self::Payload(PartsError::Fit(error))
    }
}

impl From<PayloadError> for BootError {
    fn from(error: PayloadError) -> Self {
        Self::Payload(PartsError::Payload(error))
    }
}

impl From<TreeError> for BootError {
    fn from(error: TreeError) -> Self {
        Self::Devicetree(error)
    }
}

impl From<FlashError> for BootError {
    fn from(error: FlashError) -> Self {
        Self::Flash(error)
    }
}

impl From<PlanError> for BootError {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}
