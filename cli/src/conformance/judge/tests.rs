//! A world in which every clause is kept, and worlds in which one thing is wrong: the judges must
//! name the clause, and no other.

mod machine;

use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use linux_image::ImageHeader;
use phys_range::MIB;

use super::*;
use crate::conformance::initrd;
use crate::conformance::observation::Memory;
use crate::conformance::payload::{EnteredBy, Variant};
use crate::reference_machine::ReferenceMachine;

const IMAGE_AT: u64 = 0x4000_0000;
const TREE_AT: u64 = 0x47c0_0000;
const INITRD_AT: u64 = 0x4600_0000;
const COMMAND_LINE: &str = "console=ttyAMA0";
/// The value of `SCR_EL3` for a CPU with every feature that QEMU 7.2 has: RW, HCE, NS, APK, API,
/// EnSCXT, ATA, HXEn, EnTP2.
const SCR: u64 = 1 << 41 | 1 << 38 | 1 << 26 | 1 << 25 | 0b11 << 16 | 1 << 10 | 1 << 8 | 1;

/// A boot, and what it should have been.
struct World {
    machine: Machine,
    payload: Payload,
    seen: Observation,
    tree: DeviceTree,
}

impl World {
    fn new(variant: Variant) -> Self {
        let mut image = vec![7; 0x2000];
        image[..64].copy_from_slice(&ImageHeader::new(0, 0x3000, 0).to_bytes());
        let payload = Payload::new(&image, Some(0x100), variant, EnteredBy::Loader).unwrap();
        let cpus = [0, 1].map(|number| cpu(number, payload.header.text_offset()));
        let [first, other] = cpus;
        Self {
            machine: Machine {
                el: StartLevel::El3,
                smp: 2,
                ..Machine::default()
            },
            seen: Observation {
                first_later: Some(first.clone()),
                first: Some(first),
                others: vec![other],
                reset_frequency: Some(62_500_000),
                image_at: IMAGE_AT + payload.header.text_offset(),
                memory: Memory {
                    image: payload.image.clone(),
                    tree: Vec::new(),
                    initrd: Some(initrd::bytes()),
                },
            },
            payload,
            tree: tree(),
        }
    }

    /// The clauses that the judges find broken.
    fn broken(mut self) -> Vec<String> {
        if self.seen.memory.tree.is_empty() {
            self.seen.memory.tree = self.tree.to_dtb();
        }
        let initrd = initrd::bytes();
        let expected = Expected {
            machine: &self.machine,
            payload: &self.payload,
            initrd: Some(&initrd),
            command_line: Some(COMMAND_LINE),
        };
        let failed = judge(expected, &self.seen)
            .into_iter()
            .filter(|it| it.verdict == Verdict::Fail);
        let mut clauses: Vec<_> = failed.map(|finding| finding.clause).collect();
        clauses.dedup();
        clauses
    }

    /// Returns what the judges say of it as it is, without a device tree, an initrd or a command
    /// line.
    fn judged(&self) -> Vec<Finding> {
        let expected = Expected {
            machine: &self.machine,
            payload: &self.payload,
            initrd: None,
            command_line: None,
        };
        judge(expected, &self.seen)
    }

    fn set(mut self, register: &'static str, value: u64) -> Self {
        self.seen.first.as_mut().unwrap().registers.insert(register, value);
        self
    }

    /// The same on every CPU, at every look.
    fn set_everywhere(self, register: &'static str, value: u64) -> Self {
        let mut world = self.set(register, value);
        for cpu in world.seen.others.iter_mut().chain(&mut world.seen.first_later) {
            cpu.registers.insert(register, value);
        }
        world
    }
}

fn cpu(number: usize, text_offset: u64) -> CpuState {
    let x0 = if number == 0 { TREE_AT } else { 0 };
    let registers = [
        ("x0", x0),
        ("x1", 0),
        ("x2", 0),
        ("x3", 0),
        ("pc", IMAGE_AT + text_offset),
        ("cpsr", 0x3c9),
        ("CNTFRQ_EL0", 62_500_000),
        ("CNTHCTL_EL2", 3),
        ("CNTHV_CTL_EL2", 0),
        ("CNTVOFF_EL2", 0),
        ("CPTR_EL3", 1 << 12 | 1 << 8),
        ("HCRX_EL2", 0),
        ("HCR_EL2", 0),
        ("ID_AA64DFR0_EL1", 0x1030_5609),
        ("ID_AA64ISAR1_EL1", 0x10),
        ("ID_AA64MMFR1_EL1", 1 << 40 | 1 << 8),
        ("ID_AA64PFR1_EL1", 0x0100_0321),
        ("ID_AA64SMFR0_EL1", 1 << 63),
        ("MDCR_EL3", 0),
        ("SCR_EL3", SCR),
        ("SCTLR_EL1", 0x30d0_0800),
        ("SCTLR_EL2", 0x30c5_0830),
        ("SCXTNUM_EL1", 0),
        ("SMCR_EL3", 0x8000_000f),
        ("ZCR_EL2", 0xf),
        ("ZCR_EL3", 0xf),
    ];
    CpuState {
        number,
        registers: registers.into(),
    }
}

