//! Our kernel from the flash, on all kinds of machines.

use flint_cli::qemu::{Gic, Machine, StartLevel};
use phys_range::{GIB, MIB};
use scenarios::flash::{Flash, Kernel};
use scenarios::{End, Scenario, Start};

use crate::expectations::{FROM_SETTINGS, GICS, LEVELS, RAM_BASE, TROUBLE, report, stages};

/// All of them.
pub fn scenarios(cpus: &[String]) -> Vec<Scenario> {
    let mut all = Vec::new();
    for (el, level) in LEVELS {
        all.extend(interrupt_controllers(el, level));
        all.extend(cpu_counts(el, level));
        all.extend(memory_sizes(el, level));
        all.extend(cpus.iter().map(|cpu| cpu_model(cpu, el, level)));
        all.extend(options(el, level));
        all.push(two_memory_nodes(el, level));
        all.push(gicv2_beside_gicv3_registers(el, level));
        all.push(another_counter_frequency(el, level));
    }
    all.extend(command_lines());
    all
}

/// A boot of our kernel with every stage and the whole report, until it powers off.
pub fn boot(name: String, machine: Machine) -> Scenario {
    let flash = Flash::new(Kernel::Ours, "poweroff");
    let lines = [
        stages(machine.el, RAM_BASE, FROM_SETTINGS),
        report(&machine, RAM_BASE, "poweroff"),
    ];
    Scenario::new(name, machine, Start::Flash(flash))
        .lines(lines.concat())
        .never(TROUBLE)
}

fn interrupt_controllers(el: StartLevel, level: &str) -> Vec<Scenario> {
    let boots = GICS.map(|(gic, controller)| {
        let machine = Machine {
            el,
            gic,
            ..Machine::default()
        };
        boot(format!("boots_the_kernel_at_{level}_with_{controller}"), machine).watched()
    });
    boots.into()
}

fn cpu_counts(el: StartLevel, level: &str) -> Vec<Scenario> {
    let counts = [(1, Gic::V3), (2, Gic::V3), (8, Gic::V3), (8, Gic::V2), (12, Gic::V3)];
    let boots = counts.map(|(smp, gic)| {
        let machine = Machine {
            el,
            gic,
            smp,
            ..Machine::default()
        };
        let name = format!("boots_the_kernel_with_smp_{smp}_at_{level}_with_gicv{}", gic.number());
        boot(name, machine)
    });
    boots.into()
}

fn memory_sizes(el: StartLevel, level: &str) -> Vec<Scenario> {
    let sizes = [("64m", 64 * MIB), ("128m", 128 * MIB), ("3g", 3 * GIB), ("8g", 8 * GIB)];
    let boots = sizes.map(|(size, memory_bytes)| {
        let machine = Machine {
            el,
            memory_bytes,
            ..Machine::default()
        };
        boot(format!("boots_the_kernel_with_{size}_of_ram_at_{level}"), machine)
    });
    boots.into()
}

fn cpu_model(cpu: &str, el: StartLevel, level: &str) -> Scenario {
    let name = format!("boots_the_kernel_on_{}_at_{level}", cpu.replace('-', "_"));
    boot(name, machine_with(el, cpu, &[])).watched()
}

/// A machine with more arguments.
fn machine_with(el: StartLevel, cpu: &str, extra: &[&str]) -> Machine {
    Machine {
        el,
        cpu: cpu.into(),
        extra: extra.iter().map(Into::into).collect(),
        ..Machine::default()
    }
}

fn options(el: StartLevel, level: &str) -> Vec<Scenario> {
    let options = [
        ("memory_tagging", "max", "mte=on"),
        ("gicv4", "max", "gic-version=4"),
        ("no_randomness_in_the_tree", "cortex-a53", "dtb-randomness=off"),
        ("no_high_memory", "cortex-a53", "highmem=off"),
        ("an_iommu", "cortex-a53", "iommu=smmuv3"),
    ];
    // A GICv4 is there for guests of an EL2 only.
    let offered = options
        .into_iter()
        .filter(|(what, ..)| *what != "gicv4" || el == StartLevel::El2);
    offered
        .map(|(what, cpu, option)| {
            let name = format!("boots_the_kernel_with_{what}_at_{level}");
            boot(name, machine_with(el, cpu, &["-machine", option]))
        })
        .collect()
}

fn two_memory_nodes(el: StartLevel, level: &str) -> Scenario {
    let nodes = [
        "-object",
        "memory-backend-ram,id=low,size=64M",
        "-object",
        "memory-backend-ram,id=high,size=192M",
        "-numa",
        "node,memdev=low,cpus=0",
        "-numa",
        "node,memdev=high,cpus=1",
    ];
    let machine = Machine {
        smp: 2,
        memory_bytes: 256 * MIB,
        ..machine_with(el, "cortex-a53", &nodes)
    };
    boot(
        format!("boots_the_kernel_with_two_memory_nodes_that_touch_at_{level}"),
        machine,
    )
}

/// This CPU says that it has the registers of a GICv3, and in this machine it has not.
fn gicv2_beside_gicv3_registers(el: StartLevel, level: &str) -> Scenario {
    let machine = Machine {
        gic: Gic::V2,
        ..machine_with(el, "a64fx", &[])
    };
    boot(format!("boots_the_kernel_on_a64fx_with_gicv2_at_{level}"), machine)
}

/// The counter does not run at the same rate on every machine (boot-protocol J1).
fn another_counter_frequency(el: StartLevel, level: &str) -> Scenario {
    let machine = machine_with(el, "max,cntfrq=24000000", &[]);
    boot(
        format!("boots_the_kernel_with_another_counter_frequency_at_{level}"),
        machine,
    )
    .never(["62500000 Hz"])
}

fn command_lines() -> Vec<Scenario> {
    let boot = |name: &str, flash, command_line: &str, source: &str| {
        let machine = Machine::default();
        let report = report(&machine, RAM_BASE, command_line);
        let stages = stages(machine.el, RAM_BASE, source);
        Scenario::new(name, machine, Start::Flash(flash))
            .lines(stages)
            .lines(report)
            .never(TROUBLE)
    };
    let without = |name, flash| boot(name, flash, "none", "none").lines(["Waiting."]).ends(End::Stop);
    let no_settings = Flash::new(Kernel::Ours, "").without_settings();
    // As long as Linux can take.
    let longest = format!("{:x<2038} poweroff", "");
    vec![
        without("boots_the_kernel_without_a_settings_block", no_settings.clone()),
        without(
            "boots_the_kernel_from_a_flash_padded_with_zeros",
            no_settings.padded_with_zeros(),
        ),
        boot(
            "hands_on_a_command_line_of_2047_bytes",
            Flash::new(Kernel::Ours, &longest),
            &longest,
            FROM_SETTINGS,
        ),
        boot(
            "hands_on_a_command_line_in_any_script",
            Flash::new(Kernel::Ours, "grüße=世界 poweroff"),
            "grüße=世界 poweroff",
            FROM_SETTINGS,
        ),
    ]
}
