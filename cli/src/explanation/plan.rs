//! The errors of placing a sound kernel on a machine.

use super::{Explanation, explain};

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "plan-page-size",
        "The CPU does not implement the page size that the kernel is built for. It could not turn its MMU on and would stop without a word. \
         A cortex-a53 has pages of 4 and 64 KiB.",
        "Use a kernel with CONFIG_ARM64_4K_PAGES, which every CPU of 64 bits in QEMU has, or another CPU: `--cpu max` has all page sizes.",
    ),
    explain(
        "plan-entry-unaligned",
        "The kernel's first instruction would not be at a multiple of 4. Its header has a `text_offset` that is no multiple of 4.",
        "Correct the 64-bit word at byte 8 of the kernel; 0 is the best choice for a kernel that runs at any multiple of 2 MiB.",
    ),
    explain(
        "plan-no-room-kernel",
        "No part of RAM has room for the kernel. It needs `image_size` bytes in one piece, from `text_offset` above a multiple of 2 MiB on, \
         away from what is reserved.",
        "Give the machine more RAM (`flint run --memory 1G`). If `image_size` is far larger than the kernel, its header is wrong.",
    ),
    explain(
        "plan-devicetree-too-large",
        "With the command line added, the device tree is larger than the 2 MiB that a kernel accepts.",
        "Use a shorter command line or a smaller device tree.",
    ),
    explain(
        "plan-no-room-devicetree",
        "No free block of 2 MiB is left for the device tree beside the kernel. A kernel maps the device tree in such a block, which must \
         be plain RAM.",
        "Give the machine more RAM (`flint run --memory 128M`).",
    ),
    explain(
        "plan-no-room-work-area",
        "No RAM is left for the bootloader's own memory while it loads. All of it is reserved, or there is too little.",
        "Give the machine more RAM, or look at the reservations in its device tree with `flint inspect FILE.dtb`.",
    ),
    explain(
        "plan-no-room-scratch",
        "No part of RAM has room for the payload. A packed kernel or a FIT from QEMU's -kernel has to be in RAM before it is unpacked; one \
         in flash is read where it lies.",
        "Give the machine more RAM (`flint run --memory 1G`), give QEMU the raw Image, or put the payload into the flash.",
    ),
    explain(
        "plan-no-room-initrd",
        "No part of RAM has room for the initrd beside the kernel. It has to lie in one piece, away from what is reserved, in a window of \
         32 GiB that also holds the kernel.",
        "Give the machine more RAM (`flint run --memory 1G`), or use a smaller initrd.",
    ),
];
