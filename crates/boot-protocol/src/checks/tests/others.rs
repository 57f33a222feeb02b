//! The clauses that take more than one observation: PSCI, spin tables, memory that was overwritten.

use super::range;
use super::world::World;
use crate::Verdict::{Fail, NotObservable, Pass};
use crate::checks::{Filled, e3, e6, g1, no_tree};
use crate::facts::{Cpu, EnableMethod};
use crate::instruction::Trap;
use crate::psci::{self, Brought};
use crate::spin_table::{LetIn, Waiting, early, is_writable, p1, p2, p3, p4, p6};

const GOOD: Brought = Brought {
    before: Some(Ok(1)),
    on: Some(Ok(0)),
    again: Some(Ok(-4)),
    came: true,
    finished: true,
    went_off: true,
};

#[test]
fn q1_and_q2_a_cpu_comes_and_goes() {
    let pending = Brought {
        again: Some(Ok(-5)),
        ..GOOD
    };
    for kept in [GOOD, pending] {
        assert_eq!([psci::q1(&kept).verdict, psci::q2(&kept).verdict], [Pass; 2]);
    }
    for broken in [
        Brought::default(),
        Brought {
            before: Some(Ok(0)),
            ..GOOD
        },
        Brought {
            on: Some(Ok(-2)),
            came: false,
            ..GOOD
        },
        Brought {
            on: Some(Err(Trap(0x0200_0000))),
            ..GOOD
        },
        Brought {
            again: Some(Ok(0)),
            ..GOOD
        },
        Brought { came: false, ..GOOD },
        Brought {
            went_off: false,
            ..GOOD
        },
    ] {
        assert_eq!(
            [psci::q1(&broken).verdict, psci::q2(&broken).verdict],
            [Fail; 2],
            "{broken:?}"
        );
    }
}

#[test]
fn q2_psci_knows_who_exists() {
    assert_eq!(psci::q2_of_first(Ok(0), Ok(-4), Ok(-2)).verdict, Pass);
    let trap = Err(Trap(0x0200_0000));
    for (own, own_on, nobody_on) in [
        (Ok(1), Ok(-4), Ok(-2)),
        (Ok(0), Ok(0), Ok(-2)),
        (Ok(0), Ok(-4), Ok(0)),
        (trap, Ok(-4), Ok(-2)),
    ] {
        assert_eq!(psci::q2_of_first(own, own_on, nobody_on).verdict, Fail);
    }
}

#[test]
fn n1_every_cpu_makes_its_checks() {
    let hung = Brought {
        finished: false,
        ..GOOD
    };
    let missing = Brought {
        came: false,
        finished: false,
        ..GOOD
    };
    let judged = [GOOD, hung, missing].map(|brought| [psci::n1(&brought).verdict, psci::q2(&brought).verdict]);
    assert_eq!(judged, [[Pass, Pass], [Fail, NotObservable], [NotObservable, Fail]]);
}

#[test]
fn p_a_spin_table_is_reserved_aligned_and_zero() {
    let mut facts = World::at_el2().facts;
    facts.reserved.push(range(0x4000_0000, 0x1000));
    let good = Waiting {
        release: Some(0x4000_0ff8),
        at_first: Some(0),
    };
    assert_eq!(
        [p1(&good), p2(&good), p4(&facts, &good)].map(|it| it.verdict),
        [Pass; 3]
    );
    let mut unknown = World::at_el2().facts;
    unknown.is_reserved_unknown = true;
    assert_eq!(p4(&unknown, &good).verdict, NotObservable);
    let none = Waiting {
        release: None,
        at_first: None,
    };
    assert_eq!(
        [p1(&none), p2(&none), p4(&facts, &none)].map(|it| it.verdict),
        [Fail, NotObservable, NotObservable]
    );
    let elsewhere = Waiting {
        release: Some(0x4000_1000),
        at_first: Some(1),
    };
    assert_eq!([p2(&elsewhere), p4(&facts, &elsewhere)].map(|it| it.verdict), [Fail; 2]);
    let odd = Waiting {
        release: Some(0x4000_0004),
        at_first: Some(0),
    };
    assert_eq!(p2(&odd).verdict, Fail);
}

