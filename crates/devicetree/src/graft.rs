//! [`Lacking`], which a stored tree gets from the machine's own: RAM, PSCI and CPUs, where it
//! has none, and the reservations.
//!
//! Of a grafted node only those properties are taken that mean the same in another tree: no
//! phandles, which may be taken there, and nothing that refers to one.

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::edit::{Edits, PSCI_METHOD};
use crate::fault::Fault;
use crate::memory::{self, Cells};
use crate::output::{Action, Change, Output, Value, find};
use crate::structure::Structure;
use crate::{Defect, Devicetree, RANGES_MAX, Ranges, RegDefect, TreeError};

const PLACE: &str = "a memory node";
const MEMORY: &[u8] = b"memory@";
/// The longest name of a memory node, in bytes.
const NAME_BYTES_MAX: usize = MEMORY.len() + 16;
/// The longest `reg` of a memory node, in bytes.
const REG_BYTES_MAX: usize = RANGES_MAX * 16;
pub(crate) const DEVICE_TYPE: &[u8] = b"device_type";
const REG: &[u8] = b"reg";

/// The properties that are taken of `/cpus`, of a CPU (Devicetree Specification v0.4, 3.7 and 3.8),
/// and of `/psci` (binding `psci.yaml`).
const GRAFTED: &[u8] =
    b"#address-cells\0#size-cells\0device_type\0compatible\0reg\0status\0enable-method\0cpu-release-addr\0\
    method\0cpu_suspend\0cpu_off\0cpu_on\0migrate\0";

/// The nodes that the tree lacks and the machine's tree has.
pub(crate) struct Lacking<'m> {
    /// The `reg` of a memory node; empty where the tree has RAM.
    ram: ArrayVec<u8, REG_BYTES_MAX>,
    /// The place where the properties begin of the memory node whose `reg` that is; where there is
    /// none, it gets this name.
    pub(crate) empty_memory: Option<usize>,
    memory_name: ArrayVec<u8, NAME_BYTES_MAX>,
    psci: Option<Psci<'m>>,
    cpus: Option<&'m Devicetree<'m>>,
    /// What is to be kept from the kernel, and the tree does not.
    pub(crate) reservations: Ranges,
}

/// The firmware that answers PSCI.
#[derive(Clone, Copy)]
enum Psci<'m> {
    /// A monitor.
    Monitor,
    /// Who this tree says.
    Machine(&'m Devicetree<'m>),
}

