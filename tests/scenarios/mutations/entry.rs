//! The entry of CPUs: their registers and modes, and the way they are started.

use scenarios::mutation::Mutation;
use scenarios::mutator::Jump;

use super::{ALL, FIRST, OTHER, bootloader, el3, gicv2, monitor, row, without_el2};

/// General registers, and the first instruction.
pub(super) fn entry() -> Vec<Mutation> {
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
pub(super) fn levels() -> Vec<Mutation> {
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

/// Returns how other CPUs are started.
pub(super) fn calls() -> Vec<Mutation> {
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
pub(super) fn interrupts() -> Vec<Mutation> {
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
