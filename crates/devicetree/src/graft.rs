//! What does a stored tree get from the machine's own? [`Lacking`]: RAM, PSCI and CPUs, where it has none.
//!
//! Of a grafted node only those properties are taken that mean the same in another tree: no phandles, which may be taken there,
//! and nothing that refers to one.

use arrayvec::ArrayString;
use core::fmt::Write;

use crate::edit::{Edits, end_without_enable_method, put_enable_method};
use crate::facts::is_cpu_name;
use crate::output::{Change, Output, Value};
use crate::scan::Spot;
use crate::structure::Structure;
use crate::{Defect, Devicetree, Ranges, RegDefect, TreeError};

const PLACE: &str = "a memory node";
const DEVICE_TYPE: &[u8] = b"device_type\0";
const REG: &[u8] = b"reg\0";

/// What is taken of `/cpus`, of a CPU (Devicetree Specification v0.4, 3.7 and 3.8), and of `/psci` (binding `psci.yaml`).
const GRAFTED: [&[u8]; 13] = [
    b"#address-cells\0",
    b"#size-cells\0",
    DEVICE_TYPE,
    b"compatible\0",
    REG,
    b"status\0",
    b"enable-method\0",
    b"cpu-release-addr\0",
    b"method\0",
    b"cpu_suspend\0",
    b"cpu_off\0",
    b"cpu_on\0",
    b"migrate\0",
];

/// What the tree lacks, as far as it is known yet, and the machine's tree has.
pub(crate) struct Lacking<'m> {
    machine: Option<&'m Devicetree<'m>>,
    /// The `reg` of a memory node.
    ram: Option<Value<'m>>,
    memory_name: ArrayString<24>,
    pub(crate) psci: bool,
    pub(crate) cpus: bool,
}

impl Devicetree<'_> {
    /// The RAM that the edited tree describes: its own, or that of [`Edits::machine`] where it describes none. What is loaded
    /// goes there.
    ///
    /// # Errors
    /// Those of [`Self::ram`], and [`TreeError::RamOutside`] where the tree describes RAM that the machine does not have.
    pub fn edited_ram<'e>(&'e self, edits: &Edits<'e>) -> Result<&'e Ranges, TreeError> {
        let Some(machine) = edits.machine else {
            return self.ram();
        };
        let there_is = machine.ram()?;
        let described = match self.ram() {
            Err(TreeError::NoRam) => return Ok(there_is),
            described => described?,
        };
        for bank in described {
            // The banks are sorted by address, so each one that `end` lies in takes it on.
            let taken_on = there_is.iter().fold(bank.start(), |end, there| {
                if there.start() <= end {
                    end.max(there.end())
                } else {
                    end
                }
            });
            if taken_on < bank.end() {
                return Err(TreeError::RamOutside { bank: *bank });
            }
        }
        Ok(described)
    }
}

impl<'m> Lacking<'m> {
    /// What `tree` lacks before its nodes have been met.
    pub(crate) fn of(tree: &'m Devicetree<'_>, edits: &Edits<'m>) -> Result<Self, TreeError> {
        let mut lacking = Self {
            machine: edits.machine,
            ram: None,
            memory_name: ArrayString::new_const(),
            psci: tree.psci().is_none() && edits.machine.is_some_and(|machine| machine.psci().is_some()),
            cpus: edits.machine.is_some(),
        };
        if edits.machine.is_some() {
            let ram = tree.edited_ram(edits)?;
            if tree.ram() == Err(TreeError::NoRam) {
                lacking.ram = Some(expressed(tree, ram)?);
                let base = ram.first().map_or(0, |bank| bank.start());
                // The name has room for every number.
                let _ = write!(lacking.memory_name, "memory@{base:x}");
            }
        }
        Ok(lacking)
    }

    /// Meets a child of the root. A memory node without RAM, which is there for the firmware to fill in, gets the RAM.
    pub(crate) fn meet(
        &mut self,
        tree: Structure<'_>,
        child: Spot<'_>,
        out: &mut Output<'_, '_>,
    ) -> Result<(), TreeError> {
        if self.ram.is_none() {
            return Ok(());
        }
        let known = tree.known(child);
        if known.is_of_type("memory") && known.is_okay() {
            let value = self.ram.take();
            out.change(child.properties, &mut [Some(Change { name: REG, value })]);
        } else if child.name == self.memory_name.as_bytes() {
            return Err(tree.corrupt(Defect::DuplicateNode, child.start));
        }
        Ok(())
    }

    /// Adds what is still lacking once all nodes have been met.
    pub(crate) fn add(&self, out: &mut Output<'_, '_>, has_psci: bool) {
        let Some(machine) = self.machine else { return };
        if let Some(reg) = self.ram {
            out.begin_node(self.memory_name.as_bytes());
            out.put_property(DEVICE_TYPE, Value::Text("memory"));
            out.put_property(REG, reg);
            out.end_node();
        }
        let tree = machine.structure;
        if self.psci {
            out.begin_node(b"psci");
            graft_properties(out, tree, machine.facts.psci_node);
            out.end_node();
        }
        if self.cpus
            && let Some(cpus) = tree.root_children().find(|child| child.name == b"cpus")
        {
            graft_cpus(out, tree, cpus, has_psci);
        }
    }
}

fn graft_cpus(out: &mut Output<'_, '_>, tree: Structure<'_>, cpus: Spot<'_>, has_psci: bool) {
    out.begin_node(b"cpus");
    graft_properties(out, tree, cpus.properties);
    for cpu in tree.children(cpus).filter(|child| is_cpu_name(child.name)) {
        out.begin_node(cpu.name);
        graft_properties(out, tree, cpu.properties);
        if has_psci && end_without_enable_method(tree, cpu).is_some() {
            put_enable_method(out);
        }
        out.end_node();
    }
    out.end_node();
}

fn graft_properties(out: &mut Output<'_, '_>, tree: Structure<'_>, properties: usize) {
    for property in tree.properties_from(properties) {
        if let Some(name) = GRAFTED.iter().find(|name| tree.is_named(&property, name)) {
            out.put_property(name, Value::Bytes(property.value));
        }
    }
}

/// The `reg` of a memory node of `tree` that describes this RAM.
fn expressed<'r>(tree: &Devicetree<'_>, ram: &'r Ranges) -> Result<Value<'r>, TreeError> {
    let cells = tree.facts.root_cells;
    let (address, size) = (cells.address, cells.size);
    let broken = |defect| TreeError::Reg { place: PLACE, defect };
    if !matches!((address, size), (1 | 2, 1 | 2)) {
        return Err(broken(RegDefect::Cells { address, size }));
    }
    let fits = |number: u64, cells: u32| cells > 1 || u32::try_from(number).is_ok();
    for bank in ram {
        let (start, size_bytes) = (bank.start(), bank.len());
        if !fits(start, address) || !fits(size_bytes, size) {
            return Err(broken(RegDefect::TooWide { start, size_bytes }));
        }
    }
    Ok(Value::Ranges(ram, cells))
}
