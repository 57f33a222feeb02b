//! The errors of a kernel file on its way into a flash image.

use super::{Explanation, explain};

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "kernel-file-format",
        "The file given as a kernel is something else, which is known. The message names it. Flint takes raw arm64 Images, Images \
         compressed with gzip, LZ4 or zstd, EFI zboot kernels, and FITs.",
        "Get the raw Image out of it, as the help line says.",
    ),
    explain(
        "kernel-file-empty",
        "The file given as a kernel has no bytes in it.",
        "Copy or build the file again, and look whether the disk is full.",
    ),
    explain(
        "kernel-file-too-large",
        "The kernel, or the FIT with what belongs to it, does not fit into the flash. There are 63 MiB for it.",
        "Compress the kernel with `--compress zstd`, or make the initrd smaller. `flint run --fw-cfg` needs no room in the flash: it gives \
         kernel and initrd to QEMU's -kernel and -initrd.",
    ),
    explain(
        "kernel-file-truncated",
        "The kernel file is cut short. Kernels with an EFI stub have a PE header, and by that the file should be longer.",
        "Copy or download the file again, and look whether the disk is full.",
    ),
    explain(
        "kernel-file-surplus",
        "The kernel file is longer than its header says. Only `image_size` bytes would be loaded, and the rest of the file would be missing in \
         memory.",
        "Correct `image_size` (the 64-bit word at byte 16), as a rule in the linker script that computes it; 0 lets `flint image` \
         set it to the size of the file. If something was appended to the kernel, take it away again.",
    ),
    explain(
        "kernel-file-image-size",
        "The kernel's `image_size` is more than any memory holds.",
        "Correct the 64-bit word at byte 16 of the kernel; 0 lets `flint image` set it to the size of the file.",
    ),
];
