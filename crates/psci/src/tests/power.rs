//! Suspending, turning off and resetting, and the statistics about them.

use super::*;
use crate::Arrival;

const RESIDENCY: u64 = 0x8400_0010;
const COUNT: u64 = 0x8400_0011;
/// The bit of a function id that makes an SMC64 function of an SMC32 one.
const SMC64: u64 = 1 << 30;
const NODE_HW_STATE: u64 = 0xc400_000d;

/// [`START`], asked for by SMC32.
const START_32: Start = Start {
    context_id: CONTEXT & 0xffff_ffff,
    ..START
};

#[test]
fn standby_returns_to_its_caller() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [CPU_SUSPEND, 0x8400_0001] {
        assert_eq!(system.smc(0, [id, STANDBY, 1, 1]), Answer::Standby);
        assert_eq!(system.affinity_state(0), 0);
        assert_eq!(system.x0([NODE_HW_STATE, 0, 0, 0]), 2);
        assert_eq!(system.x0([CPU_ON, 0, ENTRY, 0]), ALREADY_ON);
        assert_eq!(system.arrive(0, 0), Arrival::Return);
        assert_eq!(system.x0([NODE_HW_STATE, 0, 0, 0]), 0);
    }
}

#[test]
fn power_down_comes_back_at_its_entry_point() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let calls = [
        [CPU_SUSPEND, POWER_DOWN, ENTRY, CONTEXT],
        [0xc400_000c, ENTRY, CONTEXT, 0],
    ];
    for registers in calls {
        assert_eq!(system.smc(0, registers), Answer::Suspend);
        assert_eq!(system.affinity_state(0), 0);
        assert_eq!(system.x0([NODE_HW_STATE, 0, 0, 0]), 1);
        assert_eq!(system.x0([CPU_ON, 0, ENTRY, 0]), ALREADY_ON);
        assert_eq!(system.arrive(0, 0), Arrival::Enter(START));
        assert_eq!(system.arrive(0, 0), Arrival::Park);
    }
}

#[test]
fn a_power_down_of_more_than_the_cpu_is_one_of_the_cpu() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for (times, level) in [(1, 1), (2, 2)] {
        let state = POWER_DOWN | level << 24;
        assert_eq!(system.smc(0, [CPU_SUSPEND, state, ENTRY, CONTEXT]), Answer::Suspend);
        assert_eq!(system.arrive(0, 1), Arrival::Enter(START));
        assert_eq!(system.x0([COUNT, 0, POWER_DOWN, 0]), times);
        for id in [COUNT, RESIDENCY] {
            assert_eq!(system.x0([id, 0, state, 0]), 0, "{state:#x}");
        }
        assert_eq!(system.x0([CPU_SUSPEND, state, ENTRY | 1, 0]), INVALID_ADDRESS);
    }
}

#[test]
fn refuses_power_states_that_do_not_exist() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let deeper = 1 << 24;
    let extended_power_down = 1 << 30;
    for state in [
        1,
        POWER_DOWN | 1,
        deeper,
        2 * deeper,
        POWER_DOWN | deeper | 1,
        POWER_DOWN | (3 * deeper),
        POWER_DOWN | (4 * deeper),
        1 << 17,
        extended_power_down,
        1 << 31,
    ] {
        assert_eq!(
            system.x0([CPU_SUSPEND, state, ENTRY, 0]),
            INVALID_PARAMETERS,
            "{state:#x}"
        );
    }
}

#[test]
fn the_system_sleeps_only_when_all_others_are_off() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, 0]), Answer::Wake(1));
    assert_eq!(system.x0([SYSTEM_SUSPEND, ENTRY, CONTEXT, 0]), DENIED);
    assert!(matches!(system.arrive(1, 0), Arrival::Enter(_)));
    assert_eq!(system.x0([SYSTEM_SUSPEND, ENTRY, CONTEXT, 0]), DENIED);
    assert_eq!(system.smc(1, [CPU_SUSPEND, POWER_DOWN, ENTRY, 0]), Answer::Suspend);
    assert_eq!(system.x0([SYSTEM_SUSPEND, ENTRY, CONTEXT, 0]), DENIED);
    assert!(matches!(system.arrive(1, 0), Arrival::Enter(_)));
    assert_eq!(system.smc(1, [CPU_OFF, 0, 0, 0]), Answer::Off);
    assert_eq!(
        system.smc(0, [SYSTEM_SUSPEND, ENTRY, CONTEXT, 0]),
        Answer::SystemSuspend
    );
    assert_eq!(system.arrive(0, 0), Arrival::Enter(START_32));
    let answer = system.smc(0, [SYSTEM_SUSPEND_64, ENTRY, CONTEXT, 0]);
    assert_eq!(answer, Answer::SystemSuspend);
    assert_eq!(system.arrive(0, 0), Arrival::Enter(START));
}

