//! The properties that every plan has, for random machines and kernels.

extern crate std;
use std::vec::Vec;

use linux_image::ImageHeader;
use phys_range::{GIB, KIB, MIB, PhysRange};
use proptest::prelude::*;

use super::{HARDWARE_TREE, RAM_BASE, TREE_SIZE, header, machine, range, request};
use crate::{DEVICETREE_BLOCK, InitrdRequest, Machine, Plan, Request};

fn banks() -> impl Strategy<Value = Vec<PhysRange>> {
    // Gaps and sizes in units of 64 KiB, so that banks start and end off the 2 MiB grid as often as
    // not.
    prop::collection::vec((0_u64..64, 1_u64..4096), 1..5).prop_map(|steps| {
        let mut next = RAM_BASE;
        steps
            .into_iter()
            .map(|(gap, size)| {
                let bank = range(next + gap * 64 * KIB, size * 64 * KIB);
                next = bank.end();
                bank
            })
            .collect()
    })
}

fn reservations() -> impl Strategy<Value = Vec<PhysRange>> {
    prop::collection::vec((0_u64..0x4000, 1_u64..0x800), 0..6).prop_map(|all| {
        all.into_iter()
            .map(|(page, pages)| range(RAM_BASE + page * 64 * KIB, pages * 4 * KIB))
            .collect()
    })
}

fn headers() -> impl Strategy<Value = ImageHeader> {
    let text_offset = prop_oneof![Just(0), Just(0x8_0000), 0_u64..4 * MIB, any::<u64>()];
    let image_size = prop_oneof![Just(0), 1_u64..64 * MIB, any::<u64>()];
    (text_offset, image_size, any::<u64>()).prop_map(|(offset, size, flags)| header(offset, size, flags))
}

fn addresses() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![
        Just(None),
        any::<u64>().prop_map(Some),
        (0_u64..128).prop_map(|block| Some(RAM_BASE + block * 2 * MIB))
    ]
}

fn initrds() -> impl Strategy<Value = Option<InitrdRequest>> {
    let size = prop_oneof![1_u64..64 * MIB, any::<u64>()];
    let initrd = (size, addresses()).prop_map(|(size_bytes, address)| InitrdRequest { size_bytes, address });
    prop::option::of(initrd)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_accepted_plan_keeps_every_rule(
        ram in banks(),
        reserved in reservations(),
        header in headers(),
        copied in 1_u64..64 * MIB,
        tree_size in 1_u64..3 * MIB,
        scratch_size in prop_oneof![Just(0), 1_u64..64 * MIB],
        initrd in initrds(),
        wish in addresses(),
    ) {
        let machine = machine(&ram, &reserved);
        let held: Vec<_> = machine.scratch(scratch_size).into_iter().collect();
        let machine = Machine { held: &held, ..machine };
        let request = Request { initrd, kernel_address: wish, ..request(&header, copied, tree_size) };
        let Ok(plan) = Plan::new(&machine, &request) else { return Ok(()) };

        prop_assert_eq!(plan.initrd.map(|range| range.len()), initrd.map(|initrd| initrd.size_bytes));
        let parts: Vec<_> = [plan.kernel, plan.devicetree, plan.work_area]
            .into_iter()
            .chain(plan.initrd)
            .chain(held.iter().copied())
            .collect();
        for (index, part) in parts.iter().enumerate() {
            prop_assert!(ram.iter().any(|bank| bank.contains(part)), "{part} is not in RAM");
            prop_assert!(!reserved.iter().any(|other| other.overlaps(part)), "{part} is reserved");
            prop_assert!(!parts.iter().skip(index + 1).any(|other| other.overlaps(part)), "{part} overlaps");
        }
        prop_assert_eq!((plan.entry() - header.text_offset()) % (2 * MIB), 0);
        prop_assert_eq!(plan.kernel_base + header.text_offset(), plan.entry());
        prop_assert!(ram.iter().any(|bank| bank.start() <= plan.kernel_base && plan.kernel.end() <= bank.end()));
        prop_assert!(plan.kernel.len() >= copied && plan.kernel.len() >= header.image_size);
        prop_assert_eq!(plan.devicetree.start() % 8, 0);
        prop_assert_eq!(plan.devicetree.len(), tree_size);
        let block = plan.devicetree.widened_to(DEVICETREE_BLOCK).unwrap();
        prop_assert_eq!(block.len(), DEVICETREE_BLOCK);
        prop_assert!(ram.iter().any(|bank| bank.contains(&block)), "the tree's block is not all RAM");
        prop_assert!(!reserved.iter().any(|other| other.overlaps(&block)), "the tree's block is reserved");
        if let Some(initrd) = plan.initrd {
            let start = plan.kernel.start().min(initrd.start()) / GIB * GIB;
            prop_assert!(plan.kernel.end().max(initrd.end()) - start <= 32 * GIB, "no window of 32 GiB holds both");
        }
        for part in parts.iter().skip(1) {
            prop_assert!(!part.overlaps(&HARDWARE_TREE[0]), "the tree would be overwritten before it is moved");
        }
    }

    #[test]
    fn no_lower_base_would_have_done(ram in banks(), reserved in reservations(), size in 1_u64..16 * MIB) {
        let machine = machine(&ram, &reserved);
        let Ok(plan) = Plan::new(&machine, &request(&header(0, size, 0), size, TREE_SIZE)) else { return Ok(()) };
        for base in (RAM_BASE..plan.kernel_base).step_by(usize::try_from(2 * MIB).unwrap()) {
            let lower = range(base, size);
            let usable = ram.iter().any(|bank| bank.contains(&lower))
                && !reserved.iter().chain([&plan.work_area]).any(|other| other.overlaps(&lower));
            prop_assert!(!usable, "{lower} was free");
        }
    }
}
