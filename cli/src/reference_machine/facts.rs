//! [`Facts`]: the facts that machines of QEMU's `virt` differ in, and the device tree that they
//! make.

use std::fmt;

use boards::QEMU_VIRT;
use devicetree::{Devicetree, GicKind, PsciConduit};
use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use phys_range::{MIB, PhysRange};

use super::{CPU, MEMORY_SIZE_BYTES};
use crate::qemu::Gic;

/// The device tree of the reference machine, as QEMU 7.2.22 makes it for `-M
/// virt,virtualization=on,gic-version=3 -cpu cortex-a53 -m 128M -drive
/// if=pflash,format=raw,file=flash.bin` (without a drive it describes more devices), but for the
/// unused room at its end. The random seeds in it are replaced by as many bytes of 1.
const TREE: &[u8] = include_bytes!("../reference_machine.dtb");

/// The register blocks of a GICv2 for an EL2: distributor, CPU interface, virtual interface
/// control, virtual CPU interface (QEMU, `hw/arm/virt.c`, `base_memmap`).
const GICV2_BLOCKS: [[u64; 2]; 4] = [
    [QEMU_VIRT.gic.distributor.start(), 0x1_0000],
    [0x0801_0000, 0x1_0000],
    [0x0803_0000, 0x1_0000],
    [0x0804_0000, 0x1_0000],
];
/// The register blocks of a GICv3: distributor, and redistributors of 123 CPUs and of all further
/// ones.
const GICV3_BLOCKS: [[u64; 2]; 3] = [
    [QEMU_VIRT.gic.distributor.start(), 0x1_0000],
    [0x080a_0000, 0x00f6_0000],
    [0x40_0000_0000, 0x0400_0000],
];
const CPUS_OF_THE_FIRST_BLOCK: u32 = 123;

/// The facts that machines differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The RAM.
    pub ram: PhysRange,
    /// The interrupt controller.
    pub gic: Gic,
    /// The number of CPUs.
    pub cpus: u32,
    /// The way to PSCI, if the machine itself answers.
    pub psci: Option<PsciConduit>,
}

impl Facts {
    /// The facts of the reference machine.
    pub const REFERENCE: Self = Self {
        ram: PhysRange::new(QEMU_VIRT.ram.start(), MEMORY_SIZE_BYTES).unwrap(),
        gic: Gic::V3,
        cpus: 1,
        psci: Some(PsciConduit::Smc),
    };

    /// Returns the facts of the smallest machine that has all that `tree` describes; those of
    /// `otherwise` where the tree is silent, or describes what no such machine has.
    pub fn described_by(tree: &Devicetree<'_>, otherwise: &Self) -> Self {
        let gic = match tree.gic() {
            Some(GicKind::V2) => Gic::V2,
            Some(GicKind::V3) => Gic::V3,
            _ => otherwise.gic,
        };
        let numbers = tree.cpus().filter_map(|affinity| cpu_number(gic, affinity));
        let cpus = numbers.max().map_or(otherwise.cpus, |last| last + 1);
        let psci = tree.psci().or(otherwise.psci);
        let ends = tree
            .ram()
            .ok()
            .map(|ranges| ranges.iter().map(|range| range.end()).max());
        let end = ends.flatten().map(|end| end.next_multiple_of(MIB)).unwrap_or_default();
        let ram = PhysRange::from_bounds(otherwise.ram.start(), end.max(otherwise.ram.end()));
        Self {
            ram: ram.filter(|ram| QEMU_VIRT.ram.contains(ram)).unwrap_or(otherwise.ram),
            gic,
            cpus,
            psci,
        }
    }

