//! Our kernel under other loaders: it must say the same as under ours.

use std::time::Duration;

use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::u_boot::KERNEL_ADDRESS;
use scenarios::{Scenario, Start};

use crate::expectations::{GICS, LEVELS, TROUBLE, report};

/// The place where QEMU puts a kernel that can be anywhere: 2 MiB above the start of RAM.
const QEMU_ADDRESS: u64 = 0x4020_0000;
/// U-Boot starts slowly.
const U_BOOT_LIMIT: Duration = Duration::from_secs(60);

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let machines = LEVELS.iter().flat_map(|level| GICS.map(|gic| (*level, gic)));
    let mut all: Vec<_> = machines
        .map(|((el, level), (gic, controller))| {
            let name = format!("qemu_loads_the_kernel_at_{level}_with_{controller}");
            scenario(name, el, gic, Start::QemuKernel("poweroff"), QEMU_ADDRESS)
        })
        .collect();
    for (el, level) in LEVELS {
        // Both device trees that U-Boot knows of: its own copy, and the machine's.
        let trees = [
            ("its_own_tree", "${fdtcontroladdr}", Gic::V3),
            ("the_machines_tree", "0x40000000", Gic::V2),
        ];
        all.extend(trees.map(|(tree, address, gic)| {
            let commands = format!("setenv bootargs poweroff; booti {KERNEL_ADDRESS:#x} - {address}");
            let name = format!("u_boot_loads_the_kernel_with_{tree}_at_{level}");
            scenario(name, el, gic, Start::UBoot(commands), KERNEL_ADDRESS).within(U_BOOT_LIMIT)
        }));
    }
    all
}

fn scenario(name: String, el: StartLevel, gic: Gic, start: Start, address: u64) -> Scenario {
    let machine = Machine {
        el,
        gic,
        ..Machine::default()
    };
    let report = report(&machine, address, "poweroff");
    Scenario::new(name, machine, start).lines(report).never(TROUBLE)
}
