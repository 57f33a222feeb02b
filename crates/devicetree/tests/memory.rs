//! The addresses of RAM, and those that are reserved.

mod common;

use common::*;
use devicetree::{RegDefect, TreeError};
use phys_range::{GIB, MIB};

const MEMORY: (&str, &[u8]) = ("device_type", b"memory\0");

fn ram_error(blob: &[u8]) -> TreeError {
    parse(blob).ram().unwrap_err()
}

fn reg_defect(error: TreeError) -> RegDefect {
    match error {
        TreeError::Reg { defect, .. } => defect,
        other => panic!("{other}"),
    }
}

#[test]
fn takes_every_entry_of_every_memory_node_sorted() {
    let high = cells(&[1, 0, 0, 0x1000, 0, 0xc000_0000, 0, 0x1000]);
    let low = cells(&[0, 0x4000_0000, 0, 0x1000]);
    let blob = Builder::new()
        .node("memory@100000000", &[MEMORY, ("reg", &high)])
        .node("memory", &[("reg", &low), MEMORY]);
    let banks = [
        range(0x4000_0000, 0x1000),
        range(0xc000_0000, 0x1000),
        range(0x1_0000_0000, 0x1000),
    ];
    assert_eq!(parse(&blob.finish()).ram().unwrap().as_slice(), banks);
}

#[test]
fn knows_memory_by_its_type_and_not_by_its_name() {
    let reg = cells(&[0, 0x9000_0000, 0, 0x1000]);
    let blob = Builder::with_ram().node("memory@90000000", &[("reg", &reg)]).finish();
    assert_eq!(parse(&blob).ram().unwrap().as_slice(), [range(0x4000_0000, GIB)]);
    let blob = Builder::with_ram()
        .node("ddr@90000000", &[("reg", &reg), MEMORY])
        .finish();
    assert_eq!(parse(&blob).ram().unwrap().len(), 2);
}

#[test]
fn looks_for_memory_among_the_children_of_the_root_only() {
    let reg = cells(&[0, 0x9000_0000, 0, 0x1000]);
    let blob = Builder::with_ram()
        .begin("bus")
        .node("memory@90000000", &[("reg", &reg), MEMORY])
        .end()
        .finish();
    assert_eq!(parse(&blob).ram().unwrap().as_slice(), [range(0x4000_0000, GIB)]);
}

#[test]
fn takes_memory_only_if_its_status_is_okay() {
    let reg = cells(&[0, 0x9000_0000, 0, 0x1000]);
    for (status, banks) in [
        ("okay\0", 2),
        ("ok\0", 2),
        ("disabled\0", 1),
        ("reserved\0", 1),
        ("fail\0", 1),
        ("okay", 1),
    ] {
        let properties = [
            ("reg", reg.as_slice()),
            MEMORY,
            ("status", status.as_bytes()),
            ("secure-status", b"okay\0"),
        ];
        let blob = Builder::with_ram().node("memory@90000000", &properties).finish();
        assert_eq!(parse(&blob).ram().unwrap().len(), banks, "{status:?}");
    }
}

#[test]
fn reads_addresses_and_sizes_of_one_cell() {
    let blob = Builder::without_cells()
        .property("#address-cells", &cells(&[1]))
        .property("#size-cells", &cells(&[1]))
        .node("memory", &[MEMORY, ("reg", &cells(&[0xffff_f000, 0xfff]))])
        .finish();
    assert_eq!(parse(&blob).ram().unwrap().as_slice(), [range(0xffff_f000, 0xfff)]);
}

#[test]
fn takes_two_and_one_cells_where_the_root_does_not_say() {
    let blob = Builder::without_cells()
        .node("memory", &[MEMORY, ("reg", &cells(&[1, 0, 0x1000]))])
        .finish();
    assert_eq!(parse(&blob).ram().unwrap().as_slice(), [range(0x1_0000_0000, 0x1000)]);
}

