//! [`Mutation`]: firmware that breaks one clause of the boot protocol, and the payload of
//! `flint conformance`, which has to name that clause and no other.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use boot_protocol::Verdict as Said;
use flint_cli::conformance::boot::{Boot, command_line};
use flint_cli::conformance::finding::Finding;
use flint_cli::conformance::loader::Loader;
use flint_cli::conformance::outcome::{MISSING, Outcome};
use flint_cli::conformance::payload::{EnteredBy, Payload, Variant};
use flint_cli::conformance::recipe::Recipe;
use flint_cli::conformance::watch::watch;
use flint_cli::conformance::{Run, Trial, run};
use flint_cli::qemu::{Machine, Version};

use crate::mutator::{Jump, POISON};
use crate::tree::{self, TreeEdit};
use crate::{TestBed, Verdict};

/// The time limit for a boot.
const LIMIT: Duration = Duration::from_secs(40);
/// The way of loading that hands over everything that there is to look at.
const RECIPE: &str = "flint-fit";

/// Firmware that breaks one clause, and who has to notice.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// The function in `tests/mutations`. It begins with the clause.
    pub name: &'static str,
    /// The jump that is led to it.
    pub jump: Jump,
    /// The machine.
    pub machine: Machine,
    /// What is changed in the machine's device tree before it starts.
    pub tree: Vec<TreeEdit>,
    /// The header of the payload.
    pub header: Variant,
    /// The CPUs on which the clause is broken.
    pub cpus: &'static [u64],
    /// Clauses that cannot but break with it, and the CPUs that they are said to be broken on.
    pub also: &'static [(&'static str, &'static [u64])],
    /// The first QEMU, major and minor version, whose CPU surely has what the clause is about. An
    /// older one may have nothing to break.
    pub since: (u32, u32),
}

/// A clause, and a CPU on which it is said to be broken.
type Named = BTreeSet<(String, u64)>;

impl Mutation {
    /// The clause that it breaks; `None` if it breaks nothing.
    pub fn clause(&self) -> Option<String> {
        let (clause, _) = self
            .name
            .split_once('_')
            .filter(|(word, _)| !["nothing", POISON].contains(word))?;
        Some(clause.to_uppercase())
    }

    /// The name of its run: of one that breaks nothing, with the machine.
    pub fn title(&self) -> String {
        if self.clause().is_some() {
            return format!("breaks_{}", self.name);
        }
        let Machine { el, gic, cpu, .. } = &self.machine;
        let (to, gic) = (el.of_kernel(), gic.number());
        let title = format!("breaks_{}_on_{cpu}_from_{el}_to_{to}_with_gicv{gic}", self.name);
        title.to_lowercase().replace(['-', ',', '='], "_")
    }

    /// Holds the firmware to the boot protocol, and compares what is named.
    pub fn run(&self, bed: &TestBed) -> Verdict {
        match self.report(bed) {
            Ok(report) => self.judge(&report, bed.qemu.version()),
            Err(error) => Verdict::Failed(format!("{error:#}")),
        }
    }

    /// Returns what is on the console.
    ///
    /// # Errors
    /// The firmware cannot be made, or QEMU does not start.
    pub fn console(&self, bed: &TestBed) -> anyhow::Result<String> {
        let (loader, payload) = (self.loader(bed)?, self.payload(bed)?);
        let boot = Boot::new(&loader, &self.machine, &payload, &command_line(&[]))?;
        Ok(watch(&bed.qemu, &boot, &payload, &[], LIMIT)?.console)
    }

    fn report(&self, bed: &TestBed) -> anyhow::Result<Run> {
        let folder = tempfile::tempdir()?;
        let mut machine = self.machine.clone();
        if !self.tree.is_empty() {
            let path = folder.path().join("edited.dtb");
            fs::write(&path, tree::edited(&bed.qemu, &machine, &self.tree, folder.path())?)?;
            machine.extra.extend(["-dtb".into(), path.into()]);
        }
        let trial = Trial {
            loader: &self.loader(bed)?,
            machine,
            payload: self.payload(bed)?,
        };
        Ok(trial.run(&bed.qemu, &run::clauses(&[])?, LIMIT)?)
    }

