//! Groups A to C: RAM, device tree, decompression.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "A1",
        title: "RAM works and is described",
        asks: "The RAM that the kernel will use for data is found and initialised before the kernel runs, and the \
               device tree describes it. Every range that a memory node describes can be read and written.",
        source: "booting.rst, \"Setup and initialise RAM\"",
        force: Force::Mandatory,
        met: "RAM of QEMU's virt works from reset; a board with a memory controller would have to set it up before \
              reset.rs writes its page tables there. The kernel gets the machine's memory nodes as they are. A device \
              tree that replaces the machine's gets the machine's RAM where it describes none, and is refused where \
              it describes RAM that is not there (tree-ram-outside).",
        code: &["crates/devicetree/src/memory.rs", "crates/devicetree/src/graft.rs"],
        check: Check::Observed(
            "The payload reads and writes every range that is described, and the host holds the ranges against the \
             size that the machine was started with: an invented bank, and one that is described twice, break the \
             clause. So does a lost one: the kernel uses what is described, and a loader that keeps RAM for itself \
             reserves it. Only where the loader answers PSCI, on a machine with EL3, may RAM be left out, since CPUs may \
             stay there (Q1); the evidence names it. RAM that nobody initialised does not show on QEMU, because it \
             works from reset.",
        ),
    },
    Clause {
        id: "A2",
        title: "Memory of a Realm has the state RAM",
        asks: "In a Realm of Arm's Confidential Compute Architecture, all protected memory that the kernel is told \
               about has the realm IPA state RAM.",
        source: "booting.rst, \"Setup and initialise RAM\"; DEN0137, RIPAS",
        force: Force::Mandatory,
        met: "Flint starts from flash at reset, which no Realm does; it asks the realm's monitor for nothing.",
        code: &[],
        check: Check::NotOnQemu("QEMU's virt machine starts no Realms. There is nothing in Flint to review."),
    },
    Clause {
        id: "B1",
        title: "The device tree is aligned to 8 bytes",
        asks: "The device tree blob starts at a multiple of 8 bytes.",
        source: "booting.rst, \"Setup the device tree\"",
        force: Force::Mandatory,
        met: "The plan puts it at the start of a block of 2 MiB.",
        code: &["crates/boot-plan/src/plan.rs"],
        check: Check::Observed("The payload looks at x0 and at the magic number there. It shows on every QEMU."),
    },
    Clause {
        id: "B2",
        title: "The device tree has at most 2 MiB",
        asks: "The device tree blob has at most 2 MiB, with all that was added to it.",
        source: "booting.rst, \"Setup the device tree\"",
        force: Force::Mandatory,
        met: "A larger one is refused before anything is loaded (plan-devicetree-too-large, tree-too-large). What \
              Flint writes is packed: QEMU's own tree claims 1 MiB and uses some 8 KiB.",
        code: &["crates/boot-plan/src/plan.rs", "crates/devicetree/src/edit.rs"],
        check: Check::Observed("The payload reads the total size in the header. It shows on every QEMU."),
    },
    Clause {
        id: "B3",
        title: "The device tree's blocks are plain RAM",
        asks: "The kernel maps the device tree as cached memory in blocks of up to 2 MiB. So every block of 2 MiB \
               that the tree is in holds nothing which must be mapped in another way.",
        source: "booting.rst, \"Setup the device tree\"",
        force: Force::Mandatory,
        met: "The plan gives the tree a block of 2 MiB for itself, inside one bank of RAM and away from every \
              reservation.",
        code: &["crates/boot-plan/src/plan.rs", "crates/boot-plan/src/free.rs"],
        check: Check::Observed(
            "The payload widens the tree's range to 2 MiB and holds it against memory nodes and reservations. It \
             shows on every QEMU by arithmetic; QEMU itself would not mind.",
        ),
    },
    Clause {
        id: "B4",
        title: "Kernels before v4.2 reach the device tree",
        asks: "A kernel from before v4.2 finds the device tree in the 512 MiB that start at its base, which is \
               `text_offset` bytes below its Image.",
        source: "booting.rst, \"Setup the device tree\"",
        force: Force::Mandatory,
        met: "The plan takes the highest free block in those 512 MiB, for every kernel, since no header tells its \
              version. Only where all of them are taken does it go beyond rather than fail.",
        code: &["crates/boot-plan/src/plan.rs"],
        check: Check::Observed(
            "The host compares x0 with the base of the Image. It shows on every QEMU by arithmetic.",
        ),
    },
    Clause {
        id: "B5",
        title: "The device tree is in system RAM",
        asks: "The device tree that x0 points to lies in RAM of the system: not in flash, not in memory of the secure \
               world.",
        source: "booting.rst, \"Call the kernel image\", general-purpose registers",
        force: Force::Mandatory,
        met: "The plan places it in RAM that the kernel is told about. QEMU's tree is in RAM too, at its start, where \
              the kernel is to go; so it is moved.",
        code: &["crates/boot-plan/src/plan.rs"],
        check: Check::Observed("The payload looks for the tree's range in the memory nodes. It shows on every QEMU."),
    },
    Clause {
        id: "C1",
        title: "A compressed kernel is unpacked",
        asks: "The kernel cannot unpack itself. A loader that takes a compressed Image hands over what is in it.",
        source: "booting.rst, \"Decompress the kernel image\"",
        force: Force::Optional,
        met: "gzip, LZ4, zstd and EFI zboot are unpacked straight into the kernel's place, from flash, fw_cfg and FIT \
              alike; other formats are refused by name.",
        code: &[
            "crates/payload/src/kernel.rs",
            "crates/decompress/src/lib.rs",
            "bootloader/src/load.rs",
        ],
        check: Check::Observed(
            "The host compares the kernel in memory with the Image, byte by byte. It shows on every QEMU for what \
             comes from flash; by fw_cfg QEMU hands over gzip unpacked already.",
        ),
    },
];
