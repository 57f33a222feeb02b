//! What does a stored tree get from the machine's own? [`Lacking`]: RAM, PSCI and CPUs, where it has none.
//!
//! Of a grafted node only those properties are taken that mean the same in another tree: no phandles, which may be taken there,
//! and nothing that refers to one.

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::edit::{Edits, PSCI_METHOD, is_cpu};
use crate::output::{Change, Output, Value};
use crate::structure::Structure;
use crate::{Defect, Devicetree, Ranges, RegDefect, TreeError};

const PLACE: &str = "a memory node";
/// The longest name of a memory node, in bytes.
const NAME_BYTES_MAX: usize = MEMORY.len() + 16;
const MEMORY: &[u8] = b"memory@";
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
    PSCI_METHOD.name,
    b"cpu-release-addr\0",
    b"method\0",
    b"cpu_suspend\0",
    b"cpu_off\0",
    b"cpu_on\0",
    b"migrate\0",
];

/// What the tree lacks and the machine's tree has.
pub(crate) struct Lacking<'m> {
    /// The `reg` of a memory node.
    ram: Option<Value<'m>>,
    /// Where the memory node is whose `reg` that is; where there is none, it gets this name.
    empty_memory: Option<usize>,
    memory_name: ArrayVec<u8, NAME_BYTES_MAX>,
    psci: Option<&'m Devicetree<'m>>,
    cpus: Option<&'m Devicetree<'m>>,
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
    /// What `tree` lacks.
    pub(crate) fn of(tree: &'m Devicetree<'_>, edits: &Edits<'m>) -> Result<Self, TreeError> {
        let mut lacking = Self {
            ram: None,
            empty_memory: None,
            memory_name: ArrayVec::new_const(),
            psci: None,
            cpus: None,
        };
        let Some(machine) = edits.machine else {
            return Ok(lacking);
        };
        let ram = tree.edited_ram(edits)?;
        if tree.ram() == Err(TreeError::NoRam) {
            lacking.ram = Some(expressed(tree, ram)?);
            lacking.empty_memory = tree.facts.empty_memory;
            lacking.memory_name = memory_name(ram.first().map_or(0, PhysRange::start));
        }
        let mut has_psci_node = false;
        for child in tree.structure.root_children() {
            has_psci_node |= child.name == b"psci";
            if lacking.empty_memory.is_none() && child.name == lacking.memory_name.as_slice() {
                return Err(tree.structure.corrupt(Defect::DuplicateNode, child.start));
            }
        }
        // A node of that name that describes no PSCI is one that the tree's author has disabled: it stays so.
        let lacks_psci = tree.psci().is_none() && !has_psci_node;
        lacking.psci = (lacks_psci && machine.psci().is_some()).then_some(machine);
        lacking.cpus = tree.facts.cpus.is_none().then_some(machine);
        Ok(lacking)
    }

    /// Whether the tree gets the machine's PSCI.
    pub(crate) fn psci(&self) -> bool {
        self.psci.is_some()
    }

    /// Where the properties begin of a memory node to be filled in.
    pub(crate) fn empty_memory(&self) -> Option<usize> {
        self.empty_memory
    }

    /// What fills it in.
    pub(crate) fn reg(&self) -> Option<Change<'m>> {
        Some(Change {
            name: REG,
            value: Some(self.ram?),
            is_default: false,
        })
    }

    /// Adds the nodes that are lacking.
    pub(crate) fn add(&self, out: &mut Output<'_, '_>, has_psci: bool) {
        if self.empty_memory.is_none()
            && let Some(reg) = self.ram
        {
            out.begin_node(&self.memory_name);
            out.put_property(DEVICE_TYPE, Value::Text("memory"));
            out.put_property(REG, reg);
            out.end_node();
        }
        if let Some(machine) = self.psci {
            out.begin_node(b"psci");
            graft_properties(out, machine.structure, machine.facts.psci_node);
            out.end_node();
        }
        if let Some(machine) = self.cpus
            && let Some(cpus) = machine.facts.cpus
        {
            graft_cpus(out, machine.structure, cpus, has_psci);
        }
    }
}

fn graft_cpus(out: &mut Output<'_, '_>, tree: Structure<'_>, cpus: usize, has_psci: bool) {
    out.begin_node(b"cpus");
    graft_properties(out, tree, cpus);
    for cpu in tree.children(cpus).filter(|child| is_cpu(tree, *child)) {
        out.begin_node(cpu.name);
        let has_method = graft_properties(out, tree, cpu.properties);
        if has_psci && !has_method {
            out.put_changes(&[Some(PSCI_METHOD)]);
        }
        out.end_node();
    }
    out.end_node();
}

/// Puts in those of these properties that may be taken; whether `enable-method` is one.
fn graft_properties(out: &mut Output<'_, '_>, tree: Structure<'_>, properties: usize) -> bool {
    let mut has_method = false;
    for property in tree.properties(properties) {
        if let Some(name) = GRAFTED.iter().find(|name| tree.is_named(&property, name)) {
            out.put_property(name, Value::Bytes(property.value));
            has_method |= *name == PSCI_METHOD.name;
        }
    }
    has_method
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

/// `memory@` and the address in hexadecimal digits, without leading zeros.
fn memory_name(address: u64) -> ArrayVec<u8, NAME_BYTES_MAX> {
    let digits = u64::BITS.saturating_sub(address.leading_zeros()).div_ceil(4).max(1);
    let digit = |place: u32| match (address >> place.saturating_mul(4)) as u8 & 0xf {
        digit @ ..10 => digit | b'0',
        digit => digit.saturating_add(b'a' - 10),
    };
    MEMORY.iter().copied().chain((0..digits).rev().map(digit)).collect()
}
