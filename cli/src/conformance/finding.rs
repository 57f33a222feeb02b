//! [`Finding`]: what one witness says of one clause on one CPU.

use boot_protocol::{Line, Verdict};
use serde::Serialize;

/// A finding of one witness about one clause on one CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The clause, such as `M18`.
    pub clause: String,
    /// The CPU, by the affinity fields of `MPIDR_EL1`.
    pub cpu: u64,
    /// How the clause was kept.
    #[serde(serialize_with = "name_of")]
    pub verdict: Verdict,
    /// What the clause asks for here; or why it asks for nothing, or cannot be observed.
    pub expected: String,
    /// What there is.
    pub found: String,
    /// Who says so.
    pub witness: Witness,
}

/// A witness; the one that tells most in a line is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Witness {
    /// QEMU's debugger stub, at the first instruction of a CPU.
    Debugger,
    /// The payload, by a line on its console.
    Payload,
    /// The host, by what lies in memory.
    Host,
    /// The console, which shows that the boot came to a bad end.
    Console,
    /// The table of clauses, which says that nobody can tell on QEMU.
    Table,
}

impl Finding {
    /// Makes the finding of `witness`; `is_kept` is whether that is as it should be.
    pub fn new(
        clause: &str,
        cpu: u64,
        is_kept: bool,
        expected: impl Into<String>,
        found: impl Into<String>,
        witness: Witness,
    ) -> Self {
        let verdict = if is_kept { Verdict::Pass } else { Verdict::Fail };
        Self {
            clause: clause.into(),
            cpu,
            verdict,
            expected: expected.into(),
            found: found.into(),
            witness,
        }
    }

    /// Nothing is asked for, or nobody can tell, and this is why.
    pub fn none(clause: &str, cpu: u64, verdict: Verdict, why: impl Into<String>, witness: Witness) -> Self {
        Self {
            clause: clause.into(),
            cpu,
            verdict,
            expected: why.into(),
            found: "nothing to look at".into(),
            witness,
        }
    }
}

impl From<Line<'_>> for Finding {
    fn from(line: Line<'_>) -> Self {
        Self {
            clause: line.clause.into(),
            cpu: line.cpu,
            verdict: line.verdict,
            expected: line.expected.into(),
            found: line.found.into(),
            witness: Witness::Payload,
        }
    }
}

impl Witness {
    /// The witness in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Debugger => "debugger",
            Self::Host => "host",
            Self::Console => "console",
            Self::Table => "not on QEMU",
        }
    }
}

/// The verdict of all that was said of a clause: one failure is one too many, and what one witness
/// sees, another need not.
pub fn joined(verdicts: impl IntoIterator<Item = Verdict>) -> Option<Verdict> {
    const BY_WEIGHT: [Verdict; 4] = [
        Verdict::Fail,
        Verdict::Pass,
        Verdict::NotObservable,
        Verdict::NotApplicable,
    ];
    let weight = |verdict: &Verdict| BY_WEIGHT.iter().position(|it| it == verdict);
    verdicts.into_iter().min_by_key(weight)
}

fn name_of<S: serde::Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_one_too_many_and_one_who_sees_is_enough() {
        use Verdict::{Fail, NotApplicable, NotObservable, Pass};
        assert_eq!(joined([Pass, Fail, NotObservable]), Some(Fail));
        assert_eq!(joined([NotObservable, Pass, NotApplicable]), Some(Pass));
        assert_eq!(joined([NotApplicable, NotObservable]), Some(NotObservable));
        assert_eq!(joined([]), None);
    }

    #[test]
    fn keeps_what_the_payload_says() {
        let line = Line::read("clause H1 cpu 0x101 FAIL: expected DAIF 0x3c0; found 0x2c0\r");
        let finding = Finding::from(line.unwrap().unwrap());
        assert_eq!((finding.clause.as_str(), finding.cpu), ("H1", 0x101));
        assert_eq!((finding.verdict, finding.found.as_str()), (Verdict::Fail, "0x2c0"));
    }
}