#[test]
fn hibernates_by_turning_off() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [SYSTEM_OFF2, 0xc400_0015] {
        let hibernate_off = 1;
        assert_eq!(system.x0([PSCI_FEATURES, id, 0, 0]), hibernate_off);
        for hibernate_type in [0, 1] {
            assert_eq!(system.smc(0, [id, hibernate_type, 0, 0]), Answer::SystemOff);
            assert_eq!(system.x0([id, hibernate_type, 1, 0]), INVALID_PARAMETERS, "a cookie");
        }
        for hibernate_type in [2, 3, 0x8000_0000, 0x8000_0001, 0xffff_ffff] {
            assert_eq!(system.x0([id, hibernate_type, 0, 0]), INVALID_PARAMETERS);
        }
    }
    assert_eq!(system.smc(0, [SYSTEM_OFF2, 1, 1 << 32, 0]), Answer::SystemOff);
    assert_eq!(system.x0([0xc400_0015, 1, 1 << 32, 0]), INVALID_PARAMETERS);
}

#[test]
fn a_machine_without_power_control_cannot_be_turned_off_or_reset() {
    for (off, reset) in [(false, false), (true, false), (false, true)] {
        let mut cpus = cpus();
        let mut system = System::new(&mut cpus, 0, NO_FEATURES, &RAM, PowerControl { off, reset });
        for (id, is_served) in [
            (SYSTEM_OFF, off),
            (SYSTEM_OFF2, off),
            (0xc400_0015, off),
            (0x8400_0009, reset),
            (0x8400_0012, reset),
            (0xc400_0012, reset),
        ] {
            assert_eq!(system.x0([PSCI_FEATURES, id, 0, 0]) >= SUCCESS, is_served, "{id:#x}");
            let is_refused = system.smc(0, [id, 0, 0, 0]) == Answer::Return(NOT_SUPPORTED as u64);
            assert_eq!(is_refused, !is_served, "{id:#x}");
        }
        assert_eq!(
            system.x0([0x8400_0012, 1, 0, 0]),
            if reset { INVALID_PARAMETERS } else { NOT_SUPPORTED }
        );
    }
}

#[test]
fn turns_off_and_resets() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.smc(0, [SYSTEM_OFF, 0, 0, 0]), Answer::SystemOff);
    assert_eq!(system.smc(0, [0x8400_0009, 0, 0, 0]), Answer::SystemReset);
    for id in [0x8400_0012, 0xc400_0012] {
        assert_eq!(system.smc(0, [id, 0, 7, 0]), Answer::SystemWarmReset);
        for reset_type in [1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
            assert_eq!(system.x0([id, reset_type, 0, 0]), INVALID_PARAMETERS);
        }
    }
}

#[test]
fn power_is_coordinated_by_the_platform() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for (mode, answer) in [(0, SUCCESS), (1, NOT_SUPPORTED), (2, INVALID_PARAMETERS)] {
        assert_eq!(system.x0([0x8400_000f, mode, 0, 0]), answer);
    }
}

