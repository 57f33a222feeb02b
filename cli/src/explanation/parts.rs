//! The errors of parts of a boot that do not fit together.

use super::{Explanation, explain};

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "fit-compression",
        "The FIT says that its kernel is compressed in another way than it is. The property `compression` of the kernel's image \
         names one format, and the data begin like another.",
        "Make the FIT again with the right `compression` in its source; \"none\" lets Flint look for itself.",
    ),
    explain(
        "kernel-image-size-short",
        "The kernel is longer than the image_size in its header. The header says how much memory the kernel takes from its first \
         byte on, and that has to count the whole file.",
        "Mend the linker script that the header's image_size comes from: the 64-bit word at byte 16 of the kernel.",
    ),
    explain(
        "cmdline-length",
        "The command line is longer than 2047 bytes. Linux takes no more on arm64, and would cut off the rest without a word.",
        "Shorten it. The message says where it comes from: QEMU's -append (fw_cfg), the FIT, the settings block or the device tree.",
    ),
    explain(
        "cmdline-text",
        "The command line is not UTF-8 text, or has a NUL byte in it. Nobody could have meant that.",
        "Write it again where the message says that it comes from.",
    ),
];
