//! The place of the device tree.

use super::*;

#[test]
fn rejects_a_device_tree_above_2_mib() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    let with_tree = |size| Plan::new(&machine(&ram, &[]), &request(&header(0, MIB, 0), MIB, size));
    assert_eq!(with_tree(2 * MIB).unwrap().devicetree.len(), 2 * MIB);
    assert_eq!(
        with_tree(2 * MIB + 1),
        Err(PlanError::DevicetreeTooLarge {
            size_bytes: 2 * MIB + 1
        })
    );
}

#[test]
fn gives_the_device_tree_a_block_without_reservations() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    let reserved = [range(0x43d0_0000, 0x1000), range(0x43b0_0000, 0x1000)];
    let plan = plan(&machine(&ram, &reserved), &header(0, MIB, 0)).unwrap();
    assert_eq!(plan.devicetree.start(), 0x4380_0000);
}

#[test]
fn rejects_a_machine_without_a_block_for_the_device_tree() {
    let ram = [range(RAM_BASE, 8 * MIB)];
    assert!(plan(&machine(&ram, &[]), &header(0, 4 * MIB, 0)).is_ok());
    let error = plan(&machine(&ram, &[]), &header(0, 4 * MIB + 8, 0)).unwrap_err();
    assert_eq!(error, PlanError::NoRoomForDevicetree);
}

#[test]
fn keeps_the_device_tree_in_reach_of_old_kernels() {
    let plan = plan(
        &machine(&[range(RAM_BASE, 8 * GIB)], &[]),
        &header(0x8_0000, 16 * MIB, 0),
    )
    .unwrap();
    assert_eq!(plan.devicetree.start(), RAM_BASE + 510 * MIB);
    assert_eq!(plan.work_area.end(), RAM_BASE + 8 * GIB);
}

#[test]
fn goes_beyond_the_reach_of_old_kernels_rather_than_fail() {
    let plan = plan(&machine(&[range(RAM_BASE, 8 * GIB)], &[]), &header(0, GIB, 0)).unwrap();
    assert!(plan.devicetree.start() >= RAM_BASE + GIB);
}
