//! The checks, clause by clause, in the order in which a CPU makes them.

mod devices;
mod entry;
mod features;
mod gic;
mod implied;
mod placement;
mod rule;
mod state;
#[cfg(test)]
mod tests;
mod tree;

use rule::Rule;

use crate::subject::Subject;
use crate::{Judgement, Verdict};

pub use placement::{Filled, e3, e6};
pub use tree::{g1, no_tree, o2, too_large};

/// One clause, and how a CPU sees whether it was kept.
pub struct Check {
    /// The clause.
    pub clause: &'static str,
    look: Look,
}

enum Look {
    /// By this function.
    By(fn(&mut Subject<'_>) -> Judgement),
    /// It is one of the rules that something does not trap.
    Rule(Rule),
}

impl Check {
    /// Looks.
    pub fn judge(&self, subject: &mut Subject<'_>) -> Judgement {
        let hiding = HIDING
            .iter()
            .find(|(hiding, hidden)| subject.facts.is_skipped(hiding) && hidden.contains(&self.clause));
        if let Some((hiding, _)) = hiding {
            return Judgement::not_observable(format_args!("a CPU that keeps {hiding}, which comes before it"));
        }
        let is_reserved_unknown = subject.facts.is_reserved_unknown;
        if is_reserved_unknown && self.clause == WRITES_TO_RAM {
            return Judgement::not_observable(TOO_MANY_RESERVATIONS);
        }
        let judgement = match &self.look {
            Look::By(look) => look(subject),
            Look::Rule(rule) => rule.judge(subject),
        };
        let by_reserved = OF_RESERVED
            .iter()
            .find(|(clause, _)| is_reserved_unknown && *clause == self.clause);
        if by_reserved.is_some_and(|(_, untold)| untold.contains(&judgement.verdict)) {
            return Judgement::not_observable(TOO_MANY_RESERVATIONS);
        }
        judgement
    }
}

/// The reason why what is free is not known, and nothing may be written to memory.
pub const TOO_MANY_RESERVATIONS: &str = "a device tree with no more reservations than there is room for here";

/// The clause that is about RAM, some of which may be reserved.
const WRITES_TO_RAM: &str = "A1";

/// The clauses that go by what is reserved, with the verdicts that cannot be given without knowing
/// all of it: what is broken for another reason is broken.
pub const OF_RESERVED: [(&str, &[Verdict]); 6] = [
    ("B3", &[Verdict::Pass]),
    ("D9", &[Verdict::Pass, Verdict::Fail]),
    ("D12", &[Verdict::Pass]),
    ("E1", &[Verdict::Pass]),
    ("E3", &[Verdict::Pass]),
    ("E4", &[Verdict::Pass, Verdict::Fail]),
];

/// The place where something traps for one clause, it does so before another clause could be seen.
const HIDING: [(&str, &[&str]); 15] = [
    (
        "Z2",
        &[
            "M19", "M20", "M21", "M22", "M23", "M24", "M25", "M26", "M27", "M28", "M29", "M32", "M33", "Z6",
        ],
    ),
    ("J3", &["J2"]),
    ("M19", &["M21", "M22", "M26", "M28", "M32", "Z6"]),
    ("M21", &["M22"]),
    ("M24", &["M26", "M28", "M32"]),
    ("M13", &["M12"]),
    (
        "M20",
        &[
            "M19", "M21", "M22", "M23", "M26", "M27", "M28", "M29", "M32", "M33", "Z6",
        ],
    ),
    ("M23", &["M21", "M22"]),
    ("M27", &["M24", "M25", "M26", "M28", "M29", "M32", "M33"]),
    ("M29", &["M28"]),
    ("M31", &["M30"]),
    ("M33", &["M32"]),
    ("M42", &["M41"]),
    ("M44", &["M43"]),
    ("M47", &["M45", "M46"]),
];

const fn by(clause: &'static str, look: fn(&mut Subject<'_>) -> Judgement) -> Check {
    Check {
        clause,
        look: Look::By(look),
    }
}

const fn rule(clause: &'static str, rule: Rule) -> Check {
    Check {
        clause,
        look: Look::Rule(rule),
    }
}

/// The checks of the first CPU alone: the device tree, the image's place, devices.
pub const ONCE: [Check; 16] = [
    by("G2", entry::g2),
    by("O1", entry::o1),
    by("B1", tree::b1),
    by("B2", tree::b2),
    by("B3", tree::b3),
    by("B5", tree::b5),
    by("D9", placement::d9),
    by("D10", placement::d10),
    by("E1", placement::e1),
    by("E5", tree::e5),
    by("F1", devices::f1),
    by("M10", gic::m10),
    by("M11", gic::m11),
    by("Q3", tree::q3),
    by("Z9", tree::z9),
    by("A1", tree::a1),
];

/// The checks of CPUs after the first one.
pub const OTHERS: [Check; 1] = [by("R1", entry::r1)];

/// The checks of every CPU (N1). L1 comes before what writes to registers, Z2 before what would
/// trap without it, and last what no clause asks for in so many words: where one of these traps to
/// EL3, there is nothing after it. Where a kernel is entered at EL1 below an EL2, EL2 traps before
/// EL3 does: of two clauses about the same, that about EL2 comes first.
pub const EVERY_CPU: [Check; 65] = [
    by("H1", entry::h1),
    by("H3", entry::h3),
    by("N2", entry::n2),
    by("I1", entry::i1),
    by("Z8", entry::z8),
    by("H2", state::h2),
    by("J1", state::j1),
    by("J3", state::j3),
    by("J2", state::j2),
    by("L1", state::l1),
    by("Z1", implied::z1),
    by("Z2", rule::z2),
    by("M3", features::m3),
    by("M4", gic::gicv5),
    by("M5", gic::gicv5),
    by("M9", gic::m9),
    by("M6", gic::m6),
    by("M7", gic::m7),
    by("M8", gic::m8),
    by("Z7", gic::z7),
    by("M1", gic::m1),
    by("M13", features::m13),
    by("M12", features::m12),
    by("M15", features::m15),
    by("M14", features::m14),
    rule("M16", features::M16),
    rule("M17", features::M17),
    rule("M18", features::M18),
    rule("M20", features::M20),
    rule("M19", features::M19),
    by("M23", features::m23),
    rule("M21", features::M21),
    by("M22", features::m22),
    rule("M27", features::M27),
    rule("M24", features::M24),
    rule("M25", features::M25),
    by("M26", features::m26),
    by("M29", features::m29),
    by("M28", features::m28),
    rule("M31", features::M31),
    rule("M30", features::M30),
    by("M33", features::m33),
    by("M32", features::m32),
    rule("M35", features::M35),
    rule("M34", features::M34),
    rule("M37", features::M37),
    rule("M36", features::M36),
    by("M39", features::m39),
    by("M38", features::m38),
    rule("M40", features::M40),
    rule("M42", features::M42),
    rule("M41", features::M41),
    rule("M44", features::M44),
    rule("M43", features::M43),
    by("M45", features::m45),
    rule("M47", features::M47),
    rule("M46", features::M46),
    rule("M48", features::M48),
    rule("M49", features::M49),
    by("M50", features::m50),
    by("M51", features::m51),
    by("Z3", implied::z3),
    by("Z4", implied::z4),
    by("Z5", implied::z5),
    by("Z6", implied::z6),
];

/// The checks that are repeated once PSCI has been used (M2).
pub const AT_THE_END: [Check; 1] = [by("M2", gic::m2)];
