//! QEMU's `virt` machine (QEMU documentation, "'virt' generic virtual platform"; boot-protocol 2.2
//! and 2.3).

use phys_range::{GIB, KIB, MIB, PhysRange};

use crate::{Board, GicSpaces, PowerLines, SecureRam};

const fn range(start: u64, size_bytes: u64) -> PhysRange {
    PhysRange::new(start, size_bytes).unwrap()
}

const RAM_BASE: u64 = 0x4000_0000;
const SECURE_BASE: u64 = 0x0e00_0000;

/// The facts of the machine.
pub const QEMU_VIRT: Board = Board {
    // The second flash, from 64 MiB on, is mapped with the first.
    flash: range(0, 128 * MIB),
    devices: range(0x0800_0000, 0x3800_0000),
    // RAM ends below 256 GiB, where the high device windows begin.
    ram: range(RAM_BASE, 255 * GIB),
    devicetree: range(RAM_BASE, 2 * MIB),
    early_stack: range(RAM_BASE + 2 * MIB, 128 * KIB),
    secure: SecureRam {
        code: range(SECURE_BASE, 2 * MIB),
        monitor: range(SECURE_BASE + 2 * MIB - 256 * KIB, 256 * KIB),
        data: range(SECURE_BASE + 2 * MIB, 12 * MIB),
        platform: range(SECURE_BASE + 2 * MIB, 16 * KIB),
        variables: range(SECURE_BASE + 2 * MIB + 16 * KIB, 240 * KIB),
        tables: range(SECURE_BASE + 2 * MIB + 256 * KIB, 64 * KIB),
        stacks: range(SECURE_BASE + 4 * MIB, 8 * MIB),
        bootloader: range(SECURE_BASE + 14 * MIB, 2 * MIB),
    },
    boot_cpu: 0,
    console: 0x0900_0000,
    // The second one is the secure world's where there is one.
    consoles: &[0x0900_0000, 0x0904_0000],
    console_clock_hz: 24_000_000,
    fw_cfg: range(0x0902_0000, 0x18),
    gic: GicSpaces {
        distributor: range(0x0800_0000, 64 * KIB),
        cpu_interface: range(0x0801_0000, 64 * KIB),
        // CPUs after the 123rd have theirs above 256 GiB, where firmware does not reach.
        redistributors: range(0x080a_0000, 0xf6_0000),
    },
    power: PowerLines {
        base: 0x090b_0000,
        off: 0,
        reset: 1,
    },
};