#[test]
fn refuses_other_numbers_of_cells() {
    for (address, size) in [(0, 2), (2, 0), (3, 2), (2, 3), (u32::MAX, u32::MAX)] {
        let blob = Builder::without_cells()
            .property("#address-cells", &cells(&[address]))
            .property("#size-cells", &cells(&[size]))
            .node("memory", &[MEMORY, ("reg", &cells(&[0; 12]))])
            .finish();
        assert_eq!(reg_defect(ram_error(&blob)), RegDefect::Cells { address, size });
    }
    let blob = Builder::without_cells()
        .property("#address-cells", b"2\0")
        .node("memory", &[MEMORY, ("reg", &cells(&[0; 12]))]);
    assert_eq!(
        reg_defect(ram_error(&blob.finish())),
        RegDefect::Cells {
            address: u32::MAX,
            size: 1
        }
    );
}

#[test]
fn refuses_a_reg_that_is_cut_off() {
    let blob = Builder::new()
        .node("memory", &[MEMORY, ("reg", &cells(&[0, 1, 0, 1, 0]))])
        .finish();
    assert_eq!(
        reg_defect(ram_error(&blob)),
        RegDefect::Length {
            length_bytes: 20,
            entry_bytes: 16
        }
    );
}

#[test]
fn memory_without_reg_is_no_ram() {
    for node in [&[MEMORY][..], &[MEMORY, ("reg", b"")]] {
        assert_eq!(
            ram_error(&Builder::new().node("memory", node).finish()),
            TreeError::NoRam
        );
        let blob = Builder::with_ram().node("memory", node).finish();
        assert_eq!(parse(&blob).ram().unwrap().as_slice(), [range(0x4000_0000, GIB)]);
    }
}

#[test]
fn banks_that_touch_are_one() {
    // The middle comes last.
    let reg = cells(&[
        0,
        0x4000_0000,
        0,
        0x1000,
        0,
        0x4000_2000,
        0,
        0x1000,
        0,
        0x4000_1000,
        0,
        0x1000,
    ]);
    let blob = Builder::new().node("memory", &[MEMORY, ("reg", &reg)]).finish();
    assert_eq!(parse(&blob).ram().unwrap().as_slice(), [range(0x4000_0000, 0x3000)]);
}

#[test]
fn refuses_memory_past_the_end_of_the_address_space() {
    let blob = |size| {
        Builder::new()
            .node("memory", &[MEMORY, ("reg", &cells(&[u32::MAX, 0xffff_f000, 0, size]))])
            .finish()
    };
    assert_eq!(parse(&blob(0xfff)).ram().unwrap().len(), 1);
    let defect = RegDefect::Wraps {
        start: 0xffff_ffff_ffff_f000,
        size_bytes: 0x1000,
    };
    assert_eq!(reg_defect(ram_error(&blob(0x1000))), defect);
}

#[test]
fn skips_empty_entries_and_refuses_a_machine_without_ram() {
    let empty = cells(&[0, 0x4000_0000, 0, 0]);
    assert_eq!(
        ram_error(&Builder::new().node("memory", &[MEMORY, ("reg", &empty)]).finish()),
        TreeError::NoRam
    );
    assert_eq!(ram_error(&Builder::new().finish()), TreeError::NoRam);
    let blob = Builder::with_ram().node("memory", &[MEMORY, ("reg", &empty)]).finish();
    assert_eq!(parse(&blob).ram().unwrap().len(), 1);
}

#[test]
fn refuses_banks_that_overlap() {
    let reg = cells(&[0, 0x7fff_f000, 0, 0x2000]);
    let blob = Builder::with_ram()
        .node("memory@7ffff000", &[MEMORY, ("reg", &reg)])
        .finish();
    let (first, second) = (range(0x4000_0000, GIB), range(0x7fff_f000, 0x2000));
    assert_eq!(ram_error(&blob), TreeError::RamOverlap { first, second });
    let blob = Builder::with_ram()
        .node("memory@0", &[MEMORY, ("reg", &cells(&[0, 0, 0, 0x4000_0000]))])
        .finish();
    assert_eq!(parse(&blob).ram().unwrap().len(), 1);
}

