//! Firmware that breaks one clause of the boot protocol at a time, and nothing else: the conformance payload has to name that clause, on
//! those CPUs, and no other. What each mutation does, `tests/mutations` says under its name.

use flint_cli::conformance::payload::Variant;
use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::mutation::Mutation;
use scenarios::mutator::Jump;
use scenarios::tree::TreeEdit;

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
    let mut all = nothing();
    all.extend(poisoned());
    all.extend(entry());
    all.extend(levels());
    all.extend(headers());
    all.extend(features());
    all.extend(newer_features());
    all.extend(below_el2());
    all.extend(calls());
    all.extend(spin_tables());
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

/// Nothing is broken either, though whatever is unknown at reset is garbage.
fn poisoned() -> Vec<Mutation> {
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
        monitor("h3_el3", FIRST),
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

/// What becomes of the Image for its header.
fn headers() -> Vec<Mutation> {
    let with = |name, header| Mutation {
        header,
        ..bootloader(name)
    };
    vec![
        bootloader("d1_refused"),
        with("d2_refused", Variant::Offset),
        bootloader("d3_skipped"),
        with("d4_refused", Variant::Efi),
        Mutation {
            // It is elsewhere than the clause asks for, so it is not where an Image has to be.
            also: &[("E1", FIRST)],
            ..with("d5_ignored", Variant::NoSize)
        },
        with("d6_refused", Variant::Large),
        Mutation {
            also: &[("E1", FIRST)],
            ..with("d6_ignored", Variant::Offset)
        },
        with("d7_refused", Variant::BigEndian),
        Mutation {
            // Little endian is what a kernel needs whatever its header says.
            also: &[("Z8", FIRST)],
            header: Variant::BigEndian,
            ..monitor("d7_switched", FIRST)
        },
        with("d8_refused", Variant::Pages64k),
        with("d9_refused", Variant::Low),
        bootloader("d10_refused"),
        with("d11_refused", Variant::Reserved),
        with("d12_close", Variant::NoSize),
    ]
}

/// Features that QEMU has not had for long.
fn newer_features() -> Vec<Mutation> {
    let newer = |name, cpus, since| Mutation {
        since,
        ..max(name, cpus)
    };
    let below = |name, since| Mutation {
        since,
        ..row(name, Jump::ToNormalWorld, el3(MAX, 1), FIRST)
    };
    vec![
        newer("m16_traps", ALL, (8, 0)),
        Mutation {
            // QEMU 11 says of the trap that it is about SME as a whole, so that the monitor does, too.
            also: &[("M24", FIRST)],
            ..newer("m32_zt0", ALL, (10, 2))
        },
        below("m33_zt0", (10, 2)),
        below("m40_copies", (9, 0)),
        newer("m41_translation", ALL, (10, 2)),
        below("m42_translation", (10, 2)),
        newer("m43_permissions", ALL, (10, 2)),
        below("m44_permissions", (10, 2)),
        newer("m45_stacks", ALL, (10, 2)),
        newer("m46_stacks", ALL, (10, 2)),
        below("m47_stacks", (10, 2)),
    ]
}

/// Features that EL3 keeps from the normal world.
fn features() -> Vec<Mutation> {
    let tags = with(el3(MAX, 2), ["-machine", "mte=on"]);
    vec![
        monitor("m1_fiq", OTHER),
        monitor("m3_hvc", ALL),
        max("m12_keys", ALL),
        max("m12_instructions", ALL),
        max("m18_hcrx", ALL),
        max("m18_hcrx_of_one", OTHER),
        monitor("m19_fp", ALL),
        max("m21_sve", ALL),
        max("m22_length", OTHER),
        max("m24_sme", ALL),
        max("m25_tpidr2", ALL),
        max("m26_length", OTHER),
        max("m28_fa64", ALL),
        row("m30_tags", Jump::ToNormalWorld, tags, ALL),
        monitor("m48_debug", ALL),
        monitor("m49_pmu", ALL),
        monitor("z2_tcpac", ALL),
        max("z3_regions", ALL),
        max("z3_errors", ALL),
        monitor("z4_os_lock", ALL),
        max("z6_scxtnum", ALL),
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

/// Three CPUs of which two wait in memory.
const WAITING: &str = "
/ {
    cpus {
        cpu@1 { enable-method = \"spin-table\"; cpu-release-addr = <0 0x47f00808>; };
        cpu@2 { enable-method = \"spin-table\"; cpu-release-addr = <0 0x47f00810>; };
    };
    reserved-memory {
        #address-cells = <2>;
        #size-cells = <2>;
        ranges;
        pens@47f00000 { reg = <0 0x47f00000 0 0x1000>; };
    };
};";
/// Both for the same word.
const FOR_ONE_WORD: &str = "
/ {
    cpus {
        cpu@1 { cpu-release-addr = <0 0x47f00800>; };
        cpu@2 { cpu-release-addr = <0 0x47f00800>; };
    };
};";
/// For words that are not reserved.
const NOT_RESERVED: &str = "
/ {
    cpus {
        cpu@1 { cpu-release-addr = <0 0x45200008>; };
        cpu@2 { cpu-release-addr = <0 0x45200010>; };
    };
};";
const WITHOUT_ADDRESS: &str = "/ { cpus { cpu@2 { /delete-property/ cpu-release-addr; }; }; };";

/// CPUs that wait in memory.
fn spin_tables() -> Vec<Mutation> {
    let waiting = |name, cpus, edit| {
        let machine = Machine { smp: 3, ..el2() };
        Mutation {
            tree: vec![TreeEdit::Source(WAITING), TreeEdit::Source(edit)],
            ..row(name, Jump::ToKernel, machine, cpus)
        }
    };
    const BOTH: &[u64] = &[1, 2];
    const LAST: &[u64] = &[2];
    vec![
        waiting("nothing_waits_for_one_word_each", BOTH, ""),
        waiting("nothing_waits_for_one_word", BOTH, FOR_ONE_WORD),
        waiting("p1_address", LAST, WITHOUT_ADDRESS),
        waiting("p2_value", BOTH, ""),
        waiting("p3_pen", LAST, ""),
        waiting("p4_word", BOTH, NOT_RESERVED),
        waiting("p6_never", BOTH, ""),
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
        bootloader("a1_lost"),
        bootloader("b1_alignment"),
        bootloader("b2_size"),
        // RAM that the tree does not tell of is another clause's affair below EL3 (A1).
        monitor("b3_block", FIRST),
        Mutation {
            machine: Machine {
                memory_bytes: 640 << 20,
                ..el2()
            },
            ..bootloader("b4_far")
        },
        Mutation {
            // A tree that is not in RAM is not in a block of RAM either.
            also: &[("B3", FIRST)],
            ..monitor("b5_not_ram", FIRST)
        },
        Mutation {
            // Kernels from before v4.6 are the same, for another reason.
            also: &[("E4", FIRST)],
            header: Variant::Low,
            ..bootloader("d9_high")
        },
        bootloader("c1_bit"),
        bootloader("e1_page"),
        bootloader("e3_tree"),
        bootloader("e3_initrd"),
        Mutation {
            // There is no RAM that far away, so there is no initrd in it.
            also: &[("Z9", FIRST)],
            ..bootloader("e5_far")
        },
        bootloader("f1_uart"),
        on("f1_virtio", "virtio-rng-device"),
        bootloader("f1_interrupt"),
        bootloader("f1_lpis"),
        on("f1_pci", "virtio-rng-pci"),
        Mutation {
            // What the loader should have put there is not there.
            also: &[("O3", FIRST)],
            ..monitor("o2_method", ALL)
        },
        bootloader("q3_node"),
        bootloader("z9_bootargs"),
        bootloader("z9_initrd"),
    ]
}