/// The reference machine's tree, with two CPUs, as a loader should hand it over.
fn tree() -> DeviceTree {
    let machine = ReferenceMachine::with_memory(128 * MIB).unwrap();
    let mut tree = DeviceTree::from_fdt(&Fdt::new(&machine.tree).unwrap());
    let cpus = tree.find_node_mut("/cpus").unwrap();
    let mut second = DeviceTreeNode::new("cpu@1").unwrap();
    second.add_property(property("device_type", "cpu"));
    second.add_property(property("reg", 1_u32));
    cpus.add_child(second);
    for name in ["cpu@0", "cpu@1"] {
        cpus.child_mut(name)
            .unwrap()
            .add_property(property("enable-method", "psci"));
    }
    let chosen = tree.find_node_mut("/chosen").unwrap();
    chosen.add_property(property("bootargs", COMMAND_LINE));
    chosen.add_property(property("linux,initrd-start", INITRD_AT));
    chosen.add_property(property("linux,initrd-end", INITRD_AT + initrd::SIZE_BYTES as u64));
    tree
}

fn property<T: dtoolkit::ToPropertyValue>(name: &str, value: T) -> DeviceTreeProperty {
    DeviceTreeProperty::new(name, value).unwrap()
}

/// A world with this wrong.
fn with(wrong: impl FnOnce(&mut World)) -> World {
    let mut world = World::new(Variant::Plain);
    wrong(&mut world);
    world
}

#[test]
fn a_world_in_order_breaks_nothing() {
    for variant in [
        Variant::Plain,
        Variant::Low,
        Variant::Offset,
        Variant::NoSize,
        Variant::Efi,
    ] {
        assert_eq!(World::new(variant).broken(), Vec::<String>::new(), "{variant:?}");
    }
}

#[test]
fn one_wrong_register_breaks_one_clause() {
    for (clause, register, value) in [
        ("G2", "x2", 8),
        ("O1", "pc", IMAGE_AT + 4),
        ("H1", "cpsr", 0x2c9),
        ("I1", "SCTLR_EL2", 0x30c5_0831),
        ("Z8", "SCTLR_EL2", 0x32c5_0830),
        ("L1", "SCTLR_EL2", 0),
        ("L1", "CNTHV_CTL_EL2", 1),
        ("L1", "HCRX_EL2", 1 << 8),
    ] {
        assert_eq!(
            World::new(Variant::Plain).set(register, value).broken(),
            [clause],
            "{register} {value:#x}"
        );
    }
    for (clause, register, value) in [
        ("J1", "CNTFRQ_EL0", 0),
        ("J1", "CNTFRQ_EL0", 1_000_000_000),
        ("M3", "SCR_EL3", SCR & !(1 << 8)),
        ("M12", "SCR_EL3", SCR & !(1 << 17)),
        ("M18", "SCR_EL3", SCR & !(1 << 38)),
        ("M19", "CPTR_EL3", 1 << 12 | 1 << 10 | 1 << 8),
        ("M21", "CPTR_EL3", 1 << 12),
        ("M24", "CPTR_EL3", 1 << 8),
        ("M25", "SCR_EL3", SCR & !(1 << 41)),
        ("M28", "SMCR_EL3", 0xf),
        ("M30", "SCR_EL3", SCR & !(1 << 26)),
        ("M48", "MDCR_EL3", 1 << 9),
        ("M49", "MDCR_EL3", 1 << 6),
        ("Z1", "SCR_EL3", SCR | 1 << 7),
        ("Z2", "CPTR_EL3", 1 << 31 | 1 << 12 | 1 << 8),
        ("Z3", "SCR_EL3", SCR | 1 << 14),
        ("Z4", "MDCR_EL3", 1 << 10),
        ("Z6", "SCR_EL3", SCR & !(1 << 25)),
    ] {
        let world = World::new(Variant::Plain).set_everywhere(register, value);
        assert_eq!(world.broken(), [clause], "{register} {value:#x}");
    }
}