impl Devicetree<'_> {
    /// The RAM that the edited tree describes: its own, or that of [`Edits::machine`] where it
    /// describes none. What is loaded goes there.
    ///
    /// # Errors
    /// Those of [`Self::ram`], and [`TreeError::RamOutside`] where the tree describes RAM that the
    /// machine does not have.
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
    pub(crate) const NOTHING: Self = Self {
        ram: ArrayVec::new_const(),
        empty_memory: None,
        memory_name: ArrayVec::new_const(),
        psci: None,
        cpus: None,
        reservations: Ranges::new_const(),
    };

    /// Finds out what `tree` lacks.
    #[inline(never)]
    pub(crate) fn find(&mut self, tree: &Devicetree<'_>, edits: &Edits<'m>) -> Result<(), TreeError> {
        let has_node = |name: &[u8]| tree.root_children().any(|child| child.name == name);
        // A node of that name that describes no PSCI is one that the tree's author has disabled: it
        // stays so.
        let lacks_psci = tree.psci().is_none() && !has_node(b"psci");
        if lacks_psci && edits.serves_psci {
            self.psci = Some(Psci::Monitor);
        }
        self.reserve(tree, edits.reserved)?;
        let Some(machine) = edits.machine else {
            return Ok(());
        };
        let ram = tree.edited_ram(edits)?;
        if tree.facts.ram.ranges()?.is_empty() {
            self.express(ram, tree.facts.root_cells)?;
            self.empty_memory = tree.facts.empty_memory;
            self.name_memory(ram.first().map_or(0, PhysRange::start));
        }
        for child in tree.root_children() {
            if self.empty_memory.is_none() && child.name == self.memory_name.as_slice() {
                let offset = tree.checked.header.structure_offset.saturating_add(child.start as u32);
                return Err(Fault::Corrupt(Defect::DuplicateNode, offset).into());
            }
        }
        if lacks_psci && self.psci.is_none() && machine.psci().is_some() {
            self.psci = Some(Psci::Machine(machine));
        }
        self.cpus = tree.facts.cpus.is_none().then_some(machine);
        self.reserve(tree, machine.reservations()?)
    }

    /// Takes those of these ranges that the tree does not reserve itself.
    #[inline(never)]
    fn reserve(&mut self, tree: &Devicetree<'_>, ranges: &[PhysRange]) -> Result<(), TreeError> {
        for range in ranges {
            let own = tree.reservations()?;
            if own.iter().any(|own| own.contains(range)) {
                continue;
            }
            let taken = self.reservations.try_push(*range);
            if taken.is_err() || self.reservations.len().saturating_add(own.len()) > RANGES_MAX {
                return Err(memory::TOO_MANY_RESERVATIONS);
            }
        }
        Ok(())
    }

    /// Returns whether the tree gets a `/psci`.
    pub(crate) fn psci(&self) -> bool {
        self.psci.is_some()
    }

    /// Returns what fills an empty memory node in.
    pub(crate) fn reg(&self) -> Change<'_> {
        Change {
            name: REG,
            action: Action::Set,
            value: Value::bytes(&self.ram),
        }
    }

    /// Adds the nodes that are lacking.
    #[inline(never)]
    pub(crate) fn add(&self, out: &mut Output<'_, '_>, has_psci: bool) {
        if self.empty_memory.is_none() && !self.ram.is_empty() {
            out.begin_node(&self.memory_name);
            out.put_property(DEVICE_TYPE, Value::text("memory"));
            out.put_property(REG, Value::bytes(&self.ram));
            out.end_node();
        }
        if let Some(psci) = self.psci {
            out.begin_node(b"psci");
            match psci {
                Psci::Monitor => {
                    out.put_property(b"compatible", Value::text("arm,psci-1.0\0arm,psci-0.2\0arm,psci"));
                    out.put_property(b"method", Value::text("smc"));
                }
                Psci::Machine(machine) => {
                    graft_properties(out, &machine.checked.structure, machine.facts.psci_node);
                }
            }
            out.end_node();
        }
        if let Some(machine) = self.cpus
            && let Some(cpus) = machine.facts.cpus
        {
            graft_cpus(out, &machine.checked.structure, cpus, has_psci);
        }
    }

    /// The `reg` of a memory node that describes this RAM.
    fn express(&mut self, ram: &Ranges, cells: Cells) -> Result<(), TreeError> {
        let Cells { address, size } = cells;
        let broken = |defect| TreeError::Reg { place: PLACE, defect };
        if !cells.are_supported() {
            return Err(broken(RegDefect::Cells { address, size }));
        }
        for bank in ram {
            let (start, size_bytes) = (bank.start(), bank.len());
            if !self.put(start, address) || !self.put(size_bytes, size) {
                return Err(broken(RegDefect::TooWide { start, size_bytes }));
            }
        }
        Ok(())
    }

    /// Adds a number to the `reg`, if it fits into so many cells.
    #[inline(never)]
    fn put(&mut self, number: u64, cells: u32) -> bool {
        let bytes = number.to_be_bytes();
        let (high, low) = bytes.split_at(size_of::<u32>());
        let bytes = if cells > 1 { &bytes } else { low };
        (cells > 1 || high == [0; 4]) && self.ram.try_extend_from_slice(bytes).is_ok()
    }

    /// `memory@` and the address in hexadecimal digits, without leading zeros.
    fn name_memory(&mut self, address: u64) {
        // There is room: see the constant.
        let _ = self.memory_name.try_extend_from_slice(MEMORY);
        for place in (0..u64::BITS / 4).rev() {
            let rest = address >> place.saturating_mul(4);
            let digit = b"0123456789abcdef".get(rest as usize & 0xf);
            if let Some(digit) = digit.filter(|_| rest > 0 || place == 0) {
                let _ = self.memory_name.try_push(*digit);
            }
        }
    }
}

fn graft_cpus(out: &mut Output<'_, '_>, tree: &Structure<'_>, cpus: usize, has_psci: bool) {
    out.begin_node(b"cpus");
    graft_properties(out, tree, cpus);
    for cpu in tree.children(cpus) {
        if !tree.is_cpu(&cpu) {
            continue;
        }
        out.begin_node(cpu.name);
        let has_method = graft_properties(out, tree, cpu.properties);
        if has_psci && !has_method {
            out.put_property(PSCI_METHOD.name, PSCI_METHOD.value);
        }
        out.end_node();
    }
    out.end_node();
}

/// Puts in those of these properties that may be taken; whether `enable-method` is one.
#[inline(never)]
fn graft_properties(out: &mut Output<'_, '_>, tree: &Structure<'_>, properties: usize) -> bool {
    let mut has_method = false;
    for property in tree.properties(properties) {
        if let Some((name, _)) = find(GRAFTED, tree.property_name(&property)) {
            out.put_property(name, Value::bytes(property.value));
            has_method |= name == PSCI_METHOD.name;
        }
    }
    has_method
}
