//! [`Rule`]: something that the CPU has does not trap. Most rules of booting.rst, "CPU mode", are
//! of this kind.

use crate::feature::Feature;
use crate::instruction::Instruction;
use crate::subject::{Subject, settle};
use crate::{Judgement, feature, register as r};

/// The scope of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// "If EL3 is present".
    El3,
    /// "If EL3 is present and the kernel is entered at EL2".
    El3AndEntryAtEl2,
    /// "If the kernel is entered at EL1 and EL2 is present".
    EntryAtEl1BelowEl2,
}

/// Something that the CPU has does not trap.
pub(super) struct Rule {
    pub(super) scope: Scope,
    pub(super) feature: Feature,
    /// What is executed where the kernel was entered at EL2, and where at EL1.
    pub(super) at_el2: &'static [Instruction],
    pub(super) at_el1: &'static [Instruction],
}

impl Scope {
    /// `Err`, where the rule is not about this CPU.
    pub(super) fn check(self, subject: &mut Subject<'_>) -> Result<(), Judgement> {
        match self {
            Self::El3 => subject.needs_el3(),
            Self::El3AndEntryAtEl2 => subject.needs_el3().and_then(|()| subject.needs_entry_at_el2()),
            Self::EntryAtEl1BelowEl2 => subject.needs_entry_at_el1_below_el2(),
        }
    }
}

impl Rule {
    pub(super) fn judge(&self, subject: &mut Subject<'_>) -> Judgement {
        settle(self.scope.check(subject).and_then(|()| {
            subject.needs(&self.feature)?;
            Ok(execute_all(
                subject,
                if subject.is_at_el2() { self.at_el2 } else { self.at_el1 },
            ))
        }))
    }
}

/// Kept, if none of the instructions traps.
pub(super) fn execute_all(subject: &mut Subject<'_>, instructions: &[Instruction]) -> Judgement {
    let mut last = ("nothing", 0);
    for instruction in instructions {
        let Instruction { name, .. } = *instruction;
        match subject.cpu.execute(*instruction, [0; 4]) {
            Ok(value) => last = (name, value),
            Err(trap) => return Judgement::of(false, format_args!("{name} not to trap"), trap),
        }
    }
    let (name, value) = last;
    Judgement::of(true, format_args!("{name} not to trap"), format_args!("{value:#x}"))
}

/// A streaming mode or another one that instructions turn on and off again.
pub(super) fn execute_between(
    subject: &mut Subject<'_>,
    on: Instruction,
    tried: Instruction,
    off: Instruction,
) -> Judgement {
    let begun = execute_all(subject, &[on]);
    if begun.verdict != crate::Verdict::Pass {
        return begun;
    }
    let judgement = execute_all(subject, &[tried]);
    // What could be turned on can be turned off.
    let _ = subject.cpu.execute(off, [0; 4]);
    judgement
}

/// `HCR_EL2.E2H`: `CPTR_EL2` has the layout of `CPACR_EL1`.
const HCR_E2H: u64 = 1 << 34;
/// `CPACR_EL1.FPEN`, `ZEN` and `SMEN`.
const CPACR_OPEN: u64 = 0b11 << 24 | 0b11 << 20 | 0b11 << 16;
/// `CPTR_EL2.TSM`, `TFP` and `TZ`.
const CPTR_TRAPS: u64 = 1 << 12 | 1 << 10 | 1 << 8;

/// Lets this level use FP, SVE and SME: where they trap after this, they trap to a higher one. That
/// these registers can be written is Z2.
pub(super) fn open_vectors(subject: &mut Subject<'_>) -> Judgement {
    let register = if subject.is_at_el2() { r::CPTR_EL2 } else { r::CPACR_EL1 };
    let expected = format_args!("{} not to trap", register.name);
    let has_layout_of_el1 = !subject.is_at_el2() || subject.read(r::HCR_EL2).unwrap_or(0) & HCR_E2H != 0;
    let opened = subject.read(register).and_then(|before| {
        let open = if has_layout_of_el1 {
            before | CPACR_OPEN
        } else {
            before & !CPTR_TRAPS
        };
        subject.write(register, open)?;
        subject.read(register)
    });
    match opened {
        Ok(value) => Judgement::of(true, expected, format_args!("{value:#x}")),
        Err(trap) => Judgement::of(false, expected, trap),
    }
}

/// Z2, where there is an EL3.
pub(super) fn z2(subject: &mut Subject<'_>) -> Judgement {
    let opened = open_vectors(subject);
    settle(subject.needs(&feature::EL3).map(|()| opened))
}