#[test]
fn accepts_64_banks_and_not_one_more() {
    let blob = |count| {
        let reg: Vec<u8> = (0..count)
            .flat_map(|bank| cells(&[0, bank * 0x2000, 0, 0x1000]))
            .collect();
        Builder::new().node("memory", &[MEMORY, ("reg", &reg)]).finish()
    };
    assert_eq!(parse(&blob(64)).ram().unwrap().len(), 64);
    assert_eq!(
        ram_error(&blob(65)),
        TreeError::Limit {
            what: "banks of RAM",
            limit: 64
        }
    );
}

#[test]
fn takes_reservations_from_the_block_and_from_the_nodes_sorted() {
    let blob = Builder::with_ram()
        .reserve(0x6000_0000, 0x2000)
        .reserve(0x6000_1000, 0x2000)
        .reserve(0x9000_0000, 0)
        .begin("reserved-memory")
        .property("#address-cells", &cells(&[1]))
        .property("#size-cells", &cells(&[1]))
        .property("ranges", b"")
        .node(
            "a@50000000",
            &[
                ("reg", &cells(&[0x5000_0000, 0x1000, 0x4800_0000, 0x1000])),
                ("no-map", b""),
            ],
        )
        .node("b", &[("size", &cells(&[0x1000]))])
        .node(
            "c@70000000",
            &[("reg", &cells(&[0x7000_0000, 0x1000])), ("status", b"disabled\0")],
        )
        .node("d@71000000", &[("reg", &cells(&[0x7100_0000, 0]))])
        .end()
        .finish();
    let expected = [
        range(0x4800_0000, 0x1000),
        range(0x5000_0000, 0x1000),
        range(0x6000_0000, 0x2000),
        range(0x6000_1000, 0x2000),
    ];
    assert_eq!(parse(&blob).reservations().unwrap().as_slice(), expected);
}

#[test]
fn takes_reservations_from_the_one_reserved_memory_node_only() {
    let reg = cells(&[0, 0x5000_0000, 0, 0x1000]);
    let blob = Builder::with_ram()
        .begin("reserved-memory@0")
        .node("a@50000000", &[("reg", &reg)])
        .end()
        .begin("soc")
        .begin("reserved-memory")
        .node("a@50000000", &[("reg", &reg)])
        .end()
        .end()
        .finish();
    assert_eq!(parse(&blob).reservations().unwrap().len(), 0);
}

#[test]
fn refuses_reservations_that_are_no_ranges() {
    let wraps = Builder::with_ram().reserve(u64::MAX, 1).finish();
    let error = parse(&wraps).reservations().unwrap_err();
    assert_eq!(
        reg_defect(error),
        RegDefect::Wraps {
            start: u64::MAX,
            size_bytes: 1
        }
    );
    assert_eq!(
        parse(&wraps).ram().unwrap().as_slice(),
        [range(0x4000_0000, 1024 * MIB)]
    );

    let node = Builder::with_ram()
        .begin("reserved-memory")
        .node("a", &[("reg", &cells(&[1, 2]))])
        .end()
        .finish();
    let error = parse(&node).reservations().unwrap_err();
    assert_eq!(
        reg_defect(error),
        RegDefect::Length {
            length_bytes: 8,
            entry_bytes: 12
        }
    );
}

#[test]
fn accepts_64_reservations_and_not_one_more() {
    let blob = |count: u64| {
        (0..count)
            .fold(Builder::with_ram(), |builder, n| builder.reserve(n * 0x2000, 0x1000))
            .finish()
    };
    assert_eq!(parse(&blob(64)).reservations().unwrap().len(), 64);
    let error = parse(&blob(65)).reservations().unwrap_err();
    assert_eq!(
        error,
        TreeError::Limit {
            what: "reservations",
            limit: 64
        }
    );
}
