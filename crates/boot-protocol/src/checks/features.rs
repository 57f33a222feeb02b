//! The rules per feature of the CPU (M): what it has does not trap to a level that the kernel knows
//! nothing of.

use super::rule::{Rule, Scope, execute_all, execute_between};
use crate::feature::Feature;
use crate::instruction::{Instruction as I, Register, Trap};
use crate::subject::{Subject, settle};
use crate::{Judgement, Verdict, feature as f, register as r};

const VECTOR_LENGTH_MAX: u64 = 0xf;
const SMCR_FA64: u64 = 1 << 31;
const SMCR_EZT0: u64 = 1 << 30;
/// `SCTLR_ELx.EnIA`.
const SCTLR_ENIA: u64 = 1 << 31;
/// `PMSIDR_EL1.FDS`.
const PMSIDR_FDS: u64 = 1 << 7;
/// The four monitors that the architecture has.
const ARCHITECTED_MONITORS: u64 = 0xf;

const fn el3(feature: Feature, at_el2: &'static [I], at_el1: &'static [I]) -> Rule {
    Rule {
        scope: Scope::El3,
        feature,
        at_el2,
        at_el1,
    }
}

const fn el3_and_entry_at_el2(feature: Feature, at_el2: &'static [I]) -> Rule {
    Rule {
        scope: Scope::El3AndEntryAtEl2,
        feature,
        at_el2,
        at_el1: &[],
    }
}

const fn entry_at_el1(feature: Feature, at_el1: &'static [I]) -> Rule {
    Rule {
        scope: Scope::EntryAtEl1BelowEl2,
        feature,
        at_el2: &[],
        at_el1,
    }
}

const MTE: &[I] = &[r::RGSR_EL1.read(), r::GCR_EL1.read()];
const PMSDSFR: &[I] = &[r::PMSDSFR_EL1.read()];
const PMUACR: &[I] = &[r::PMUACR_EL1.read()];
const TCR2: &[I] = &[r::TCR2_EL1.read()];
const PIR: &[I] = &[r::PIRE0_EL1.read(), r::PIR_EL1.read()];
const GCS: &[I] = &[r::GCSCRE0_EL1.read(), r::GCSCR_EL1.read()];

pub(super) const M16: Rule = el3_and_entry_at_el2(f::FGT, &[r::HFGRTR_EL2.read()]);
pub(super) const M17: Rule = el3_and_entry_at_el2(f::FGT2, &[r::HDFGRTR2_EL2.read()]);
pub(super) const M18: Rule = el3_and_entry_at_el2(f::HCX, &[r::HCRX_EL2.read()]);
pub(super) const M19: Rule = el3(f::FP, &[I::FMOV], &[I::FMOV]);
pub(super) const M20: Rule = entry_at_el1(f::FP, &[I::FMOV]);
pub(super) const M21: Rule = el3(f::SVE, &[r::ZCR_EL2.read(), I::RDVL], &[r::ZCR_EL1.read(), I::RDVL]);
pub(super) const M24: Rule = el3(
    f::SME,
    &[r::SMPRI_EL1.read(), r::SMCR_EL2.read()],
    &[r::SMPRI_EL1.read(), r::SMCR_EL1.read()],
);
pub(super) const M25: Rule = el3(f::SME, &[r::TPIDR2_EL0.read()], &[r::TPIDR2_EL0.read()]);
pub(super) const M27: Rule = entry_at_el1(f::SME, &[r::SMCR_EL1.read(), r::SMPRI_EL1.read(), r::TPIDR2_EL0.read()]);
pub(super) const M30: Rule = el3(f::MTE2, MTE, MTE);
pub(super) const M31: Rule = entry_at_el1(f::MTE2, MTE);
pub(super) const M34: Rule = el3(f::BRBE, &[r::BRBCR_EL1.read()], &[r::BRBCR_EL1.read()]);
pub(super) const M35: Rule = entry_at_el1(f::BRBE, &[r::BRBCR_EL1.read()]);
pub(super) const M36: Rule = el3(f::PMU_V3P9, PMUACR, PMUACR);
pub(super) const M37: Rule = entry_at_el1(f::PMU_V3P9, PMUACR);
pub(super) const M40: Rule = entry_at_el1(f::MOPS, &[I::COPY_FORWARD]);
pub(super) const M41: Rule = el3(f::TCR2, TCR2, TCR2);
pub(super) const M42: Rule = entry_at_el1(f::TCR2, TCR2);
pub(super) const M43: Rule = el3(f::S1PIE, PIR, PIR);
pub(super) const M44: Rule = entry_at_el1(f::S1PIE, PIR);
pub(super) const M46: Rule = el3(f::GCS, GCS, GCS);
pub(super) const M47: Rule = entry_at_el1(f::GCS, GCS);
pub(super) const M48: Rule = el3(f::DEBUG, &[r::MDSCR_EL1.read()], &[r::MDSCR_EL1.read()]);
pub(super) const M49: Rule = el3(f::PMU, &[r::PMCR_EL0.read()], &[r::PMCR_EL0.read()]);

