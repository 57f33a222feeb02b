//! [`Mutation`]: firmware that breaks one clause of the boot protocol, and the payload of `flint conformance`, which has to name that clause
//! and no other.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use boot_protocol::{Line, Summary, Verdict as Said};
use flint_cli::build::Firmware;
use flint_cli::conformance;
use flint_cli::fit_writer::FitWriter;
use flint_cli::flash::FlashBuilder;
use flint_cli::qemu::{Ended, Machine};

use crate::mutator::Jump;
use crate::{TestBed, Verdict, console};

/// How long a run may take.
const LIMIT: Duration = Duration::from_secs(20);
/// How often the console is looked at.
const GLANCE: Duration = Duration::from_millis(100);
/// How long a CPU must be silent within the line about the clause to be taken for lost.
const SILENCE: Duration = Duration::from_secs(3);
/// What the monitor says when a CPU traps to EL3, before the clause.
const TRAP: &str = "clause: by ";
/// The last lines of a console that are shown where it is not as it should be.
const EXCERPT_LINES: usize = 12;
const FIRST_CPU: u64 = 0;
/// Something to look after.
const INITRD: [u8; 4096] = [0x5a; 4096];
const COMMAND_LINE: &str = "conformance";

/// Firmware that breaks one clause, and who has to notice.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// The function in `tests/mutations`. It begins with the clause.
    pub name: &'static str,
    /// The jump that is led to it.
    pub jump: Jump,
    /// The machine.
    pub machine: Machine,
    /// The CPUs on which the clause is broken.
    pub cpus: &'static [u64],
    /// Clauses that cannot but break with it.
    pub also: &'static [&'static str],
}

/// A clause, and a CPU on which it is said to be broken.
type Named = BTreeSet<(String, u64)>;

impl Mutation {
    /// The clause that it breaks; `None` if it breaks nothing.
    pub fn clause(&self) -> Option<String> {
        let (clause, _) = self.name.split_once('_').filter(|(word, _)| *word != "nothing")?;
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

    /// Runs the payload, and compares what is named.
    pub fn run(&self, bed: &TestBed) -> Verdict {
        match self.console(bed) {
            Ok(text) => self.judge(&text),
            Err(error) => Verdict::Failed(format!("{error:#}")),
        }
    }

    fn judge(&self, text: &str) -> Verdict {
        let clauses = self
            .clause()
            .into_iter()
            .chain(self.also.iter().map(|also| (*also).to_owned()));
        let expected: Named = clauses
            .flat_map(|clause| self.cpus.iter().map(move |cpu| (clause.clone(), *cpu)))
            .collect();
        let found = named(text);
        let is_whole = lost(text).is_some() || text.lines().any(|line| Summary::read(line).is_some());
        if found == expected && is_whole {
            return Verdict::Passed;
        }
        Verdict::Failed(format!(
            "named should be {}, and is {}; the console ends with:\n{}",
            listed(&expected),
            listed(&found),
            console::excerpt(text, EXCERPT_LINES)
        ))
    }

    /// What is on the console until the machine is off, or a CPU is lost.
    ///
    /// # Errors
    /// The firmware cannot be made, or QEMU does not start.
    pub fn console(&self, bed: &TestBed) -> anyhow::Result<String> {
        let folder = tempfile::tempdir()?;
        let flash = folder.path().join("flash.bin");
        fs::write(&flash, self.flash(bed, bed.mutator.firmware(self.jump, self.name)?)?)?;
        let log = bed.log_path(&self.title());
        let mut session = bed.qemu.spawn(&self.machine, Some(&flash), Some(&log))?;
        let deadline = Instant::now() + LIMIT;
        let mut before = String::new();
        let mut silent_since = Instant::now();
        loop {
            let ended = session.wait_for(&[TRAP], GLANCE)?;
            let text = session.console();
            let is_over = match ended {
                Ended::Exited(_) => true,
                // If another CPU is lost, the first one goes on.
                Ended::Matched => lost(&text).is_none_or(|(_, cpu)| cpu == FIRST_CPU),
                Ended::TimedOut => Instant::now() > deadline,
            };
            if is_over {
                return Ok(text);
            }
            if text != before {
                silent_since = Instant::now();
            }
            let is_lost =
                lost(&text).is_some_and(|lost| self.clause().is_some_and(|clause| lost == (clause, FIRST_CPU)));
            if is_lost && silent_since.elapsed() > SILENCE {
                return Ok(text);
            }
            before = text;
        }
    }

    fn flash(&self, bed: &TestBed, firmware: Firmware) -> anyhow::Result<Vec<u8>> {
        let fit = FitWriter {
            kernel: &bed.conformance,
            compression: "none",
            ramdisk: Some(&INITRD),
            fdt: None,
            command_line: None,
        };
        let builder = FlashBuilder::new().firmware(firmware).kernel(fit.write().bytes);
        Ok(builder.command_line(COMMAND_LINE).build()?)
    }
}

/// Every clause that a console names as broken: by a line that says so, or by a CPU that was lost to it.
fn named(text: &str) -> Named {
    let lines = text.lines().filter_map(|line| Line::read(line)?.ok());
    let failed = lines.filter(|line| line.verdict == Said::Fail);
    failed
        .map(|line| (line.clause.to_owned(), line.cpu))
        .chain(lost(text))
        .collect()
}

/// The clause that a CPU was lost to.
fn lost(text: &str) -> Option<(String, u64)> {
    let first = conformance::console::lost(text).into_iter().next()?;
    Some((first.clause, first.cpu))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn all_named(text: &str) -> String {
        listed(&named(text))
    }

    #[test]
    fn what_fails_is_named() {
        let text = "clause G1 cpu 0x0 PASS: expected a; found b\nclause H1 cpu 0x1 FAIL: expected a; found b\n";
        assert_eq!(all_named(text), "H1 on CPU 0x1");
        assert_eq!(all_named("conformance: 2 lines, 0 FAIL\n"), "nothing");
    }

    #[test]
    fn a_cpu_that_is_lost_names_what_it_was_looking_at() {
        assert_eq!(all_named("clause M20 cpu 0x0 "), "M20 on CPU 0x0");
    }

    #[test]
    fn the_monitor_knows_better_what_a_cpu_was_lost_to() {
        let text = "clause L1 cpu 0x1 \nerror: synchronous exception\n  clause: by M48 this does not trap to EL3\n";
        assert_eq!(all_named(text), "M48 on CPU 0x1");
    }
}
