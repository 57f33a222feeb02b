//! Judges: what was seen from outside, held against the clauses. Pure: an [`Observation`] and what
//! it should have been become [`Finding`]s.

mod entry;
mod features;
mod image;
mod placement;
mod rule;
mod same;
mod tree;

use boot_protocol::Verdict;
use devicetree::Devicetree;

use super::finding::{Finding, Witness};
use super::observation::{CpuState, Observation};
use super::payload::Payload;
use crate::qemu::{Machine, StartLevel};

/// The clauses that are about what the device tree says, or where it is.
const OF_TREE: [&str; 15] = [
    "A1", "B1", "B2", "B3", "B4", "B5", "D9", "D12", "E4", "E5", "M10", "O2", "O3", "Q3", "Z9",
];

/// The clauses that the payload checks only with a device tree to go by.
const OF_PAYLOAD_WITH_TREE: [&str; 7] = ["E6", "F1", "L1", "Q1", "Q2", "R1", "Z7"];

/// The expectations of a boot.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The payload.
    pub payload: &'a Payload,
    /// The initrd, if the loader was given one.
    pub initrd: Option<&'a [u8]>,
    /// The command line, if the loader was given one.
    pub command_line: Option<&'a str>,
}

/// A boot with all that was seen of it and that it should have been.
struct Case<'a> {
    expected: Expected<'a>,
    seen: &'a Observation,
    /// The device tree, where it can be read.
    tree: Option<Devicetree<'a>>,
    /// The CPUs that it describes, by their numbers.
    cpus: Vec<u64>,
}

/// Judges what was seen of a boot. What needs the payload's first instruction is not judged where
/// that was not seen.
pub fn judge(expected: Expected<'_>, seen: &Observation) -> Vec<Finding> {
    let tree = Devicetree::parse(&seen.memory.tree).ok();
    let mut cpus: Vec<u64> = tree.iter().flat_map(|tree| tree.cpus()).collect();
    cpus.sort_unstable();
    let case = Case {
        expected,
        seen,
        tree,
        cpus,
    };
    let Some(first) = &seen.first else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for cpu in seen.cpus() {
        findings.extend(entry::of_cpu(&case, cpu));
        findings.extend(features::of_cpu(&case, cpu));
    }
    findings.extend(same::of_all(&case, first));
    findings.extend(image::of(&case, first));
    findings.extend(tree::of(&case, first));
    findings.extend(placement::of(&case, first));
    if case.tree.is_none() {
        let affinity = case.affinity(first);
        let why = "x0 points to no device tree that can be read (G1)";
        let untold = OF_TREE
            .into_iter()
            .chain(OF_PAYLOAD_WITH_TREE)
            .map(|clause| Finding::none(clause, affinity, Verdict::NotObservable, why, Witness::Host));
        findings.extend(untold);
        findings.push(placement::without_tree(&case, first));
    }
    findings
}

impl Case<'_> {
    /// The affinity of a CPU.
    fn affinity(&self, cpu: &CpuState) -> u64 {
        self.cpus.get(cpu.number).copied().unwrap_or(cpu.number as u64)
    }

    fn has_el3(&self) -> bool {
        self.expected.machine.el.has_el3()
    }

    fn has_el2(&self) -> bool {
        self.expected.machine.el.of_kernel() == StartLevel::El2
    }

    /// A finding about a CPU, by the debugger.
    fn on(&self, cpu: &CpuState, clause: &str, is_kept: bool, expected: &str, found: impl Into<String>) -> Finding {
        Finding::new(clause, self.affinity(cpu), is_kept, expected, found, Witness::Debugger)
    }
}

#[cfg(test)]
mod tests;