    /// Returns the device tree of a machine with these facts.
    pub fn tree(&self) -> Vec<u8> {
        let fdt = Fdt::new(TREE).expect("the tree was made by QEMU");
        let mut tree = DeviceTree::from_fdt(&fdt);
        let memory = child(&mut tree.root, "memory@40000000");
        set(memory, "reg", cells(&[[self.ram.start(), self.ram.len()]]));
        self.describe_gic(child(&mut tree.root, "intc@8000000"));
        self.describe_cpus(child(&mut tree.root, "cpus"));
        match self.psci {
            Some(PsciConduit::Hvc) => set(child(&mut tree.root, "psci"), "method", "hvc"),
            Some(PsciConduit::Smc) => {}
            None => drop(tree.root.remove_child("psci")),
        }
        tree.to_dtb()
    }

    fn describe_gic(&self, gic: &mut DeviceTreeNode) {
        match self.gic {
            Gic::V2 => {
                gic.remove_child("its@8080000");
                gic.remove_property("#redistributor-regions");
                set(gic, "compatible", "arm,cortex-a15-gic");
                set(gic, "reg", cells(&GICV2_BLOCKS));
            }
            Gic::V3 if self.cpus > CPUS_OF_THE_FIRST_BLOCK => {
                set(gic, "#redistributor-regions", 2_u32);
                set(gic, "reg", cells(&GICV3_BLOCKS));
            }
            Gic::V3 => {}
        }
    }

    /// A single CPU has no `enable-method`, since nobody can turn it on.
    fn describe_cpus(&self, cpus: &mut DeviceTreeNode) {
        if self.cpus == 1 {
            return;
        }
        // It names CPUs by handles, and says nothing that the bootloader reads.
        cpus.remove_child("cpu-map");
        cpus.remove_child("cpu@0");
        for affinity in (0..self.cpus).map(|number| affinity(self.gic, number)) {
            let mut cpu = DeviceTreeNode::new_unchecked(format!("cpu@{affinity:x}"));
            set(&mut cpu, "device_type", "cpu");
            set(&mut cpu, "compatible", format!("arm,{CPU}"));
            set(&mut cpu, "reg", affinity);
            if self.psci.is_some() {
                set(&mut cpu, "enable-method", "psci");
            }
            cpus.add_child(cpu);
        }
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.cpus == 1 { "" } else { "s" };
        write!(f, "{} CPU{plural}, {}", self.cpus, self.gic.name())?;
        self.psci.map_or(Ok(()), |psci| write!(f, ", PSCI by {psci}"))
    }
}

/// The most CPUs with one value of affinity level 1: as many as one software-generated interrupt
/// can be sent to (QEMU, `hw/arm/virt.c`, `virt_cpu_mp_affinity`).
const fn cluster_size(gic: Gic) -> u32 {
    match gic {
        Gic::V2 => 8,
        Gic::V3 => 16,
    }
}

/// The most CPUs of a machine.
const fn cpus_max(gic: Gic) -> u32 {
    match gic {
        Gic::V2 => 8,
        Gic::V3 => 512,
    }
}

/// The affinity fields of `MPIDR_EL1` of the CPU with this number.
const fn affinity(gic: Gic, number: u32) -> u32 {
    let cluster = number / cluster_size(gic);
    (cluster << 8) | (number % cluster_size(gic))
}

/// The number of the CPU with these affinity fields, if a machine can have it.
fn cpu_number(gic: Gic, affinity_fields: u64) -> Option<u32> {
    (0..cpus_max(gic)).find(|number| u64::from(affinity(gic, *number)) == affinity_fields)
}

/// Register blocks as `reg` has them: addresses and sizes of two cells each.
fn cells(blocks: &[[u64; 2]]) -> Vec<u8> {
    blocks
        .as_flattened()
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

fn child<'a>(node: &'a mut DeviceTreeNode, name: &str) -> &'a mut DeviceTreeNode {
    node.child_mut(name).expect("the tree of the reference machine has it")
}

/// Sets a property in its place, or adds it.
fn set(node: &mut DeviceTreeNode, name: &str, value: impl dtoolkit::ToPropertyValue) {
    match node.property_mut(name) {
        Some(property) => property.set_value(value),
        None => node.add_property(DeviceTreeProperty::new_unchecked(name, value)),
    }
}
