//! The state at a CPU's entry: x0 to x3 (G, R), its mode (H, N2), MMU and caches (I), and where
//! (O1).

use crate::subject::Subject;
use crate::{Entry, Judgement};

/// `PSTATE.D`, `A`, `I` and `F`: all masked.
const DAIF_MASKED: u64 = 0b1111 << 6;
const SCTLR_M: u64 = 1 << 0;
const SCTLR_C: u64 = 1 << 2;
const SCTLR_EE: u64 = 1 << 25;

fn registers_are_zero<const N: usize>(entry: &Entry, expected: &str, values: [u64; N]) -> Judgement {
    let [x0, x1, x2, x3, ..] = entry.x;
    let found = format_args!("x0 {x0:#x}, x1 {x1:#x}, x2 {x2:#x}, x3 {x3:#x}");
    Judgement::of(values == [0; N], expected, found)
}

/// The first CPU: x1 to x3.
pub(super) fn g2(subject: &mut Subject<'_>) -> Judgement {
    let [_, x1, x2, x3, ..] = subject.entry.x;
    registers_are_zero(subject.entry, "x1 to x3 to be 0", [x1, x2, x3])
}

/// The others: x0 to x3.
pub(super) fn r1(subject: &mut Subject<'_>) -> Judgement {
    let [x0, x1, x2, x3, ..] = subject.entry.x;
    registers_are_zero(subject.entry, "x0 to x3 to be 0", [x0, x1, x2, x3])
}

pub(super) fn h1(subject: &mut Subject<'_>) -> Judgement {
    let daif = subject.entry.daif;
    Judgement::of(daif == DAIF_MASKED, "DAIF 0x3c0", format_args!("{daif:#x}"))
}

pub(super) fn h3(subject: &mut Subject<'_>) -> Judgement {
    let level = subject.entry.level();
    Judgement::of(matches!(level, 1 | 2), "EL2, or EL1", format_args!("EL{level}"))
}

pub(super) fn i1(subject: &mut Subject<'_>) -> Judgement {
    let (level, sctlr) = (subject.entry.level(), subject.entry.sctlr);
    Judgement::of(
        sctlr & (SCTLR_M | SCTLR_C) == 0,
        format_args!("SCTLR_EL{level}.M and C to be 0"),
        format_args!("SCTLR_EL{level} {sctlr:#x}"),
    )
}

pub(super) fn n2(subject: &mut Subject<'_>) -> Judgement {
    let level = subject.entry.level();
    subject.same_on_every_cpu("the exception level", level)
}

pub(super) fn o1(subject: &mut Subject<'_>) -> Judgement {
    let (pc, start) = (subject.entry.pc, subject.image.start);
    Judgement::of(
        pc == start,
        format_args!("the first instruction of the image, at {start:#x}, to be the first"),
        format_args!("{pc:#x}"),
    )
}

pub(super) fn z8(subject: &mut Subject<'_>) -> Judgement {
    let (level, sctlr) = (subject.entry.level(), subject.entry.sctlr);
    Judgement::of(
        sctlr & SCTLR_EE == 0,
        format_args!("SCTLR_EL{level}.EE to be 0, as the image is little endian"),
        format_args!("SCTLR_EL{level} {sctlr:#x}"),
    )
}
