//! The first steps of a kernel, which must work though booting.rst does not spell it out (Z1,
//! Z3 to Z6).

use devicetree::PsciConduit;

use super::rule::execute_all;
use crate::feature::Feature;
use crate::instruction::Instruction as I;
use crate::subject::{Subject, settle};
use crate::{Judgement, feature as f, psci, register as r};

/// The instructions that a feature brings.
type Brought = (Feature, &'static [I]);

/// Z1: EL3 answers.
pub(super) fn z1(subject: &mut Subject<'_>) -> Judgement {
    let expected = "smc #0 to be answered (PSCI_VERSION)";
    if subject.facts.psci != Some(PsciConduit::Smc) {
        return Judgement::not_applicable("of a kernel that does not call PSCI by smc", "another method, or none");
    }
    match psci::call(subject.cpu, PsciConduit::Smc, psci::VERSION, [0; 3]) {
        Ok(version) => Judgement::of(version > 0, expected, format_args!("{version:#x}")),
        Err(trap) => Judgement::of(false, expected, trap),
    }
}

const Z3: [Brought; 2] = [(f::LOR, &[r::LORC_EL1.read()]), (f::RAS, &[r::ERRIDR_EL1.read()])];

const Z4: [Brought; 4] = [
    (f::DEBUG, &[r::OSDLR_EL1.read(), r::OSLAR_EL1.write()]),
    (f::SPE, &[r::PMSCR_EL1.read()]),
    (f::TRACE_BUFFER, &[r::TRBLIMITR_EL1.read()]),
    (f::TRACE_FILTER, &[r::TRFCR_EL1.read()]),
];

const Z5: [Brought; 1] = [(f::MPAM, &[r::MPAM1_EL1.read()])];

const Z6: [Brought; 4] = [
    (f::SCTLR2, &[r::SCTLR2_EL1.read()]),
    (f::CSV2_2, &[r::SCXTNUM_EL1.read()]),
    (f::FPMR, &[r::FPMR.read()]),
    (f::AIE, &[r::MAIR2_EL1.read()]),
];

/// Registers that only EL2 has.
const Z5_AT_EL2: [Brought; 1] = [(f::MPAM, &[r::MPAM2_EL2.read()])];
const Z6_AT_EL2: [Brought; 1] = [(f::ECV_OFFSET, &[r::CNTPOFF_EL2.read()])];

/// Kept, if nothing traps of what the CPU's features bring.
fn untrapped(subject: &mut Subject<'_>, brought: &[Brought], at_el2: &[Brought]) -> Judgement {
    settle(subject.needs_el3().map(|()| {
        let at_el2 = if subject.is_at_el2() { at_el2 } else { &[] };
        let mut judged = None;
        for (feature, instructions) in brought.iter().chain(at_el2) {
            if !subject.has(feature) {
                continue;
            }
            let judgement = execute_all(subject, instructions);
            if judgement.verdict == crate::Verdict::Fail {
                return judgement;
            }
            judged = Some(judgement);
        }
        judged.unwrap_or_else(|| Judgement::not_applicable("of a CPU that has none of these registers", "none"))
    }))
}

pub(super) fn z3(subject: &mut Subject<'_>) -> Judgement {
    untrapped(subject, &Z3, &[])
}

pub(super) fn z4(subject: &mut Subject<'_>) -> Judgement {
    untrapped(subject, &Z4, &[])
}

pub(super) fn z5(subject: &mut Subject<'_>) -> Judgement {
    untrapped(subject, &Z5, &Z5_AT_EL2)
}

pub(super) fn z6(subject: &mut Subject<'_>) -> Judgement {
    untrapped(subject, &Z6, &Z6_AT_EL2)
}
