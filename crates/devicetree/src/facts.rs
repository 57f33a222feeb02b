//! [`Facts`] about the machine, collected node by node in one walk.

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::firmware::PsciConduit;
use crate::gic::Gics;
use crate::memory::{Cells, Described, Purpose};
use crate::node::{Node, Place};
use crate::properties::Known;
use crate::secure::PowerLine;
use crate::walk::Walk;
use crate::{memory, value};

/// The number of children of the root that are noted. QEMU's trees have 50.
const ROOT_CHILDREN_MAX: usize = 64;

/// The facts that the accessors of [`crate::Devicetree`] return.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) model: Option<&'a str>,
    pub(crate) compatible: Option<&'a str>,
    /// How the children of the root write their `reg`.
    pub(crate) root_cells: Cells,
    /// The offsets of the root's first children in the structure block, which is smaller than 4
    /// GiB.
    pub(crate) root_children: ArrayVec<u32, ROOT_CHILDREN_MAX>,
    pub(crate) ram: Described,
    pub(crate) reservations: Described,
    pub(crate) bootargs: Option<&'a [u8]>,
    /// The place where the properties of `/chosen` begin in the structure block.
    pub(crate) chosen: Option<usize>,
    /// The place where the properties of `/cpus` begin.
    pub(crate) cpus: Option<usize>,
    /// The place where the properties of a memory node without RAM begin, which is there for the
    /// firmware to fill in.
    pub(crate) empty_memory: Option<usize>,
    /// The offsets of the first and the last memory node that may not be used.
    pub(crate) withheld_memory: Option<(usize, usize)>,
    /// The `gpios` of the devices that end the machine, for the secure world.
    pub(crate) power_lines: [Option<&'a [u8]>; PowerLine::COUNT],
    pub(crate) stdout_path: Option<&'a [u8]>,
    pub(crate) cpu_count: usize,
    pub(crate) psci: Option<PsciConduit>,
    /// The place where the properties of the node begin that describes PSCI.
    pub(crate) psci_node: usize,
    pub(crate) fw_cfg: Option<PhysRange>,
    pub(crate) gics: Gics,
}

impl<'a> Facts<'a> {
    /// Of no node yet.
    pub(crate) const fn new() -> Self {
        Self {
            model: None,
            compatible: None,
            root_cells: Cells::DEFAULT,
            root_children: ArrayVec::new_const(),
            ram: Described::new(Purpose::Ram),
            reservations: Described::new(Purpose::Reserved),
            bootargs: None,
            chosen: None,
            cpus: None,
            empty_memory: None,
            withheld_memory: None,
            power_lines: [None; PowerLine::COUNT],
            stdout_path: None,
            cpu_count: 0,
            psci: None,
            psci_node: 0,
            fw_cfg: None,
            gics: Gics::new(),
        }
    }

    /// Takes what the current node of `walk` says. What is wrong with it is remembered, and told to
    /// whoever asks for it.
    pub(crate) fn note(&mut self, walk: &Walk<'a>) {
        let node = &walk.node;
        match node.place {
            Place::Root => self.note_root(node),
            Place::Chosen => self.note_chosen(node),
            Place::Cpus => self.cpus = Some(node.properties_start),
            _ => {}
        }
        match node.parent {
            Place::Root => {
                // Those that have no room are found without.
                let _ = self.root_children.try_push(node.start as u32);
                self.note_memory(node);
                self.note_power(node);
            }
            Place::ReservedMemory => self.note_reservation(node),
            Place::Cpus => {
                let [device_type, status] = [Known::DeviceType, Known::Status].map(|name| node.properties.get(name));
                let counts = is_cpu(node.name, device_type) && is_usable_cpu(status);
                self.cpu_count = self.cpu_count.saturating_add(counts.into());
            }
            _ => {}
        }
        self.note_firmware(walk);
    }

    fn note_root(&mut self, root: &Node<'a>) {
        self.model = root.properties.get(Known::Model).and_then(value::first_string);
        self.root_cells = root.properties.child_cells();
        self.compatible = root.properties.get(Known::Compatible).and_then(value::first_string);
    }

    fn note_chosen(&mut self, chosen: &Node<'a>) {
        self.chosen = Some(chosen.properties_start);
        self.bootargs = chosen.properties.get(Known::Bootargs);
        self.stdout_path = chosen.properties.get(Known::StdoutPath);
    }

    /// A bank is RAM if it may be used: QEMU marks secure RAM as memory whose status is `disabled`.
    fn note_memory(&mut self, node: &Node<'a>) {
        if !node.properties.is_of_type("memory") {
            return;
        }
        if !node.properties.is_okay() {
            let first = self.withheld_memory.map_or(node.start, |(first, _)| first);
            self.withheld_memory = Some((first, node.start));
            return;
        }
        let reg = node.properties.get(Known::Reg);
        let has_ram = reg.is_some_and(|reg| self.ram.add_all(reg, node.cells));
        if !has_ram && node.place == Place::Other {
            self.empty_memory = Some(node.properties_start);
        }
    }

    /// The first device of each kind counts.
    fn note_power(&mut self, node: &Node<'a>) {
        let Some(compatible) = node.properties.get(Known::Compatible) else {
            return;
        };
        if let Some(line) = PowerLine::read(compatible)
            && node.properties.is_secure()
            && let Some(gpios @ None) = self.power_lines.get_mut(line as usize)
        {
            *gpios = Some(node.properties.get(Known::Gpios).unwrap_or_default());
        }
    }

    /// A child without `reg` only asks the kernel for some memory somewhere (3.5.3).
    fn note_reservation(&mut self, node: &Node<'a>) {
        if let Some(reg) = node.properties.get(Known::Reg)
            && node.properties.is_okay()
        {
            self.reservations.add_all(reg, node.cells);
        }
    }

    fn note_firmware(&mut self, walk: &Walk<'a>) {
        let node = &walk.node;
        let Some(compatible) = node.properties.get(Known::Compatible) else {
            return;
        };
        if let Some(method) = node.properties.get(Known::Method)
            && self.psci.is_none()
            && node.properties.is_okay()
        {
            self.psci = PsciConduit::read(compatible, method);
            self.psci_node = node.properties_start;
        }
        if self.fw_cfg.is_none() && value::is(compatible, "qemu,fw-cfg-mmio") {
            self.fw_cfg = registers(walk);
        }
        if node.properties.get(Known::InterruptController).is_some() && node.properties.is_okay() {
            self.gics.note(walk, compatible);
        }
    }
}

/// The registers of a device, if the CPU can reach them and may use them.
fn registers(walk: &Walk<'_>) -> Option<PhysRange> {
    let node = &walk.node;
    if !node.properties.is_okay() {
        return None;
    }
    let (start, size_bytes) = memory::first_entry(node.properties.get(Known::Reg), node.cells)?;
    walk.cpu_range(PhysRange::new(start, size_bytes)?)
}

/// Returns whether a child of `/cpus` is a CPU, and not a cache or a map of CPUs (Devicetree
/// Specification v0.4, 3.8): its type says so or, where it has none, its name.
pub(crate) fn is_cpu(name: &[u8], device_type: Option<&[u8]>) -> bool {
    match device_type {
        Some(device_type) => value::is(device_type, "cpu"),
        None => name == b"cpu" || name.starts_with(b"cpu@"),
    }
}

/// Returns whether a CPU of this `status` can be used (3.8).
pub(crate) fn is_usable_cpu(status: Option<&[u8]>) -> bool {
    let unusable = |status: &[u8]| value::is(status, "disabled") || status.starts_with(b"fail");
    !status.is_some_and(unusable)
}
