//! The errors of the bootloader itself.

use super::{Explanation, explain};

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "boot-exception",
        "An exception that nobody expected. The lines after it name its class, the address of the instruction (ELR), the \
         address that could not be reached (FAR, where there is one), all registers and the calls that led there. With \
         `image + …` the address is an offset in the program that printed it, and the address in its ELF file.",
        "Look the addresses up: `llvm-addr2line -e target/aarch64-unknown-none/release/bootloader ADDRESS` (or `kernel` in its \
         place). If the kernel is your own, it runs with the exception vectors of whoever installed them last. If the \
         bootloader did it, that is a bug of Flint: please report it with all the lines.",
    ),
    explain(
        "boot-panic",
        "The bootloader has found a mistake of its own and stopped. No flash image, kernel or device tree should be able to \
         cause this.",
        "This is a bug of Flint: please report the line, with the flash image and the QEMU command that led to it.",
    ),
    explain(
        "monitor-gic",
        "The interrupt controller does not do what the machine's device tree says: no register block can be where it should be, no \
         redistributor is for this CPU, or a redistributor does not wake up or does not take writes. The line has the address, the value \
         that was read there, and what was expected.",
        "Compare the node of the interrupt controller in the machine's device tree with the machine.",
    ),
    explain(
        "monitor-panic",
        "The monitor has found a mistake of its own and stopped this CPU. No call from the normal world should be able to cause this.",
        "This is a bug of Flint: please report the lines, with the kernel and the QEMU command that led to it.",
    ),
    explain(
        "monitor-platform",
        "The monitor does not find the description of the machine that the bootloader leaves in the secure RAM, or finds one of another \
         version.",
        "Make the flash image with one `flint image`: bootloader and monitor belong together.",
    ),
    explain(
        "monitor-trap",
        "An instruction of the kernel has trapped to EL3, though nothing is meant to. It was answered as undefined, so that the kernel loses \
         a feature and not a CPU. The line after it names the clause of the boot protocol, where one is known. Each CPU says so once.",
        "The CPU has a feature that Flint does not open to the kernel: please report the lines, with the `-cpu` and the QEMU version.",
    ),
    explain(
        "flash-no-bootloader",
        "The flash does not begin with a program. The CPU would find padding at the address where it starts, and the console would \
         stay silent.",
        "Make the image with `flint image`, which puts the bootloader there; or write a flat bootloader binary to offset 0.",
    ),
    explain(
        "fw-cfg-refused",
        "QEMU's fw_cfg device did not give what it has. It sets an error bit when it cannot write to the memory that it was given.",
        "Look whether the file given to -kernel or -initrd is still there and complete; with a usual QEMU this is a bug of Flint: please \
         report it with the QEMU command.",
    ),
    explain(
        "fw-cfg-stuck",
        "QEMU's fw_cfg device has not finished a transfer in 10 seconds.",
        "Look whether the host is out of memory or its disk is stuck, then start QEMU again.",
    ),
];
