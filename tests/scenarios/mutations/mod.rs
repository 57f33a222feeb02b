//! Firmware that breaks one clause of the boot protocol at a time, and nothing else: the
//! conformance payload has to name that clause, on those CPUs, and no other. What each mutation
//! does, `tests/mutations` says under its name.

mod entry;
mod features;
mod nothing;
mod places;
mod spin_tables;

use flint_cli::conformance::payload::Variant;
use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::mutation::Mutation;
use scenarios::mutator::Jump;

/// On every CPU of a machine with two.
const ALL: &[u64] = &[0, 1];
/// On the first one: what only that one looks at, or is lost to.
const FIRST: &[u64] = &[0];
/// On another one.
const OTHER: &[u64] = &[1];
/// A CPU that has every feature.
const MAX: &str = "max,pauth-impdef=on";

/// Clauses that no mutation is named after, and why.
pub const SHOWN_BY_OTHERS: [(&str, &str); 3] = [
    (
        "E4",
        "what breaks D9 breaks it, as it asks for the same of older kernels",
    ),
    (
        "N1",
        "it asks for every other clause on every CPU, and many are broken on one CPU only",
    ),
    ("O3", "what breaks O2 breaks it, as it asks that the loader keeps that"),
];

/// All of them.
pub fn mutations() -> Vec<Mutation> {
    let mut all = nothing::nothing();
    all.extend(nothing::poisoned());
    all.extend(entry::entry());
    all.extend(entry::levels());
    all.extend(entry::calls());
    all.extend(entry::interrupts());
    all.extend(features::features());
    all.extend(features::newer_features());
    all.extend(features::below_el2());
    all.extend(places::headers());
    all.extend(places::places());
    all.extend(spin_tables::spin_tables());
    all
}

/// A machine that starts at EL3.
fn el3(cpu: &str, smp: u32) -> Machine {
    Machine {
        el: StartLevel::El3,
        cpu: cpu.into(),
        smp,
        ..Machine::default()
    }
}

/// The same with a GICv2.
fn gicv2() -> Machine {
    Machine {
        gic: Gic::V2,
        ..el3("cortex-a57", 2)
    }
}

/// The same without EL2.
fn without_el2() -> Machine {
    Machine {
        el: StartLevel::El3WithoutEl2,
        ..el3("cortex-a57", 2)
    }
}

/// A machine that starts at EL2, with one CPU.
fn el2() -> Machine {
    Machine::default()
}

fn with(mut machine: Machine, arguments: [&str; 2]) -> Machine {
    machine.extra.extend(arguments.map(Into::into));
    machine
}

fn row(name: &'static str, jump: Jump, machine: Machine, cpus: &'static [u64]) -> Mutation {
    Mutation {
        name,
        jump,
        machine,
        tree: Vec::new(),
        header: Variant::Plain,
        cpus,
        also: &[],
        since: (0, 0),
    }
}

/// Of the monitor, on the default CPU: two of them.
fn monitor(name: &'static str, cpus: &'static [u64]) -> Mutation {
    row(name, Jump::ToNormalWorld, el3("cortex-a57", 2), cpus)
}

/// Of the monitor, on CPUs with every feature.
fn max(name: &'static str, cpus: &'static [u64]) -> Mutation {
    row(name, Jump::ToNormalWorld, el3(MAX, 2), cpus)
}

/// Of the bootloader.
fn bootloader(name: &'static str) -> Mutation {
    row(name, Jump::ToKernel, el2(), FIRST)
}
