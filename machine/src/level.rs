//! The exception levels: [`ExceptionLevel`].

use core::fmt;

/// An exception level of AArch64 that firmware or a kernel runs at (DDI0487, D1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExceptionLevel {
    /// EL1: a kernel.
    El1,
    /// EL2: a hypervisor, or a kernel that may become one.
    El2,
    /// EL3: a secure monitor.
    El3,
}

impl ExceptionLevel {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::El1 => "EL1",
            Self::El2 => "EL2",
            Self::El3 => "EL3",
        }
    }
}

impl fmt::Display for ExceptionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
