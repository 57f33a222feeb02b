//! The report as a page for a browser: all in one file, which asks the network for nothing.
//!
//! What is in the page is a table of texts and, for each run and clause, the numbers of those that
//! are said of it: over many runs most of what is said is the same.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::Report;
use crate::clause::{Clause, GROUPS};
use crate::conformance::finding::Finding;
use crate::conformance::run::Run;

/// The page, with a place for the report.
const PAGE: &str = include_str!("page.html");
const PLACE: &str = "{{report}}";

#[derive(Serialize)]
struct Data<'a> {
    qemu: &'a str,
    groups: Vec<GroupData>,
    runs: Vec<RunData<'a>>,
    texts: Vec<&'a str>,
}

#[derive(Serialize)]
struct GroupData {
    letter: char,
    title: &'static str,
    clauses: Vec<ClauseData>,
}

#[derive(Serialize)]
struct ClauseData {
    id: &'static str,
    title: &'static str,
    asks: &'static str,
    source: &'static str,
    force: String,
    check: &'static str,
    checked: &'static str,
}

#[derive(Serialize)]
struct RunData<'a> {
    loader: &'a str,
    machine: &'a str,
    variant: &'a str,
    seconds: f64,
    command: &'a str,
    failure: Option<&'a str>,
    errors: &'a [String],
    cells: BTreeMap<&'static str, CellData>,
}

#[derive(Serialize)]
struct CellData {
    verdict: &'static str,
    /// CPU, witness, verdict, and the numbers of the texts.
    findings: Vec<(u64, &'static str, &'static str, usize, usize)>,
}

/// Texts by number.
#[derive(Default)]
struct Texts<'a> {
    all: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
}

/// The page.
///
/// # Errors
/// None that anybody knows of.
pub fn page(report: &Report) -> Result<String, serde_json::Error> {
    let mut texts = Texts::default();
    let runs = report.runs.iter().map(|run| run_data(run, &mut texts)).collect();
    let data = Data {
        qemu: &report.qemu_version,
        groups: groups(report),
        runs,
        texts: texts.all,
    };
    // In a script, nothing may look like its end.
    let json = serde_json::to_string(&data)?.replace('<', "\\u003c");
    Ok(PAGE.replacen(PLACE, &json, 1))
}

/// The groups that have clauses in the report.
fn groups(report: &Report) -> Vec<GroupData> {
    let is_reported = |clause: &&Clause| {
        let first = report.runs.first();
        first.is_some_and(|run| run.clauses.iter().any(|outcome| outcome.clause == clause.id))
    };
    let data = GROUPS.iter().map(|group| GroupData {
        letter: group.letter,
        title: group.title,
        clauses: group.clauses().filter(is_reported).map(clause_data).collect(),
    });
    data.filter(|group| !group.clauses.is_empty()).collect()
}

fn clause_data(clause: &Clause) -> ClauseData {
    ClauseData {
        id: clause.id,
        title: clause.title,
        asks: clause.asks,
        source: clause.source,
        force: clause.force.to_string(),
        check: clause.check.name(),
        checked: clause.check.text(),
    }
}

fn run_data<'a>(run: &'a Run, texts: &mut Texts<'a>) -> RunData<'a> {
    let mut cells = BTreeMap::new();
    for outcome in &run.clauses {
        let findings = outcome.findings.iter().map(|finding| texts.finding(finding)).collect();
        cells.insert(
            outcome.clause,
            CellData {
                verdict: outcome.verdict,
                findings,
            },
        );
    }
    RunData {
        loader: &run.loader,
        machine: &run.machine,
        variant: &run.variant,
        seconds: run.milliseconds as f64 / 1000.0,
        command: &run.qemu_command,
        failure: run.failure.as_deref(),
        errors: &run.errors,
        cells,
    }
}

impl<'a> Texts<'a> {
    fn finding(&mut self, finding: &'a Finding) -> (u64, &'static str, &'static str, usize, usize) {
        let Finding {
            cpu, verdict, witness, ..
        } = finding;
        let [expected, found] = [&finding.expected, &finding.found].map(|text| self.number(text));
        (*cpu, witness.name(), verdict.name(), expected, found)
    }

    fn number(&mut self, text: &'a str) -> usize {
        *self.numbers.entry(text).or_insert_with(|| {
            self.all.push(text);
            self.all.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{report, run};
    use super::*;

    #[test]
    fn the_page_has_the_report_in_it_and_nothing_from_elsewhere() {
        let page = page(&report(vec![run("Flint", "PASS"), run("U-Boot", "FAIL")])).unwrap();
        assert!(
            page.contains(r#""texts":["DAIF 0x3c0","\u003c0x2c0>"]"#),
            "a text is there once, and opens no tag"
        );
        assert!(page.contains(r#""verdict":"FAIL","findings":[[1,"debugger","FAIL",0,1]]"#));
        assert!(!page.contains(PLACE));
        for from_elsewhere in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(from_elsewhere), "{from_elsewhere}");
        }
    }
}
