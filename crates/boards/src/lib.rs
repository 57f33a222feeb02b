//! Which board? Tables of facts. What the device tree can tell is not among them.
//!
//! The bootloader starts from a table, and the host tool predicts with the same one what the
//! bootloader will do.

#![no_std]
#![forbid(unsafe_code)]

mod qemu_virt;

use phys_range::PhysRange;

pub use qemu_virt::QEMU_VIRT;

/// The facts about a board that are needed before its device tree can be read.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// The flash, which the CPU starts in, at address 0.
    pub flash: PhysRange,
    /// The devices of the first GiB.
    pub devices: PhysRange,
    /// The place where RAM can be: whole GiB. How much there is, the device tree says.
    pub ram: PhysRange,
    /// The place where the machine puts its device tree, and the most that it can take there.
    pub devicetree: PhysRange,
    /// RAM that is there on every such machine, outside [`Self::devicetree`]: the stack, and below
    /// it the page tables, until the work area is known.
    pub early_stack: PhysRange,
    /// Memory that only the secure world reaches, on machines that reset at EL3; made for the
    /// monitor.
    pub secure: SecureRam,
    /// The affinity fields of `MPIDR_EL1` of the CPU that boots; all others wait.
    pub boot_cpu: u64,
    /// The address of the PL011 that is the console until the device tree has named one.
    pub console: u64,
    /// The addresses of all its PL011s: another console is not used.
    pub consoles: &'static [u64],
    /// The clock of that UART in Hz.
    pub console_clock_hz: u32,
    /// The place where QEMU's fw_cfg is, if it is there.
    pub fw_cfg: PhysRange,
    /// The place where the registers of the GIC are. The CPUs that wait at EL3 for the first one
    /// look there, before there is any memory that they could trust.
    pub gic: GicSpaces,
    /// The PL061 that the secure world ends the machine with, where there is one: its lines.
    pub power: PowerLines,
}

/// The registers of the GIC, a GICv2 or a GICv3.
#[derive(Clone, Copy, Debug)]
pub struct GicSpaces {
    /// The distributor, at the start of the range.
    pub distributor: PhysRange,
    /// The CPU interface of a GICv2, at the start of the range.
    pub cpu_interface: PhysRange,
    /// The redistributors of a GICv3, as far as firmware reaches them.
    pub redistributors: PhysRange,
}

/// The division of the secure RAM. Each part but the monitor's and what it is handed is whole
/// blocks of 2 MiB.
#[derive(Clone, Copy, Debug)]
pub struct SecureRam {
    /// What may be executed.
    pub code: PhysRange,
    /// The monitor's code and constants: the end of [`Self::code`], as near to the variables as one
    /// instruction reaches.
    pub monitor: PhysRange,
    /// What the monitor reads and writes, and what it is handed.
    pub data: PhysRange,
    /// The facts of the machine, which the bootloader hands to the monitor. Like the next three in
    /// [`Self::data`].
    pub platform: PhysRange,
    /// The monitor's variables.
    pub variables: PhysRange,
    /// The monitor's page tables.
    pub tables: PhysRange,
    /// The monitor's stacks.
    pub stacks: PhysRange,
    /// The stack of the bootloader, and its page tables below, where it runs at EL3.
    pub bootloader: PhysRange,
}

/// The lines of a PL061 that end the machine when they are driven high.
#[derive(Clone, Copy, Debug)]
pub struct PowerLines {
    /// The address of its registers.
    pub base: u64,
    /// The line that powers the machine off.
    pub off: u8,
    /// The line that resets it.
    pub reset: u8,
}

impl SecureRam {
    /// All of it.
    ///
    /// # Panics
    /// The parts are not one after the other; at compile time, for a constant.
    pub const fn all(&self) -> PhysRange {
        assert!(self.code.end() == self.data.start() && self.data.end() == self.bootloader.start());
        assert!(self.code.contains(&self.monitor) && self.monitor.end() == self.code.end());
        assert!(self.data.contains(&self.platform) && self.platform.end() <= self.variables.start());
        assert!(self.variables.end() <= self.tables.start() && self.tables.end() <= self.stacks.start());
        assert!(self.data.contains(&self.stacks));
        match PhysRange::from_bounds(self.code.start(), self.bootloader.end()) {
            Some(all) => all,
            None => panic!("the parts are not in order"),
        }
    }
}

impl Board {
    /// Returns what the bootloader still reads or stands on while it places the first parts.
    pub const fn in_use(&self) -> [PhysRange; 2] {
        [self.devicetree, self.early_stack]
    }
}
