//! [`Silence`]: a payload that says nothing for long does not come back. A loader may be silent
//! before it starts one, as long as it likes.

use std::time::{Duration, Instant};

/// The time for which a console has been silent.
pub(super) struct Silence {
    since: Instant,
    shown: usize,
    patience: Duration,
}

impl Silence {
    /// Silent from now on.
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            since: Instant::now(),
            shown: 0,
            patience,
        }
    }

    /// Returns whether patience has ended with a console that still shows the same. Before the
    /// payload has begun, it does not.
    pub(super) fn is_too_long(&mut self, console: &str, has_begun: bool) -> bool {
        if !has_begun || console.len() != self.shown {
            *self = Self {
                shown: console.len(),
                ..Self::new(self.patience)
            };
        }
        has_begun && self.since.elapsed() >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_begins_again_with_every_word() {
        let mut silence = Silence::new(Duration::ZERO);
        assert!(silence.is_too_long("", true) && silence.is_too_long("a word", true));
        let mut silence = after_ten_minutes();
        assert!(!silence.is_too_long("a word", true));
        assert!(after_ten_minutes().is_too_long("", true));
    }

    #[test]
    fn a_loader_may_be_silent_before_it_starts_the_payload() {
        let mut silence = after_ten_minutes();
        assert!(!silence.is_too_long("", false));
        assert!(!silence.is_too_long("", true), "it begins with the payload");
        assert!(!Silence::new(Duration::ZERO).is_too_long("", false));
    }

    /// Somebody whose patience has just ended.
    fn after_ten_minutes() -> Silence {
        let mut silence = Silence::new(Duration::from_secs(600));
        silence.since = Instant::now().checked_sub(Duration::from_secs(601)).unwrap();
        silence
    }
}
