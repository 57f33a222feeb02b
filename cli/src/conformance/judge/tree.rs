//! The contents of the device tree (A1, B2, G1, M10, O2, O3, Q3, Z9).

use boot_protocol::Verdict;
use devicetree::{Blob, BlobNode, Devicetree, GicKind, TreeError};
use phys_range::PhysRange;

use super::Case;
use crate::conformance::finding::{Finding, Witness};
use crate::conformance::initrd;
use crate::conformance::observation::CpuState;
use crate::qemu::Gic;

/// The place where the machine's RAM starts.
const RAM_BASE: u64 = boards::QEMU_VIRT.ram.start();

/// The clauses that are not observable without PSCI.
const OF_PSCI: [&str; 2] = ["Q1", "Q2"];

/// Returns what is to be said of the device tree.
pub(super) fn of(case: &Case<'_>, first: &CpuState) -> Vec<Finding> {
    let bytes = &case.seen.memory.tree;
    let on = |clause: &str, is_kept: bool, expected: &str, found: String| {
        Finding::new(clause, case.affinity(first), is_kept, expected, found, Witness::Host)
    };
    if bytes.is_empty() {
        return Vec::new();
    }
    let parsed = match Devicetree::parse(bytes) {
        Ok(tree) => on(
            "G1",
            true,
            "a device tree that keeps its format",
            format!("{} bytes that do", tree.total_size()),
        ),
        Err(error @ TreeError::TooLarge { .. }) => on("B2", false, "at most 2 MiB", error.to_string()),
        Err(error) => on("G1", false, "a device tree that keeps its format", error.to_string()),
    };
    let (Some(tree), Ok(blob)) = (&case.tree, Blob::parse(bytes)) else {
        return vec![parsed];
    };
    let root = blob.root();
    let mut findings = vec![
        parsed,
        a1(case, first, tree),
        on(
            "M10",
            gic(tree) == Some(case.expected.machine.gic),
            "the interrupt controller of the machine",
            found_gic(tree),
        ),
        on(
            "Q3",
            tree.psci().is_some(),
            "a node that describes PSCI",
            found_psci(tree),
        ),
    ];
    let without = cpus_without_method(root);
    let methods = if without.is_empty() {
        format!("{} CPU nodes, each with one", cpu_nodes(root).count())
    } else {
        format!("none in {}", without.join(", "))
    };
    findings.push(on(
        "O2",
        without.is_empty(),
        "an enable-method in each CPU node",
        methods.clone(),
    ));
    findings.push(on(
        "O3",
        without.is_empty(),
        "what the loader has to add to be there",
        methods,
    ));
    if tree.psci().is_none() {
        let why = "no node describes PSCI (Q3)";
        let none = |clause| Finding::none(clause, case.affinity(first), Verdict::NotObservable, why, Witness::Host);
        findings.extend(OF_PSCI.map(none));
    }
    findings.extend(handed_over(case, tree).map(|(is_kept, expected, found)| on("Z9", is_kept, &expected, found)));
    findings
}

/// All RAM that is described has to be there, once. What is not described the kernel does not use,
/// so that it need not work; but then it is lost, where nobody has a use for it. Only a loader that
/// answers PSCI itself has: its CPUs may stay there (Q1).
fn a1(case: &Case<'_>, first: &CpuState, tree: &Devicetree<'_>) -> Finding {
    let there = PhysRange::new(RAM_BASE, case.expected.machine.memory_bytes).unwrap_or(boards::QEMU_VIRT.ram);
    let may_keep_some = case.has_el3();
    let expected = if may_keep_some {
        "RAM of the machine and nothing else; where CPUs stay outside the kernel may be left out (Q1)"
    } else {
        "all RAM of the machine and nothing else; what a loader keeps it reserves (E6)"
    };
    let on = |is_kept, found| Finding::new("A1", case.affinity(first), is_kept, expected, found, Witness::Host);
    let banks = match tree.ram() {
        Ok(banks) => banks,
        Err(error @ TreeError::Limit { .. }) => {
            let why = error.to_string();
            return Finding::none("A1", case.affinity(first), Verdict::NotObservable, why, Witness::Host);
        }
        Err(error) => return on(false, error.to_string()),
    };
    let left_out = left_out(there, banks);
    let is_real = banks.iter().all(|bank| there.contains(bank));
    let found = format!("described: {}; there is {there}", listed(banks));
    match left_out.as_slice() {
        [] => on(is_real, found),
        left_out => on(
            is_real && may_keep_some,
            format!("{found}; not described: {}", listed(left_out)),
        ),
    }
}

