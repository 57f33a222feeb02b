//! [`Verdict`]: how a clause was kept.

use core::fmt;

/// The verdict on a clause, on one CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It was kept.
    Pass,
    /// It was broken.
    Fail,
    /// It asks for nothing here: the CPU lacks the feature, or the kernel is entered at another
    /// level.
    NotApplicable,
    /// Nobody who looks from where this one does can tell.
    NotObservable,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Fail, Self::NotApplicable, Self::NotObservable];

    /// The words that stand in a line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::NotApplicable => "NOT APPLICABLE",
            Self::NotObservable => "NOT OBSERVABLE",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
