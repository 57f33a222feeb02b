//! [`Trial`]: a boot to be run, watched, and judged.

use std::time::{Duration, Instant};

use super::boot::{Boot, command_line};
use super::console::{Lines, Lost};
use super::dtc;
use super::finding::Finding;
use super::judge::{Expected, judge};
use super::loader::Loader;
use super::outcome::Outcome;
use super::payload::{EnteredBy, Payload};
use super::recipe::FlashPart;
use super::run::Run;
use super::watch::{Watched, watch};
use super::{console, efi_stub, firmware, initrd, not_entered, spin_table};
use crate::Error;
use crate::clause::Clause;
use crate::qemu::{Ended, Machine, Qemu};

/// The number of the console's last lines that are evidence.
const EXCERPT_LINES: usize = 25;

/// A boot to be run.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The loader.
    pub loader: &'a Loader,
    /// The machine.
    pub machine: Machine,
    /// The payload.
    pub payload: Payload,
}

/// The observation of a trial.
struct Seen {
    /// The last boot.
    watched: Watched,
    /// How to repeat that.
    qemu_command: String,
    /// What all boots and their judges say of clauses.
    findings: Vec<Finding>,
}

impl Trial<'_> {
    /// Runs it, for at most `limit`. Where the payload does not come back from looking at a clause,
    /// that clause has failed; it is run again without it, so that the others are reported as well.
    ///
    /// # Errors
    /// It cannot be run at all.
    pub fn run(&self, qemu: &Qemu, clauses: &[&'static Clause], limit: Duration) -> Result<Run, Error> {
        let started = Instant::now();
        let Seen {
            watched,
            qemu_command,
            mut findings,
        } = self.look(qemu, limit)?;
        let untold = self.untold(qemu, &watched, limit, &mut findings)?;
        let lines = console::lines(&watched.console);
        findings.sort_by_key(|finding| finding.witness);
        firmware::excuse(&self.machine, &mut findings);
        let failure = if untold.is_some() {
            None
        } else {
            failure(&watched, &lines)
        };
        let mut errors = lines.errors();
        if self.loader.recipe.entered_by == EnteredBy::EfiStub {
            errors.extend(efi_stub::errors(&self.machine, &findings));
            efi_stub::excuse(&self.machine, &mut findings);
        }
        Ok(Run {
            loader: self.loader.recipe.title.clone(),
            recipe: self.loader.recipe.name.clone(),
            machine: self.machine.to_string(),
            machine_options: (&self.machine).into(),
            variant: self.payload.variant.name(),
            milliseconds: started.elapsed().as_millis(),
            qemu_command,
            clauses: clauses
                .iter()
                .map(|clause| Outcome::of(clause, &findings, untold.as_deref(), lines.summary.is_some()))
                .collect(),
            failure,
            errors,
        })
    }

    /// Boots it; again where the payload does not come back from looking at a clause, and where it
    /// cannot tell which of two is broken.
    fn look(&self, qemu: &Qemu, limit: Duration) -> Result<Seen, Error> {
        let mut skipped: Vec<String> = Vec::new();
        let mut findings: Vec<Finding> = Vec::new();
        let mut never_came: Vec<u64> = Vec::new();
        loop {
            let command_line = command_line(&skipped);
            let boot = Boot::new(self.loader, &self.machine, &self.payload, &command_line)?;
            let watched = self.watch(qemu, &boot, limit)?;
            let lost = match not_entered::at_wrong_level(&watched) {
                Some(_) => Vec::new(),
                None => console::lost(&watched.console),
            };
            findings.extend(lost.iter().flat_map(Lost::findings));
            let mut next: Vec<String> = lost.into_iter().filter_map(|lost| lost.begun).collect();
            let lines = console::lines(&watched.console);
            if never_came.is_empty() {
                never_came = spin_table::never_came(&lines.findings);
                next.extend((!never_came.is_empty()).then(|| spin_table::WHERE_CPUS_WAIT.into()));
            }
            next.retain(|clause| !skipped.contains(clause));
            if next.is_empty() || !self.loader.recipe.hands_over(FlashPart::CommandLine) {
                findings.extend(self.findings(&watched, &command_line)?);
                findings.extend(spin_table::overwritten(&never_came, &lines.findings));
                findings.extend(lines.findings);
                let qemu_command = qemu.command_text(&boot.shown, None);
                return Ok(Seen {
                    watched,
                    qemu_command,
                    findings,
                });
            }
            skipped.extend(next);
        }
    }

    /// The reason why nothing can be told of clauses that nobody has told of, if the payload was
    /// not entered as a kernel could be. What that says of the loader is added to the findings.
    fn untold(
        &self,
        qemu: &Qemu,
        watched: &Watched,
        limit: Duration,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<String>, Error> {
        if let Some(reason) = not_entered::at_wrong_level(watched) {
            findings.retain(|finding| finding.clause == "H3");
            return Ok(Some(reason));
        }
        let Some(finding) = self.not_entered(qemu, watched, limit)? else {
            return Ok(None);
        };
        let reason = format!("the payload's first instruction was not seen ({})", finding.clause);
        findings.push(finding);
        Ok(Some(reason))
    }

    /// Returns what there is to say of it where it cannot be run.
    pub fn not_run(&self, clauses: &[&'static Clause], error: &Error) -> Run {
        Run {
            loader: self.loader.recipe.title.clone(),
            recipe: self.loader.recipe.name.clone(),
            machine: self.machine.to_string(),
            machine_options: (&self.machine).into(),
            variant: self.payload.variant.name(),
            milliseconds: 0,
            qemu_command: String::new(),
            clauses: clauses
                .iter()
                .map(|clause| Outcome::of(clause, &[], None, false))
                .collect(),
            failure: Some(error.to_string()),
            errors: Vec::new(),
        }
    }

    /// Watches it; once more where the payload turns out to be somewhere else than expected.
    fn watch(&self, qemu: &Qemu, boot: &Boot, limit: Duration) -> Result<Watched, Error> {
        let watched = watch(qemu, boot, &self.payload, &self.loader.entries(&self.payload), limit)?;
        match console::entry(&watched.console).filter(|_| watched.observation.first.is_none()) {
            Some(entry) => watch(qemu, boot, &self.payload, &[entry], limit),
            None => Ok(watched),
        }
    }

    fn findings(&self, watched: &Watched, command_line: &str) -> Result<Vec<Finding>, Error> {
        let recipe = &self.loader.recipe;
        let initrd = recipe.hands_over(FlashPart::Initrd).then(initrd::bytes);
        let expected = Expected {
            machine: &self.machine,
            payload: &self.payload,
            initrd: initrd.as_deref(),
            command_line: recipe.hands_over(FlashPart::CommandLine).then_some(command_line),
        };
        let mut findings = judge(expected, &watched.observation);
        // One that is too large (B2) was not read to its end.
        let tree = &watched.observation.memory.tree;
        if tree.len() as u64 <= devicetree::MAX_SIZE_BYTES {
            findings.extend(dtc::check(tree)?);
        }
        Ok(findings)
    }

    /// The clause that it is where the first instruction was not seen.
    fn not_entered(&self, qemu: &Qemu, seen: &Watched, limit: Duration) -> Result<Option<Finding>, Error> {
        // Whether a stub is started is no affair of this protocol's.
        if seen.observation.first.is_some() || self.loader.recipe.entered_by == EnteredBy::EfiStub {
            return Ok(None);
        }
        if let Some(passed_by) = not_entered::passed_by(seen) {
            return Ok(Some(passed_by));
        }
        let variant = self.payload.variant;
        let (_, control) = not_entered::control(variant);
        if !self.loader.recipe.takes(control) {
            return Ok(None);
        }
        let other = Trial {
            loader: self.loader,
            machine: self.machine.clone(),
            payload: self.payload.with(control),
        };
        let boot = Boot::new(other.loader, &other.machine, &other.payload, &command_line(&[]))?;
        let other = other.watch(qemu, &boot, limit)?;
        Ok(not_entered::judged(variant, seen, &other))
    }
}

/// Returns why the boot did not come to its end, with the console's.
fn failure(watched: &Watched, lines: &Lines) -> Option<String> {
    let why = match (console::trouble(&watched.console), watched.ended) {
        (Some(line), _) => format!("the boot ended in trouble: {}", line.trim()),
        (None, Ended::Exited(status)) if status.success() && lines.summary.is_some() => return None,
        (None, Ended::Exited(status)) if status.success() => "the payload powered off before its last line".into(),
        (None, Ended::Exited(status)) => format!("QEMU ended with {status}"),
        (None, _) if watched.lost_sight.is_some() => {
            format!("QEMU's debugger: {}", watched.lost_sight.as_deref().unwrap_or_default())
        }
        (None, _) if lines.summary.is_some() && !lines.has_psci() => return None,
        (None, _) if lines.summary.is_some() => "the payload wrote its last line, and could not power off".into(),
        (None, _) if watched.observation.first.is_none() => "the payload was not entered in time".into(),
        (None, _) => "the payload did not come to its end in time".into(),
    };
    Some(format!(
        "{why}\nThe console ends with:\n{}",
        console::excerpt(&watched.console, EXCERPT_LINES)
    ))
}
