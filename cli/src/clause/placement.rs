//! Groups E and F: where things are, and devices.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "E1",
        title: "The Image is at `text_offset` from 2 MiB",
        asks: "The Image lies `text_offset` bytes above a multiple of 2 MiB, in usable RAM, and is called there.",
        source: "booting.rst, \"Call the kernel image\", placement",
        force: Force::Mandatory,
        met: "The plan chooses the base among the free ranges of RAM; what is loaded goes there and nowhere else.",
        code: &[
            "crates/boot-plan/src/plan.rs",
            "crates/boot-plan/src/free.rs",
            "bootloader/src/load.rs",
        ],
        check: Check::Observed(
            "The payload subtracts its `text_offset` from its own address. It shows on every QEMU. Linux says `Kernel \
             image misaligned at boot` where it is wrong.",
        ),
    },
    Clause {
        id: "E2",
        title: "The gap below the Image may be used",
        asks: "What lies between the base and the Image means nothing to the kernel; anything may be there.",
        source: "booting.rst, \"Call the kernel image\", placement",
        force: Force::Optional,
        met: "A reservation may lie there; Flint puts nothing there on purpose.",
        code: &["crates/boot-plan/src/free.rs"],
        check: Check::Void("This is a permission, and nobody can break it."),
    },
    Clause {
        id: "E3",
        title: "`image_size` bytes are the kernel's",
        asks: "From the start of the Image on, at least `image_size` bytes are free for the kernel. They are more \
               than its file has: the rest is for data that starts as 0.",
        source: "booting.rst, \"Call the kernel image\", placement",
        force: Force::Mandatory,
        met: "The plan reserves them, and nothing else is placed there: no device tree, no initrd, no reservation, \
              not the stack that the kernel is loaded from. The monitor is in memory of the secure world.",
        code: &["crates/boot-plan/src/plan.rs", "machine/src/ram.rs"],
        check: Check::Observed(
            "The payload fills the memory from the end of its file up to `image_size`, and then looks whether device \
             tree and initrd are as before; the host compares where they lie. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "E4",
        title: "Kernels before v4.6 are placed low",
        asks: "A kernel from before v4.6 cannot use the memory below its Image, so that it should be close to the \
               start of RAM.",
        source: "booting.rst, \"Call the kernel image\", placement",
        force: Force::Recommended,
        met: "As D9: every kernel goes as low as it can, but for a FIT's wish.",
        code: &["crates/boot-plan/src/plan.rs"],
        check: Check::Observed(
            "The host compares the base of the payload with the lowest free one. It shows on every QEMU by \
             arithmetic.",
        ),
    },
    Clause {
        id: "E5",
        title: "The initrd shares a window with the kernel",
        asks: "An initrd lies wholly in a window of at most 32 GiB that starts at a multiple of 1 GiB and covers the \
               whole Image, too.",
        source: "booting.rst, \"Call the kernel image\", placement",
        force: Force::Mandatory,
        met: "The plan places it as high as such a window allows, in pages of its own, or refuses \
              (plan-no-room-initrd).",
        code: &["crates/boot-plan/src/plan.rs"],
        check: Check::Observed(
            "The payload takes `linux,initrd-start` and `linux,initrd-end` from the device tree and does the sum. It \
             shows on every QEMU by arithmetic; properties of the plan hold it for banks that no test machine has.",
        ),
    },
    Clause {
        id: "E6",
        title: "Memory that is not reserved is the kernel's",
        asks: "The kernel uses any memory that is described and not reserved, below its Image, too. So nothing that \
               is still needed, such as firmware or CPUs that wait, lies there.",
        source: "booting.rst, \"Call the kernel image\", placement",
        force: Force::Mandatory,
        met: "At an EL3 start monitor, stacks and parked CPUs are in RAM of the secure world, which the kernel is not \
              told about. At an EL2 or EL1 start nothing of Flint stays but its vectors, in flash; until the kernel \
              has its own, an exception would be saved to a stack in RAM.",
        code: &[
            "crates/boards/src/qemu_virt.rs",
            "monitor/src/board.rs",
            "machine/src/hand_over.rs",
        ],
        check: Check::Observed(
            "The payload overwrites all memory that is described and not reserved, but for itself, device tree and \
             initrd, and then turns CPUs off and on by PSCI. It shows on every QEMU at an EL3 start; elsewhere QEMU \
             itself answers PSCI.",
        ),
    },
    Clause {
        id: "F1",
        title: "Devices are quiet",
        asks: "No device that can write to memory by itself is still at work when the kernel starts.",
        source: "booting.rst, \"Call the kernel image\", conditions",
        force: Force::Mandatory,
        met: "Flint uses one device that writes to memory, fw_cfg, and waits for the end of each transfer; where that \
              does not come, the boot stops (fw-cfg-stuck). Interrupts are all off at an EL3 start.",
        code: &["machine/src/fw_cfg.rs", "machine/src/gic.rs"],
        check: Check::Observed(
            "The payload looks at the virtio devices, at bus mastering of PCI, at which shared interrupts are \
             enabled, at whether its own LPIs are, and at the UART's interrupt mask and DMA. It shows on every QEMU \
             if a loader used them.",
        ),
    },
];
