//! The machine's RAM and number of CPUs, for the judges.

use super::*;

#[test]
fn ram_that_is_lost_or_invented_is_noticed() {
    let broken = |el, mebibytes| {
        let world = with(|world| {
            world.machine.el = el;
            world.machine.memory_bytes = mebibytes * MIB;
        });
        world.broken()
    };
    assert_eq!(broken(StartLevel::El2, 128), [""; 0]);
    assert_eq!(broken(StartLevel::El2, 256), ["A1"]);
    // There CPUs may stay in what is left out.
    assert_eq!(broken(StartLevel::El3, 256), [""; 0]);
    assert_eq!(broken(StartLevel::El3, 126), ["A1"]);
}

#[test]
fn ram_that_is_described_twice_is_noticed() {
    let world = with(|world| {
        let mut memory = DeviceTreeNode::new("memory@40100000").unwrap();
        memory.add_property(property("device_type", "memory"));
        memory.add_property(
            DeviceTreeProperty::new("reg", [0_u32, 0x4010_0000, 0, 0x10_0000].map(u32::to_be_bytes).concat()).unwrap(),
        );
        world.tree.root.add_child(memory);
    });
    assert_eq!(world.broken(), ["A1"]);
}

#[test]
fn many_reservations_are_nothing_to_blame_a_loader_for() {
    let mut world = World::new(Variant::Low);
    // Lower ones may be reserved.
    world.seen.image_at += 2 * MIB;
    let mut world = world.set("pc", IMAGE_AT + 2 * MIB);
    let reservations =
        (0..65).map(|number| dtoolkit::memreserve::MemoryReservation::new(0x4700_0000 + number * 0x1000, 8));
    world.tree.memory_reservations = reservations.collect();
    assert_eq!(world.broken(), [""; 0]);
}

#[test]
fn what_must_be_the_same_on_all_cpus_asks_for_nothing_of_one() {
    let verdicts = |smp| {
        let mut world = World::new(Variant::Plain);
        world.machine.smp = smp;
        world.seen.others.clear();
        let findings = world.judged();
        let about = |clause| {
            findings
                .iter()
                .filter(move |it| it.clause == clause)
                .map(|it| it.verdict)
        };
        ["M1", "M22", "J2", "N2"].map(|clause| about(clause).collect::<Vec<_>>())
    };
    assert_eq!(verdicts(1), [(); 4].map(|()| vec![Verdict::NotApplicable]));
    assert_eq!(verdicts(2), [(); 4].map(|()| vec![Verdict::NotObservable]));
}
