//! CPU_ON, CPU_OFF, AFFINITY_INFO, and what SMC32 and SMC64 do to arguments and results.

use super::*;
use crate::Arrival;

#[test]
fn is_psci_1_3() {
    assert_eq!(system(&mut cpus()).x0([0x8400_0000, 0, 0, 0]), 0x1_0003);
}

#[test]
fn starts_a_cpu_at_its_entry_point_with_its_context() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.affinity_state(0x100), 1);
    assert_eq!(system.smc(0, [CPU_ON, 0x100, ENTRY, CONTEXT]), Answer::Wake(2));
    assert_eq!(system.affinity_state(0x100), 2);
    assert_eq!(system.arrive(1, 0), Arrival::Park);
    assert_eq!(system.arrive(2, 0), Arrival::Enter(START));
    assert_eq!(system.affinity_state(0x100), 0);
    assert_eq!(system.arrive(2, 0), Arrival::Park);
}

#[test]
fn refuses_to_start_a_cpu_that_is_on_or_about_to_be() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([CPU_ON, 0, ENTRY, 0]), ALREADY_ON);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, CONTEXT]), Answer::Wake(1));
    assert_eq!(system.x0([CPU_ON, 1, ENTRY + 4, 0]), ON_PENDING);
    assert_eq!(system.arrive(1, 0), Arrival::Enter(START));
    assert_eq!(system.x0([CPU_ON, 1, ENTRY + 4, 0]), ALREADY_ON);
}

#[test]
fn refuses_to_start_a_cpu_that_does_not_exist() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let targets = [2, 0x200, 0x8000_0001, 0x100_0001, 1 << 40, 0x2_0000_0000, u64::MAX];
    for target in targets {
        assert_eq!(system.x0([CPU_ON, target, ENTRY, 0]), INVALID_PARAMETERS, "{target:#x}");
    }
}

#[test]
fn refuses_entry_points_that_are_no_instruction_in_normal_ram() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let end = RAM[0].end();
    for entry in [
        0,
        ENTRY | 1,
        ENTRY | 2,
        RAM[0].start() - 4,
        end,
        end - 2,
        u64::MAX,
        u64::MAX - 3,
    ] {
        assert_eq!(system.x0([CPU_ON, 1, entry, 0]), INVALID_ADDRESS, "{entry:#x}");
        assert_eq!(
            system.x0([CPU_SUSPEND, POWER_DOWN, entry, 0]),
            INVALID_ADDRESS,
            "{entry:#x}"
        );
        assert_eq!(system.x0([0xc400_000c, entry, 0, 0]), INVALID_ADDRESS, "{entry:#x}");
        assert_eq!(system.x0([SYSTEM_SUSPEND, entry, 0, 0]), INVALID_ADDRESS, "{entry:#x}");
    }
    assert_eq!(system.affinity_state(1), 1);
    assert_eq!(system.smc(0, [CPU_ON, 1, end - 4, 0]), Answer::Wake(1));
    assert_eq!(system.smc(0, [CPU_ON, 0x100, HIGH_ENTRY, 0]), Answer::Wake(2));
}

#[test]
fn a_cpu_that_has_called_cpu_off_is_off_and_can_be_started_on_its_way_down() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, 0]), Answer::Wake(1));
    assert!(matches!(system.arrive(1, 0), Arrival::Enter(_)));
    assert_eq!(system.smc(1, [CPU_OFF, 0, 0, 0]), Answer::Off);
    assert_eq!(system.affinity_state(1), 1);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, CONTEXT]), Answer::Wake(1));
    assert_eq!(system.arrive(1, 0), Arrival::Enter(START));
}

#[test]
fn affinity_info_of_a_cluster_is_that_of_the_cpu_that_is_most_on() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([AFFINITY_INFO, 0x1ff, 1, 0]), 1);
    assert_eq!(system.smc(0, [CPU_ON, 0x101, ENTRY, 0]), Answer::Wake(3));
    assert_eq!(system.x0([AFFINITY_INFO, 0x1ff, 1, 0]), 2);
    assert!(matches!(system.arrive(3, 0), Arrival::Enter(_)));
    assert_eq!(system.x0([AFFINITY_INFO, 0x1ff, 1, 0]), 0);
    assert_eq!(system.x0([0x8400_0004, 0x1ff, 1, 0]), 0);
}

