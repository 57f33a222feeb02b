//! CPUs that have not joined, and CPUs that EL3 had to stop.

use super::*;
use crate::Arrival;

#[test]
fn a_cpu_that_has_not_joined_cannot_be_started_until_it_has() {
    let mut cpus = cpus();
    let mut system = System::new(&mut cpus, 0, NO_FEATURES, &RAM, POWER);
    for _ in 0..2 {
        assert_eq!(system.x0([CPU_ON, 1, ENTRY, CONTEXT]), INTERNAL_FAILURE);
        assert_eq!(system.x0([CPU_ON, 1, ENTRY | 1, CONTEXT]), INVALID_ADDRESS);
        assert_eq!(system.affinity_state(1), 1);
        assert_eq!(system.arrive(1, 0), Arrival::Park);
    }
    system.join(1, NO_FEATURES);
    assert_eq!(system.arrive(1, 0), Arrival::Park);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, CONTEXT]), Answer::Wake(1));
    assert_eq!(system.arrive(1, 0), Arrival::Enter(START));
}

#[test]
fn joining_twice_changes_nothing() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    system.join(0, NO_FEATURES);
    assert_eq!(system.affinity_state(0), 0);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, CONTEXT]), Answer::Wake(1));
    system.join(1, NO_FEATURES);
    assert_eq!(system.arrive(1, 0), Arrival::Enter(START));
}

#[test]
fn a_cpu_that_el3_stopped_is_disabled_for_good() {
    let pending = [CPU_ON, 1, ENTRY, CONTEXT];
    // Off, told to start, on, and not even joined.
    for (steps, joins) in [(0, true), (1, true), (2, true), (0, false)] {
        let mut cpus = cpus();
        let mut system = System::new(&mut cpus, 0, NO_FEATURES, &RAM, POWER);
        if joins {
            system.join(1, NO_FEATURES);
        }
        if steps > 0 {
            assert_eq!(system.smc(0, pending), Answer::Wake(1));
        }
        if steps > 1 {
            assert_eq!(system.arrive(1, 0), Arrival::Enter(START));
        }
        system.stopped(1);
        system.join(1, NO_FEATURES);
        for _ in 0..2 {
            assert_eq!(system.affinity_state(1), DISABLED);
            assert_eq!(system.x0([0x8400_0004, 1, 0, 0]), DISABLED);
            assert_eq!(system.x0(pending), INTERNAL_FAILURE);
            assert_eq!(system.arrive(1, 0), Arrival::Park);
        }
        let node_hw_state = 0xc400_000d;
        assert_eq!(system.x0([node_hw_state, 1, 0, 0]), 1);
    }
}

#[test]
fn a_cluster_is_as_on_as_its_cpus_that_el3_did_not_stop() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let cluster = [AFFINITY_INFO, 0x100, 1, 0];
    system.stopped(2);
    assert_eq!(system.x0(cluster), 1);
    assert_eq!(system.smc(0, [CPU_ON, 0x101, ENTRY, 0]), Answer::Wake(3));
    assert_eq!(system.x0(cluster), 2);
    assert!(matches!(system.arrive(3, 0), Arrival::Enter(_)));
    assert_eq!(system.x0(cluster), 0);
    system.stopped(3);
    assert_eq!(system.x0(cluster), 1);
    assert_eq!(system.affinity_state(0x100), DISABLED);
}

#[test]
fn the_system_sleeps_without_cpus_that_are_absent_or_stopped() {
    let mut cpus = cpus();
    let mut system = System::new(&mut cpus, 0, NO_FEATURES, &RAM, POWER);
    system.join(1, NO_FEATURES);
    let suspend = [SYSTEM_SUSPEND_64, ENTRY, CONTEXT, 0];
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, 0]), Answer::Wake(1));
    assert_eq!(system.x0(suspend), DENIED);
    system.stopped(1);
    assert_eq!(system.smc(0, suspend), Answer::SystemSuspend);
    assert_eq!(system.arrive(0, 0), Arrival::Enter(START));
}

#[test]
fn places_that_the_monitor_never_named_do_not_matter() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    system.join(5, NO_FEATURES);
    system.stopped(5);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, CONTEXT]), Answer::Wake(1));
}
