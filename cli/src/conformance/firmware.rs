//! The machine's own firmware, whose work is not the loader's: below EL3, QEMU itself answers PSCI
//! and starts the other CPUs.

use std::collections::HashSet;

use boot_protocol::Verdict;

use super::finding::Finding;
use crate::qemu::Machine;

/// The groups of clauses about the state that a CPU is started in.
const OF_A_STARTED_CPU: [char; 8] = ['H', 'I', 'J', 'K', 'L', 'M', 'R', 'Z'];

/// The clause of a CPU that the loader lets wait in memory, and of no other.
const OF_A_WAITING_CPU: &str = "P1";

/// Takes back what is said of a CPU that the loader did not start: it says nothing about the
/// loader.
pub fn excuse(machine: &Machine, findings: &mut [Finding]) {
    if machine.el.has_el3() {
        return;
    }
    let waiting = findings.iter().filter(|finding| finding.clause == OF_A_WAITING_CPU);
    let waiting: HashSet<u64> = waiting.map(|finding| finding.cpu).collect();
    let is_others = |finding: &&mut Finding| {
        finding.cpu != 0 && !waiting.contains(&finding.cpu) && finding.clause.starts_with(OF_A_STARTED_CPU)
    };
    for finding in findings
        .iter_mut()
        .filter(is_others)
        .filter(|it| it.verdict == Verdict::Fail)
    {
        finding.verdict = Verdict::NotObservable;
        finding.expected = format!(
            "QEMU's own PSCI starts this CPU, not the loader; expected {}; found {}",
            finding.expected, finding.found
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::finding::Witness;
    use crate::qemu::StartLevel;

    #[test]
    fn only_what_the_loader_started_counts_against_it() {
        let verdicts = |el| {
            let failed = |clause, cpu| Finding::new(clause, cpu, false, "RES1", "0x0", Witness::Debugger);
            let mut findings = [failed("L1", 0), failed("L1", 1), failed("N2", 1)];
            let machine = Machine {
                el,
                ..Machine::default()
            };
            excuse(&machine, &mut findings);
            findings.map(|finding| finding.verdict)
        };
        let (fail, excused) = (Verdict::Fail, Verdict::NotObservable);
        assert_eq!(verdicts(StartLevel::El2), [fail, excused, fail]);
        assert_eq!(verdicts(StartLevel::El3), [fail, fail, fail]);
    }

    #[test]
    fn a_cpu_that_waits_in_memory_is_the_loaders() {
        let said = |clause, is_kept| Finding::new(clause, 1, is_kept, "", "", Witness::Payload);
        let mut findings = [said("P1", true), said("H1", false)];
        excuse(&Machine::default(), &mut findings);
        assert_eq!(findings[1].verdict, Verdict::Fail);
    }
}
