//! The report on a terminal: what failed, with its evidence; then every clause.

use std::collections::BTreeMap;
use std::fmt;

use boot_protocol::Verdict;

use super::Report;
use crate::clause;
use crate::conformance::Run;
use crate::conformance::outcome::{MISSING, Outcome};
use crate::table::Table;

/// So many runs are shown of each failure; the others are like them.
const EXAMPLES: usize = 3;
/// So many findings of a run are shown.
const FINDINGS: usize = 4;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_failures(f)?;
        self.write_holes(f)?;
        write!(f, "{}", self.clause_table())?;
        write!(f, "\n{}", self.loader_table())?;
        if let [run] = self.runs.as_slice() {
            writeln!(
                f,
                "\n{}, {:.1} s, QEMU {}",
                run.title(),
                run.milliseconds as f64 / 1000.0,
                self.qemu_version
            )
        } else {
            writeln!(f, "\n{} runs, QEMU {}", self.runs.len(), self.qemu_version)
        }
    }
}

impl Report {
    /// The clauses that failed in some run, with the runs.
    fn failed(&self) -> BTreeMap<&'static str, Vec<(&Run, &Outcome)>> {
        let mut failed: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for run in &self.runs {
            for outcome in run.clauses.iter().filter(|it| it.verdict == Verdict::Fail.name()) {
                failed.entry(outcome.clause).or_default().push((run, outcome));
            }
        }
        failed
    }

    fn write_failures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, runs) in self.failed() {
            writeln!(f, "FAIL {id}: {}", title(id))?;
            for (run, outcome) in runs.iter().take(EXAMPLES) {
                writeln!(f, "  {}", run.title())?;
                let failed = outcome
                    .findings
                    .iter()
                    .filter(|finding| finding.verdict == Verdict::Fail);
                for finding in failed.take(FINDINGS) {
                    let found = finding.found.replace('\n', "\n      ");
                    let witness = finding.witness.name();
                    writeln!(
                        f,
                        "    CPU {:#x}, {witness}: expected {}; found {found}",
                        finding.cpu, finding.expected
                    )?;
                }
            }
            if runs.len() > EXAMPLES {
                writeln!(f, "  and in {} more runs", runs.len() - EXAMPLES)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn write_holes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for run in self.runs.iter().filter(|run| !run.is_complete()) {
            let missing: Vec<_> = run
                .clauses
                .iter()
                .filter(|it| it.verdict == MISSING)
                .map(|it| it.clause)
                .collect();
            writeln!(f, "INCOMPLETE {}", run.title())?;
            if let Some(failure) = &run.failure {
                writeln!(f, "  {}", failure.replace('\n', "\n    "))?;
            }
            if !missing.is_empty() {
                writeln!(f, "  never reported: {}", missing.join(" "))?;
            }
            for error in &run.errors {
                writeln!(f, "  {error}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    /// A row for each clause, a column for each loader.
    fn clause_table(&self) -> Table {
        let summaries = self.summaries();
        let mut table = Table::default();
        let loaders = summaries.iter().map(|summary| summary.loader.to_string());
        table.row(["clause".into()].into_iter().chain(loaders).chain(["about".into()]));
        for clause in summaries.first().into_iter().flat_map(|summary| summary.clauses()) {
            let verdicts = summaries.iter().map(|summary| summary.verdict(clause).to_string());
            table.row(
                [clause.to_string()]
                    .into_iter()
                    .chain(verdicts)
                    .chain([title(clause).into()]),
            );
        }
        table
    }

    /// Returns how many clauses each loader kept.
    fn loader_table(&self) -> Table {
        let mut table = Table::with_numbers_in(&[1, 2, 3, 4, 5, 6]);
        table.row([
            "loader",
            "runs",
            "PASS",
            "FAIL",
            "not applicable",
            "not observable",
            "missing",
        ]);
        for summary in self.summaries() {
            let count = |verdict: &str| summary.with(verdict).len().to_string();
            table.row([
                summary.loader.to_string(),
                summary.runs.len().to_string(),
                count(Verdict::Pass.name()),
                count(Verdict::Fail.name()),
                count(Verdict::NotApplicable.name()),
                count(Verdict::NotObservable.name()),
                count(MISSING),
            ]);
        }
        table
    }
}

impl Run {
    /// The run in a line.
    pub fn title(&self) -> String {
        format!("{}: {}, header {}", self.loader, self.machine, self.variant)
    }
}

fn title(id: &str) -> &'static str {
    clause::find(id).map_or("", |clause| clause.title)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{report, run};
    use super::*;

    #[test]
    fn shows_failures_with_their_evidence_first() {
        let text = report(vec![run("Flint", "PASS"), run("U-Boot", "FAIL")]).to_string();
        let expected = "FAIL H1: Debug, SError, IRQ and FIQ are masked\n  U-Boot: virt with 1 CPU, header plain\n    \
                        CPU 0x1, debugger: expected DAIF 0x3c0; found <0x2c0>\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("  H1      PASS   FAIL    Debug"), "{text}");
    }

    #[test]
    fn shows_a_few_of_many_runs_that_failed_alike() {
        let text = report(vec![run("U-Boot", "FAIL"); 5]).to_string();
        assert_eq!(text.matches("CPU 0x1").count(), EXAMPLES);
        assert!(text.contains("and in 2 more runs"), "{text}");
    }

    #[test]
    fn names_what_was_never_reported() {
        let text = report(vec![run("Flint", MISSING)]).to_string();
        assert!(
            text.contains("INCOMPLETE Flint: virt with 1 CPU, header plain\n  never reported: H1\n"),
            "{text}"
        );
    }
}
