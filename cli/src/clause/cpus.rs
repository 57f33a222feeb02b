//! Groups N to R: all CPUs, and how they are started.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "N1",
        title: "The rules hold on all CPUs",
        asks: "What is asked of CPU mode, caches, MMU, timers, coherency and system registers (H to M) holds for \
               every CPU that the kernel runs on.",
        source: "booting.rst, \"Call the kernel image\", after system registers",
        force: Force::Mandatory,
        met: "At an EL3 start every CPU takes the same way into the normal world, the first one included, each time \
              that it is turned on; its values come from its own ID registers. At other starts QEMU's PSCI starts the \
              other CPUs, and the bootloader never runs on them.",
        code: &["monitor/src/world.rs", "machine/src/el3.rs"],
        check: Check::Observed(
            "The payload repeats its checks on every CPU that it turns on, and the debugger stops each one at its \
             first instruction. It shows on every QEMU at an EL3 start.",
        ),
    },
    Clause {
        id: "N2",
        title: "All CPUs enter at the same level",
        asks: "Every CPU enters the kernel at the same exception level.",
        source: "booting.rst, \"Call the kernel image\", after system registers; DDI0487, CurrentEL",
        force: Force::Mandatory,
        met: "At an EL3 start all of them enter at EL2, or at EL1 where there is no EL2. At an EL2 start the first \
              CPU enters at EL2, at which QEMU's PSCI starts the others whatever the first one does.",
        code: &["machine/src/el3.rs", "monitor/src/world.rs"],
        check: Check::Observed(
            "The payload reads CurrentEL on every CPU. It shows on every QEMU. Linux says `CPUs started in \
             inconsistent modes` where it is wrong.",
        ),
    },
    Clause {
        id: "N3",
        title: "A higher level may trap what it hides",
        asks: "Where a value is asked for that turns a trap off, a higher level may leave the trap on if it handles \
               it so that the kernel cannot tell.",
        source: "booting.rst, \"Call the kernel image\", after system registers",
        force: Force::Optional,
        met: "Flint makes no use of it. EL3 handles no traps; what traps there all the same is reported with the \
              clause by which it should not.",
        code: &["machine/src/el3/trap.rs", "monitor/src/vectors.rs"],
        check: Check::Void(
            "This is a permission, and nobody can break it. Of other loaders it is not allowed for: a register that \
             the debugger finds otherwise is a broken clause.",
        ),
    },
    Clause {
        id: "O1",
        title: "The first CPU jumps to the Image's first instruction",
        asks: "The first CPU jumps straight to the first instruction of the Image.",
        source: "booting.rst, \"Call the kernel image\", entry",
        force: Force::Mandatory,
        met: "The hand-over ends in a branch to it, or, at an EL3 start, the monitor in an `eret` to it.",
        code: &["machine/src/hand_over.rs", "monitor/src/world.rs"],
        check: Check::Observed(
            "The debugger stops at the address of the Image, where the payload has its first instruction. It shows on \
             every QEMU.",
        ),
    },
    Clause {
        id: "O2",
        title: "Every CPU has an `enable-method`",
        asks: "Each CPU node of the device tree has an `enable-method`, which is one of those that the kernel knows.",
        source: "booting.rst, \"Call the kernel image\", entry",
        force: Force::Mandatory,
        met: "Where there is PSCI, each CPU that has no `enable-method` gets `psci`: QEMU leaves it out with one CPU, \
              and at an EL3 start with any number. A machine without PSCI and without `enable-method` stays as it is: \
              nobody would start its CPUs.",
        code: &["crates/devicetree/src/edit.rs", "crates/devicetree/src/graft.rs"],
        check: Check::Observed(
            "The payload looks at every CPU node. It shows on every QEMU, with one CPU and at an EL3 start.",
        ),
    },
    Clause {
        id: "O3",
        title: "The loader inserts these properties",
        asks: "The loader makes these properties and puts them into the device tree before the kernel is entered.",
        source: "booting.rst, \"Call the kernel image\", entry",
        force: Force::Mandatory,
        met: "They are put in while the tree is copied to its place.",
        code: &["crates/devicetree/src/edit.rs", "bootloader/src/boot.rs"],
        check: Check::Observed("The host looks for `enable-method` in the tree that was handed over. It shows as O2."),
    },
    Clause {
        id: "P1",
        title: "Spin table: there is a `cpu-release-addr`",
        asks: "Each CPU node whose `enable-method` is `spin-table` has a `cpu-release-addr`.",
        source: "booting.rst, \"Call the kernel image\", spin-table",
        force: Force::Mandatory,
        met: "Flint starts CPUs by PSCI, and never writes `spin-table`. Gap: a device tree of the user's own that \
              says `spin-table` is passed on as it is, although no CPU waits in one.",
        code: &["crates/devicetree/src/edit.rs"],
        check: Check::Void(
            "Flint's kernels get PSCI. Of other loaders the payload looks at the CPU nodes; only a machine that \
             starts at EL3 leaves CPUs to a spin table.",
        ),
    },
    Clause {
        id: "P2",
        title: "Spin table: the location is aligned and 0",
        asks: "`cpu-release-addr` names 64 bits of memory at a multiple of 8, which hold 0 at first.",
        source: "booting.rst, \"Call the kernel image\", spin-table",
        force: Force::Mandatory,
        met: "Flint has no spin table.",
        code: &["crates/devicetree/src/edit.rs"],
        check: Check::Void("Flint's kernels get PSCI. Of other loaders the payload reads the location."),
    },
    Clause {
        id: "P3",
        title: "Spin table: CPUs wait in reserved memory",
        asks: "The CPUs that wait should do so outside the kernel, in memory that an entry of the memory reservation \
               block keeps from it.",
        source: "booting.rst, \"Call the kernel image\", spin-table",
        force: Force::Recommended,
        met: "Flint has no spin table.",
        code: &["crates/devicetree/src/edit.rs"],
        check: Check::Void(
            "Flint's kernels get PSCI. Of other loaders the payload overwrites what is not reserved, and then \
             releases the CPUs, but for a first one by which it knows that they jump at all (P6).",
        ),
    },
    Clause {
        id: "P4",
        title: "Spin table: the location is in that memory",
        asks: "The location that `cpu-release-addr` names is inside the reserved memory in which its CPU waits.",
        source: "booting.rst, \"Call the kernel image\", spin-table",
        force: Force::Mandatory,
        met: "Flint has no spin table.",
        code: &["crates/devicetree/src/edit.rs"],
        check: Check::Void(
            "Flint's kernels get PSCI. Of other loaders the payload looks for the location in the memory reservation \
             block.",
        ),
    },
    Clause {
        id: "P5",
        title: "Spin table: CPUs may sleep between looks",
        asks: "A CPU that waits may execute `wfe` between its looks at the location; the first CPU executes `sev` \
               when it has written there.",
        source: "booting.rst, \"Call the kernel image\", spin-table",
        force: Force::Optional,
        met: "Flint has no spin table.",
        code: &["crates/devicetree/src/edit.rs"],
        check: Check::Void(
            "This is a permission, and Flint's kernels get PSCI. Of other loaders the payload executes `sev` after \
             its write.",
        ),
    },
    Clause {
        id: "P6",
        title: "Spin table: a value is jumped to",
        asks: "A CPU that reads a value other than 0 from its location jumps to the address that the value is.",
        source: "booting.rst, \"Call the kernel image\", spin-table",
        force: Force::Mandatory,
        met: "Flint has no spin table.",
        code: &["crates/devicetree/src/edit.rs"],
        check: Check::Void(
            "Flint's kernels get PSCI. Of other loaders the payload writes an address of its own and waits for the \
             CPU there.",
        ),
    },
    Clause {
        id: "P7",
        title: "Spin table: the value is little endian",
        asks: "The value at the location is one little-endian number of 64 bits. A CPU in another byte order converts \
               it before it jumps.",
        source: "booting.rst, \"Call the kernel image\", spin-table",
        force: Force::Mandatory,
        met: "Flint has no spin table.",
        code: &["crates/devicetree/src/edit.rs"],
        check: Check::Void(
            "Flint's kernels get PSCI. Of other loaders it could be seen only where CPUs wait in big endian.",
        ),
    },
    Clause {
        id: "Q1",
        title: "PSCI: CPUs wait outside the kernel",
        asks: "CPUs whose `enable-method` is `psci` should stay outside the kernel: in memory that is not described \
               to it, or in memory that an entry of the memory reservation block keeps from it.",
        source: "booting.rst, \"Call the kernel image\", psci",
        force: Force::Recommended,
        met: "At an EL3 start they wait in RAM of the secure world, which the kernel is not told about; before the \
              monitor is there, in flash. At other starts QEMU keeps them powered off.",
        code: &[
            "monitor/src/world.rs",
            "bootloader/src/reset.rs",
            "crates/boards/src/qemu_virt.rs",
        ],
        check: Check::Observed(
            "The payload overwrites all memory that is described and not reserved, and then turns the CPUs on. It \
             shows on every QEMU at an EL3 start.",
        ),
    },
    Clause {
        id: "Q2",
        title: "PSCI: CPU_ON brings a CPU in",
        asks: "The kernel starts the other CPUs by CPU_ON, which works as Arm's PSCI specification says.",
        source: "booting.rst, \"Call the kernel image\", psci; DEN0022, CPU_ON",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor serves PSCI 1.3 by `smc`. At other starts QEMU does, by `smc` or `hvc`.",
        code: &[
            "crates/psci/src/system.rs",
            "crates/psci/src/cpu.rs",
            "monitor/src/smc.rs",
        ],
        check: Check::Observed(
            "The payload turns on every CPU of the device tree, asks AFFINITY_INFO, tries what has to fail \
             (ALREADY_ON, INVALID_PARAMETERS), and turns CPUs off and on again. It shows on every QEMU at an EL3 \
             start; elsewhere QEMU answers. `crates/psci` is tested against a model in every order of calls.",
        ),
    },
    Clause {
        id: "Q3",
        title: "PSCI: the device tree describes it",
        asks: "The device tree should have a node that describes PSCI as the kernel's binding psci.yaml says: \
               `compatible`, and a `method` of `smc` or `hvc`.",
        source: "booting.rst, \"Call the kernel image\", psci; Linux v7.1.8, \
                 Documentation/devicetree/bindings/arm/psci.yaml",
        force: Force::Recommended,
        met: "At an EL3 start a tree without PSCI gets a node for versions 1.0, 0.2 and 0.1 with method `smc`, and \
              one that says `hvc` is corrected. A node that is disabled stays so. At other starts QEMU's node is \
              passed on.",
        code: &["crates/devicetree/src/graft.rs", "crates/devicetree/src/edit.rs"],
        check: Check::Observed(
            "The payload finds the node and its method. It shows at an EL3 start, where QEMU writes no such node.",
        ),
    },
    Clause {
        id: "R1",
        title: "x0 to x3 of the other CPUs are 0",
        asks: "On every CPU but the first, x0, x1, x2 and x3 are 0 when it enters the kernel.",
        source: "booting.rst, \"Call the kernel image\", secondary CPUs; DEN0022, CPU_ON",
        force: Force::Mandatory,
        met: "At an EL3 start x0 is the context that the caller of CPU_ON has named, as PSCI demands and which is 0 \
              for Linux; every other register is 0. At other starts QEMU does the same.",
        code: &["monitor/src/world.rs"],
        check: Check::Observed(
            "The first instructions of the payload on each CPU keep them, and the debugger reads them. It shows on \
             every QEMU at an EL3 start.",
        ),
    },
];
