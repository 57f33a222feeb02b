//! For each clause: a world that keeps it, and one that breaks it.

mod others;
mod world;

use std::collections::BTreeSet;
use std::vec::Vec;

use phys_range::PhysRange;

use super::{AT_THE_END, EVERY_CPU, ONCE, OTHERS};
use crate::Verdict::{Fail, NotApplicable, NotObservable, Pass};
use crate::facts::{EnableMethod, Gic, Initrd};
use crate::instruction::{Instruction as I, Register};
use crate::register as r;
use world::World;

/// A way of breaking a clause.
type Breaking = (&'static str, fn(&mut World));

/// In a world that is entered at EL2 below an EL3, by CPUs that have everything.
#[rustfmt::skip]
const AT_EL2: &[Breaking] = &[
    ("G2", |w| w.entry.x[2] = 1),
    ("O1", |w| w.entry.pc += 4),
    ("B1", |w| w.facts.tree = range(0x4fc0_0004, 0x2000)),
    ("B2", |w| w.facts.tree = range(0x4fc0_0000, 0x20_0001)),
    ("B3", |w| w.facts.tree = range(0x4ffe_0000, 0x20_0000)),
    ("B3", |w| w.facts.not_mapped.push(range(0x4fd0_0000, 0x1000))),
    ("B5", |w| w.facts.tree = range(0x1000_0000, 0x2000)),
    ("D9", |w| { w.image.header.flags = 0; w.image.start += 0x20_0000; }),
    ("D10", |w| w.image.start = (1 << 48) - 0x1000),
    ("E1", |w| w.image.start += 0x1000),
    ("E1", |w| w.image.start = 0x5000_0000),
    ("E1", |w| w.facts.reserved.push(range(0x4000_0000, 0x1000))),
    ("E5", |w| w.facts.initrd = Initrd::At(range(0x9000_0000, 0x1000))),
    ("E5", |w| { w.facts.ram.push(range(0x8_8000_0000, 0x1000)); w.facts.initrd = Initrd::At(range(0x8_8000_0000, 0x1000)); }),
    ("F1", |w| w.put(world::VIRTIO + 0x70, 0xf)),
    ("F1", |w| w.put(world::PCI + 0x8000 + 4, 1 << 2)),
    ("F1", |w| w.put(world::UART + 0x38, 1 << 4)),
    ("F1", |w| w.put(world::UART + 0x48, 1)),
    ("F1", |w| w.put(world::GICD + 0x104, 1)),
    ("F1", |w| w.put(world::GICR, 1)),
    ("M10", |w| w.put(world::GICD + 0xffe8, 0x2b)),
    ("M10", |w| w.facts.gic = Gic::Unknown),
    ("Q3", |w| w.facts.psci = None),
    ("Z9", |w| w.facts.has_sound_bootargs = false),
    ("Z9", |w| w.facts.initrd = Initrd::Malformed),
    ("A1", |w| w.cpu.stuck = Some(0x4090_0000)),
    ("R1", |w| w.entry.x[0] = 1),
    ("H1", |w| w.entry.daif = 0x2c0),
    ("H3", |w| w.entry.current_el = 3 << 2),
    ("N2", |w| w.first_had("the exception level", 1)),
    ("I1", |w| w.entry.sctlr |= 1),
    ("I1", |w| w.entry.sctlr |= 1 << 2),
    ("Z8", |w| w.entry.sctlr |= 1 << 25),
    ("H2", |w| w.cpu.aborting = None),
    ("J1", |w| w.set(r::CNTFRQ_EL0, 0)),
    ("J1", |w| w.first_had("CNTFRQ_EL0", 1_000_000_000)),
    ("J2", |w| w.first_had("CNTVOFF_EL2", 1)),
    ("L1", |w| w.set(r::SCTLR_EL2, 0)),
    ("L1", |w| w.set(r::HCR_EL2, 1 << 27)),
    ("L1", |w| w.set(r::VMPIDR_EL2, 7)),
    ("L1", |w| w.trap(r::MDCR_EL2.read())),
    ("Z1", |w| w.trap(I::SMC)),
    ("Z2", |w| w.trap(r::CPTR_EL2.write())),
    ("Z3", |w| w.trap(r::LORC_EL1.read())),
    ("Z4", |w| w.trap(r::OSLAR_EL1.write())),
    ("Z5", |w| w.trap(r::MPAM2_EL2.read())),
    ("Z6", |w| w.trap(r::CNTPOFF_EL2.read())),
    ("Z7", |w| w.cpu.stuck = Some(world::GICR + 0x1_0100)),
    ("Z7", |w| w.cpu.stuck = Some(world::GICD + 0x104)),
    ("Z7", |w| w.ignore(r::ICC_PMR_EL1.write())),
    ("Z7", |w| w.put(world::GICR + 0xc, 5)),
    ("M1", |w| w.first_had("SCR_EL3.FIQ", 1)),
    ("M2", |w| w.first_had("SCR_EL3.FIQ", 1)),
    ("M3", |w| w.answer(I::HVC, Err(0x0200_0000))),
    ("M6", |w| w.trap(r::ICC_SRE_EL2.read())),
    ("M7", |w| w.set(r::ICC_SRE_EL2, 0)),
    ("M8", |w| w.first_had("ICC_CTLR_EL1.PMHE", 1 << 6)),
    ("M12", |w| w.trap(r::APIAKEYLO_EL1.read())),
    ("M12", |w| w.trap(I::PACIA)),
    ("M14", |w| w.set(r::AMCNTENSET0_EL0, 7)),
    ("M16", |w| w.trap(r::HFGRTR_EL2.read())),
    ("M17", |w| w.trap(r::HDFGRTR2_EL2.read())),
    ("M18", |w| w.trap(r::HCRX_EL2.read())),
    ("M19", |w| w.trap(I::FMOV)),
    ("M21", |w| w.trap(r::ZCR_EL2.read())),
    ("M22", |w| w.first_had("the longest vector of SVE", 0x100)),
    ("M24", |w| w.trap(r::SMCR_EL2.read())),
    ("M25", |w| w.trap(r::TPIDR2_EL0.read())),
    ("M26", |w| w.first_had("the longest vector of SME", 0x100)),
    ("M28", |w| w.trap(I::ADD_VECTORS)),
    ("M30", |w| w.trap(r::GCR_EL1.read())),
    ("M32", |w| w.trap(I::ZERO_ZT0)),
    ("M34", |w| w.trap(r::BRBCR_EL1.read())),
    ("M36", |w| w.trap(r::PMUACR_EL1.read())),
    ("M38", |w| w.trap(r::PMSDSFR_EL1.read())),
    ("M41", |w| w.trap(r::TCR2_EL1.read())),
    ("M43", |w| w.trap(r::PIR_EL1.read())),
    ("M45", |w| w.set(r::GCSCR_EL2, 1)),
    ("M46", |w| w.trap(r::GCSCR_EL1.read())),
    ("M48", |w| w.trap(r::MDSCR_EL1.read())),
    ("M49", |w| w.trap(r::PMCR_EL0.read())),
];

/// In the same world, entered at EL1.
#[rustfmt::skip]
const AT_EL1: &[Breaking] = &[
    ("J2", |w| w.first_had("CNTPCT_EL0 - CNTVCT_EL0", 1 << 40)),
    ("J3", |w| w.trap(r::CNTPCT_EL0.read())),
    ("L1", |w| w.set(r::SCTLR_EL1, 0x00c5_0838)),
    ("Z2", |w| w.trap(r::CPACR_EL1.write())),
    ("M9", |w| w.set(r::ICC_SRE_EL1, 0)),
    ("M13", |w| w.trap(I::PACIA)),
    ("M15", |w| w.set(r::AMCNTENSET0_EL0, 0)),
    ("M20", |w| w.trap(I::FMOV)),
    ("M23", |w| w.trap(I::RDVL)),
    ("M27", |w| w.trap(r::TPIDR2_EL0.read())),
    ("M29", |w| w.trap(I::ADD_VECTORS)),
    ("M31", |w| w.trap(r::GCR_EL1.read())),
    ("M33", |w| w.trap(I::ZERO_ZT0)),
    ("M35", |w| w.trap(r::BRBCR_EL1.read())),
    ("M37", |w| w.trap(r::PMUACR_EL1.read())),
    ("M39", |w| w.trap(r::PMSDSFR_EL1.read())),
    ("M40", |w| w.trap(I::COPY_FORWARD)),
    ("M42", |w| w.trap(r::TCR2_EL1.read())),
    ("M44", |w| w.trap(r::PIRE0_EL1.read())),
    ("M47", |w| w.trap(r::GCSCR_EL1.read())),
];

/// The clauses that no payload can break: nobody builds a GICv5 or a GICv3 in GICv2 mode here, and
/// LS64 is not observable.
const NEVER_BROKEN: [&str; 5] = ["M4", "M5", "M11", "M50", "M51"];

fn range(start: u64, size_bytes: u64) -> PhysRange {
    PhysRange::new(start, size_bytes).unwrap()
}

fn judge(world: &mut World, clause: &str) -> crate::Judgement {
    let all = ONCE.iter().chain(&OTHERS).chain(&EVERY_CPU).chain(&AT_THE_END);
    let check = all.into_iter().find(|check| check.clause == clause).unwrap();
    check.judge(&mut world.subject())
}

fn each_breaking_is_seen(breakings: &[Breaking], new: fn() -> World) {
    for (number, (clause, breaking)) in breakings.iter().enumerate() {
        let mut world = new();
        let kept = judge(&mut world, clause);
        assert!(matches!(kept.verdict, Pass | NotApplicable), "{clause}: {kept:?}");
        let mut world = new();
        breaking(&mut world);
        let broken = judge(&mut world, clause);
        assert_eq!(broken.verdict, Fail, "breaking {number}, {clause}: {broken:?}");
    }
}

#[test]
fn each_clause_can_be_kept_and_broken_at_el2() {
    each_breaking_is_seen(AT_EL2, World::at_el2);
}

#[test]
fn each_clause_can_be_kept_and_broken_at_el1() {
    each_breaking_is_seen(AT_EL1, World::at_el1);
}

#[test]
fn no_check_is_left_out() {
    let broken = AT_EL2.iter().chain(AT_EL1).map(|(clause, _)| *clause);
    let broken: BTreeSet<_> = broken.chain(NEVER_BROKEN).collect();
    let all = ONCE.iter().chain(&OTHERS).chain(&EVERY_CPU).chain(&AT_THE_END);
    let all: BTreeSet<_> = all.map(|check| check.clause).collect();
    assert_eq!(broken, all);
}

#[test]
fn a_good_world_keeps_every_clause() {
    for new in [World::at_el2, World::at_el1] {
        let mut world = new();
        for check in ONCE.iter().chain(&OTHERS).chain(&EVERY_CPU) {
            let judgement = check.judge(&mut world.subject());
            assert_ne!(judgement.verdict, Fail, "{}: {judgement:?}", check.clause);
        }
    }
}

#[test]
fn what_a_cpu_does_not_have_is_asked_of_nobody() {
    let mut world = World::at_el2();
    world.set(r::ID_AA64MMFR1_EL1, 0);
    world.trap(r::HCRX_EL2.read());
    let judgement = judge(&mut world, "M18");
    assert_eq!(judgement.verdict, NotApplicable);
    assert_eq!(judgement.expected.as_str(), "nothing of a CPU without FEAT_HCX");
    assert_eq!(judgement.found.as_str(), "ID_AA64MMFR1_EL1 0x0");
}

#[test]
fn rules_about_el3_need_one() {
    let mut world = World::at_el2();
    let pfr0 = world.get(r::ID_AA64PFR0_EL1);
    world.set(r::ID_AA64PFR0_EL1, pfr0 & !0xf000);
    for clause in ["H2", "M1", "M3", "M6", "M12", "M18", "M22", "M49", "Z2", "Z6"] {
        assert_eq!(judge(&mut world, clause).verdict, NotApplicable, "{clause}");
    }
}

#[test]
fn rules_about_entry_at_el1_ask_nothing_at_el2() {
    for (clause, _) in AT_EL1.iter().filter(|(clause, _)| clause.starts_with('M')) {
        assert_eq!(judge(&mut World::at_el2(), clause).verdict, NotApplicable, "{clause}");
    }
}

#[test]
fn a_check_leaves_registers_and_memory_as_they_were() {
    let unchanged: Vec<Register> = [r::SCTLR_EL2, r::ICC_PMR_EL1].into();
    let mut world = World::at_el2();
    let before: Vec<_> = unchanged.iter().map(|register| world.get(*register)).collect();
    world.put(0x4090_0000, 0x1234);
    for check in ONCE.iter().chain(&EVERY_CPU) {
        check.judge(&mut world.subject());
    }
    let after: Vec<_> = unchanged.iter().map(|register| world.get(*register)).collect();
    assert_eq!(before, after);
    assert_eq!(world.at(0x4090_0000), 0x1234);
}

#[test]
fn where_psci_is_the_machines_own_the_others_are_as_it_leaves_them() {
    let mut world = World::at_el2();
    world.set(r::ID_AA64PFR0_EL1, 1 << 8);
    world.set(r::SCTLR_EL2, 0);
    world.first_had("MPIDR_EL1", 7);
    assert_eq!(judge(&mut world, "L1").verdict, Pass);
    world.set(r::HSTR_EL2, 1);
    assert_eq!(judge(&mut world, "L1").verdict, Fail);
}

#[test]
fn one_cpu_is_not_compared_with_itself() {
    let mut world = World::at_el2();
    world.facts.cpus.truncate(1);
    for clause in ["M1", "M8", "M22", "M26", "J2", "N2"] {
        assert_eq!(judge(&mut world, clause).verdict, NotApplicable, "{clause}");
    }
    for clause in ["J1", "M2"] {
        assert_eq!(judge(&mut world, clause).verdict, Pass, "{clause}");
    }
}

#[test]
fn what_traps_before_another_clause_could_be_seen_hides_it() {
    let mut world = World::at_el2();
    world.trap(I::FMOV);
    world.trap(r::HCRX_EL2.read());
    assert_eq!(judge(&mut world, "M19").verdict, Fail);
    world.facts.skipped.push_str("Z2");
    let hidden = judge(&mut world, "M19");
    assert_eq!(hidden.verdict, NotObservable);
    assert_eq!(hidden.expected.as_str(), "a CPU that keeps Z2, which comes before it");
    assert_eq!(judge(&mut world, "M18").verdict, Fail);
}

#[test]
fn a_kernel_that_must_be_low_may_lie_above_what_is_reserved() {
    let mut world = World::at_el2();
    world.image.header.flags = 0;
    assert_eq!(judge(&mut world, "D9").verdict, Pass);
    world.facts.reserved.push(range(0x4000_0000, 0x30_0000));
    assert_eq!(judge(&mut world, "D9").verdict, Fail);
    world.image.start = 0x4040_0000;
    assert_eq!(judge(&mut world, "D9").verdict, Pass);
}

#[test]
fn memory_is_left_alone_where_nobody_knows_what_is_reserved() {
    let mut world = World::at_el2();
    world.facts.is_reserved_unknown = true;
    world.cpu.stuck = Some(0x4090_0000);
    assert_eq!(judge(&mut world, "D9").verdict, NotApplicable);
    world.image.header.flags = 0;
    for clause in ["A1", "B3", "D9", "E1"] {
        assert_eq!(judge(&mut world, clause).verdict, NotObservable, "{clause}");
    }
    world.image.start += 0x20_1000;
    for (clause, verdict) in [("D9", NotObservable), ("E1", Fail)] {
        assert_eq!(judge(&mut world, clause).verdict, verdict, "{clause}");
    }
    assert_eq!(judge(&mut world, "B5").verdict, Pass);
}

#[test]
fn each_cpu_has_a_method() {
    for (method, verdict) in [
        (EnableMethod::Psci, Pass),
        (EnableMethod::SpinTable(None), Pass),
        (EnableMethod::Missing, Fail),
        (EnableMethod::Other, Fail),
    ] {
        assert_eq!(super::o2(method).verdict, verdict, "{method:?}");
    }
}
