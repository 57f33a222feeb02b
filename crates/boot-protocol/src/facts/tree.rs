//! The facts that a device tree tells.

use arrayvec::ArrayVec;
use devicetree::{Blob, BlobNode, Devicetree, GicKind, Ranges, TreeError};
use phys_range::PhysRange;

use crate::judgement::text;

use super::{Cpu, EnableMethod, Facts, Gic, Initrd, Uart};

/// The first shared interrupt (binding `arm,gic.yaml`).
const FIRST_SHARED_INTERRUPT: u64 = 32;

/// The format of a `reg`.
#[derive(Clone, Copy)]
struct Cells {
    address: usize,
    size: usize,
}

impl Cells {
    /// Those of the children of `node`.
    fn of(node: &BlobNode<'_>) -> Self {
        let bytes = |name, default| node.property(name).map_or(default, number).saturating_mul(4) as usize;
        Self {
            address: bytes("#address-cells", 2),
            size: bytes("#size-cells", 1),
        }
    }
}

/// The big-endian number in at most 8 bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Returns whether one of the strings of this property is `text`.
fn has(node: &BlobNode<'_>, property: &str, text: &str) -> bool {
    let value = node.property(property).unwrap_or_default();
    value.split(|byte| *byte == 0).any(|string| string == text.as_bytes())
}

/// The first entry of the `reg` of a node.
fn registers(node: &BlobNode<'_>, cells: Cells) -> Option<PhysRange> {
    let (address, rest) = node.property("reg")?.split_at_checked(cells.address)?;
    PhysRange::new(number(address), number(rest.get(..cells.size)?))
}

impl Facts {
    /// Returns what the device tree at the start of `memory`, which lies at `address`, says.
    ///
    /// # Errors
    /// It is none, or has no RAM that could be tested.
    pub fn read(memory: &[u8], address: u64) -> Result<Self, TreeError> {
        let tree = Devicetree::parse(memory)?;
        let root = Blob::parse(memory)?.root();
        let cells = Cells::of(&root);
        let chosen = root.child("chosen");
        let console = match tree.console() {
            Some(devicetree::Console::Pl011 { base }) => Some(base),
            _ => None,
        };
        let (reserved, is_reserved_unknown) = match tree.reservations() {
            Ok(reserved) => (reserved.clone(), false),
            Err(TreeError::Limit { .. }) => (Ranges::new(), true),
            Err(error) => return Err(error),
        };
        let mut facts = Self {
            tree: PhysRange::new(address, tree.total_size()).ok_or(TreeError::NoRam)?,
            ram: tree.ram()?.clone(),
            reserved,
            is_reserved_unknown,
            not_mapped: root
                .child("reserved-memory")
                .map(|node| not_mapped(&node))
                .unwrap_or_default(),
            cpus: root.child("cpus").map(|cpus| cpus_of(&cpus)).unwrap_or_default(),
            psci: tree.psci(),
            initrd: chosen.map_or(Initrd::None, |chosen| initrd(&chosen)),
            has_sound_bootargs: tree.bootargs().is_ok(),
            skipped: text(skipped(&tree)),
            gic: gic(&tree),
            virtio: ArrayVec::new(),
            pci: None,
            uart: console.map(|base| Uart { base, interrupt: None }),
            secure_memory: None,
        };
        for node in root.children() {
            facts.note_device(&node, cells);
        }
        Ok(facts)
    }

    /// Takes what one child of the root says.
    fn note_device(&mut self, node: &BlobNode<'_>, cells: Cells) {
        let Some(registers) = registers(node, cells) else {
            return;
        };
        // Whatever it is: memory may have lost its `device_type`, so that no kernel takes it for
        // RAM.
        if has(node, "status", "disabled") && has(node, "secure-status", "okay") {
            self.secure_memory.get_or_insert(registers.start());
        }
        if has(node, "compatible", "virtio,mmio") {
            let _ = self.virtio.try_push(registers.start());
        }
        if has(node, "compatible", "pci-host-ecam-generic") {
            self.pci = Some(registers);
        }
        if let Some(uart) = self.uart.as_mut().filter(|uart| uart.base == registers.start()) {
            let interrupt = node.property("interrupts").and_then(|value| value.get(4..8));
            uart.interrupt = interrupt.map(|value| number(value).saturating_add(FIRST_SHARED_INTERRUPT));
        }
    }
}

fn not_mapped(reserved_memory: &BlobNode<'_>) -> ArrayVec<PhysRange, { super::DEVICES_MAX }> {
    let cells = Cells::of(reserved_memory);
    let children = reserved_memory
        .children()
        .filter(|child| child.property("no-map").is_some());
    children
        .filter_map(|child| registers(&child, cells))
        .take(super::DEVICES_MAX)
        .collect()
}

fn cpus_of(cpus: &BlobNode<'_>) -> ArrayVec<Cpu, { super::CPUS_MAX }> {
    let is_cpu = |node: &BlobNode<'_>| has(node, "device_type", "cpu");
    let cpu = |node: BlobNode<'_>| {
        Some(Cpu {
            affinity: number(node.property("reg")?),
            method: method(&node),
        })
    };
    cpus.children()
        .filter(is_cpu)
        .filter_map(cpu)
        .take(super::CPUS_MAX)
        .collect()
}

fn method(cpu: &BlobNode<'_>) -> EnableMethod {
    if cpu.property("enable-method").is_none() {
        EnableMethod::Missing
    } else if has(cpu, "enable-method", "psci") {
        EnableMethod::Psci
    } else if has(cpu, "enable-method", "spin-table") {
        EnableMethod::SpinTable(cpu.property("cpu-release-addr").map(number))
    } else {
        EnableMethod::Other
    }
}

fn initrd(chosen: &BlobNode<'_>) -> Initrd {
    let value = |name| chosen.property(name).map(number);
    match (value("linux,initrd-start"), value("linux,initrd-end")) {
        (None, None) => Initrd::None,
        (Some(start), Some(end)) => PhysRange::from_bounds(start, end).map_or(Initrd::Malformed, Initrd::At),
        _ => Initrd::Malformed,
    }
}

/// Returns what follows `skip=` on the command line.
fn skipped<'a>(tree: &Devicetree<'a>) -> &'a str {
    let bootargs = tree.bootargs().ok().flatten().unwrap_or_default();
    bootargs
        .split_ascii_whitespace()
        .find_map(|word| word.strip_prefix("skip="))
        .unwrap_or_default()
}

fn gic(tree: &Devicetree<'_>) -> Gic {
    let Some(gic) = tree.main_gic() else {
        return Gic::Unknown;
    };
    match (gic.kind, gic.blocks.as_slice()) {
        (GicKind::V2, [distributor, cpu_interface, ..]) => Gic::V2 {
            distributor: distributor.start(),
            cpu_interface: cpu_interface.start(),
        },
        (GicKind::V3, [distributor, ..]) => Gic::V3 {
            distributor: distributor.start(),
            redistributors: gic.redistributors().iter().take(8).copied().collect(),
            stride: gic.redistributor_stride,
        },
        _ => Gic::Unknown,
    }
}
