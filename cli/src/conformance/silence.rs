//! [`Silence`]: a payload that says nothing for long does not come back.

use std::time::{Duration, Instant};

/// How long a console has been silent.
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

    /// Whether patience has ended with a console that still shows the same.
    pub(super) fn is_too_long(&mut self, console: &str) -> bool {
        if console.len() != self.shown {
            *self = Self {
                shown: console.len(),
                ..Self::new(self.patience)
            };
        }
        self.since.elapsed() >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_begins_again_with_every_word() {
        let mut silence = Silence::new(Duration::ZERO);
        assert!(silence.is_too_long("") && silence.is_too_long("a word"));
        let mut silence = Silence::new(Duration::from_secs(600));
        silence.since = Instant::now().checked_sub(Duration::from_secs(601)).unwrap();
        assert!(!silence.is_too_long("a word"));
    }
}
