//! [`Verdict`]: what came of a scenario.

/// The verdict on a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All that should happen did, and nothing else.
    Passed,
    /// It was not run, and why: something that it starts cannot be had.
    Skipped(String),
    /// It did not go as it should, and how.
    Failed(String),
}

impl Verdict {
    /// In CI no scenario may be skipped, as nobody would read that it was.
    #[must_use]
    pub fn or_failed_if(self, in_ci: bool) -> Self {
        match self {
            Self::Skipped(why) if in_ci => Self::Failed(format!("skipped, and in CI none may be: {why}")),
            verdict => verdict,
        }
    }
}

/// Returns whether this runs in CI, by the environment variable `CI`.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipping_fails_in_ci_and_nowhere_else() {
        let skipped = Verdict::Skipped("no U-Boot".into());
        assert_eq!(skipped.clone().or_failed_if(false), skipped);
        assert!(matches!(skipped.or_failed_if(true), Verdict::Failed(why) if why.ends_with("no U-Boot")));
        assert_eq!(Verdict::Passed.or_failed_if(true), Verdict::Passed);
    }
}
