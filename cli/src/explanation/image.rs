//! The errors of a kernel.

use super::{Explanation, explain};

const SET_IMAGE_SIZE: &str = "`flint image` sets one that is 0, and rounds up one that is not a multiple of 8. If you write the kernel to flash by other means, set the 64-bit \
     little-endian word at byte 16 of the kernel to its size in memory, .bss included, rounded up to a multiple of 8.";

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "image-too-short",
        "There are fewer bytes than the header of a kernel has. Every arm64 Image opens with a header of 64 bytes.",
        "Check that the file is complete, and that it is the kernel's Image.",
    ),
    explain(
        "image-magic",
        "There is no arm64 Image where the kernel should be. Byte 56 to 59 of an Image hold `ARM\\x64`, which is 0x644d5241 as a \
         little-endian word; in flash the kernel begins at 0x100000. If the word found is 0xffffffff, the flash is erased there: no kernel \
         was written.",
        "Write a raw Image: `flint image --kernel Image -o flash.bin`. Compressed kernels (Image.gz, vmlinuz of some distributions), zboot \
         kernels, ELF files (vmlinux) and FIT are other formats; `flint inspect FILE` names them and says how to get an Image.",
    ),
    explain(
        "image-size-zero",
        "The kernel's header does not say how large it is. `image_size` is 0, as in kernels from before Linux 3.17 and in many of \
         one's own; nothing then says how much to copy out of the flash.",
        SET_IMAGE_SIZE,
    ),
    explain(
        "image-size-unaligned",
        "The kernel's `image_size` is not a multiple of 8. This flash format wants whole words of 64 bits.",
        SET_IMAGE_SIZE,
    ),
    explain(
        "image-past-flash",
        "The kernel does not fit into the flash. It has 63 MiB, from 0x100000 to the end of the first flash. Without a record in the settings \
         block, all of `image_size` has to lie in flash, .bss included.",
        "Use a smaller kernel. If it is `image_size` that is wrong, correct it: it is the 64-bit word at byte 16 of the kernel. \
         `flint image` writes the record that lets .bss be larger than the flash.",
    ),
    explain(
        "image-size-short",
        "The kernel's file is longer than the image_size in its header. The header says how much memory the kernel takes from its first \
         byte on, and that has to count the whole file.",
        "Mend the linker script that the header's image_size comes from; `flint image` refuses such a file too.",
    ),
    explain(
        "image-truncated",
        "The end of the kernel is missing from the flash. Its length or the checksum of its last bytes is not what was recorded when \
         it was written: the write was interrupted, or the kernel was replaced without the record.",
        "Write the kernel again, with the settings block that goes with it: `flint image --kernel Image -o flash.bin` makes both.",
    ),
];
