//! [`Judgement`]: how a clause was kept on one CPU, and by which evidence. A [`Line`](crate::Line)
//! without clause and CPU.

use core::fmt::{self, Write};

use arrayvec::ArrayString;

use crate::Verdict;

/// The longest text of a judgement, in bytes. What is longer loses its end.
const TEXT_MAX_BYTES: usize = 160;

/// A text that is made where nothing can be allocated.
pub type Text = ArrayString<TEXT_MAX_BYTES>;

/// The verdict on a clause, with the evidence: see [`Line`](crate::Line).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// How it was kept.
    pub verdict: Verdict,
    /// What it asks for here, or why it asks for nothing or cannot be observed.
    pub expected: Text,
    /// What there is.
    pub found: Text,
}

/// The text that `what` is displayed as.
pub(crate) fn text(what: impl fmt::Display) -> Text {
    let mut text = Text::new();
    // Where the text is full, its end is lost, as it says.
    let _ = write!(Cut(&mut text), "{what}");
    text
}

/// Writes as much as there is room for.
struct Cut<'a>(&'a mut Text);

impl Write for Cut<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        part.chars()
            .try_for_each(|c| self.0.try_push(c))
            .map_err(|_| fmt::Error)
    }
}

impl Judgement {
    /// Kept, if `kept`; else broken.
    pub fn of(kept: bool, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            verdict: if kept { Verdict::Pass } else { Verdict::Fail },
            expected: text(expected),
            found: text(found),
        }
    }

    /// The clause asks for nothing here, which is `reason`: "of a CPU without FEAT_HCX".
    pub fn not_applicable(reason: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            verdict: Verdict::NotApplicable,
            expected: text(format_args!("nothing {reason}")),
            found: text(found),
        }
    }

    /// Returns what the clause asks for cannot be seen by the payload, and why.
    pub fn not_observable(reason: impl fmt::Display) -> Self {
        Self {
            verdict: Verdict::NotObservable,
            expected: text(reason),
            found: text("nothing that tells"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_evidence_loses_its_end() {
        let long = "x".repeat(200);
        let judgement = Judgement::of(true, &long, format_args!("{long}{long}"));
        assert_eq!(judgement.expected.as_str(), &long[..TEXT_MAX_BYTES]);
        assert_eq!(judgement.found.len(), TEXT_MAX_BYTES);
    }
}