/// `hvc` at EL2 comes back to EL2.
pub(super) fn m3(subject: &mut Subject<'_>) -> Judgement {
    settle(Scope::El3AndEntryAtEl2.check(subject).map(|()| {
        let expected = "hvc #0 to be taken to EL2, class 0x16";
        match subject.cpu.execute(I::HVC, [0; 4]) {
            Err(trap) => Judgement::of(trap.class() == Trap::HVC_CLASS, expected, trap),
            Ok(value) => Judgement::of(false, expected, format_args!("x0 {value:#x}")),
        }
    }))
}

/// The keys can be reached, and are used.
fn pointer_authentication(subject: &mut Subject<'_>, scope: Scope) -> Judgement {
    settle(scope.check(subject).and_then(|()| {
        subject.needs(&f::PAUTH)?;
        let sctlr = if subject.is_at_el2() {
            r::SCTLR_EL2
        } else {
            r::SCTLR_EL1
        };
        let failed = |trap| Judgement::of(false, format_args!("{} not to trap", sctlr.name), trap);
        let before = subject.read(sctlr).map_err(failed)?;
        subject.write(sctlr, before | SCTLR_ENIA).map_err(failed)?;
        let judgement = execute_all(subject, &[r::APIAKEYLO_EL1.read(), I::PACIA]);
        subject.write(sctlr, before).map_err(failed)?;
        Ok(judgement)
    }))
}

pub(super) fn m12(subject: &mut Subject<'_>) -> Judgement {
    pointer_authentication(subject, Scope::El3)
}

pub(super) fn m13(subject: &mut Subject<'_>) -> Judgement {
    pointer_authentication(subject, Scope::EntryAtEl1BelowEl2)
}

fn activity_monitors(subject: &mut Subject<'_>, scope: Scope) -> Judgement {
    settle(scope.check(subject).and_then(|()| {
        subject.needs(&f::AMU)?;
        let expected = "AMCNTENSET0_EL0 0xf";
        Ok(match subject.read(r::AMCNTENSET0_EL0) {
            Ok(value) => Judgement::of(value == ARCHITECTED_MONITORS, expected, format_args!("{value:#x}")),
            Err(trap) => Judgement::of(false, expected, trap),
        })
    }))
}

pub(super) fn m14(subject: &mut Subject<'_>) -> Judgement {
    activity_monitors(subject, Scope::El3)
}

pub(super) fn m15(subject: &mut Subject<'_>) -> Judgement {
    activity_monitors(subject, Scope::EntryAtEl1BelowEl2)
}

