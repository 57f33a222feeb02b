//! The errors of a flash image: its length, and the settings block.

use super::{Explanation, explain};

const WRITE_AGAIN: &str =
    "Make the image again with `flint image`, or erase the sector at 0x80000 to start without settings.";
const NEWER: &str = "Use the `flint` that goes with the bootloader in this flash, and make the image again with it.";

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "flash-too-long",
        "The flash image is longer than the flash. QEMU's machine `virt` has a first flash of 64 MiB, and takes files of that size only.",
        "Make the image with `flint image`. If what is behind the first 64 MiB is padding, cut it off: `truncate -s 64M FILE`.",
    ),
    explain(
        "flash-too-short",
        "The flash image is not all of the flash. QEMU's machine `virt` has a first flash of 64 MiB, and takes files of that size only.",
        "Make the image with `flint image`, which pads it. If you made it by hand, pad it: `truncate -s 64M FILE` (zeros are \
         taken for padding as well as 0xff).",
    ),
    explain(
        "flash-no-monitor",
        "The machine starts at EL3, and the flash has no monitor at 0x40000. At EL3 the firmware is alone: something must stay there to start \
         the other CPUs, to power the machine off, and to set up what only EL3 can.",
        "Make the flash image with `flint image`, which puts Flint's monitor in; with a bootloader of your own, name one by `--monitor`. Or \
         start QEMU without `secure=on`.",
    ),
    explain(
        "flash-monitor-too-large",
        "The monitor is larger than its room. Its code and constants have 256 KiB in the flash from 0x40000 on, and its variables have the \
         room that the board's secure RAM has for them.",
        "Make the flash image with `flint image`, which puts Flint's monitor in. If the monitor is your own, make the part smaller that the \
         message names.",
    ),
    explain(
        "flash-settings-magic",
        "At 0x80000 the flash holds something that is no settings block. A block begins with `FLINTSET`; without settings the sector is \
         erased (0xff) or zero.",
        "If a bootloader or a kernel of yours reaches into that sector, move it: the bootloader has 256 KiB from 0 on, the kernel \
         begins at 0x100000. Else make the image again with `flint image`.",
    ),
    explain(
        "flash-settings-version",
        "The settings block is in a format that this bootloader does not know.",
        NEWER,
    ),
    explain(
        "flash-settings-length",
        "The settings block claims to be longer than its sector.",
        WRITE_AGAIN,
    ),
    explain(
        "flash-settings-crc",
        "The settings block is damaged. Its checksum does not fit its contents: a write was interrupted, or something else wrote there.",
        WRITE_AGAIN,
    ),
    explain(
        "flash-settings-entry",
        "The settings block has an entry that this bootloader does not know, or knows otherwise. A newer `flint` may have made it. \
         The bootloader does not start with settings that it would have to ignore.",
        NEWER,
    ),
    explain(
        "flash-settings-cmdline-length",
        "The command line is longer than 2047 bytes. Linux has room for 2048 with the NUL byte at the end.",
        "Use a shorter command line; long lists of options may go into the initrd or a configuration file of the system.",
    ),
    explain(
        "flash-settings-cmdline-text",
        "The command line is not text. It must be UTF-8 without NUL bytes.",
        "Give the command line again: `flint image --cmdline TEXT`.",
    ),
    explain(
        "flash-settings-no-room",
        "The settings do not fit into their sector.",
        "This is a bug of Flint: please report it with the command that you used.",
    ),
];
