//! Machines that reset at EL3, where the firmware is alone: our kernel and stock Linux below our monitor.

use std::time::Duration;

use flint_cli::qemu::{Gic, Machine, StartLevel};
use phys_range::GIB;
use scenarios::compression::Compression;
use scenarios::flash::{Flash, Kernel};
use scenarios::linux::Linux;
use scenarios::packing::Packing;
use scenarios::userspace::LinuxBoot;
use scenarios::{Scenario, Start};

use crate::expectations::{FROM_SETTINGS, GICS, RAM_BASE, TROUBLE, report, stages};
use crate::linux;

/// Both kinds, as in names.
const LEVELS: [(StartLevel, &str); 2] = [
    (StartLevel::El3, "el3_with_el2"),
    (StartLevel::El3WithoutEl2, "el3_without_el2"),
];
/// How long a stock Linux may take on a busy machine, where every CPU that waits keeps the emulator busy, too.
const LIMIT: Duration = Duration::from_secs(240);
/// How often CPUs are turned off and on.
const HOTPLUG: u32 = 200;

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let machines = LEVELS.iter().flat_map(|level| GICS.map(|gic| (*level, gic)));
    let mut all: Vec<_> = machines
        .flat_map(|(level, gic)| [1, 8].map(|smp| boots_our_kernel(level, gic, smp)))
        .collect();
    let (el3, without_el2) = (StartLevel::El3, StartLevel::El3WithoutEl2);
    let raw = Packing::KernelInFlash(Compression::None);
    let fw_cfg = Packing::FwCfg(Compression::None);
    let rows = [
        (Linux::V6_1Cloud, raw, "cortex-a53", 8, Gic::V3, el3),
        (Linux::V6_12Cloud, Packing::FlintImage, "cortex-a57", 4, Gic::V2, el3),
        (Linux::V6_1, fw_cfg, "cortex-a72", 2, Gic::V3, without_el2),
        (Linux::V6_12, Packing::FlintImage, "cortex-a76", 4, Gic::V3, el3),
        (Linux::V6_12Cloud, fw_cfg, "neoverse-n1", 1, Gic::V2, without_el2),
        (Linux::V6_12Cloud, raw, "max,pauth-impdef=on", 4, Gic::V3, el3),
        (Linux::V6_1Cloud, fw_cfg, "max,pauth-impdef=on", 2, Gic::V2, without_el2),
    ];
    all.extend(rows.map(|(linux, packing, cpu, smp, gic, el)| reaches_userspace(linux, packing, cpu, smp, gic, el)));
    all.push(turns_cpus_off_and_on());
    all
}

fn boots_our_kernel((el, level): (StartLevel, &str), (gic, gic_name): (Gic, &str), smp: u32) -> Scenario {
    let machine = Machine {
        el,
        gic,
        smp,
        ..Machine::default()
    };
    let lines = [
        stages(el, RAM_BASE, FROM_SETTINGS),
        report(&machine, RAM_BASE, "poweroff"),
    ];
    let name = format!("boots_the_kernel_at_{level}_with_{gic_name}_and_{smp}_cpus");
    Scenario::new(name, machine, Start::Flash(Flash::new(Kernel::Ours, "poweroff")))
        .lines(lines.concat())
        .never(TROUBLE)
        .watched()
}

fn reaches_userspace(linux: Linux, packing: Packing, cpu: &str, smp: u32, gic: Gic, el: StartLevel) -> Scenario {
    let machine = Machine {
        el,
        gic,
        cpu: cpu.into(),
        smp,
        memory_bytes: GIB,
        // The tags of memory need a machine that has room for them; other CPUs do not mind.
        extra: if cpu.starts_with("max") && el == StartLevel::El3 {
            vec!["-machine".into(), "mte=on".into()]
        } else {
            Vec::new()
        },
        ..Machine::default()
    };
    let name = format!(
        "reaches_userspace_below_the_monitor_{}_on_{smp}_{}_gicv{}_{}",
        linux.name().replace(['-', '.'], "_"),
        cpu.split(',').next().unwrap_or_default().replace('-', "_"),
        gic.number(),
        if el == StartLevel::El3 { "el2" } else { "el1" },
    );
    let boot = LinuxBoot::new(linux, packing);
    let lines = boot.lines(&machine);
    scenario(name, machine, boot, lines)
}

/// Two CPUs at once turn others off and on, in no order.
fn turns_cpus_off_and_on() -> Scenario {
    let machine = Machine {
        el: StartLevel::El3,
        smp: 8,
        memory_bytes: GIB,
        ..Machine::default()
    };
    let mut boot = LinuxBoot::new(Linux::V6_12Cloud, Packing::FwCfg(Compression::None));
    boot.command_line = format!("{} flint.hotplug={HOTPLUG}", boot.command_line);
    let mut lines = boot.lines(&machine);
    // Before the last two: userspace says goodbye, and the machine powers off.
    lines.insert(
        lines.len() - 2,
        format!("flint-userspace: hotplug {HOTPLUG} times, cpus 8$"),
    );
    scenario("turns_cpus_off_and_on_below_the_monitor".into(), machine, boot, lines)
}

fn scenario(name: String, machine: Machine, boot: LinuxBoot, lines: Vec<String>) -> Scenario {
    Scenario::new(name, machine, Start::Linux(boot))
        .lines(lines)
        .never(linux::TROUBLE)
        .never(["KASLR disabled", "initrd damaged", "Call trace:", "hotplug of"])
        .within(LIMIT)
}
