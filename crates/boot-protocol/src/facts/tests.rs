//! The facts of the reference machine, and what is free in it.

use std::vec::Vec;

use devicetree::PsciConduit;
use linux_image::ImageHeader;
use phys_range::PhysRange;

use super::{Cpu, EnableMethod, Facts, Gic, Image, Initrd, Uart};

const TREE: &[u8] = include_bytes!("../../../../cli/src/reference_machine.dtb");
const TREE_ADDRESS: u64 = 0x4000_0000;

fn range(start: u64, end: u64) -> PhysRange {
    PhysRange::from_bounds(start, end).unwrap()
}

fn facts() -> Facts {
    Facts::read(TREE, TREE_ADDRESS).unwrap()
}

#[test]
fn the_reference_machine_is_read() {
    let facts = facts();
    assert_eq!(facts.ram.as_slice(), [range(0x4000_0000, 0x4800_0000)]);
    assert_eq!(
        facts.cpus.as_slice(),
        [Cpu {
            affinity: 0,
            method: EnableMethod::Missing
        }]
    );
    assert_eq!((facts.psci, facts.initrd), (Some(PsciConduit::Smc), Initrd::None));
    assert_eq!(
        facts.uart,
        Some(Uart {
            base: 0x900_0000,
            interrupt: Some(33)
        })
    );
    let Gic::V3 {
        distributor,
        redistributors,
        stride: None,
    } = &facts.gic
    else {
        panic!("{:?}", facts.gic);
    };
    assert_eq!(*distributor, 0x800_0000);
    assert_eq!(redistributors.as_slice(), [range(0x80a_0000, 0x900_0000)]);
    assert_eq!((facts.virtio.len(), facts.virtio.contains(&0xa00_3e00)), (32, true));
    assert_eq!(facts.pci, PhysRange::new(0x40_1000_0000, 0x1000_0000));
    assert_eq!((facts.secure_memory, facts.not_mapped.len()), (None, 0));
}

#[test]
fn clauses_are_skipped_by_name() {
    let mut facts = facts();
    assert!(!facts.is_skipped("M1"));
    facts.skipped.push_str("M12,Z6");
    assert!(facts.is_skipped("M12") && facts.is_skipped("Z6") && !facts.is_skipped("M1"));
}

#[test]
fn what_is_free_is_all_but_what_is_kept() {
    let mut facts = facts();
    facts.tree = range(0x4400_0000, 0x4400_2000);
    facts.initrd = Initrd::At(range(0x4700_0000, 0x4800_0000));
    facts.reserved.push(range(0x4400_1000, 0x4500_0000));
    let image = Image {
        header: ImageHeader::new(0, 0x20_0000, 0xa),
        start: 0x4000_0000,
        file_end: 0x4010_0000,
    };
    let mut free = Vec::new();
    facts.for_each_free(&image, |range| free.push(range));
    assert_eq!(free, [range(0x4010_0000, 0x4400_0000), range(0x4500_0000, 0x4700_0000)]);
    assert_eq!(image.tail(), Some(range(0x4010_0000, 0x4020_0000)));
}

#[test]
fn more_reservations_than_there_is_room_for_are_no_error() {
    let with = |reservations: u64| {
        let block: Vec<u8> = (0..reservations)
            .flat_map(|number| [0x4100_0000 + number * 0x2000, 0x1000])
            .flat_map(u64::to_be_bytes)
            .collect();
        Facts::read(&with_reservations(&block), TREE_ADDRESS).unwrap()
    };
    let (all, too_many) = (with(64), with(65));
    assert_eq!((all.reserved.len(), all.is_reserved_unknown), (64, false));
    assert_eq!((too_many.reserved.len(), too_many.is_reserved_unknown), (0, true));
    assert_eq!(too_many.cpus, all.cpus);
}

/// The reference machine's tree with these entries in its memory reservation block.
fn with_reservations(block: &[u8]) -> Vec<u8> {
    let field = |at: usize| u32::from_be_bytes(TREE[at..at + 4].try_into().unwrap()) as usize;
    // The offset of that block (Devicetree Specification v0.4, 5.2).
    let at = field(16);
    let mut tree = [&TREE[..at], block, &TREE[at..]].concat();
    // The size of the whole, and the offsets of structure and strings, both of which come after it.
    for offset in [4, 8, 12] {
        let moved = (field(offset) + block.len()) as u32;
        tree[offset..offset + 4].copy_from_slice(&moved.to_be_bytes());
    }
    tree
}

#[test]
fn what_is_no_tree_is_an_error() {
    assert!(Facts::read(&[0; 40], 0).is_err());
}
