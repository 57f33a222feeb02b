//! Properties of any call.

use proptest::prelude::*;

use super::std;
use super::*;
use crate::Arrival;

/// Ids that are functions, or look like it, and any others.
fn function_id() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => (any::<bool>(), 0u64..0x20).prop_map(|(smc64, number)| if smc64 { 0xc400_0000 } else { 0x8400_0000 } | number),
        1 => prop::sample::select(&[0x8000_0000, 0x8000_0001, 0xc000_0003, 0x8000_8000, 0x8000_7fff, 0x8000_3fff][..]),
        1 => (any::<bool>(), 0x50u64..0x54).prop_map(|(smc64, number)| if smc64 { 0xc400_0000 } else { 0x8400_0000 } | number),
        1 => any::<u32>().prop_map(u64::from),
        1 => any::<u64>(),
    ]
}

/// Arguments that mean something in some call, and any others.
fn argument() -> impl Strategy<Value = u64> {
    prop_oneof![
        prop::sample::select(&AFFINITIES[..]),
        prop::sample::select(&[ENTRY, HIGH_ENTRY, POWER_DOWN, POWER_DOWN | 1 << 24, STANDBY, 1, 2, 3][..]),
        function_id(),
        any::<u64>(),
    ]
}

fn registers() -> impl Strategy<Value = [u64; 4]> {
    (function_id(), argument(), argument(), argument()).prop_map(|(id, x1, x2, x3)| [id, x1, x2, x3])
}

/// An event on a CPU.
#[derive(Clone, Debug)]
enum Event {
    Call { registers: [u64; 4], is_big_endian: bool },
    Arrive,
    Join,
    Stop,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => (registers(), any::<bool>())
            .prop_map(|(registers, is_big_endian)| Event::Call { registers, is_big_endian }),
        20 => Just(Event::Arrive),
        5 => Just(Event::Join),
        1 => Just(Event::Stop),
    ]
}

proptest! {
    #[test]
    fn no_sequence_of_calls_panics_or_makes_a_start_that_nobody_asked_for(
        steps in prop::collection::vec((0..6usize, event(), any::<u64>()), 1..60),
    ) {
        let mut cpus = cpus();
        let mut system = System::new(&mut cpus, 0, NO_FEATURES, &RAM, POWER);
        // The endianness of each start that is to be made, the CPUs that have joined, and those
        // that EL3 has stopped.
        let mut starts = [const { std::vec::Vec::new() }; 6];
        let mut has_joined = [true, false, false, false, false, false];
        let mut is_stopped = [false; 6];
        for (cpu, event, now_us) in steps {
            match event {
                // A CPU calls that is in the normal world.
                Event::Call { .. } if !has_joined[cpu] || is_stopped[cpu] => (),
                Event::Call { registers, is_big_endian } => {
                    match system.call(cpu, &Request::of(registers, is_big_endian), || now_us) {
                        Answer::Wake(target) => {
                            prop_assert!(has_joined[target] && !is_stopped[target]);
                            starts[target].push(is_big_endian);
                        }
                        Answer::Suspend | Answer::SystemSuspend => starts[cpu].push(is_big_endian),
                        _ => (),
                    }
                }
                Event::Arrive => if let Arrival::Enter(start) = system.arrive(cpu, now_us) {
                    prop_assert!(!is_stopped[cpu]);
                    prop_assert_eq!(starts[cpu].pop(), Some(start.is_big_endian));
                    prop_assert!(RAM.iter().any(|ram| ram.start() <= start.entry && start.entry < ram.end()));
                    prop_assert_eq!(start.entry % 4, 0);
                },
                Event::Join => {
                    system.join(cpu, NO_FEATURES);
                    has_joined[cpu] = true;
                }
                Event::Stop => {
                    system.stopped(cpu);
                    is_stopped[cpu] = true;
                }
            }
        }
    }

    #[test]
    fn unknown_functions_are_not_supported(id in any::<u32>(), rest in any::<[u64; 3]>()) {
        let known_owner = matches!(id >> 24 & 0xbf, 0x80 | 0x84);
        let trng = 0x50..0x54;
        let number = id & 0xffff;
        let is_reserved = id >> 17 & 0x7f != 0;
        prop_assume!(
            !known_owner
                || is_reserved
                || number > 0x20 && !trng.contains(&number) && id & 0x3fff != 0x3fff && id & 0x7fff != 0
        );
        let [x1, x2, x3] = rest;
        prop_assert_eq!(system(&mut cpus()).x0([id.into(), x1, x2, x3]), NOT_SUPPORTED);
    }

    #[test]
    fn the_upper_half_of_x0_says_nothing(registers in registers(), junk in any::<u32>()) {
        let [x0, x1, x2, x3] = registers;
        let noisy = u64::from(junk) << 32 | x0 & 0xffff_ffff;
        prop_assert_eq!(system(&mut cpus()).smc(0, registers), system(&mut cpus()).smc(0, [noisy, x1, x2, x3]));
    }

    #[test]
    fn results_of_smc32_are_errors_or_32_bits(registers in registers()) {
        let [x0, x1, x2, x3] = registers;
        let answer = system(&mut cpus()).smc(0, [x0 & !(1 << 30), x1, x2, x3]);
        if let Answer::Return(x0) = answer {
            prop_assert!(x0 <= u64::from(u32::MAX) || (-9..0).contains(&(x0 as i64)));
        }
    }
}

#[test]
fn psci_features_agrees_with_what_calls_answer() {
    let of_psci = [0x8400_0000, 0xc400_0000];
    let of_arm = [
        0x8000_0000,
        0xc000_0000,
        0x8300_0000,
        0x8600_0000,
        0x0400_0000,
        0x4400_0000,
    ];
    for owner in of_psci.into_iter().chain(of_arm) {
        for number in 0..=0xffff {
            let id = owner | number;
            let is_asked_here = of_psci.contains(&owner) || id == 0x8000_0000;
            // An argument that no function answers with NOT_SUPPORTED: PSCI_FEATURES and
            // PSCI_SET_SUSPEND_MODE can.
            let is_served = system(&mut cpus()).smc(0, [id, 0x8400_0000, 0, 0]) != Answer::Return(NOT_SUPPORTED as u64);
            let feature = match id & !(1 << 30) {
                _ if !is_asked_here || !is_served => NOT_SUPPORTED,
                SYSTEM_OFF2 => 1,
                _ => SUCCESS,
            };
            assert_eq!(system(&mut cpus()).x0([PSCI_FEATURES, id, 0, 0]), feature, "{id:#x}");
        }
    }
}

#[test]
fn serves_what_psci_1_3_demands() {
    for number in [0, 1, 2, 3, 4, 8, 9, 10] {
        assert_eq!(
            system(&mut cpus()).x0([PSCI_FEATURES, 0x8400_0000 | number, 0, 0]),
            SUCCESS
        );
    }
    for number in [1, 3, 4] {
        assert_eq!(
            system(&mut cpus()).x0([PSCI_FEATURES, 0xc400_0000 | number, 0, 0]),
            SUCCESS
        );
    }
}
