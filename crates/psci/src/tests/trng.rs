//! Random numbers.

use super::*;
use crate::{Random, TRNG_UUID};

const TRNG_VERSION: u64 = 0x8400_0050;
const TRNG_FEATURES: u64 = 0x8400_0051;
const TRNG_GET_UUID: u64 = 0x8400_0052;
const TRNG_RND: u64 = 0x8400_0053;
const TRNG_RND_64: u64 = 0xc400_0053;
const NUMBERS: [u64; 3] = [0x1111_1111_aaaa_aaaa, 0x2222_2222_bbbb_bbbb, 0x3333_3333_cccc_cccc];

/// A system whose CPUs have FEAT_RNG.
fn system(cpus: &mut [Cpu]) -> System<'_> {
    let features = Features {
        random_numbers: true,
        ..NO_FEATURES
    };
    system_of(cpus, features)
}

fn random(registers: [u64; 4]) -> Random {
    match system(&mut cpus()).smc(0, registers) {
        Answer::Random(random) => random,
        other => panic!("{other:?}"),
    }
}

#[test]
fn is_trng_1_0() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    assert_eq!(system.x0([TRNG_VERSION, 0, 0, 0]), 0x1_0000);
    for id in [TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND, TRNG_RND_64] {
        assert_eq!(system.x0([TRNG_FEATURES, id, 0, 0]), SUCCESS);
        assert_eq!(system.x0([PSCI_FEATURES, id, 0, 0]), NOT_SUPPORTED);
    }
    for id in [CPU_ON, 0x8400_0054, 0xc400_0050, 0] {
        assert_eq!(system.x0([TRNG_FEATURES, id, 0, 0]), NOT_SUPPORTED);
    }
}

#[test]
fn is_not_there_unless_every_cpu_has_a_generator() {
    let mut cpus = cpus();
    let with = Features {
        random_numbers: true,
        ..NO_FEATURES
    };
    let mut system = System::new(&mut cpus, 0, with, &RAM, POWER);
    assert_eq!(system.x0([TRNG_VERSION, 0, 0, 0]), 0x1_0000);
    system.join(3, NO_FEATURES);
    for id in [TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND, TRNG_RND_64] {
        assert_eq!(system.x0([id, 64, 0, 0]), NOT_SUPPORTED);
    }
}

#[test]
fn names_its_source_by_32_bits_a_register() {
    let answer = system(&mut cpus()).smc(0, [TRNG_GET_UUID, 0, 0, 0]);
    assert_eq!(answer, Answer::TrngUuid);
    let uuid = TRNG_UUID;
    assert!(uuid.iter().all(|word| *word < u64::from(u32::MAX)));
    let version_and_variant = [uuid[1] >> 20 & 0xf, uuid[2] >> 6 & 3];
    assert_eq!(version_and_variant, [4, 2], "a random UUID, by RFC 9562");
}

#[test]
fn results_are_at_the_low_end_of_the_last_registers() {
    let [first, second, third] = NUMBERS;
    for (bits, results) in [
        (1, [0, 0, 0, third & 1]),
        (63, [0, 0, 0, third & u64::MAX >> 1]),
        (64, [0, 0, 0, third]),
        (65, [0, 0, second & 1, third]),
        (128, [0, 0, second, third]),
        (191, [0, first & u64::MAX >> 1, second, third]),
        (192, [0, first, second, third]),
    ] {
        assert_eq!(
            random([TRNG_RND_64, bits, 0, 0]).results(Some(NUMBERS)),
            results,
            "{bits}"
        );
    }
}

#[test]
fn results_of_smc32_have_32_bits() {
    for (bits, results) in [
        (1, [0, 0, 0, 0]),
        (32, [0, 0, 0, 0xcccc_cccc]),
        (33, [0, 0, 1, 0xcccc_cccc]),
        (96, [0, 0xaaaa_aaaa, 0xbbbb_bbbb, 0xcccc_cccc]),
    ] {
        assert_eq!(random([TRNG_RND, bits, 0, 0]).results(Some(NUMBERS)), results, "{bits}");
    }
    assert_eq!(
        random([TRNG_RND, 0xffff_ffff_0000_0020, 0, 0]).results(Some(NUMBERS))[3],
        0xcccc_cccc
    );
}

#[test]
fn refuses_none_and_more_than_three_registers_hold() {
    let mut cpus = cpus();
    let mut system = system(&mut cpus);
    for (id, bits) in [(TRNG_RND, 0), (TRNG_RND, 97), (TRNG_RND_64, 0), (TRNG_RND_64, 193)] {
        assert_eq!(system.x0([id, bits, 0, 0]), INVALID_PARAMETERS);
    }
}

#[test]
fn says_when_the_source_has_none() {
    let results = random([TRNG_RND_64, 64, 0, 0]).results(None);
    assert_eq!(results, [-3_i64 as u64, 0, 0, 0], "NO_ENTROPY");
}
