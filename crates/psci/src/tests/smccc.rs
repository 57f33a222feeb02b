//! The Arm Architecture Calls, and functions that are not served.

use super::*;
use crate::El3Register;

const ARCH_FEATURES: u64 = 0x8000_0001;
const SMCCC_VERSION: u64 = 0x8000_0000;
const FEATURE_AVAILABILITY: u64 = 0xc000_0003;
const WORKAROUNDS: [u64; 3] = [0x8000_8000, 0x8000_7fff, 0x8000_3fff];
/// NOT_REQUIRED and INVALID_PARAMETER of SMCCC.
const NOT_REQUIRED: i64 = -2;
const INVALID_PARAMETER: i64 = -3;

#[test]
fn is_smccc_1_3() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([SMCCC_VERSION, 0, 0, 0]), 0x1_0003);
    assert_eq!(system.x0([PSCI_FEATURES, SMCCC_VERSION, 0, 0]), SUCCESS);
    for id in [SMCCC_VERSION, ARCH_FEATURES, FEATURE_AVAILABILITY] {
        assert_eq!(system.x0([ARCH_FEATURES, id, 0, 0]), SUCCESS);
    }
}

#[test]
fn knows_no_workaround_for_cpus_that_may_need_one() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in WORKAROUNDS {
        assert_eq!(system.x0([ARCH_FEATURES, id, 0, 0]), NOT_SUPPORTED);
        assert_eq!(system.x0([id, 0, 0, 0]), NOT_SUPPORTED);
    }
}

/// Returns what SMCCC_ARCH_FEATURES answers on the first CPU about the workarounds, where each CPU
/// has the same state with regard to all vulnerabilities.
fn workarounds_of<const N: usize>(states: [Vulnerability; N]) -> [i64; 3] {
    let features = |state| Features {
        branch_target_injection: state,
        store_bypass: state,
        branch_history_injection: state,
        ..NO_FEATURES
    };
    let mut cpus = cpus();
    let mut system = System::new(&mut cpus, 0, features(states[0]), &RAM, POWER);
    for (place, state) in states.into_iter().enumerate() {
        system.join(place, features(state));
    }
    WORKAROUNDS.map(|id| {
        let feature = system.x0([ARCH_FEATURES, id, 0, 0]);
        let is_served = feature != NOT_SUPPORTED;
        let result = if is_served { SUCCESS } else { NOT_SUPPORTED };
        for caller in 0..N {
            assert_eq!(system.smc(caller, [id, 1, 0, 0]), Answer::Return(result as u64));
        }
        feature
    })
}

#[test]
fn a_workaround_is_offered_where_every_cpu_has_what_it_needs() {
    use Vulnerability::{Mitigated, NotAffected, Unmitigated};
    assert_eq!(workarounds_of([NotAffected, NotAffected]), [1, NOT_REQUIRED, 1]);
    assert_eq!(workarounds_of([NotAffected, Mitigated]), [1, NOT_REQUIRED, 1]);
    assert_eq!(workarounds_of([Mitigated, NotAffected]), [0, NOT_REQUIRED, 0]);
    assert_eq!(workarounds_of([Mitigated, Mitigated]), [0, NOT_REQUIRED, 0]);
    for states in [
        [Unmitigated, NotAffected, Mitigated],
        [NotAffected, Mitigated, Unmitigated],
        [Mitigated, Unmitigated, NotAffected],
    ] {
        assert_eq!(workarounds_of(states), [NOT_SUPPORTED; 3], "{states:?}");
    }
}

#[test]
fn the_third_workaround_includes_the_first() {
    use Vulnerability::{Mitigated, NotAffected, Unmitigated};
    for (targets, history, answers) in [
        (NotAffected, NotAffected, [1, 1]),
        (NotAffected, Mitigated, [1, 0]),
        (NotAffected, Unmitigated, [1, NOT_SUPPORTED]),
        (Mitigated, NotAffected, [0, 0]),
        (Unmitigated, NotAffected, [NOT_SUPPORTED, NOT_SUPPORTED]),
    ] {
        let features = Features {
            branch_target_injection: targets,
            branch_history_injection: history,
            ..NO_FEATURES
        };
        let mut cpus = cpus();
        let mut system = system_of(&mut cpus, features);
        let [first, _, third] = WORKAROUNDS;
        assert_eq!([first, third].map(|id| system.x0([ARCH_FEATURES, id, 0, 0])), answers);
    }
}

