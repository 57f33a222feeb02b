//! What is not PSCI, and what is not there.

use super::*;

const ARCH_FEATURES: u64 = 0x8000_0001;
const SMCCC_VERSION: u64 = 0x8000_0000;
const WORKAROUNDS: [u64; 3] = [0x8000_8000, 0x8000_7fff, 0x8000_3fff];

#[test]
fn is_smccc_1_2() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([SMCCC_VERSION, 0, 0, 0]), 0x1_0002);
    assert_eq!(system.x0([PSCI_FEATURES, SMCCC_VERSION, 0, 0]), SUCCESS);
    for id in [SMCCC_VERSION, ARCH_FEATURES] {
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

#[test]
fn workarounds_that_no_cpu_needs_may_be_called() {
    let id = IdRegisters::default();
    for (id, needless) in [
        (IdRegisters { pfr0: 1 << 56, ..id }, [true, false, false]),
        (IdRegisters { pfr0: 3 << 56, ..id }, [true, false, true]),
        (IdRegisters { pfr1: 1 << 4, ..id }, [false, true, false]),
        (IdRegisters { mmfr1: 1 << 60, ..id }, [false, false, true]),
        (IdRegisters { isar0: u64::MAX, ..id }, [false; 3]),
    ] {
        let mut cpus = cpus();
        let mut system = System::new(&mut cpus, 0, &RAM, Features::of(&id));
        for (id, needless) in WORKAROUNDS.into_iter().zip(needless) {
            let (feature, call) = if needless {
                (1, SUCCESS)
            } else {
                (NOT_SUPPORTED, NOT_SUPPORTED)
            };
            assert_eq!(system.x0([ARCH_FEATURES, id, 0, 0]), feature);
            assert_eq!(system.x0([id, 1, 0, 0]), call);
        }
        system.join(NO_FEATURES);
        for id in WORKAROUNDS {
            assert_eq!(system.x0([ARCH_FEATURES, id, 0, 0]), NOT_SUPPORTED, "a CPU may need it");
        }
    }
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
fn does_not_freeze_protect_or_hibernate() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for id in [
        0x8400_000b,
        0x8400_0013,
        0x8400_0014,
        0xc400_0014,
        0x8400_0015,
        0xc400_0015,
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
    assert_eq!(system.x0([0x8401_0000, 0, 0, 0]), 0x1_0001);
    assert_eq!(system.smc(0, [CPU_ON | 1 << 16, 1, ENTRY, 0]), Answer::Wake(1));
    assert_eq!(system.x0([PSCI_FEATURES, CPU_ON | 1 << 16, 0, 0]), NOT_SUPPORTED);
}
