//! The payload's own EFI stub, whose work is not the loader's: EFI starts a program, and the stub
//! in it makes the hand-over of the boot protocol.

use boot_protocol::Verdict;

use super::finding::{Finding, Witness};
use crate::clause::{self, Force};
use crate::qemu::Machine;

/// The clauses that the stub meets in the loader's place. All others are about what the loader
/// leaves as it is for the kernel.
const CLAUSES: [&str; 25] = [
    // It writes the device tree to a place of its choice.
    "B1", "B2", "B3", "B4", "B5", // It is part of the Image, and EFI reads the PE header and not this one.
    "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10", "D11", "D12",
    // It puts the Image where that wants to be, and has the initrd loaded.
    "E1", "E4", "E5", // It sets the registers, masks exceptions, turns MMU and caches off, and jumps.
    "G1", "G2", "H1", "I1", "O1",
];

/// Those of them that are about every CPU.
const OF_EVERY_CPU: [&str; 2] = ["H1", "I1"];
/// The CPU that EFI runs on.
const FIRST_CPU: u64 = 0;

const WHY: &str = "the kernel's own EFI stub does this, not the loader";

/// Takes back what is said of what the stub did: it says nothing about the loader.
pub fn excuse(machine: &Machine, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| is_of_stub(machine, finding)) {
        finding.expected = match finding.verdict {
            Verdict::Pass | Verdict::Fail => format!("{WHY}; expected {}; found {}", finding.expected, finding.found),
            Verdict::NotApplicable | Verdict::NotObservable => format!("{WHY}; {}", finding.expected),
        };
        finding.verdict = Verdict::NotApplicable;
    }
}

/// Returns what is wrong with the stub itself, so that it proves nothing about a loader.
pub fn errors(machine: &Machine, findings: &[Finding]) -> Vec<String> {
    let broken = findings
        .iter()
        .filter(|it| is_of_stub(machine, it) && it.verdict == Verdict::Fail);
    let broken = broken.filter(|it| clause::find(&it.clause).is_some_and(|clause| clause.force == Force::Mandatory));
    broken
        .map(|it| {
            format!(
                "the payload's EFI stub breaks {}: expected {}; found {}",
                it.clause, it.expected, it.found
            )
        })
        .collect()
}

/// The stub runs on the first CPU; others come to the kernel without it, from firmware at EL3
/// (without EL3 it is QEMU, and nobody's merit). And the bytes of the device tree (G1, by the host)
/// are the firmware's.
fn is_of_stub(machine: &Machine, finding: &Finding) -> bool {
    let is_others = machine.el.has_el3() && finding.cpu != FIRST_CPU && OF_EVERY_CPU.contains(&finding.clause.as_str());
    let is_handed_on = finding.clause == "G1" && finding.witness == Witness::Host;
    CLAUSES.contains(&finding.clause.as_str()) && !is_others && !is_handed_on
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::StartLevel;

    fn finding(clause: &str, is_kept: bool) -> Finding {
        Finding::new(clause, 0, is_kept, "0", "1", Witness::Debugger)
    }

    #[test]
    fn every_clause_of_the_stub_is_one() {
        for id in CLAUSES {
            assert_eq!(clause::find(id).map(|clause| clause.id), Some(id));
        }
    }

    #[test]
    fn other_cpus_and_the_bytes_of_the_tree_are_the_firmwares() {
        let of_other = |clause| Finding::new(clause, 1, false, "0", "1", Witness::Payload);
        let format = Finding::new("G1", 0, false, "a tree", "none", Witness::Host);
        let mut findings = [of_other("H1"), of_other("I1"), format];
        let machine = Machine {
            el: StartLevel::El3,
            ..Machine::default()
        };
        assert_eq!(errors(&machine, &findings), [""; 0]);
        excuse(&machine, &mut findings);
        assert!(findings.iter().all(|finding| finding.verdict == Verdict::Fail));
    }

    #[test]
    fn what_the_stub_does_counts_neither_for_the_loader_nor_against_it() {
        let mut findings =
            [("H1", true), ("H1", false), ("L1", true), ("L1", false)].map(|(id, is_kept)| finding(id, is_kept));
        excuse(&Machine::default(), &mut findings);
        use Verdict::{Fail, NotApplicable, Pass};
        assert_eq!(
            findings.clone().map(|it| it.verdict),
            [NotApplicable, NotApplicable, Pass, Fail]
        );
        assert!(findings[1].expected.ends_with("; expected 0; found 1"), "{findings:?}");
        assert_eq!((findings[3].expected.as_str(), findings[3].found.as_str()), ("0", "1"));
    }

    #[test]
    fn a_stub_that_breaks_what_a_loader_must_keep_is_an_error() {
        let errors = |id, is_kept| errors(&Machine::default(), &[finding(id, is_kept)]).len();
        assert_eq!((errors("H1", false), errors("H1", true)), (1, 0));
        // What is only recommended is not always to be had; and the rest is the loader's.
        assert_eq!((errors("D9", false), errors("L1", false)), (0, 0));
    }
}