/// The longest vectors, where this level asks for the longest.
fn vector_length(
    subject: &mut Subject<'_>,
    scope: Scope,
    feature: &Feature,
    [at_el2, at_el1]: [Register; 2],
    (instruction, what): (I, &'static str),
) -> Judgement {
    settle(scope.check(subject).and_then(|()| {
        subject.needs(feature)?;
        let register = if subject.is_at_el2() { at_el2 } else { at_el1 };
        let length = subject
            .write(register, VECTOR_LENGTH_MAX)
            .and_then(|_| subject.cpu.execute(instruction, [0; 4]))
            .map_err(|trap| Judgement::of(false, format_args!("{} not to trap", instruction.name), trap))?;
        Ok(subject.same_on_every_cpu(what, length))
    }))
}

/// The judgement of a clause about EL3, unless an EL2 between has a clause of its own that is
/// broken by the same.
fn unless_el2_hides_it(subject: &mut Subject<'_>, judgement: Judgement) -> Judgement {
    if judgement.verdict == Verdict::Fail && subject.needs_entry_at_el1_below_el2().is_ok() {
        return Judgement::not_observable("what EL3 allows, below an EL2 that may not allow it");
    }
    judgement
}

const SVE_LENGTH: (I, &str) = (I::RDVL, "the longest vector of SVE");
const SME_LENGTH: (I, &str) = (I::RDSVL, "the longest vector of SME");

pub(super) fn m22(subject: &mut Subject<'_>) -> Judgement {
    let judgement = vector_length(subject, Scope::El3, &f::SVE, [r::ZCR_EL2, r::ZCR_EL1], SVE_LENGTH);
    unless_el2_hides_it(subject, judgement)
}

pub(super) fn m23(subject: &mut Subject<'_>) -> Judgement {
    vector_length(subject, Scope::EntryAtEl1BelowEl2, &f::SVE, [r::ZCR_EL1; 2], SVE_LENGTH)
}

pub(super) fn m26(subject: &mut Subject<'_>) -> Judgement {
    vector_length(subject, Scope::El3, &f::SME, [r::SMCR_EL2, r::SMCR_EL1], SME_LENGTH)
}

/// Allows something in `SMCR_ELx` of this level, and executes what depends on it.
fn streaming(subject: &mut Subject<'_>, scope: Scope, feature: &Feature, bit: u64, instructions: [I; 3]) -> Judgement {
    settle(scope.check(subject).and_then(|()| {
        subject.needs(feature)?;
        let register = if subject.is_at_el2() { r::SMCR_EL2 } else { r::SMCR_EL1 };
        subject
            .write(register, VECTOR_LENGTH_MAX | bit)
            .map_err(|trap| Judgement::of(false, format_args!("{} not to trap", register.name), trap))?;
        let [on, tried, off] = instructions;
        Ok(execute_between(subject, on, tried, off))
    }))
}

const FA64: [I; 3] = [I::START_STREAMING, I::ADD_VECTORS, I::STOP_STREAMING];
const ZT0: [I; 3] = [I::START_ZA, I::ZERO_ZT0, I::STOP_ZA];

pub(super) fn m28(subject: &mut Subject<'_>) -> Judgement {
    let judgement = streaming(subject, Scope::El3, &f::SME_FA64, SMCR_FA64, FA64);
    unless_el2_hides_it(subject, judgement)
}

pub(super) fn m29(subject: &mut Subject<'_>) -> Judgement {
    streaming(subject, Scope::EntryAtEl1BelowEl2, &f::SME_FA64, SMCR_FA64, FA64)
}

pub(super) fn m32(subject: &mut Subject<'_>) -> Judgement {
    let judgement = streaming(subject, Scope::El3, &f::SME2, SMCR_EZT0, ZT0);
    unless_el2_hides_it(subject, judgement)
}

pub(super) fn m33(subject: &mut Subject<'_>) -> Judgement {
    streaming(subject, Scope::EntryAtEl1BelowEl2, &f::SME2, SMCR_EZT0, ZT0)
}

fn data_source_filter(subject: &mut Subject<'_>, scope: Scope) -> Judgement {
    settle(scope.check(subject).and_then(|()| {
        subject.needs(&f::SPE)?;
        let id = subject
            .read(r::PMSIDR_EL1)
            .map_err(|trap| Judgement::of(false, "PMSIDR_EL1 not to trap", trap))?;
        if id & PMSIDR_FDS == 0 {
            let found = format_args!("PMSIDR_EL1 {id:#x}");
            return Err(Judgement::not_applicable("of a CPU without FEAT_SPE_FDS", found));
        }
        Ok(execute_all(subject, PMSDSFR))
    }))
}

pub(super) fn m38(subject: &mut Subject<'_>) -> Judgement {
    data_source_filter(subject, Scope::El3)
}

pub(super) fn m39(subject: &mut Subject<'_>) -> Judgement {
    data_source_filter(subject, Scope::EntryAtEl1BelowEl2)
}

pub(super) fn m45(subject: &mut Subject<'_>) -> Judgement {
    settle(subject.needs(&f::GCS).map(|()| {
        let all = [r::GCSCR_EL1, r::GCSCRE0_EL1, r::GCSCR_EL2];
        for register in all.into_iter().take(if subject.is_at_el2() { 3 } else { 2 }) {
            let expected = format_args!("{} to be 0", register.name);
            match subject.read(register) {
                Ok(0) => {}
                Ok(value) => return Judgement::of(false, expected, format_args!("{value:#x}")),
                Err(trap) => return Judgement::of(false, expected, trap),
            }
        }
        Judgement::of(true, "GCSCR_EL1, GCSCRE0_EL1 and GCSCR_EL2 to be 0", "0x0")
    }))
}

/// Returns what cannot be tried without memory of a kind that the payload has not.
fn ls64(subject: &mut Subject<'_>, feature: &Feature) -> Judgement {
    settle(subject.needs_entry_at_el1_below_el2().and_then(|()| {
        subject.needs(feature)?;
        Ok(Judgement::not_observable("memory that takes accesses of 64 bytes"))
    }))
}

pub(super) fn m50(subject: &mut Subject<'_>) -> Judgement {
    ls64(subject, &f::LS64)
}

pub(super) fn m51(subject: &mut Subject<'_>) -> Judgement {
    ls64(subject, &f::LS64_V)
}
