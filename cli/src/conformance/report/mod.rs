//! [`Report`]: what became of all runs, for people ([`text`], [`html`]) and for programs (JSON).
//!
//! The JSON form is an interface: fields may be added, none is renamed or removed without another
//! `SCHEMA`.

pub mod html;
pub mod machine;
pub mod summary;
pub mod text;

use serde::Serialize;

use super::Run;

/// The version of the JSON form.
const SCHEMA: u32 = 1;

/// The outcome of all runs.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this form.
    schema: u32,
    /// The version of QEMU.
    pub qemu_version: String,
    /// The runs.
    pub runs: Vec<Run>,
}

/// The conclusion of all runs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// No clause was broken, and none is missing.
    Kept,
    /// A clause was broken.
    Broken,
    /// No clause was broken, but a boot did not come to its end, or the report has holes.
    Incomplete,
}

impl Report {
    /// Of these runs, with QEMU of this version.
    pub fn new(qemu_version: String, runs: Vec<Run>) -> Self {
        Self {
            schema: SCHEMA,
            qemu_version,
            runs,
        }
    }

    /// Returns what comes of it.
    pub fn conclusion(&self) -> Conclusion {
        if self.runs.iter().any(Run::has_failed) {
            Conclusion::Broken
        } else if self.runs.iter().all(Run::is_complete) {
            Conclusion::Kept
        } else {
            Conclusion::Incomplete
        }
    }

    /// The loaders, in the order of their first runs.
    pub fn loaders(&self) -> Vec<&str> {
        let mut loaders: Vec<&str> = Vec::new();
        for run in &self.runs {
            if !loaders.contains(&run.loader.as_str()) {
                loaders.push(&run.loader);
            }
        }
        loaders
    }
}

#[cfg(test)]
pub(super) mod fixtures {
    use boot_protocol::Verdict;

    use super::Report;
    use crate::conformance::Run;
    use crate::conformance::finding::{Finding, Witness};
    use crate::conformance::outcome::{MISSING, Outcome};
    use crate::qemu::Machine;

    /// A run with one clause of this verdict.
    pub fn run(loader: &str, verdict: &'static str) -> Run {
        let finding = Finding::new(
            "H1",
            1,
            verdict == Verdict::Pass.name(),
            "DAIF 0x3c0",
            "<0x2c0>",
            Witness::Debugger,
        );
        Run {
            loader: loader.into(),
            recipe: loader.to_lowercase(),
            machine: "virt with 1 CPU".into(),
            machine_options: (&Machine::default()).into(),
            variant: "plain".into(),
            milliseconds: 1500,
            qemu_command: "qemu".into(),
            clauses: vec![Outcome {
                clause: "H1",
                verdict,
                findings: if verdict == MISSING { Vec::new() } else { vec![finding] },
            }],
            failure: None,
            errors: Vec::new(),
        }
    }

    /// A report of these runs.
    pub fn report(runs: Vec<Run>) -> Report {
        Report::new("7.2.22".into(), runs)
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::{report, run};
    use super::*;
    use crate::conformance::outcome::MISSING;

    #[test]
    fn a_failure_counts_more_than_a_hole() {
        let conclusion =
            |verdicts: &[&'static str]| report(verdicts.iter().map(|it| run("Flint", it)).collect()).conclusion();
        assert_eq!(conclusion(&["PASS", "PASS"]), Conclusion::Kept);
        assert_eq!(conclusion(&["PASS", MISSING]), Conclusion::Incomplete);
        assert_eq!(conclusion(&[MISSING, "FAIL"]), Conclusion::Broken);
        let mut hung = run("Flint", "PASS");
        hung.failure = Some("it hung".into());
        assert_eq!(report(vec![hung]).conclusion(), Conclusion::Incomplete);
    }

    #[test]
    fn keeps_the_names_of_its_json() {
        let json = serde_json::to_string(&report(vec![run("Flint", "FAIL")])).unwrap();
        let expected = r#"{"schema":1,"qemu_version":"7.2.22","runs":[{"loader":"Flint","recipe":"flint","machine":"virt with 1 CPU","machine_options":{"el":"2","gic":3,"cpu":"cortex-a53","smp":1,"memory_bytes":134217728,"arguments":[]},"variant":"plain","milliseconds":1500,"qemu_command":"qemu","clauses":[{"clause":"H1","verdict":"FAIL","findings":[{"clause":"H1","cpu":1,"verdict":"FAIL","expected":"DAIF 0x3c0","found":"<0x2c0>","witness":"debugger"}]}],"failure":null,"errors":[]}]}"#;
        assert_eq!(json, expected);
    }
}
