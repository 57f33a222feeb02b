//! A tree that came with the kernel, and what it gets from the machine's own.

mod common;

use common::model::Node;
use common::*;
use devicetree::edit::Edits;
use devicetree::{Defect, RegDefect, TreeError};

fn with_machine(stored: &[u8], machine: &[u8]) -> Result<Vec<u8>, TreeError> {
    let (tree, machine) = (parse(stored), parse(machine));
    let edits = Edits {
        machine: Some(&machine),
        ..Edits::default()
    };
    let mut destination = vec![0xa5; 1 << 16];
    if let Err(error) = tree.write_edited(&edits, &mut destination) {
        assert!(destination.iter().all(|byte| *byte == 0xa5));
        return Err(error);
    }
    let after = edited(stored, &edits);
    let again = parse(&after);
    assert_eq!(again.ram(), tree.edited_ram(&edits));
    assert!(edited(&after, &edits) == after, "a second edit changes the tree again");
    Ok(after)
}

fn memory(builder: Builder, name: &str, reg: &[u32]) -> Builder {
    builder.node(name, &[("device_type", b"memory\0"), ("reg", &cells(reg)), ("a", b"1")])
}

/// A tree of this kind of cells, which has nothing that a boot needs.
fn bare(address_cells: u32, size_cells: u32) -> Builder {
    Builder::without_cells()
        .property("#address-cells", &cells(&[address_cells]))
        .property("#size-cells", &cells(&[size_cells]))
}

#[test]
fn gets_ram_psci_and_cpus_where_it_has_none() {
    for (name, machine) in FIXTURES {
        let after = with_machine(&bare(2, 2).node("z", &[]).finish(), machine).unwrap();
        let (after_tree, machine) = (parse(&after), parse(machine));
        assert_eq!(after_tree.ram(), machine.ram(), "{name}");
        assert_eq!(after_tree.cpu_count(), machine.cpu_count(), "{name}");
        assert_eq!(after_tree.psci(), machine.psci(), "{name}");
        let mut root = Node::read(&after);
        assert_eq!(root.children[0].name, "z");
        let cpus = root.child("cpus").unwrap();
        assert_eq!(cpus.children.len(), machine.cpu_count(), "{name}");
        for cpu in &cpus.children {
            let method = machine.psci().map(|_| b"psci\0".as_slice());
            assert_eq!((cpu.get("enable-method"), cpu.get("phandle")), (method, None), "{name}");
        }
    }
}

#[test]
fn keeps_what_it_has() {
    let stored = memory(bare(2, 2), "memory@40000000", &[0, 0x4000_0000, 0, 0x1000_0000])
        .node("psci", &[("compatible", b"arm,psci-1.0\0"), ("method", b"hvc\0")])
        .begin("cpus")
        .node(
            "cpu@0",
            &[("device_type", b"cpu\0"), ("enable-method", b"spin-table\0")],
        )
        .end()
        .reserve(0x4000_0000, 0x1000)
        .finish();
    assert_eq!(with_machine(&stored, EL2_GICV3).unwrap(), stored);
}

#[test]
fn keeps_the_kernel_off_what_the_machine_has_reserved() {
    let machine = Builder::with_ram()
        .reserve(0x4800_0000, 0x1000)
        .begin("reserved-memory")
        .property("#address-cells", &cells(&[1]))
        .property("#size-cells", &cells(&[1]))
        .property("ranges", b"")
        .node(
            "a@50000000",
            &[("reg", &cells(&[0x5000_0000, 0x1000])), ("no-map", b"")],
        )
        .end()
        .node("cpus", &[])
        .finish();
    let stored = || {
        memory(bare(2, 2), "memory@40000000", &[0, 0x4000_0000, 0, 0x1000_0000])
            .node("cpus", &[])
            .node("chosen", &[("bootargs", b"a\0")])
    };
    let nothing_reserved = stored().finish();
    let some_reserved = stored().reserve(0x4700_0000, 0x200_0000).finish();
    for (stored, expected) in [
        (
            &nothing_reserved,
            &[range(0x4800_0000, 0x1000), range(0x5000_0000, 0x1000)],
        ),
        (
            &some_reserved,
            &[range(0x4700_0000, 0x200_0000), range(0x5000_0000, 0x1000)],
        ),
    ] {
        let after = with_machine(stored, &machine).unwrap();
        assert_eq!(parse(&after).reservations().unwrap().as_slice(), expected);
        assert_eq!(
            Node::read(&after).child("chosen").unwrap().get("bootargs"),
            Some(b"a\0".as_slice())
        );
    }
}

