//! The place of the initrd, and requested addresses.

use super::*;

#[test]
fn puts_the_initrd_high_below_the_other_parts() {
    let ram = [range(RAM_BASE, 128 * MIB)];
    let plan = plan_with_initrd(&machine(&ram, &[]), &header(0, 32 * MIB, 0xa), initrd(10 * MIB + 1)).unwrap();
    assert_eq!(plan.devicetree.start(), 0x47c0_0000);
    assert_eq!(
        plan.initrd,
        Some(range(0x47c0_0000 - 10 * MIB - 64 * KIB, 10 * MIB + 1))
    );
}

#[test]
fn gives_the_initrd_pages_of_its_own() {
    let ram = [range(RAM_BASE, 128 * MIB)];
    let plan = plan_with_initrd(&machine(&ram, &[]), &header(0, 32 * MIB, 0xa), initrd(100)).unwrap();
    let pages = plan.initrd.unwrap().widened_to(64 * KIB).unwrap();
    assert_eq!(pages.start(), plan.initrd.unwrap().start());
    assert!(!pages.overlaps(&plan.work_area) && !pages.overlaps(&plan.devicetree));
}

#[test]
fn rejects_an_initrd_larger_than_ram() {
    let ram = [range(RAM_BASE, 128 * MIB)];
    let error = plan_with_initrd(&machine(&ram, &[]), &header(0, 32 * MIB, 0xa), initrd(129 * MIB)).unwrap_err();
    let no_room = PlanError::NoRoomForInitrd {
        size_bytes: 129 * MIB,
        largest_bank_bytes: 128 * MIB,
    };
    assert_eq!(error, no_room);
    let all = plan_with_initrd(&machine(&ram, &[]), &header(0, 32 * MIB, 0xa), initrd(u64::MAX)).unwrap_err();
    assert!(matches!(all, PlanError::NoRoomForInitrd { .. }));
}

#[test]
fn keeps_the_initrd_in_one_window_with_the_kernel() {
    // The end of RAM is 63 GiB above the kernel: too far (E5).
    let ram = [range(RAM_BASE, 63 * GIB)];
    let plan = plan_with_initrd(&machine(&ram, &[]), &header(0, 32 * MIB, 0xa), initrd(MIB)).unwrap();
    assert_eq!(plan.initrd, Some(range(RAM_BASE + 32 * GIB - MIB, MIB)));
}

#[test]
fn puts_the_initrd_below_a_kernel_in_a_high_bank() {
    // The first bank is too small for the kernel; 31 GiB below the second there still is a window
    // for both, 32 GiB below there is none.
    for (distance, is_possible) in [(31 * GIB, true), (32 * GIB, false)] {
        let ram = [range(RAM_BASE, 16 * MIB), range(RAM_BASE + distance, 64 * MIB)];
        let reserved = [range(RAM_BASE + distance + 40 * MIB, 20 * MIB)];
        let machine = Machine {
            in_use: &[],
            ..machine(&ram, &reserved)
        };
        let plan = plan_with_initrd(&machine, &header(0, 36 * MIB, 0xa), initrd(8 * MIB));
        assert_eq!(plan.is_ok(), is_possible, "{plan:?}");
    }
}

#[test]
fn grants_the_wished_addresses_that_break_no_rule() {
    let ram = [range(RAM_BASE, 512 * MIB)];
    let place = |flags, kernel_address: u64, initrd_address: u64| {
        let header = header(0x8_0000, 16 * MIB, flags);
        let request = Request {
            kernel_address: Some(kernel_address),
            initrd: Some(InitrdRequest {
                size_bytes: MIB,
                address: Some(initrd_address),
            }),
            ..request(&header, MIB, TREE_SIZE)
        };
        let plan = Plan::new(&machine(&ram, &[]), &request).unwrap();
        (plan.entry(), plan.initrd.unwrap().start())
    };
    let (wished, automatic) = (RAM_BASE + 64 * MIB + 0x8_0000, RAM_BASE + 0x8_0000);
    assert_eq!(place(0xa, wished, 0x4800_1000), (wished, 0x4800_1000));
    assert_eq!(place(0x2, wished, 0x4800_1000).0, automatic, "flag bit 3 is clear (D9)");
    assert_eq!(
        place(0xa, wished + 0x1000, 0x4800_1000).0,
        automatic,
        "no 2 MiB boundary (E1)"
    );
    assert_eq!(place(0xa, 0x8_0000, 0x4800_1000).0, automatic, "no RAM");
    let (_, moved) = place(0xa, wished, wished);
    assert_ne!(moved, wished, "the kernel is there");
    assert_ne!(
        place(0xa, wished, RAM_BASE).1,
        RAM_BASE,
        "the machine's device tree is there"
    );
}

#[test]
fn grants_no_initrd_a_page_that_holds_something_else() {
    let ram = [range(RAM_BASE, 512 * MIB)];
    let reserved = [range(0x4800_0000, 0x800)];
    let header = header(0, 16 * MIB, 0xa);
    let place = |address| {
        let request = Request {
            initrd: Some(InitrdRequest {
                size_bytes: MIB,
                address: Some(address),
            }),
            ..request(&header, MIB, TREE_SIZE)
        };
        Plan::new(&machine(&ram, &reserved), &request).unwrap().initrd.unwrap()
    };
    assert_eq!(place(0x4801_0000).start(), 0x4801_0000);
    for address in [0x4800_0800, 0x4800_1000, 0x47f0_0001] {
        let moved = place(address).widened_to(64 * KIB).unwrap();
        assert!(!moved.overlaps(&reserved[0]), "{moved}");
    }
}
