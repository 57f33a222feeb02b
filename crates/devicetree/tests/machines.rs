//! The accessors on the machines that QEMU makes.

mod common;

use common::*;
use devicetree::{Console, GicKind, PsciConduit};
use phys_range::{GIB, MIB};

#[test]
fn reads_a_machine_with_el2_and_gicv3() {
    let tree = parse(EL2_GICV3);
    assert_eq!(tree.model(), Some("linux,dummy-virt"));
    assert_eq!(tree.compatible(), Some("linux,dummy-virt"));
    assert_eq!(tree.ram().unwrap().as_slice(), [range(0x4000_0000, 512 * MIB)]);
    assert_eq!(tree.reservations().unwrap().as_slice(), []);
    assert_eq!(tree.cpu_count(), 1);
    assert_eq!(tree.psci(), Some(PsciConduit::Smc));
    assert_eq!(tree.gic(), Some(GicKind::V3));
    assert_eq!(tree.console(), Some(Console::Pl011 { base: 0x900_0000 }));
    assert_eq!(tree.bootargs(), Ok(None));
}

#[test]
fn reads_a_machine_with_eight_cpus_and_gicv2() {
    let tree = parse(GICV2_8CPUS);
    assert_eq!(tree.ram().unwrap().as_slice(), [range(0x4000_0000, GIB)]);
    assert_eq!(tree.cpu_count(), 8);
    assert_eq!(tree.psci(), Some(PsciConduit::Hvc));
    assert_eq!(tree.gic(), Some(GicKind::V2));
    assert_eq!(tree.console(), Some(Console::Pl011 { base: 0x900_0000 }));
}

#[test]
fn does_not_take_secure_ram_for_ram() {
    let tree = parse(SECURE);
    assert!(SECURE.windows(15).any(|window| window == b"secram@e000000\0"));
    assert_eq!(tree.ram().unwrap().as_slice(), [range(0x4000_0000, GIB)]);
    assert_eq!(tree.cpu_count(), 2);
    assert_eq!(tree.psci(), None);
    assert_eq!(tree.gic(), Some(GicKind::V2));
}

#[test]
fn sorts_the_banks_of_a_numa_machine_and_joins_neighbours() {
    assert_eq!(parse(NUMA).ram().unwrap().as_slice(), [range(0x4000_0000, 3 * GIB)]);
}

#[test]
fn finds_fw_cfg() {
    for (name, blob) in FIXTURES {
        assert_eq!(parse(blob).fw_cfg(), Some(range(0x902_0000, 0x18)), "{name}");
    }
}

#[test]
fn reads_a_bank_of_more_than_32_bits() {
    assert_eq!(
        parse(EIGHT_GIB).ram().unwrap().as_slice(),
        [range(0x4000_0000, 8 * GIB)]
    );
}

#[test]
fn tells_the_size_claimed_from_the_size_in_use() {
    let blob = unpacked(EL2_GICV3, 1 << 20);
    let tree = parse(&blob);
    assert_eq!(tree.total_size(), 1 << 20);
    assert_eq!(tree.used_size() as usize, EL2_GICV3.len());
    assert_eq!(parse(EL2_GICV3).total_size() as usize, EL2_GICV3.len());
}

#[test]
fn ignores_what_follows_the_blob() {
    let window = [EL2_GICV3, &[0xa5; 100]].concat();
    assert_eq!(parse(&window).total_size() as usize, EL2_GICV3.len());
    assert_eq!(parse(&window).ram(), parse(EL2_GICV3).ram());
}
