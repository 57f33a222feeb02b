//! [`LinuxBoot`]: a stock Linux that shall reach userspace, and what it must say on the way.

use flint_cli::initramfs::PREFIX;
use flint_cli::qemu::Machine;
use phys_range::{KIB, MIB};

use crate::linux::Linux;
use crate::packing::Packing;

/// A stock Linux with an initramfs that says what it finds.
#[derive(Clone, Debug)]
pub struct LinuxBoot {
    /// The kernel.
    pub linux: Linux,
    /// How it comes to the machine.
    pub packing: Packing,
    /// The command line.
    pub command_line: String,
    /// How many bytes larger than need be the initrd is.
    pub padding_bytes: usize,
}

impl LinuxBoot {
    /// A kernel, packed somehow, with a console. On a busy machine eight emulated CPUs wait for
    /// each other for a long time; that is not the kernel's or the loader's fault, so it shall not
    /// complain. Who really stands still does not power off either.
    pub fn new(linux: Linux, packing: Packing) -> Self {
        Self {
            linux,
            packing,
            command_line: "console=ttyAMA0 nosoftlockup rcupdate.rcu_cpu_stall_suppress=1".into(),
            padding_bytes: 100_000,
        }
    }

    /// The lines that must come, as patterns in their order.
    pub fn lines(&self, machine: &Machine) -> Vec<String> {
        let (level, cpus) = (machine.el.of_kernel(), machine.smp);
        let plural = if cpus == 1 { "" } else { "s" };
        let mut lines = Vec::new();
        if self.packing != Packing::QemuLoader {
            lines.push(format!(" ms] reset    Flint *at {}, ", machine.el));
            lines.push(format!(" ms] enter    {level} at 0x"));
        }
        lines.push("Booting Linux on physical CPU 0x0000000000".into());
        lines.push(format!("Linux version {}.", self.linux.version()));
        lines.push("Machine model: linux,dummy-virt".into());
        lines.push(format!("Kernel command line: {}*$", self.command_line));
        lines.push(format!("smp: Brought up * node*, {cpus} CPU{plural}$"));
        lines.push(format!("CPU: All CPU(s) started at {level}$"));
        lines.push(format!("{PREFIX}up$"));
        lines.push(format!("{PREFIX}kernel {}.", self.linux.version()));
        lines.push(format!("{PREFIX}cpus {cpus}$"));
        if self.packing != Packing::QemuLoader {
            lines.push(format!("{PREFIX}psci-cpus {cpus}$"));
        }
        lines.push(format!("{PREFIX}memtotal * kB$"));
        lines.push(format!("{PREFIX}cmdline {}*$", self.command_line));
        lines.push(format!("{PREFIX}initrd intact$"));
        lines.push(format!("{PREFIX}bye$"));
        lines.push("reboot: Power down".into());
        lines
    }
}

/// Checks what patterns cannot say; `command_line` is what the kernel was given. Says what is
/// wrong.
pub fn check(console: &str, machine: &Machine, command_line: &str) -> Result<(), String> {
    // KASLR says so early or late, by version.
    for wanted in [
        "KASLR enabled".into(),
        format!("Kernel command line: {command_line}"),
        format!("{PREFIX}cmdline {command_line}"),
    ] {
        if !console.lines().any(|line| line.ends_with(&wanted)) {
            return Err(format!("no line ends with \"{wanted}\""));
        }
    }
    check_memory(console, machine.memory_bytes)
}

/// Linux has all of the RAM, but for what it needs itself: a page's description is 64 bytes, and
/// there are its own file, the tables for its CPUs, and the initrd.
fn check_memory(console: &str, ram_bytes: u64) -> Result<(), String> {
    const KERNEL_BYTES: u64 = 64 * MIB;
    let kib = console.lines().find_map(|line| {
        line.strip_prefix(PREFIX)?
            .strip_prefix("memtotal ")?
            .strip_suffix(" kB")
    });
    let kib: u64 = kib
        .and_then(|kib| kib.parse().ok())
        .ok_or("userspace does not know how much memory there is")?;
    let (total, least) = (kib * KIB, ram_bytes - ram_bytes / 40 - KERNEL_BYTES);
    if (least..ram_bytes).contains(&total) {
        return Ok(());
    }
    Err(format!(
        "MemTotal is {} MiB, on a machine with {} MiB of RAM; at least {} MiB are expected",
        total / MIB,
        ram_bytes / MIB,
        least / MIB
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console(memtotal: &str) -> String {
        format!(
            "[    0.1] KASLR enabled\n[    0.2] Kernel command line: quiet\n{PREFIX}memtotal {memtotal} kB\n{PREFIX}cmdline quiet\n"
        )
    }

    fn check_with(memtotal: &str, change: (&str, &str)) -> Result<(), String> {
        let machine = Machine {
            memory_bytes: 512 * MIB,
            ..Machine::default()
        };
        check(&console(memtotal).replace(change.0, change.1), &machine, "quiet")
    }

    #[test]
    fn accepts_a_good_boot() {
        assert_eq!(check_with("475964", ("", "")), Ok(()));
    }

    #[test]
    fn refuses_too_little_and_impossibly_much_memory() {
        for memtotal in ["262144", "524288", "", "x"] {
            assert!(check_with(memtotal, ("", "")).is_err(), "{memtotal}");
        }
    }

    #[test]
    fn refuses_another_command_line_and_no_kaslr() {
        for change in [
            ("line: quiet", "line: quiet splash"),
            ("cmdline quiet", "cmdline"),
            ("KASLR enabled", "KASLR disabled due to lack of seed"),
        ] {
            assert!(check_with("475964", change).is_err(), "{change:?}");
        }
    }
}
