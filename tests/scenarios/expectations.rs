//! Expectations that several kinds of scenarios share.

use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::boot_log::STAGES;

/// Both levels that a machine can reset to, as in names.
pub const LEVELS: [(StartLevel, &str); 2] = [(StartLevel::El2, "el2"), (StartLevel::El1, "el1")];
/// Both interrupt controllers, as in names.
pub const GICS: [(Gic, &str); 2] = [(Gic::V2, "gicv2"), (Gic::V3, "gicv3")];

/// The start of RAM.
pub const RAM_BASE: u64 = 0x4000_0000;
/// The kernel's first line.
pub const HELLO: &str = "Hello, from Rust!";
/// The first line of the boot log, without its time.
pub const RESET: &str = "reset    Flint ";
/// The kernel's last line, where nothing tells it to power off.
pub const WAITING: &str = "Waiting. ";

/// The place where the command line is from, as a rule.
pub const FROM_SETTINGS: &str = "from the settings block: ";

/// Signs that something is wrong, which no good boot shows.
pub const TROUBLE: [&str; 7] = [
    " ms] error ",
    "error: ",
    "must be 0 (G2)",
    "off the 2 MiB grid",
    "none: ",
    "unknown: ",
    "unreadable: ",
];

/// All stages of the boot log, up to entering the kernel at this level and address; the command
/// line is from `source`.
pub fn stages(level: StartLevel, entry: u64, source: &str) -> Vec<String> {
    let stages = STAGES.map(|stage| match stage {
        " ms] reset    Flint " => format!("{stage}*at {level}, CPU MIDR 0x*, counter *00 Hz"),
        " ms] cmdline  " => format!("{stage}{source}"),
        " ms] enter    " => format!("{stage}{} at {entry:#x}, x0 = 0x", level.of_kernel()),
        _ => stage.into(),
    });
    stages.into()
}

/// Our kernel's report on `machine`, whichever loader put it at `address`.
pub fn report(machine: &Machine, address: u64, command_line: &str) -> Vec<String> {
    let conduit = match machine.el {
        StartLevel::El1 => "HVC",
        _ => "SMC",
    };
    vec![
        HELLO.into(),
        format!(
            "entry      {} at {address:#x}, text_offset 0x*, image_size 0x",
            machine.el.of_kernel()
        ),
        "registers  x0 0x*, x1 0x0, x2 0x0, x3 0x0$".into(),
        "counter    *00 Hz, * ticks at the first instruction".into(),
        "tree       * bytes, model linux,dummy-virt$".into(),
        format!("memory     {RAM_BASE:#x}..{:#x} (", RAM_BASE + machine.memory_bytes),
        format!("cpus       {}$", machine.smp),
        format!("psci       {conduit}$"),
        format!("gic        GICv{}$", machine.gic.number()),
        format!("cmdline    {command_line}$"),
    ]
}
