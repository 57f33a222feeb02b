//! Every clause of the Linux arm64 boot protocol: what it asks, how Flint meets it, and how that is
//! checked.
//!
//! The protocol is booting.rst of Linux v7.1.8. The ids (B1, M18, Z7) are those that the code
//! cites. The same table is behind `flint explain` and `docs/boot-protocol.md`, which is made of
//! it: `cargo run -q -p flint-cli --example boot_protocol > docs/boot-protocol.md`.

mod cpus;
mod entry;
mod image;
mod implied;
mod interrupts;
mod loading;
mod page;
mod placement;
mod profiling;
mod translation;
mod traps;
mod vectors;

use std::fmt;

pub use page::page;

/// A clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The letter of its group and its number there: `M18`.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What it asks, in our words.
    pub asks: &'static str,
    /// The place where it is from: the section of booting.rst, and the registers in Arm's
    /// documents.
    pub source: &'static str,
    /// How much it binds.
    pub force: Force,
    /// How Flint meets it. Where it does not, the sentence starts with `Gap:`.
    pub met: &'static str,
    /// The files of the project that do it.
    pub code: &'static [&'static str],
    /// How it is checked.
    pub check: Check,
}

/// The force of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// A loader must.
    Mandatory,
    /// A loader should.
    Recommended,
    /// A loader may.
    Optional,
    /// booting.rst does not say it, but follows from what it says, or a kernel fails without it.
    Implied,
}

/// The kind of check of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// A payload or the host sees it on QEMU: how, and on which versions and CPUs.
    Observed(&'static str),
    /// QEMU cannot show it: why, and what was done instead.
    NotOnQemu(&'static str),
    /// It does not arise for Flint: why, and how other loaders are judged.
    Void(&'static str),
}

/// Clauses that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What the ids of its clauses start with.
    pub letter: char,
    /// What its clauses are about.
    pub title: &'static str,
}

/// The groups, in the order of their clauses.
pub const GROUPS: [Group; 19] = [
    group('A', "RAM"),
    group('B', "Device tree"),
    group('C', "Decompression"),
    group('D', "Header of the Image"),
    group('E', "Placement"),
    group('F', "Devices"),
    group('G', "General registers of the first CPU"),
    group('H', "CPU mode"),
    group('I', "Caches and MMU"),
    group('J', "Timers"),
    group('K', "Coherency"),
    group('L', "System registers"),
    group('M', "System registers by feature"),
    group('N', "All CPUs"),
    group('O', "Entry, and what the device tree says of it"),
    group('P', "CPUs started by a spin table"),
    group('Q', "CPUs started by PSCI"),
    group('R', "General registers of the other CPUs"),
    group('Z', "Implied"),
];

const fn group(letter: char, title: &'static str) -> Group {
    Group { letter, title }
}

/// Every clause, group by group.
pub fn all() -> impl Iterator<Item = &'static Clause> {
    [
        loading::CLAUSES,
        image::CLAUSES,
        placement::CLAUSES,
        entry::CLAUSES,
        interrupts::CLAUSES,
        traps::CLAUSES,
        vectors::CLAUSES,
        profiling::CLAUSES,
        translation::CLAUSES,
        cpus::CLAUSES,
        implied::CLAUSES,
    ]
    .into_iter()
    .flatten()
}

/// The clause with this id, in letters of any case.
pub fn find(id: &str) -> Option<&'static Clause> {
    all().find(|clause| clause.id.eq_ignore_ascii_case(id))
}

impl Group {
    /// Its clauses.
    pub fn clauses(self) -> impl Iterator<Item = &'static Clause> {
        all().filter(move |clause| clause.id.starts_with(self.letter))
    }
}

impl Check {
    /// The kind of it in a few words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observed(_) => "seen on QEMU",
            Self::NotOnQemu(_) => "not on QEMU",
            Self::Void(_) => "void",
        }
    }

    /// Returns what there is to say.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Observed(text) | Self::NotOnQemu(text) | Self::Void(text) => text,
        }
    }
}

impl fmt::Display for Force {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mandatory => "mandatory",
            Self::Recommended => "recommended",
            Self::Optional => "optional",
            Self::Implied => "implied",
        })
    }
}

#[cfg(test)]
mod tests;