#[test]
fn is_filled_in_where_a_memory_node_is_empty() {
    let stored = |reg: &[u32]| {
        memory(bare(2, 2), "memory@40000000", reg)
            .node("cpus", &[])
            .node("psci", &[])
    };
    let after = with_machine(&stored(&[0, 0x4000_0000, 0, 0]).finish(), NUMA).unwrap();
    // The machine's three banks are neighbours.
    assert_eq!(after, stored(&[0, 0x4000_0000, 0, 0xc000_0000]).finish());
}

#[test]
fn has_its_ram_written_in_its_own_cells() {
    for (address_cells, size_cells, expected) in [
        (1, 1, &[0x4000_0000, 0x2000_0000][..]),
        (2, 1, &[0, 0x4000_0000, 0x2000_0000]),
        (1, 2, &[0x4000_0000, 0, 0x2000_0000]),
        (2, 2, &[0, 0x4000_0000, 0, 0x2000_0000]),
    ] {
        let after = with_machine(&bare(address_cells, size_cells).finish(), EL2_GICV3).unwrap();
        let mut root = Node::read(&after);
        let memory = root.child("memory@40000000").unwrap();
        assert_eq!(memory.get("reg"), Some(cells(expected).as_slice()));
        assert_eq!(memory.get("device_type"), Some(b"memory\0".as_slice()));
    }
}

#[test]
fn is_refused_where_it_cannot_express_the_ram() {
    let place = "a memory node";
    let defect = RegDefect::TooWide {
        start: 0x4000_0000,
        size_bytes: 8 << 30,
    };
    let error = with_machine(&bare(2, 1).finish(), EIGHT_GIB).unwrap_err();
    assert_eq!(error, TreeError::Reg { place, defect });
    assert_eq!(
        error.to_string(),
        "a memory node of the device tree has too few cells for a range: 0x200000000 bytes from 0x40000000"
    );
    let defect = RegDefect::Cells { address: 3, size: 2 };
    assert_eq!(
        with_machine(&bare(3, 2).finish(), EIGHT_GIB),
        Err(TreeError::Reg { place, defect })
    );
}

#[test]
fn is_refused_where_something_else_has_the_name_of_the_memory_node() {
    let stored = bare(2, 2).node("memory@40000000", &[]).finish();
    assert!(matches!(
        with_machine(&stored, EL2_GICV3),
        Err(TreeError::Corrupt {
            defect: Defect::DuplicateNode,
            ..
        })
    ));
}

#[test]
fn is_refused_where_it_describes_ram_that_the_machine_does_not_have() {
    let stored = |start: u32, size: u32| memory(bare(1, 1), "memory", &[start, size]).finish();
    // The machine's three banks are neighbours.
    for (start, size) in [
        (0x4000_0000, 0xc000_0000),
        (0x7fff_0000, 0x3000_0000),
        (0xffff_0000, 0x1_0000),
    ] {
        with_machine(&stored(start, size), NUMA).unwrap();
    }
    for (start, size) in [
        (0x3fff_f000, 0x1_0000),
        (0x1000, 0x1000),
        (0x5fff_ffff, 2),
        (0x8000_0000, 1),
    ] {
        let bank = range(start.into(), size.into());
        let error = with_machine(&stored(start, size), EL2_GICV3);
        assert_eq!(error, Err(TreeError::RamOutside { bank }));
    }
}

#[test]
fn is_refused_where_its_own_ram_or_the_machines_is_broken() {
    let broken = memory(bare(2, 2), "memory", &[1, 2, 3]).finish();
    assert!(matches!(with_machine(&broken, EL2_GICV3), Err(TreeError::Reg { .. })));
    assert!(matches!(
        with_machine(&bare(2, 2).finish(), &broken),
        Err(TreeError::Reg { .. })
    ));
    let error = with_machine(&bare(2, 2).finish(), &bare(2, 2).finish());
    assert_eq!(error, Err(TreeError::NoRam));
}

#[test]
fn keeps_a_psci_node_that_is_disabled_and_adds_no_enable_method_then() {
    let stored = memory(bare(1, 1), "memory", &[0x4000_0000, 0x1000])
        .begin("cpus")
        .node("cpu@0", &[("device_type", b"cpu\0")])
        .end()
        .node("psci", &[("status", b"disabled\0")])
        .finish();
    assert_eq!(with_machine(&stored, EL2_GICV3).unwrap(), stored);
}

#[test]
fn is_not_confused_by_chosen_or_cpus_that_call_themselves_memory() {
    for name in ["chosen", "cpus"] {
        let stored = memory(bare(2, 2), name, &[0, 0, 0, 0]).finish();
        let after = with_machine(&stored, EL2_GICV3).unwrap();
        assert!(Node::read(&after).child("memory@40000000").is_some());
    }
}
