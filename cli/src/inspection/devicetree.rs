//! The facts about a device tree blob.

use devicetree::{Console, Devicetree, Ranges, TreeError};
use serde::Serialize;

use super::{Inspection, Problem, RangeFacts};

/// The facts that a device tree gives about its machine.
#[derive(Debug, Default, Serialize)]
pub struct TreeFacts {
    /// The size that its header claims.
    pub total_size_bytes: u64,
    /// The size of the part that is in use.
    pub used_size_bytes: u64,
    /// The machine's model.
    pub model: Option<String>,
    /// The first of what it is compatible with.
    pub compatible: Option<String>,
    /// The banks of RAM.
    pub ram: Vec<RangeFacts>,
    /// What of it is not to be used.
    pub reservations: Vec<RangeFacts>,
    /// The console: "PL011 at 0x9000000", "other", or `null`.
    pub console: Option<String>,
    /// The number of CPUs that can be used.
    pub cpu_count: usize,
    /// "SMC", "HVC" or `null`.
    pub psci: Option<String>,
    /// "GICv2", "GICv3", "GICv5" or `null`.
    pub gic: Option<String>,
    /// The kernel's command line.
    pub command_line: Option<String>,
}

impl Inspection {
    /// A device tree blob: what the bootloader would read in it.
    pub(super) fn add_devicetree(&mut self, bytes: &[u8]) {
        match Devicetree::parse(bytes) {
            Ok(tree) => {
                self.devicetree = Some(facts(&tree, &mut self.errors));
                for problem in &mut self.errors {
                    if problem.code == "tree-no-ram" {
                        problem.help =
                            Some("with --dtb or in a FIT this is no fault: such a tree gets the machine's RAM");
                    }
                }
            }
            Err(error) => self.errors.push(Problem::new(error.code(), error)),
        }
    }
}

fn facts(tree: &Devicetree<'_>, errors: &mut Vec<Problem>) -> TreeFacts {
    let mut note = |error: TreeError| errors.push(Problem::new(error.code(), error));
    let ranges = |ranges: &Ranges| ranges.iter().copied().map(RangeFacts::from).collect();
    TreeFacts {
        total_size_bytes: tree.total_size(),
        used_size_bytes: tree.used_size(),
        model: tree.model().map(String::from),
        compatible: tree.compatible().map(String::from),
        ram: tree.ram().map(ranges).map_err(&mut note).unwrap_or_default(),
        reservations: tree.reservations().map(ranges).map_err(&mut note).unwrap_or_default(),
        console: tree.console().map(|console| match console {
            Console::Pl011 { base } => format!("PL011 at {base:#x}"),
            Console::Other => "other".into(),
        }),
        cpu_count: tree.cpu_count(),
        psci: tree.psci().map(|conduit| conduit.to_string()),
        gic: tree.gic().map(|gic| gic.to_string()),
        command_line: tree.bootargs().map_err(note).unwrap_or_default().map(String::from),
    }
}