/// Returns what of the RAM no bank has, where banks are sorted and apart.
fn left_out(ram: PhysRange, banks: &[PhysRange]) -> Vec<PhysRange> {
    let starts = [ram.start()].into_iter().chain(banks.iter().map(PhysRange::end));
    let ends = banks.iter().map(PhysRange::start).chain([ram.end()]);
    let gaps = starts
        .zip(ends)
        .map(|(start, end)| (start.max(ram.start()), end.min(ram.end())));
    gaps.filter_map(|(start, end)| PhysRange::from_bounds(start, end))
        .collect()
}

fn listed(ranges: &[PhysRange]) -> String {
    let texts: Vec<String> = ranges.iter().map(PhysRange::to_string).collect();
    texts.join(", ")
}

fn gic(tree: &Devicetree<'_>) -> Option<Gic> {
    match tree.gic()? {
        GicKind::V2 => Some(Gic::V2),
        GicKind::V3 => Some(Gic::V3),
        GicKind::V5 | GicKind::Unknown => None,
    }
}

fn found_gic(tree: &Devicetree<'_>) -> String {
    tree.gic().map_or("none".into(), |gic| gic.to_string())
}

fn found_psci(tree: &Devicetree<'_>) -> String {
    tree.psci().map_or("none".into(), |psci| format!("PSCI by {psci}"))
}

fn cpu_nodes(root: BlobNode<'_>) -> impl Iterator<Item = BlobNode<'_>> {
    let cpus = root.child("cpus");
    let nodes = cpus.into_iter().flat_map(|cpus| cpus.children());
    nodes.filter(|node| node.name().starts_with("cpu@"))
}

fn cpus_without_method(root: BlobNode<'_>) -> Vec<String> {
    let without = cpu_nodes(root).filter(|cpu| cpu.property("enable-method").is_none());
    without.map(|cpu| cpu.name().into()).collect()
}

/// Command line and initrd, of which the payload gets to know by the device tree only: what was
/// expected, and what there is.
fn handed_over<'a>(
    case: &'a Case<'_>,
    tree: &'a Devicetree<'_>,
) -> impl Iterator<Item = (bool, String, String)> + use<'a> {
    let command_line = case.expected.command_line.map(|expected| {
        let found = tree.bootargs().ok().flatten();
        let text = format!("bootargs {:?}", found.unwrap_or_default());
        (found == Some(expected), format!("bootargs {expected:?}"), text)
    });
    let initrd = case.expected.initrd.map(|expected| {
        let (bytes, range) = (&case.seen.memory.initrd, initrd::range(&case.seen.memory.tree));
        let found = match (bytes, range) {
            (Some(bytes), Some(range)) if bytes == expected => format!("all of it at {range}"),
            (Some(bytes), Some(range)) if bytes.starts_with(expected) => format!("more than it at {range}"),
            (_, Some(range)) => format!("something else at {range}"),
            (_, None) => "no initrd described".into(),
        };
        let is_kept = range.is_some() && bytes.as_deref() == Some(expected);
        (
            is_kept,
            format!("the initrd of {} bytes described and in memory", expected.len()),
            found,
        )
    });
    command_line.into_iter().chain(initrd)
}
