//! What becomes of the Image for its header, what is where, and what the device tree says of it.

use flint_cli::conformance::payload::Variant;
use flint_cli::qemu::Machine;
use scenarios::mutation::Mutation;
use scenarios::mutator::Jump;

use super::{ALL, FIRST, bootloader, el2, monitor, row, with};

/// Returns what becomes of the Image for its header.
pub(super) fn headers() -> Vec<Mutation> {
    let of = |name, header| Mutation {
        header,
        ..bootloader(name)
    };
    vec![
        bootloader("d1_refused"),
        of("d2_refused", Variant::Offset),
        bootloader("d3_skipped"),
        of("d4_refused", Variant::Efi),
        Mutation {
            // It is elsewhere than the clause asks for, so it is not where an Image has to be.
            also: &[("E1", FIRST)],
            ..of("d5_ignored", Variant::NoSize)
        },
        of("d6_refused", Variant::Large),
        Mutation {
            also: &[("E1", FIRST)],
            ..of("d6_ignored", Variant::Offset)
        },
        of("d7_refused", Variant::BigEndian),
        Mutation {
            // Little endian is what a kernel needs whatever its header says.
            also: &[("Z8", FIRST)],
            header: Variant::BigEndian,
            ..monitor("d7_switched", FIRST)
        },
        of("d8_refused", Variant::Pages64k),
        of("d9_refused", Variant::Low),
        bootloader("d10_refused"),
        of("d11_refused", Variant::Reserved),
        of("d12_close", Variant::NoSize),
    ]
}

/// Returns what is where, and what the device tree says of it.
pub(super) fn places() -> Vec<Mutation> {
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
