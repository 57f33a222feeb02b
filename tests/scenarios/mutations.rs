//! Firmware that breaks one clause of the boot protocol at a time, and nothing else: the conformance payload has to name that clause, on
//! those CPUs, and no other. What each mutation does, `tests/mutations` says under its name.

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

/// All of them.
pub fn mutations() -> Vec<Mutation> {
    let mut all = nothing();
    all.extend(entry());
    all.extend(levels());
    all.extend(features());
    all.extend(below_el2());
    all.extend(calls());
    all.extend(interrupts());
    all.extend(places());
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
        cpus,
        also: &[],
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

/// Nothing is broken, on each of the machines that the others are for.
fn nothing() -> Vec<Mutation> {
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

/// General registers, and the first instruction.
fn entry() -> Vec<Mutation> {
    vec![
        bootloader("g1_off"),
        bootloader("g1_nowhere"),
        bootloader("g2_x1"),
        bootloader("g2_x2"),
        bootloader("g2_x3"),
        bootloader("o1_second"),
        monitor("r1_x0", OTHER),
        monitor("r1_x1", OTHER),
        monitor("r1_x3", OTHER),
    ]
}

/// Modes, and registers of all CPUs.
fn levels() -> Vec<Mutation> {
    vec![
        bootloader("h1_left_unmasked"),
        monitor("h1_serror", ALL),
        monitor("h1_debug_of_one", OTHER),
        monitor("h1_interrupts", ALL),
        row("h2_secure", Jump::ToNormalWorld, without_el2(), ALL),
        bootloader("i1_mmu"),
        bootloader("i1_cache"),
        monitor("i1_cache_of_one", OTHER),
        monitor("j1_frequency_of_one", OTHER),
        monitor("j1_no_frequency", ALL),
        monitor("j2_offset", OTHER),
        monitor("l1_sctlr", ALL),
        bootloader("l1_hcr"),
        monitor("l1_cptr", ALL),
        monitor("l1_mdcr", ALL),
        monitor("l1_hstr", ALL),
        monitor("l1_vttbr_of_one", OTHER),
        monitor("l1_vpidr", ALL),
        monitor("l1_vmpidr_of_one", OTHER),
        bootloader("l1_timer"),
        monitor("l1_sctlr_of_el1", ALL),
        monitor("l1_debug", ALL),
        monitor("n2_level_of_one", OTHER),
        monitor("z8_endianness", ALL),
        monitor("z8_endianness_of_one", OTHER),
    ]
}

/// Features that EL3 keeps from the normal world.
fn features() -> Vec<Mutation> {
    let tags = with(el3(MAX, 2), ["-machine", "mte=on"]);
    vec![
        monitor("m1_fiq", OTHER),
        monitor("m3_hvc", ALL),
        max("m12_keys", FIRST),
        max("m12_instructions", FIRST),
        max("m18_hcrx", FIRST),
        Mutation {
            // That CPU does not come back to make the other checks.
            also: &["N1"],
            ..max("m18_hcrx_of_one", OTHER)
        },
        monitor("m19_fp", FIRST),
        max("m21_sve", FIRST),
        max("m22_length", OTHER),
        max("m24_sme", FIRST),
        max("m25_tpidr2", FIRST),
        max("m26_length", OTHER),
        max("m28_fa64", ALL),
        row("m30_tags", Jump::ToNormalWorld, tags, FIRST),
        monitor("m48_debug", FIRST),
        monitor("m49_pmu", FIRST),
        monitor("z2_tcpac", FIRST),
        max("z3_regions", FIRST),
        max("z3_errors", FIRST),
        monitor("z4_os_lock", FIRST),
        max("z6_scxtnum", FIRST),
    ]
}

/// Features that EL2 keeps from a kernel at EL1, which is lost to nobody there.
fn below_el2() -> Vec<Mutation> {
    let tags = with(el3(MAX, 1), ["-machine", "mte=on"]);
    let below = |name| row(name, Jump::ToNormalWorld, el3(MAX, 1), FIRST);
    vec![
        below("j3_counter"),
        below("m13_keys"),
        below("m13_instructions"),
        below("m20_fp"),
        below("m23_sve"),
        below("m27_sme"),
        below("m29_fa64"),
        row("m31_tags", Jump::ToNormalWorld, tags, FIRST),
    ]
}

/// How other CPUs are started.
fn calls() -> Vec<Mutation> {
    vec![
        monitor("q1_pen", OTHER),
        row("q2_nobody", Jump::FromCall, el3("cortex-a57", 2), FIRST),
        monitor("q2_never", OTHER),
        row("z1_version", Jump::FromCall, el3("cortex-a57", 2), ALL),
        row("e6_stack", Jump::FromCall, el3("cortex-a57", 2), FIRST),
        row("m2_fiq", Jump::FromCall, el3("cortex-a57", 2), FIRST),
    ]
}

/// The interrupt controller.
fn interrupts() -> Vec<Mutation> {
    let gicv2 = |name, cpus| row(name, Jump::ToNormalWorld, gicv2(), cpus);
    vec![
        gicv2("z7_v2_private_of_one", OTHER),
        gicv2("z7_v2_shared", ALL),
        gicv2("z7_v2_priority", ALL),
        monitor("z7_v3_private_of_one", OTHER),
        monitor("z7_v3_shared", ALL),
        monitor("m10_unknown", FIRST),
    ]
}

/// What is where, and what the device tree says of it.
fn places() -> Vec<Mutation> {
    let on = |name, device| row(name, Jump::ToKernel, with(el2(), ["-device", device]), FIRST);
    vec![
        bootloader("a1_too_much"),
        bootloader("b1_alignment"),
        bootloader("b2_size"),
        bootloader("b3_block"),
        Mutation {
            // A tree that is not in RAM is not in a block of RAM either.
            also: &["B3"],
            ..bootloader("b5_not_ram")
        },
        bootloader("d9_high"),
        bootloader("e1_page"),
        bootloader("e3_tree"),
        bootloader("e3_initrd"),
        bootloader("e5_far"),
        bootloader("f1_uart"),
        on("f1_virtio", "virtio-rng-device"),
        bootloader("f1_interrupt"),
        bootloader("f1_lpis"),
        on("f1_pci", "virtio-rng-pci"),
        monitor("o2_method", ALL),
        bootloader("q3_node"),
        bootloader("z9_bootargs"),
        bootloader("z9_initrd"),
    ]
}