#[test]
fn a_cpu_that_differs_from_the_first_one_is_noticed() {
    let other = |register, value| {
        with(|world| {
            world.seen.others[0].registers.insert(register, value);
        })
    };
    for (clause, register, value) in [
        ("R1", "x0", TREE_AT),
        ("M1", "SCR_EL3", SCR | 1 << 2),
        ("M22", "ZCR_EL3", 0),
        ("M26", "SMCR_EL3", 0x8000_0000),
        ("J1", "CNTFRQ_EL0", 1_000_000_000),
        ("J2", "CNTVOFF_EL2", 1),
    ] {
        assert_eq!(other(register, value).broken(), [clause], "{register} {value:#x}");
    }
    let changed = with(|world| {
        let later = world.seen.first_later.as_mut().unwrap();
        later.registers.insert("SCR_EL3", SCR | 1 << 2);
    });
    assert_eq!(changed.broken(), ["M2"]);
    // At EL1, which is allowed, what EL2 must not trap matters as well.
    assert_eq!(other("cpsr", 0x3c5).broken(), ["M13", "M27", "M31", "N2"]);
}

#[test]
fn what_lies_where_it_must_not_is_noticed() {
    let misplaced = |offset| with(|world| world.seen.image_at += offset).set("pc", IMAGE_AT + offset);
    assert_eq!(misplaced(0x1000).broken(), ["E1"]);
    assert_eq!(misplaced(0x8_0000).broken(), ["E1", "D6"]);
    let unaligned = World::new(Variant::Plain).set("x0", TREE_AT + 4);
    assert_eq!(unaligned.broken(), ["B1"]);
    let far = with(|world| {
        world.machine.memory_bytes = 1 << 30;
        *world
            .tree
            .find_node_mut("/memory@40000000")
            .unwrap()
            .property_mut("reg")
            .unwrap() = property(
            "reg",
            [0x4000_0000_u64.to_be_bytes(), (1_u64 << 30).to_be_bytes()]
                .concat()
                .as_slice(),
        );
    });
    assert_eq!(far.set("x0", 0x7fe0_0000).broken(), ["B4"]);
    assert_eq!(World::new(Variant::Plain).set("x0", 0x4000_1000).broken(), ["E3"]);
    let high = |variant: Variant| {
        let mut world = World::new(variant);
        world.seen.image_at += 2 * MIB;
        let at = world.seen.image_at;
        world.set("pc", at).broken()
    };
    assert_eq!(high(Variant::Low), ["D9", "E4"]);
    assert!(high(Variant::Plain).is_empty());
}

#[test]
fn what_the_tree_should_say_and_does_not_is_noticed() {
    let broken = |change: fn(&mut DeviceTree)| with(|world| change(&mut world.tree)).broken();
    let chosen = |tree: &mut DeviceTree, name| drop(tree.find_node_mut("/chosen").unwrap().remove_property(name));
    assert_eq!(broken(|tree| drop(tree.root.remove_child("psci"))), ["Q3"]);
    assert_eq!(
        broken(|tree| drop(
            tree.find_node_mut("/cpus/cpu@1")
                .unwrap()
                .remove_property("enable-method")
        )),
        ["O2", "O3"]
    );
    assert_eq!(with(|world| chosen(&mut world.tree, "bootargs")).broken(), ["Z9"]);
    assert_eq!(
        with(|world| chosen(&mut world.tree, "linux,initrd-start")).broken(),
        ["Z9"]
    );
    assert_eq!(with(|world| world.machine.gic = crate::qemu::Gic::V2).broken(), ["M10"]);
}

#[test]
fn what_was_not_loaded_whole_is_noticed() {
    assert_eq!(with(|world| world.seen.memory.image[0x1fff] ^= 1).broken(), ["C1"]);
    assert_eq!(
        with(|world| world.seen.memory.initrd.as_mut().unwrap()[9] ^= 1).broken(),
        ["Z9"]
    );
}

#[test]
fn without_a_device_tree_only_its_lack_is_held_against_the_loader() {
    let without = |x0| {
        let world = World::new(Variant::Plain).set("x0", x0);
        let findings = world.judged();
        let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
        failed.map(|finding| finding.clause.clone()).collect::<Vec<_>>()
    };
    assert_eq!(without(0x4700_0000), ["G1"]);
    assert_eq!(without(IMAGE_AT), ["G1", "E3"]);
}

#[test]
fn nothing_is_judged_where_the_payload_was_not_entered() {
    assert!(with(|world| world.seen.first = None).broken().is_empty());
}