    fn loader(&self, bed: &TestBed) -> anyhow::Result<Loader> {
        let firmware = bed.mutator.firmware(self.jump, self.name)?;
        Ok(Loader::flint_of(Recipe::find(RECIPE)?, firmware))
    }

    fn payload(&self, bed: &TestBed) -> anyhow::Result<Payload> {
        Ok(Payload::new(
            &bed.conformance,
            bed.conformance_later_entry,
            self.header,
            EnteredBy::Loader,
        )?)
    }

    fn judge(&self, report: &Run, qemu: Version) -> Verdict {
        let own = self.clause();
        let all = own
            .iter()
            .map(|own| (own.as_str(), self.cpus))
            .chain(self.also.iter().copied());
        let expected: Named = all
            .flat_map(|(clause, cpus)| cpus.iter().map(move |cpu| (clause.to_owned(), *cpu)))
            .collect();
        let found = named(&report.clauses);
        let is_vacuous = (qemu.major, qemu.minor) < self.since && found.is_empty() && self.asks_for_nothing(report);
        if (found == expected || is_vacuous) && report.is_complete() {
            return Verdict::Passed;
        }
        let texts = [
            format!("named should be {}, and is {}", listed(&expected), listed(&found)),
            evidence(&report.clauses),
            missing(&report.clauses),
            report.errors.join("\n"),
            report.failure.clone().unwrap_or_default(),
        ];
        Verdict::Failed(texts.join("\n"))
    }

    /// Returns whether the clause asks for nothing on this CPU.
    fn asks_for_nothing(&self, report: &Run) -> bool {
        let own = self.clause();
        let mut outcomes = report.clauses.iter();
        outcomes.any(|outcome| own.as_deref() == Some(outcome.clause) && outcome.verdict == Said::NotApplicable.name())
    }
}

/// Returns what a report says of clauses that are broken.
fn failures(clauses: &[Outcome]) -> impl Iterator<Item = &Finding> {
    let findings = clauses.iter().flat_map(|outcome| &outcome.findings);
    findings.filter(|finding| finding.verdict == Said::Fail)
}

/// Every clause that a report names as broken.
fn named(clauses: &[Outcome]) -> Named {
    failures(clauses)
        .map(|finding| (finding.clause.clone(), finding.cpu))
        .collect()
}

fn listed(named: &Named) -> String {
    let all = named.iter().map(|(clause, cpu)| format!("{clause} on CPU {cpu:#x}"));
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        "nothing".into()
    } else {
        all.join(", ")
    }
}

fn evidence(clauses: &[Outcome]) -> String {
    let lines = failures(clauses).map(|finding| {
        let Finding {
            clause,
            cpu,
            expected,
            found,
            witness,
            ..
        } = finding;
        format!(
            "{clause} CPU {cpu:#x}, {}: expected {expected}; found {found}",
            witness.name()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn missing(clauses: &[Outcome]) -> String {
    let missing = clauses.iter().filter(|outcome| outcome.verdict == MISSING);
    let missing: Vec<_> = missing.map(|outcome| outcome.clause).collect();
    format!("missing: {}", missing.join(", "))
}

#[cfg(test)]
mod tests {
    use flint_cli::conformance::finding::Witness;

    use super::*;

    #[test]
    fn what_fails_is_named() {
        let on = |cpu, is_kept| Finding::new("H1", cpu, is_kept, "DAIF 0x3c0", "0x2c0", Witness::Payload);
        let clauses = [Outcome {
            clause: "H1",
            verdict: "FAIL",
            findings: vec![on(0, true), on(1, false)],
        }];
        assert_eq!(listed(&named(&clauses)), "H1 on CPU 0x1");
        assert_eq!(listed(&Named::new()), "nothing");
        assert_eq!(
            evidence(&clauses),
            "H1 CPU 0x1, payload: expected DAIF 0x3c0; found 0x2c0"
        );
    }
}
