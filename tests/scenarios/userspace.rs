//! Stock Linux kernels up to userspace: every kernel, packing, CPU, interrupt controller, number of
//! CPUs, size of RAM and level.
//!
//! All of that together is thousands of boots, which `./flint test --all` runs. Otherwise a set is
//! run in which every two values meet.

use std::time::Duration;

use flint_cli::covering::{Factors, Row};
use flint_cli::qemu::{Machine, StartLevel};
use phys_range::{GIB, MIB};
use scenarios::compression::Compression;
use scenarios::fit::DataPlace;
use scenarios::linux::Linux;
use scenarios::packing::{self, Packing};
use scenarios::userspace::LinuxBoot;
use scenarios::{Scenario, Start, Tampering};

use crate::expectations::GICS;
use crate::linux;

/// The start of the names of these scenarios.
pub const PREFIX: &str = "reaches_userspace";
/// What a boot takes on one CPU, for the announcement.
pub const USUAL: Duration = Duration::from_secs(6);
/// The time limit for one on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// The CPUs, with what QEMU calls them; those with a feature that is slow to emulate come last.
/// `max` with the architecture's own algorithm for pointer authentication would spend half its time
/// there.
const CPUS: [(&str, &str); 6] = [
    ("cortex_a53", "cortex-a53"),
    ("cortex_a57", "cortex-a57"),
    ("cortex_a72", "cortex-a72"),
    ("cortex_a76", "cortex-a76"),
    ("neoverse_n1", "neoverse-n1"),
    ("max", "max,pauth-impdef=on"),
];
/// Those that have no pages of 16 KiB.
const WITHOUT_16K_PAGES: [&str; 3] = ["cortex_a53", "cortex_a57", "cortex_a72"];
const SMP: [u32; 4] = [1, 2, 4, 8];
/// The levels that machines reset at. What is below EL3 there is served by our monitor, elsewhere
/// by QEMU.
const LEVELS: [(StartLevel, &str); 4] = [
    (StartLevel::El2, "el2"),
    (StartLevel::El1, "el1"),
    (StartLevel::El3, "el3"),
    (StartLevel::El3WithoutEl2, "el3_without_el2"),
];
const MEMORY: [(&str, u64); 3] = [("256m", 256 * MIB), ("1g", GIB), ("8g", 8 * GIB)];

/// The places of the factors in a row.
const LINUX: usize = 0;
const CPU: usize = 2;
const SIZES: [usize; 7] = [
    Linux::ALL.len(),
    packing::ALL.len(),
    CPUS.len(),
    SMP.len(),
    MEMORY.len(),
    GICS.len(),
    LEVELS.len(),
];
const FACTORS: Factors<'static> = Factors {
    sizes: &SIZES,
    goes_together: &goes_together,
};

/// A set in which every two values meet, or all there are.
pub fn scenarios(is_all: bool) -> Vec<Scenario> {
    let rows = if is_all {
        FACTORS.product().collect()
    } else {
        FACTORS.covering()
    };
    let by_qemu = Linux::ALL.into_iter().map(by_qemu);
    let mut all: Vec<_> = by_qemu.chain(rows.iter().map(of_row)).collect();
    all.push(large_initrd("qemus_loader", Packing::QemuLoader));
    all.push(large_initrd("fw_cfg", Packing::FwCfg(Compression::None)));
    all.extend(LEVELS.into_iter().map(poisoned));
    all
}

/// A kernel whose pages the CPU lacks cannot run at all.
fn goes_together(a: (usize, usize), b: (usize, usize)) -> bool {
    let is_16k = a.0 == LINUX && Linux::ALL[a.1] == Linux::V6_12Pages16k;
    !(is_16k && b.0 == CPU && WITHOUT_16K_PAGES.contains(&CPUS[b.1].0))
}

fn of_row(row: &Row) -> Scenario {
    let [linux, packing, cpu, smp, memory, gic, level] = row[..] else {
        unreachable!("a row has a value for each of the {} factors", SIZES.len())
    };
    let linux = Linux::ALL[linux];
    let (packing, packing_name) = packing::ALL[packing];
    let ((cpu_name, cpu), smp, (memory_name, memory_bytes)) = (CPUS[cpu], SMP[smp], MEMORY[memory]);
    let ((gic, gic_name), (el, level_name)) = (GICS[gic], LEVELS[level]);
    let name = format!(
        "{PREFIX}_{}_{packing_name}_on_{smp}_{cpu_name}_{memory_name}_{gic_name}_{level_name}",
        in_names(linux)
    );
    let machine = Machine {
        el,
        gic,
        cpu: cpu.into(),
        smp,
        memory_bytes,
        ..Machine::default()
    };
    scenario(name, machine, LinuxBoot::new(linux, packing))
}

/// By QEMU's own loader: where this fails, it is not our bootloader that is at fault.
fn by_qemu(linux: Linux) -> Scenario {
    let machine = Machine {
        cpu: "cortex-a76".into(),
        smp: 2,
        memory_bytes: GIB,
        ..Machine::default()
    };
    let name = format!("{PREFIX}_{}_by_qemus_loader", in_names(linux));
    scenario(name, machine, LinuxBoot::new(linux, Packing::QemuLoader))
}

/// An initrd that is larger than the kernel.
fn large_initrd(how: &str, packing: Packing) -> Scenario {
    let machine = Machine {
        smp: 2,
        memory_bytes: GIB,
        ..Machine::default()
    };
    let boot = LinuxBoot {
        padding_bytes: 40 << 20,
        ..LinuxBoot::new(Linux::V6_1Cloud, packing)
    };
    scenario(format!("{PREFIX}_with_an_initrd_of_40_mib_by_{how}"), machine, boot)
}

/// Whatever is unknown at reset holds garbage.
fn poisoned((el, level): (StartLevel, &str)) -> Scenario {
    let machine = Machine {
        el,
        cpu: "max,pauth-impdef=on".into(),
        smp: 2,
        memory_bytes: 256 * MIB,
        ..Machine::default()
    };
    let packing = Packing::Fit(Compression::None, DataPlace::Embedded);
    let name = format!("{PREFIX}_of_a_poisoned_machine_at_{level}");
    scenario(name, machine, LinuxBoot::new(Linux::V6_12Cloud, packing)).tampered(Tampering::Poison("poison_ones"))
}

fn scenario(name: String, machine: Machine, boot: LinuxBoot) -> Scenario {
    let lines = boot.lines(&machine);
    Scenario::new(name, machine, Start::Linux(boot))
        .lines(lines)
        .never(linux::TROUBLE)
        .never(["KASLR disabled", "initrd damaged", "Call trace:"])
        .within(LIMIT)
}

fn in_names(linux: Linux) -> String {
    linux.name().replace(['-', '.'], "_")
}
