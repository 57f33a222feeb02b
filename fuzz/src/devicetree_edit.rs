//! Edits of device trees, with and without the tree of a machine.

use devicetree::edit::Edits;
use devicetree::{Blob, Devicetree, PsciConduit, Seeds, TreeError};
use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node as _, Property as _};
use phys_range::PhysRange;

use crate::devicetree::{accepted_by_another, sound_error};
use crate::input::Input;

/// A machine of QEMU's.
pub const MACHINE: &[u8] = include_bytes!("../../crates/devicetree/tests/fixtures/el2-gicv3.dtb");
/// The smallest tree that can be edited, with one node that is taken for CPUs.
const STORED: &[u8] = include_bytes!("../seeds/devicetree/smallest");

/// The properties of `/chosen` that are edited.
const CHOSEN: [&str; 5] = [
    "bootargs",
    "linux,initrd-start",
    "linux,initrd-end",
    "kaslr-seed",
    "rng-seed",
];

/// The flags in the first byte of the input.
mod flags {
    pub const BOOTARGS: u8 = 1;
    pub const INITRD: u8 = 1 << 1;
    pub const SEEDS: u8 = 1 << 2;
    /// The tree to be edited is the input's, the machine's is [`super::MACHINE`].
    pub const IS_STORED: u8 = 1 << 3;
    /// The tree to be edited is [`super::STORED`], the machine's is the input's.
    pub const IS_MACHINE: u8 = 1 << 4;
    /// Both are the input's.
    pub const IS_BOTH: u8 = 1 << 5;
    /// A monitor answers PSCI.
    pub const SERVES_PSCI: u8 = 1 << 6;
}

