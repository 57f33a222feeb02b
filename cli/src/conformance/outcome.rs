//! [`Outcome`]: what became of a clause.

use boot_protocol::Verdict;
use serde::Serialize;

use super::finding::{Finding, Witness, joined};
use crate::clause::{Check, Clause};

/// The outcome of a clause.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The clause, such as `M18`.
    pub clause: &'static str,
    /// PASS, FAIL, NOT APPLICABLE, NOT OBSERVABLE; or MISSING, where it should have been reported
    /// and was not.
    pub verdict: &'static str,
    /// What was said of it, by whom and about which CPU.
    pub findings: Vec<Finding>,
}

/// The verdict on a clause that was not reported.
pub const MISSING: &str = "MISSING";

impl Outcome {
    /// Returns what became of `clause`, by what was said of all clauses; where it was not among
    /// them, as [`unreported`].
    pub(super) fn of(clause: &'static Clause, findings: &[Finding], untold: Option<&str>, is_whole: bool) -> Self {
        let mut findings: Vec<Finding> = findings.iter().filter(|it| it.clause == clause.id).cloned().collect();
        if findings.is_empty() {
            findings.extend(unreported(clause, untold, is_whole));
        }
        let verdict = joined(findings.iter().map(|finding| finding.verdict));
        Self {
            clause: clause.id,
            verdict: verdict.map_or(MISSING, Verdict::name),
            findings,
        }
    }
}

/// Returns what there is to say of a clause that nobody reported: why nobody could (`untold`), or
/// what the table says. A payload that did not come to its end (it is not `is_whole`) might have
/// reported it.
fn unreported(clause: &Clause, untold: Option<&str>, is_whole: bool) -> Option<Finding> {
    let none = |verdict, why: &str| Some(Finding::none(clause.id, 0, verdict, why, Witness::Table));
    match (clause.check, untold) {
        (_, Some(reason)) => none(Verdict::NotObservable, reason),
        (Check::NotOnQemu(why), None) => none(Verdict::NotObservable, why),
        (Check::Void(why), None) if is_whole => none(Verdict::NotApplicable, why),
        (Check::Void(_) | Check::Observed(_), None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause;

    fn clause(id: &str) -> &'static Clause {
        clause::find(id).unwrap()
    }

    #[test]
    fn a_clause_that_should_have_been_reported_is_missing() {
        let verdict = |id, untold| Outcome::of(clause(id), &[], untold, true).verdict;
        assert_eq!(verdict("G1", None), MISSING);
        assert_eq!(verdict("I3", None), "NOT OBSERVABLE");
        assert_eq!(verdict("J3", None), "NOT APPLICABLE");
        assert_eq!(verdict("G1", Some("it was not entered")), "NOT OBSERVABLE");
        assert_eq!(Outcome::of(clause("J3"), &[], None, false).verdict, MISSING);
    }

    #[test]
    fn a_failure_on_one_cpu_is_a_failure() {
        let on = |cpu, is_kept| Finding::new("N2", cpu, is_kept, "EL2", "EL2", Witness::Payload);
        let other = Finding::new("N1", 0, false, "", "", Witness::Payload);
        assert_eq!(
            Outcome::of(clause("N2"), &[on(0, true), on(1, false)], None, true).verdict,
            "FAIL"
        );
        assert_eq!(
            Outcome::of(clause("N2"), &[on(0, true), other], None, true).verdict,
            "PASS"
        );
    }
}
