//! Features that EL3 keeps from the normal world, or EL2 from EL1.

use scenarios::mutation::Mutation;
use scenarios::mutator::Jump;

use super::{ALL, FIRST, MAX, OTHER, el3, max, monitor, row, with};

/// Features that EL3 keeps from the normal world.
pub(super) fn features() -> Vec<Mutation> {
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

/// Features that QEMU has not had for long.
pub(super) fn newer_features() -> Vec<Mutation> {
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
            // QEMU 11 says of the trap that it is about SME as a whole, so that the monitor does,
            // too.
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

/// Features that EL2 keeps from a kernel at EL1, which is lost to nobody there.
pub(super) fn below_el2() -> Vec<Mutation> {
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