#[test]
fn tells_which_register_of_el3_is_asked_about() {
    let mut cpus = cpus();
    let mut system = system_of(&mut cpus, NO_FEATURES);
    let mut availability = |selector| system.smc(0, [FEATURE_AVAILABILITY, selector, 0, 0]);
    for (selector, register) in [
        (0x1e_1100, El3Register::Scr),
        (0x1e_1140, El3Register::Cptr),
        (0x1e_1320, El3Register::Mdcr),
        (0x1e_a500, El3Register::Mpam3),
    ] {
        assert_eq!(availability(selector), Answer::FeatureAvailability(register));
    }
    let invalid = Answer::Return(INVALID_PARAMETER as u64);
    for selector in [0, 0x1e_1101, 0x1e_1000, 1 << 32 | 0x1e_1100, u64::MAX] {
        assert_eq!(availability(selector), invalid, "{selector:#x}");
    }
    assert_eq!(system.x0([0x8000_0003, 0x1e_1100, 0, 0]), NOT_SUPPORTED);
    assert_eq!(system.x0([ARCH_FEATURES, 0x8000_0003, 0, 0]), NOT_SUPPORTED);
    assert_eq!(system.x0([PSCI_FEATURES, FEATURE_AVAILABILITY, 0, 0]), NOT_SUPPORTED);
}

#[test]
fn arch_features_are_not_psci_features() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [CPU_ON, CPU_OFF, 0x8000_0002, 0xc000_0000, 0] {
        assert_eq!(system.x0([ARCH_FEATURES, id, 0, 0]), NOT_SUPPORTED);
    }
    assert_eq!(system.x0([PSCI_FEATURES, ARCH_FEATURES, 0, 0]), NOT_SUPPORTED);
}

#[test]
fn there_is_no_trusted_os_to_migrate() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([0x8400_0006, 0, 0, 0]), 2);
    for id in [0x8400_0005, 0xc400_0005, 0x8400_0007, 0xc400_0007] {
        assert_eq!(system.x0([id, u64::MAX, 0, 0]), NOT_SUPPORTED);
        assert_eq!(system.x0([PSCI_FEATURES, id, 0, 0]), NOT_SUPPORTED);
    }
}

#[test]
fn does_not_freeze_or_protect() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [
        0x8400_000b,
        0x8400_0013,
        0x8400_0014,
        0xc400_0014,
        0x8400_0016,
        0xc400_0016,
    ] {
        assert_eq!(system.x0([id, 1, 0, 0]), NOT_SUPPORTED);
        assert_eq!(system.x0([PSCI_FEATURES, id, 0, 0]), NOT_SUPPORTED);
    }
}

#[test]
fn suspends_with_the_original_format_and_no_coordination_by_the_os() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [0x8400_0001, CPU_SUSPEND] {
        assert_eq!(system.x0([PSCI_FEATURES, id, 0, 0]), 0);
    }
}

#[test]
fn ignores_the_hint_about_sve() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([0x8401_0000, 0, 0, 0]), 0x1_0003);
    assert_eq!(system.smc(0, [CPU_ON | 1 << 16, 1, ENTRY, 0]), Answer::Wake(1));
    assert_eq!(system.x0([PSCI_FEATURES, CPU_ON | 1 << 16, 0, 0]), NOT_SUPPORTED);
}

#[test]
fn ids_with_reserved_bits_are_no_functions() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for bit in 17..24 {
        for id in [0x8400_0000, CPU_ON, SMCCC_VERSION, FEATURE_AVAILABILITY] {
            assert_eq!(system.x0([id | 1 << bit, 1, ENTRY, 0]), NOT_SUPPORTED);
        }
    }
    assert_eq!(system.affinity_state(1), 1);
}