/// The input: the flags, the length of the command line, where the initrd starts, its size, how
/// much of the rest is the machine's tree (two bytes; it matters for `IS_BOTH` only), the command
/// line, the machine's tree, and the tree.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let flags = input.byte();
    let has = |flag| flags & flag != 0;
    let length = input.byte();
    let initrd = PhysRange::new(input.number(), input.number());
    let machine_length = input.half();
    let bootargs = str::from_utf8(input.bytes(length.into())).unwrap_or("quiet");
    let seeds = Seeds::new([1, 2, 3, 4, 5].map(|number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let machine = if has(flags::IS_BOTH) {
        Some(input.bytes(machine_length))
    } else if has(flags::IS_STORED) {
        Some(MACHINE)
    } else {
        has(flags::IS_MACHINE).then_some(input.0)
    };
    let before = if has(flags::IS_MACHINE) { STORED } else { input.0 };
    let machine = machine.map(Devicetree::parse);
    let (Ok(tree), None | Some(Ok(_))) = (Devicetree::parse(before), &machine) else {
        return;
    };
    let machine = machine.and_then(Result::ok);
    let edits = Edits {
        bootargs: has(flags::BOOTARGS).then_some(bootargs),
        initrd: initrd.filter(|_| has(flags::INITRD)),
        fresh_seeds: has(flags::SEEDS).then_some(&seeds),
        machine: machine.as_ref(),
        serves_psci: has(flags::SERVES_PSCI),
        ..Edits::default()
    };
    let _ = tree.edited_ram(&edits).inspect_err(sound_error);
    let Ok(after) = edited(&tree, &edits) else { return };
    accepted_by_another(&after);
    let after_tree = Devicetree::parse(&after).unwrap();
    check_same(&tree, &edits, &after_tree);
    check_edits(&edits, &after_tree, &after);
    let before = &before[..tree.total_size() as usize];
    if let (Ok(before), Ok(after)) = (Fdt::new(before), Fdt::new(&after)) {
        check_untouched(before.root(), after.root(), true, edits.serves_psci);
    }
    assert!(
        edited(&after_tree, &edits).as_ref() == Ok(&after),
        "a second edit changes the tree again"
    );
}

/// The edited tree; where there is none, nothing may have been written.
pub fn edited(tree: &Devicetree<'_>, edits: &Edits<'_>) -> Result<Vec<u8>, TreeError> {
    let size_max = usize::try_from(tree.edited_size_max(edits)).unwrap();
    let mut destination = vec![0xa5; size_max + 64];
    let size = match tree.write_edited(edits, &mut destination) {
        Ok(size) => size,
        Err(error) => {
            sound_error(&error);
            assert!(
                destination.iter().all(|byte| *byte == 0xa5),
                "written in spite of {error}"
            );
            return Err(error);
        }
    };
    assert_eq!(size, size_max);
    assert!(
        destination[size..].iter().all(|byte| *byte == 0xa5),
        "wrote past the end"
    );
    destination.truncate(size);
    let again = Devicetree::parse(&destination).unwrap();
    assert_eq!((again.total_size(), again.used_size()), (size as u64, size as u64));
    let mut too_small = vec![0xa5; size - 1];
    assert_eq!(
        tree.write_edited(edits, &mut too_small),
        Err(TreeError::NoRoom {
            needed_bytes: size as u64,
            available_bytes: size as u64 - 1
        })
    );
    assert!(too_small.iter().all(|byte| *byte == 0xa5));
    Ok(destination)
}

/// Nothing that was reserved, by the tree or by the machine, is given away.
fn check_reservations(tree: &Devicetree<'_>, edits: &Edits<'_>, after: &Devicetree<'_>) {
    let of_machine = edits.machine.map(Devicetree::reservations);
    let (Some(Ok(of_machine)), Ok(own)) = (of_machine, tree.reservations()) else {
        assert_eq!(after.reservations(), tree.reservations());
        return;
    };
    // With all of them there may be more than this crate can list.
    let Ok(reserved) = after.reservations() else { return };
    let is_kept = |range: &PhysRange| reserved.iter().any(|reserved| reserved.contains(range));
    assert!(of_machine.iter().chain(own).all(is_kept));
    assert!(
        reserved
            .iter()
            .all(|range| of_machine.contains(range) || own.contains(range))
    );
}

/// Holds what the tree says after the edits against what it said before.
fn check_same(tree: &Devicetree<'_>, edits: &Edits<'_>, after: &Devicetree<'_>) {
    check_reservations(tree, edits, after);
    assert_eq!(
        after.bootargs(),
        edits.bootargs.map_or(tree.bootargs(), |text| Ok(Some(text)))
    );
    assert_eq!(after.ram(), tree.edited_ram(edits));
    assert!(edits.fresh_seeds.is_none() || !after.lacks_seeds());
    match edits.machine {
        None => {
            assert_eq!(after.cpu_count(), tree.cpu_count());
            if edits.serves_psci {
                assert_ne!(after.psci(), Some(PsciConduit::Hvc));
            } else {
                assert_eq!(after.psci(), tree.psci());
            }
            assert!(edits.fresh_seeds.is_some() || after.lacks_seeds() == tree.lacks_seeds());
        }
        Some(machine) => {
            check_inside(after, machine);
            assert!(after.lacks_seeds() == (machine.lacks_seeds() && edits.fresh_seeds.is_none()));
        }
    }
    assert_eq!((after.model(), after.compatible()), (tree.model(), tree.compatible()));
    assert_eq!(
        (after.console(), after.fw_cfg(), after.gic()),
        (tree.console(), tree.fw_cfg(), tree.gic())
    );
}

/// The RAM of a tree is RAM of the machine.
pub fn check_inside(tree: &Devicetree<'_>, machine: &Devicetree<'_>) {
    let there_is = machine.ram().unwrap();
    for bank in tree.ram().unwrap() {
        let parts = there_is.iter().filter_map(|there| there.intersection(bank));
        assert_eq!(
            parts.map(|part| part.len()).sum::<u64>(),
            bank.len(),
            "{bank} is not there"
        );
    }
}

/// Checks the edits of `/chosen` and of the CPUs.
fn check_edits(edits: &Edits<'_>, tree: &Devicetree<'_>, bytes: &[u8]) {
    let root = Blob::parse(bytes).unwrap().root();
    let chosen = |name| root.child("chosen").and_then(|chosen| chosen.property(name));
    let start = edits.initrd.map(|initrd| initrd.start().to_be_bytes());
    let end = edits.initrd.map(|initrd| initrd.end().to_be_bytes());
    assert_eq!(chosen("linux,initrd-start"), start.as_ref().map(<[u8; 8]>::as_slice));
    assert_eq!(chosen("linux,initrd-end"), end.as_ref().map(<[u8; 8]>::as_slice));
    for node in root.children().filter(|_| edits.serves_psci) {
        let may_be_used = matches!(node.property("status"), None | Some(b"okay\0" | b"ok\0"));
        let is_memory = node.property("device_type") == Some(b"memory\0");
        // Those two are edited in other ways.
        assert!(may_be_used || !is_memory || matches!(node.name(), "chosen" | "cpus"));
    }
    let has_psci = tree.psci().is_some() && edits.machine.is_none_or(|machine| machine.psci().is_some());
    let cpus = root.child("cpus").into_iter().flat_map(|cpus| cpus.children());
    for cpu in cpus.filter(|node| node.name() == "cpu" || node.name().starts_with("cpu@")) {
        if cpu.property("device_type") == Some(b"cpu\0") && has_psci {
            assert!(
                cpu.property("enable-method").is_some(),
                "{} cannot be started",
                cpu.name()
            );
        }
    }
}

/// Everything is where it was, but for properties that were edited, and what comes after the rest.
fn check_untouched(before: FdtNode<'_>, after: FdtNode<'_>, is_root: bool, serves_psci: bool) {
    assert_eq!(before.name(), after.name());
    let is_memory = before
        .property("device_type")
        .is_some_and(|it| it.value() == b"memory\0");
    // Below a monitor, and nowhere else, a node that says hvc is corrected, which `check_same`
    // looks at.
    let says_hvc = serves_psci && before.property("method").is_some_and(|it| it.value() == b"hvc\0");
    // So is memory that is not to be used, which `check_edits` looks at.
    let mut status = before.property("status").into_iter();
    let is_withheld = serves_psci && is_memory && !status.all(|it| matches!(it.value(), b"okay\0" | b"ok\0"));
    let is_edited = |name: &str| match before.name() {
        "chosen" => CHOSEN.contains(&name),
        _ => is_memory && name == "reg" || says_hvc && name == "method" || is_withheld && name == "device_type",
    };
    let kept: Vec<_> = before.properties().filter(|it| !is_edited(it.name())).collect();
    let there: Vec<_> = after.properties().filter(|it| !is_edited(it.name())).collect();
    assert!(there.len() - kept.len() <= 1, "there is more than an enable-method");
    for (kept, there) in kept.iter().zip(&there) {
        assert_eq!((kept.name(), kept.value()), (there.name(), there.value()));
    }
    let mut children = after.children();
    for child in before.children() {
        check_untouched(child, children.next().unwrap(), false, serves_psci);
    }
    assert!(
        is_root || children.next().is_none(),
        "a node was added to {}",
        after.name()
    );
}
