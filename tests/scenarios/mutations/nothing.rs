//! Nothing is broken: on each of the machines that others are for, and where all is garbage that is
//! unknown at reset.

use flint_cli::qemu::{Machine, StartLevel};
use scenarios::mutation::Mutation;
use scenarios::mutator::Jump;

use super::{ALL, FIRST, MAX, el2, el3, gicv2, max, monitor, row, with, without_el2};

/// Nothing is broken, on each of the machines that the others are for.
pub(super) fn nothing() -> Vec<Mutation> {
    let el1 = Machine {
        el: StartLevel::El1,
        smp: 2,
        ..Machine::default()
    };
    let on = |machine| row("nothing", Jump::ToNormalWorld, machine, ALL);
    vec![
        row("nothing", Jump::ToKernel, el1, ALL),
        row("nothing", Jump::ToKernel, Machine { smp: 2, ..el2() }, ALL),
        monitor("nothing", ALL),
        max("nothing", ALL),
        on(gicv2()),
        on(without_el2()),
        row("nothing_below_el2", Jump::ToNormalWorld, el3(MAX, 1), FIRST),
    ]
}

/// Nothing is broken either, though whatever is unknown at reset is garbage.
pub(super) fn poisoned() -> Vec<Mutation> {
    let below_el3 = |el, cpu: &str| Machine { el, ..el3(cpu, 2) };
    let tags = || with(el3(MAX, 2), ["-machine", "mte=on"]);
    let on = |name, machine| row(name, Jump::FromReset, machine, ALL);
    vec![
        on("poison_ones", el3("cortex-a57", 4)),
        on("poison_odd", el3("cortex-a57", 2)),
        on("poison_ones", tags()),
        on("poison_odd", tags()),
        on("poison_even", tags()),
        on("poison_ones", gicv2()),
        on("poison_even", gicv2()),
        on("poison_ones", without_el2()),
        on("poison_ones", below_el3(StartLevel::El2, "cortex-a57")),
        on("poison_ones", below_el3(StartLevel::El2, MAX)),
        on("poison_even", below_el3(StartLevel::El2, MAX)),
        on("poison_ones", below_el3(StartLevel::El1, "cortex-a57")),
        on("poison_odd", below_el3(StartLevel::El1, MAX)),
    ]
}
