//! Machines that reset at EL3, where the firmware is alone: our kernel, stock Linux and calls of
//! any kind below our monitor. Stock Linux in all combinations is in [`crate::userspace`].

use std::time::Duration;

use flint_cli::initramfs::PREFIX;
use flint_cli::qemu::{Gic, Machine, StartLevel};
use phys_range::GIB;
use scenarios::compression::Compression;
use scenarios::flash::{Flash, Kernel};
use scenarios::linux::Linux;
use scenarios::packing::Packing;
use scenarios::userspace::LinuxBoot;
use scenarios::{End, Scenario, Start};

use crate::expectations::{FROM_SETTINGS, GICS, RAM_BASE, TROUBLE, report, stages};
use crate::linux;

/// Both kinds, as in names.
const LEVELS: [(StartLevel, &str); 2] = [
    (StartLevel::El3, "el3_with_el2"),
    (StartLevel::El3WithoutEl2, "el3_without_el2"),
];
/// The time limit for a stock Linux on a busy machine, where every CPU that waits keeps the
/// emulator busy, too.
const LIMIT: Duration = Duration::from_secs(240);
/// The time limit for calls; the payload itself gives up a little earlier, and says what is
/// missing.
const CALLS_LIMIT: Duration = Duration::from_secs(120);
/// The number of times that CPUs are turned off and on.
const HOTPLUG: u32 = 200;

/// The number of times that the machine is suspended to RAM.
const SUSPENDS: u32 = 3;

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let machines = LEVELS.iter().flat_map(|level| GICS.map(|gic| (*level, gic)));
    let mut all: Vec<_> = machines
        .flat_map(|(level, gic)| [1, 8].map(|smp| boots_our_kernel(level, gic, smp)))
        .collect();
    all.push(reaches_userspace_with_memory_tags());
    all.push(boots_again_after_a_reset());
    all.push(turns_cpus_off_and_on());
    all.extend(GICS.map(suspends_to_ram));
    let (el3, without_el2) = (StartLevel::El3, StartLevel::El3WithoutEl2);
    let rows = [
        (100_000, 1, "cortex-a53", 8, Gic::V3, el3),
        (20_000, 2, "cortex-a72", 4, Gic::V2, el3),
        (20_000, 3, "cortex-a57", 4, Gic::V3, without_el2),
        (20_000, 4, "max", 3, Gic::V3, el3),
    ];
    all.extend(rows.map(|(calls, seed, cpu, smp, gic, el)| survives_calls(calls, seed, cpu, smp, gic, el)));
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

/// A CPU that has everything, memory tags included, which the machine must have room for.
fn reaches_userspace_with_memory_tags() -> Scenario {
    let machine = Machine {
        el: StartLevel::El3,
        cpu: "max,pauth-impdef=on".into(),
        smp: 4,
        memory_bytes: GIB,
        extra: vec!["-machine".into(), "mte=on".into()],
        ..Machine::default()
    };
    let boot = LinuxBoot::new(Linux::V6_12Cloud, Packing::KernelInFlash(Compression::None));
    let lines = boot.lines(&machine);
    scenario(
        "reaches_userspace_below_the_monitor_with_memory_tags",
        machine,
        boot,
        lines,
    )
}

/// The machine resets, all CPUs of it, and everything is as it was at first.
fn boots_again_after_a_reset() -> Scenario {
    let machine = Machine {
        el: StartLevel::El3,
        smp: 4,
        memory_bytes: GIB,
        ..Machine::default()
    };
    let mut boot = LinuxBoot::new(Linux::V6_1Cloud, Packing::FwCfg(Compression::None));
    boot.command_line.push_str(" flint.reboot");
    let mut lines = boot.lines(&machine);
    // The last line is about a power-off.
    lines.truncate(lines.len() - 1);
    lines.push("reboot: Restarting system".into());
    // Up to userspace, and not to its end: the machine would go on to its third boot.
    let second = boot.lines(&machine).into_iter();
    let is_before_userspace = |line: &String| !line.starts_with(PREFIX);
    lines.extend(second.take_while(is_before_userspace).chain([format!("{PREFIX}up$")]));
    scenario("boots_again_after_a_reset_below_the_monitor", machine, boot, lines)
        .boots(2)
        .ends(End::LastLine)
}

/// All CPUs at once call the monitor with anything: see `tests/smc-calls`.
fn survives_calls(calls: u32, seed: u64, cpu: &str, smp: u32, gic: Gic, el: StartLevel) -> Scenario {
    let machine = Machine {
        el,
        gic,
        cpu: cpu.into(),
        smp,
        ..Machine::default()
    };
    let name = format!(
        "survives_{calls}_calls_by_{smp}_{}_gicv{}_{}",
        cpu.replace('-', "_"),
        gic.number(),
        if el == StartLevel::El3 { "el2" } else { "el1" },
    );
    let flash = Flash::new(Kernel::SmcCalls, format!("calls={calls} seed={seed}"));
    Scenario::new(name, machine, Start::Flash(flash))
        .lines([format!(
            "calls      {calls} by {smp} CPUs: * answered, * refused, * left by CPUs that came back$"
        )])
        .never(TROUBLE)
        .watched()
        .within(CALLS_LIMIT)
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
    scenario("turns_cpus_off_and_on_below_the_monitor", machine, boot, lines)
}

/// All CPUs but one are turned off, the last one calls SYSTEM_SUSPEND, and the real-time clock
/// wakes it.
fn suspends_to_ram((gic, gic_name): (Gic, &str)) -> Scenario {
    let machine = Machine {
        el: StartLevel::El3,
        gic,
        smp: 4,
        memory_bytes: GIB,
        ..Machine::default()
    };
    let mut boot = LinuxBoot::new(Linux::V6_12Cloud, Packing::FwCfg(Compression::None));
    boot.command_line = format!("{} flint.suspend={SUSPENDS}", boot.command_line);
    let mut lines = boot.lines(&machine);
    // Before the last two: userspace says goodbye, and the machine powers off.
    let suspended = [
        format!("{PREFIX}suspend modes s2idle [deep]$"),
        format!("{PREFIX}suspended {SUSPENDS} times, cpus 4$"),
    ];
    lines.splice(lines.len() - 2..lines.len() - 2, suspended);
    let name = format!("suspends_to_ram_below_the_monitor_with_{gic_name}");
    scenario(&name, machine, boot, lines)
}

fn scenario(name: &str, machine: Machine, boot: LinuxBoot, lines: Vec<String>) -> Scenario {
    Scenario::new(name, machine, Start::Linux(boot))
        .lines(lines)
        .never(linux::TROUBLE)
        .never([
            "KASLR disabled",
            "initrd damaged",
            "Call trace:",
            "hotplug of",
            "suspend failed",
        ])
        .within(LIMIT)
}