#[test]
fn p3_and_p6_are_told_apart_by_a_cpu_that_was_let_in_earlier() {
    let judged = |is_memory_overwritten, has_another_come, came| {
        let let_in = LetIn {
            has_word: true,
            is_memory_overwritten,
            has_another_come,
            came,
        };
        [p3(&let_in), p6(&let_in)].map(|it| it.verdict)
    };
    assert_eq!(judged(false, false, true), [NotObservable, Pass]);
    assert_eq!(judged(false, false, false), [NotObservable, Fail]);
    assert_eq!(judged(true, false, true), [Pass; 2]);
    assert_eq!(judged(true, false, false), [NotObservable, Fail]);
    assert_eq!(judged(true, true, false), [Fail, NotObservable]);
    let none = LetIn {
        has_word: false,
        is_memory_overwritten: true,
        has_another_come: true,
        came: false,
    };
    assert_eq!([p3(&none), p6(&none)].map(|it| it.verdict), [NotObservable; 2]);
}

#[test]
fn the_first_of_several_cpus_and_whoever_would_be_lost_are_let_in_early() {
    let mut facts = World::at_el2().facts;
    facts.reserved.push(range(0x4000_0000, 0x1000));
    let mut numbers = |words: &[u64]| -> u64 {
        let cpu = |(affinity, word): (usize, &u64)| Cpu {
            affinity: affinity as u64,
            method: EnableMethod::SpinTable(Some(*word)),
        };
        facts.cpus = words.iter().enumerate().map(cpu).collect();
        early(&facts, 0).iter().map(|(affinity, _)| 1 << affinity).sum()
    };
    assert_eq!(numbers(&[0x4000_0000, 0x4000_0008]), 0);
    assert_eq!(numbers(&[0x4000_0000, 0x4000_0008, 0x4000_0010]), 0b10);
    assert_eq!(numbers(&[0x4000_0000, 0x4000_0008, 0x4000_0008]), 0);
    assert_eq!(numbers(&[0x4000_0000, 0x4000_0008, 0x4000_0010, 0x5000_0000]), 0b1010);
    let mut facts = World::at_el2().facts;
    facts.reserved.push(range(0x4000_0000, 0x1000));
    let waiter = |affinity| Cpu {
        affinity,
        method: EnableMethod::SpinTable(Some(0x4000_0000)),
    };
    facts.cpus = [0, 1, 2].into_iter().map(waiter).collect();
    assert_eq!(early(&facts, 0).len(), 0);
    facts.skipped.push_str("P3");
    assert_eq!(early(&facts, 0).len(), 2);
}

#[test]
fn nothing_is_written_to_a_word_in_what_is_the_payloads() {
    let World { facts, image, .. } = World::at_el2();
    let writable = |address| is_writable(&facts, &image, address);
    assert!(writable(image.file_end) && !writable(image.file_end + 4));
    assert!(!writable(image.start + 8) && !writable(facts.tree.start()) && !writable(!7));
}

#[test]
fn e3_and_e6_nobody_shares_the_kernels_memory() {
    let World { facts, image, .. } = World::at_el2();
    let good = Filled {
        size_bytes: 0x1000,
        changed: None,
        tree_is_intact: true,
        initrd_is_intact: true,
    };
    assert_eq!([e3(&facts, &image, &good), e6(&good)].map(|it| it.verdict), [Pass; 2]);
    for broken in [
        Filled {
            changed: Some(0x4010_0000),
            ..good
        },
        Filled {
            tree_is_intact: false,
            ..good
        },
        Filled {
            initrd_is_intact: false,
            ..good
        },
    ] {
        assert_eq!(
            [e3(&facts, &image, &broken), e6(&broken)].map(|it| it.verdict),
            [Fail; 2]
        );
    }
}

#[test]
fn e3_what_lies_in_the_image_is_named() {
    let mut world = World::at_el2();
    let good = Filled {
        size_bytes: 0,
        changed: None,
        tree_is_intact: true,
        initrd_is_intact: true,
    };
    world.facts.tree = range(0x401f_f000, 0x2000);
    let judgement = e3(&world.facts, &world.image, &good);
    assert_eq!(judgement.verdict, Fail);
    assert!(judgement.found.contains("the device tree"), "{judgement:?}");
}

#[test]
fn g1_x0_is_at_a_device_tree() {
    let facts = World::at_el2().facts;
    assert_eq!(g1(0x4fc0_0000, &facts).verdict, Pass);
    assert_eq!(no_tree(8, &"no magic").verdict, Fail);
}
