//! [`Summary`]: what became of a clause, or of all, over many runs.

use boot_protocol::Verdict;

use super::Report;
use crate::conformance::Run;
use crate::conformance::finding::joined;
use crate::conformance::outcome::MISSING;

/// The outcome of each clause with one loader, over all runs.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    /// The loader.
    pub loader: &'a str,
    /// Its runs.
    pub runs: Vec<&'a Run>,
}

impl Report {
    /// Of each loader.
    pub fn summaries(&self) -> Vec<Summary<'_>> {
        let of = |loader| Summary {
            loader,
            runs: self.runs.iter().filter(|run| run.loader == loader).collect(),
        };
        self.loaders().into_iter().map(of).collect()
    }
}

impl Summary<'_> {
    /// The verdict on a clause, over all runs: one failure is one too many, and so is one hole.
    pub fn verdict(&self, clause: &str) -> &'static str {
        let outcomes = self.runs.iter().flat_map(|run| &run.clauses);
        let verdicts: Vec<_> = outcomes.filter(|it| it.clause == clause).map(|it| it.verdict).collect();
        let known = verdicts
            .iter()
            .filter_map(|name| Verdict::ALL.into_iter().find(|it| it.name() == *name));
        match joined(known) {
            Some(Verdict::Fail) => Verdict::Fail.name(),
            _ if verdicts.contains(&MISSING) => MISSING,
            Some(verdict) => verdict.name(),
            None => MISSING,
        }
    }

    /// The clauses that were asked for.
    pub fn clauses(&self) -> impl Iterator<Item = &'static str> {
        self.runs
            .first()
            .into_iter()
            .flat_map(|run| run.clauses.iter().map(|it| it.clause))
    }

    /// The clauses with this verdict.
    pub fn with(&self, verdict: &str) -> Vec<&'static str> {
        self.clauses()
            .filter(|clause| self.verdict(clause) == verdict)
            .collect()
    }

    /// Returns how many runs did not come to their end.
    pub fn failures(&self) -> usize {
        self.runs.iter().filter(|run| run.failure.is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{report, run};
    use super::*;

    #[test]
    fn each_loader_is_judged_by_the_worst_of_its_runs() {
        let report = report(vec![
            run("Flint", "PASS"),
            run("U-Boot", "PASS"),
            run("U-Boot", "FAIL"),
            run("Flint", "NOT APPLICABLE"),
        ]);
        let summaries = report.summaries();
        let verdicts: Vec<_> = summaries.iter().map(|it| (it.loader, it.verdict("H1"))).collect();
        assert_eq!(verdicts, [("Flint", "PASS"), ("U-Boot", "FAIL")]);
        assert_eq!(summaries[1].with("FAIL"), ["H1"]);
    }

    #[test]
    fn a_hole_in_one_run_is_a_hole() {
        let report = report(vec![run("Flint", "PASS"), run("Flint", MISSING)]);
        assert_eq!(report.summaries()[0].verdict("H1"), MISSING);
    }
}
