//! A stock Linux from the flash without an initrd, as far as it gets: machines and flashes that
//! need no more to be tested.

use std::time::Duration;

use flint_cli::qemu::{Gic, Machine, StartLevel};
use phys_range::{GIB, MIB};
use scenarios::flash::{Flash, Kernel};
use scenarios::linux::Linux;
use scenarios::{End, Scenario, Start, Tampering};

use crate::expectations::{FROM_SETTINGS, RAM_BASE, stages};

/// A boot takes 3 s; emulated pointer authentication makes 8 s of it.
const LIMIT: Duration = Duration::from_secs(120);

/// What Linux says to a loader that breaks the protocol, and to CPUs that it cannot start.
pub const TROUBLE: [&str; 10] = [
    " ms] error ",
    "Firmware Bug",
    "x1-x3 nonzero",
    "inconsistent modes",
    "failed to come online",
    "Booted with MMU enabled",
    "misaligned at boot",
    "invalid device tree",
    "Unhandled",
    "rcu: INFO: ",
];

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let machine = |el, gic, cpu: &str, memory_bytes| Machine {
        el,
        gic,
        cpu: cpu.into(),
        memory_bytes,
        smp: 4,
        ..Machine::default()
    };
    let (el1, el2, v2, v3) = (StartLevel::El1, StartLevel::El2, Gic::V2, Gic::V3);
    vec![
        boot(
            "boots_linux_at_el2",
            Linux::V6_1Cloud,
            machine(el2, v3, "cortex-a53", 128 * MIB),
        ),
        boot(
            "boots_linux_at_el1",
            Linux::V6_1Cloud,
            machine(el1, v3, "cortex-a53", 128 * MIB),
        ),
        boot(
            "boots_linux_with_gicv2_at_el2",
            Linux::V6_1Cloud,
            machine(el2, v2, "cortex-a57", GIB),
        ),
        boot(
            "boots_linux_with_gicv2_at_el1",
            Linux::V6_1Cloud,
            machine(el1, v2, "cortex-a72", GIB),
        ),
        boot(
            "boots_linux_on_max_at_el2",
            Linux::V6_1Cloud,
            machine(el2, v3, "max", GIB),
        ),
        boot(
            "boots_linux_on_max_at_el1",
            Linux::V6_1Cloud,
            machine(el1, v3, "max", GIB),
        ),
        boot(
            "boots_linux_with_64m_of_ram",
            Linux::V6_1Cloud,
            machine(el2, v3, "cortex-a53", 64 * MIB),
        ),
        boot(
            "boots_linux_with_8g_of_ram",
            Linux::V6_1Cloud,
            machine(el2, v3, "cortex-a53", 8 * GIB),
        ),
        boot(
            "boots_the_full_size_linux_at_el2",
            Linux::V6_1,
            machine(el2, v3, "cortex-a53", GIB),
        ),
        boot(
            "boots_the_full_size_linux_at_el1",
            Linux::V6_1,
            machine(el1, v3, "cortex-a53", GIB),
        ),
        without_settings(machine(el2, v3, "cortex-a53", GIB)),
        in_garbage(machine(el2, v3, "cortex-a53", GIB)),
    ]
}

/// A boot with a command line from the settings block, up to the root file system.
fn boot(name: &str, linux: Linux, machine: Machine) -> Scenario {
    let command_line = format!("console=ttyAMA0 flint.scenario={name}");
    let flash = Flash::new(Kernel::Linux(linux), &command_line);
    up_to_root(name, machine, flash, FROM_SETTINGS, &command_line)
}

fn up_to_root(name: &str, machine: Machine, flash: Flash, source: &str, command_line: &str) -> Scenario {
    let (level, cpus) = (machine.el, machine.smp);
    let stages = stages(level, RAM_BASE, source);
    Scenario::new(name, machine, Start::Flash(flash))
        .lines(stages)
        .lines([
            "Booting Linux on physical CPU 0x0000000000",
            "Machine model: linux,dummy-virt",
        ])
        .lines([format!("Kernel command line: {command_line}$")])
        .lines([
            format!("smp: Brought up * node*, {cpus} CPUs$"),
            format!("CPU: All CPU(s) started at {}$", level.of_kernel()),
        ])
        .lines(["Unable to mount root fs"])
        .never(TROUBLE)
        .ends(End::LastLine)
        .within(LIMIT)
}

/// As the article's `dd` makes the flash: nothing but loader and kernel, and zeros.
fn without_settings(machine: Machine) -> Scenario {
    let flash = Flash::new(Kernel::Linux(Linux::V6_1Cloud), "")
        .without_settings()
        .padded_with_zeros();
    up_to_root("boots_linux_without_a_settings_block", machine, flash, "none", "")
}

/// RAM is not zero, so neither is what the kernel reserves behind its file.
fn in_garbage(machine: Machine) -> Scenario {
    boot(
        "boots_linux_if_ram_and_registers_hold_garbage",
        Linux::V6_1Cloud,
        machine,
    )
    .tampered(Tampering::Poison("poison_odd"))
}