#[test]
fn affinity_info_goes_up_to_level_2() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for (target, level, state) in [(0xffff, 2, 0), (0x1_0000_ffff, 2, 1)] {
        assert_eq!(
            system.x0([AFFINITY_INFO, target, level, 0]),
            state,
            "{target:#x} {level}"
        );
    }
    for (target, level) in [
        (0, 3),
        (0xff_ffff, 3),
        (AFFINITIES[4], 3),
        (0, 4),
        (0, 0xffff_ffff),
        (2, 0),
        (0x200, 1),
        (0x1_0000, 2),
        (0x2_0000_0000, 2),
        (1 << 31, 2),
        (1 << 40, 2),
    ] {
        assert_eq!(
            system.x0([AFFINITY_INFO, target, level, 0]),
            INVALID_PARAMETERS,
            "{target:#x} {level}"
        );
    }
}

#[test]
fn smc32_takes_the_low_halves_of_its_arguments() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let junk = 0xdead_beef << 32;
    assert_eq!(
        system.smc(0, [junk | 0x8400_0003, junk | 1, junk | ENTRY, CONTEXT]),
        Answer::Wake(1)
    );
    let start = Start {
        context_id: CONTEXT & 0xffff_ffff,
        ..START
    };
    assert_eq!(system.arrive(1, 0), Arrival::Enter(start));
    assert_eq!(system.x0([0x8400_0004, junk | 1, junk, 0]), 0);
    assert_eq!(system.x0([0x8400_0003, AFFINITIES[4], ENTRY, 0]), ALREADY_ON);
}

#[test]
fn a_started_cpu_has_the_endianness_of_its_caller() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for is_big_endian in [true, false] {
        let start = Start { is_big_endian, ..START };
        for registers in [
            [CPU_SUSPEND, POWER_DOWN, ENTRY, CONTEXT],
            [0xc400_000c, ENTRY, CONTEXT, 0],
            [SYSTEM_SUSPEND_64, ENTRY, CONTEXT, 0],
        ] {
            let answer = system.call(0, &Request::of(registers, is_big_endian), || 0);
            assert!(matches!(answer, Answer::Suspend | Answer::SystemSuspend));
            assert_eq!(system.arrive(0, 0), Arrival::Enter(start));
        }
        let on = Request::of([CPU_ON, 1, ENTRY, CONTEXT], is_big_endian);
        assert_eq!(system.call(0, &on, || 0), Answer::Wake(1));
        assert_eq!(system.arrive(1, 0), Arrival::Enter(start));
        assert_eq!(system.smc(1, [CPU_OFF, 0, 0, 0]), Answer::Off);
    }
}

#[test]
fn errors_are_sign_extended_in_both_conventions() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [0x8400_0003, 0xc400_0003] {
        assert_eq!(system.smc(0, [id, 0, ENTRY, 0]), Answer::Return(0xffff_ffff_ffff_fffc));
    }
}

#[test]
fn a_cpu_that_the_monitor_never_named_changes_nothing() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for registers in [
        [CPU_OFF, 0, 0, 0],
        [CPU_SUSPEND, STANDBY, 0, 0],
        [CPU_SUSPEND, POWER_DOWN, ENTRY, 0],
    ] {
        assert_eq!(system.smc(5, registers), Answer::Return(INTERNAL_FAILURE as u64));
    }
    assert_eq!(system.arrive(5, 0), Arrival::Park);
}

#[test]
fn finds_a_cpu_by_its_mpidr() {
    let mut cpus = cpus();
    let system = system(&mut cpus);
    assert_eq!(system.position(0x8000_0101), Some(3));
    assert_eq!(system.position(0x1_8100_0000), Some(4));
    assert_eq!(system.position(0x8000_0002), None);
}
