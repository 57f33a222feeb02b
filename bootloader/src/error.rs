//! Why a boot failed: the stage, and the rule that was broken in it.

use core::fmt;

use boot_plan::PlanError;
use devicetree::TreeError;
use flash_image::FlashError;

/// The end of a boot: printed as one line, then the CPU stops.
#[derive(Clone, Copy, Debug)]
pub enum BootError {
    /// The machine reset at EL3.
    ResetAtEl3,
    /// The machine's device tree cannot be used.
    Devicetree(TreeError),
    /// There is no usable kernel in flash, or the settings beside it are damaged.
    Flash(FlashError),
    /// The kernel cannot be placed.
    Plan(PlanError),
}

impl BootError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ResetAtEl3 => "boot-el3",
            Self::Devicetree(error) => error.code(),
            Self::Flash(error) => error.code(),
            Self::Plan(error) => error.code(),
        }
    }
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResetAtEl3 => {
                f.write_str("reset: this machine starts at EL3, which is not supported yet; start it without secure=on")
            }
            Self::Devicetree(error) => write!(f, "tree: {error}"),
            Self::Flash(error) => write!(f, "flash: {error}"),
            Self::Plan(error) => write!(f, "plan: {error}"),
        }
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