#[test]
fn the_state_of_a_node_is_that_of_its_cpu_that_is_most_on() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([NODE_HW_STATE, 0, 0, 0]), 0);
    assert_eq!(system.x0([NODE_HW_STATE, 1, 0, 0]), 1);
    assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, 0]), Answer::Wake(1));
    assert_eq!(system.x0([0x8400_000d, 1, 0, 0]), 1);
    for (level, others) in [(1, 1), (2, 0)] {
        assert_eq!(system.x0([NODE_HW_STATE, 0, level, 0]), 0);
        assert_eq!(system.x0([NODE_HW_STATE, 1, level, 0]), 0);
        assert_eq!(system.x0([NODE_HW_STATE, 0x100, level, 0]), others);
        assert_eq!(system.x0([NODE_HW_STATE, AFFINITIES[4], level, 0]), 1);
    }
    for (suspend, state) in [(STANDBY, 2), (POWER_DOWN, 1)] {
        assert!(matches!(
            system.smc(0, [CPU_SUSPEND, suspend, ENTRY, 0]),
            Answer::Standby | Answer::Suspend
        ));
        for level in 0..3 {
            assert_eq!(system.x0([NODE_HW_STATE, 0, level, 0]), state);
        }
        assert_ne!(system.arrive(0, 0), Arrival::Park);
    }
    for (target, level) in [(2, 0), (2, 1), (0x1ff, 1), (0, 3), (0, 4), (0, 0xffff_ffff)] {
        assert_eq!(
            system.x0([NODE_HW_STATE, target, level, 0]),
            INVALID_PARAMETERS,
            "{target:#x} {level}"
        );
    }
}

#[test]
fn counts_how_often_and_how_long_a_cpu_slept() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for (state, since_us, until_us) in [
        (STANDBY, 10, 15),
        (POWER_DOWN, 20, 1 << 33),
        (STANDBY, 1 << 34, (1 << 34) + 2),
    ] {
        let before = system.x0([COUNT, 0, state, 0]);
        system.call(0, &request([CPU_SUSPEND, state, ENTRY, 0]), || since_us);
        assert_eq!(system.x0([COUNT, 0, state, 0]), before);
        assert_ne!(system.arrive(0, until_us), Arrival::Park);
        assert_eq!(system.x0([COUNT, 0, state, 0]), before + 1);
    }
    assert_eq!(system.x0([RESIDENCY, 0, STANDBY, 0]), 7);
    assert_eq!(system.x0([RESIDENCY, 0, POWER_DOWN, 0]), 0xffff_ffff - 19, "32 bits");
    assert_eq!(system.x0([RESIDENCY | SMC64, 0, POWER_DOWN, 0]), (1 << 33) - 20);
    assert_eq!(system.x0([COUNT | SMC64, 0, POWER_DOWN, 0]), 1);
}

#[test]
fn a_cpu_that_was_off_was_powered_down() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let mut count = 0;
    for (times, residency) in [(0, 0), (1, 5), (2, 10)] {
        assert_eq!(system.smc(0, [CPU_ON, 1, ENTRY, CONTEXT]), Answer::Wake(1));
        // Nothing is counted before it is over, nor what came before the first start.
        assert_eq!(system.x0([COUNT, 1, POWER_DOWN, 0]), count);
        assert_eq!(system.arrive(1, 25), Arrival::Enter(START));
        count = system.x0([COUNT, 1, POWER_DOWN, 0]);
        assert_eq!(count, times);
        assert_eq!(system.x0([RESIDENCY, 1, POWER_DOWN, 0]), residency);
        assert_eq!(system.x0([COUNT, 1, STANDBY, 0]), 0);
        assert_eq!(system.call(1, &request([CPU_OFF, 0, 0, 0]), || 20), Answer::Off);
        assert_eq!(system.arrive(1, 22), Arrival::Park);
    }
}

#[test]
fn a_system_that_was_suspended_was_powered_down() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    let suspend = request([SYSTEM_SUSPEND, ENTRY, CONTEXT, 0]);
    assert_eq!(system.call(0, &suspend, || 10), Answer::SystemSuspend);
    assert_eq!(system.arrive(0, 15), Arrival::Enter(START_32));
    assert_eq!(system.x0([COUNT, 0, POWER_DOWN, 0]), 1);
    assert_eq!(system.x0([RESIDENCY, 0, POWER_DOWN, 0]), 5);
}

#[test]
fn what_does_not_exist_was_never_used() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [RESIDENCY, COUNT] {
        assert_eq!(system.x0([id, 1, STANDBY, 0]), 0);
        assert_eq!(system.x0([id, 2, STANDBY, 0]), 0);
        assert_eq!(system.x0([id, 0, 1, 0]), 0);
    }
}

#[test]
fn a_clock_that_goes_back_adds_nothing() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    system.call(0, &request([CPU_SUSPEND, STANDBY, 0, 0]), || 10);
    assert_eq!(system.arrive(0, 9), Arrival::Return);
    assert_eq!(system.x0([RESIDENCY, 0, STANDBY, 0]), 0);
}
