//! Explanations of the errors of a machine at EL3.

use super::{Explanation, explain};

/// The remedy where the machine's own tree is not right.
const OWN_TREE: &str = "QEMU makes a right tree by itself: leave `-dtb` out, or correct the file.";

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "platform-no-cpus",
        "The machine's own device tree describes no CPU. At EL3 Flint starts the CPUs, and knows them from the children of `/cpus`.",
        OWN_TREE,
    ),
    explain(
        "platform-cpu-limit",
        "The machine's own device tree describes more CPUs than Flint has room for at EL3.",
        "Start the machine with fewer CPUs.",
    ),
    explain(
        "platform-cpu-number",
        "A CPU in the machine's own device tree has a `reg` that is no affinity: the fields Aff0 to Aff3 of its MPIDR_EL1, and zeros beside \
         them.",
        OWN_TREE,
    ),
    explain(
        "platform-boot-cpu",
        "The machine's own device tree does not describe the CPU that boots: no child of `/cpus` has its affinity in `reg`.",
        OWN_TREE,
    ),
    explain(
        "platform-no-gic",
        "The machine's own device tree describes no interrupt controller. At EL3 Flint hands it to the normal world, and wakes CPUs by it.",
        OWN_TREE,
    ),
    explain(
        "platform-gic-kind",
        "The interrupt controller is not the one that the machine's own device tree describes, or one that Flint cannot drive at EL3: it knows \
         GICv2, GICv3 and GICv4.",
        "Start QEMU with `gic-version=2` or `gic-version=3`, and without a `-dtb` for another machine.",
    ),
    explain(
        "platform-gic-address",
        "Registers of the interrupt controller are not where the board has them. EL3 writes to no address that is not in the table of the \
         board, whatever a device tree says.",
        OWN_TREE,
    ),
    explain(
        "platform-gic-stride",
        "The distance between redistributors in the machine's own device tree is not that of the board, 128 KiB.",
        OWN_TREE,
    ),
    explain(
        "platform-secure-ram",
        "The machine's own device tree describes secure RAM where the board has none. Flint's monitor lives in that memory.",
        OWN_TREE,
    ),
    explain(
        "platform-power",
        "The machine's own device tree describes power control on another line, or another controller, than the board has.",
        OWN_TREE,
    ),
    explain(
        "platform-console",
        "The console is none of the board's. EL3 reports to no address that is not in the table of the board.",
        OWN_TREE,
    ),
];
