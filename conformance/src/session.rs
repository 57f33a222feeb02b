//! The session: what is known, and what was said. One CPU has it at a time.

use core::fmt;

use boot_protocol::checks::Check;
use boot_protocol::{Common, Entry, Facts, Image, Judgement, Report, Subject};
use machine::console::Console;

use crate::hands::Hands;

/// The facts about the machine, and the clauses that have been reported.
pub struct Session {
    /// The lines.
    pub report: Report<Console>,
    /// What the device tree says.
    pub facts: Facts,
    /// The payload.
    pub image: Image,
    /// What the checks remember.
    pub common: Common,
    /// True if all memory that is free was overwritten.
    pub is_memory_overwritten: bool,
    /// True if a CPU that waited in memory came before that.
    pub has_one_come_early: bool,
}

impl Session {
    /// Makes these checks on the CPU that runs, which was entered with `entry`.
    ///
    /// # Errors
    /// Those of the console.
    pub fn look(&mut self, entry: &Entry, checks: &[Check]) -> fmt::Result {
        let mut subject = Subject {
            cpu: &mut Hands,
            entry,
            facts: &self.facts,
            image: &self.image,
            common: &mut self.common,
        };
        let report = &mut self.report;
        let mut checks = checks.iter().filter(|check| !self.facts.is_skipped(check.clause));
        checks.try_for_each(|check| report.tell(check.clause, entry.cpu(), || check.judge(&mut subject)))
    }

    /// Says of one clause what was found out otherwise.
    ///
    /// # Errors
    /// Those of the console.
    pub fn say(&mut self, clause: &str, cpu: u64, judge: impl FnOnce(&Facts, &Image) -> Judgement) -> fmt::Result {
        self.report.tell(clause, cpu, || judge(&self.facts, &self.image))
    }
}
