//! [`El3Map`]: what EL3 maps while a kernel runs, by its page tables in the secure RAM, held
//! against a list that is written here and not made of what the firmware computes.

use std::fmt;

use anyhow::ensure;
use flint_cli::qemu::{Gic, Machine};

use crate::debugged::Debugged;
use crate::el3_state::El3State;
use crate::flash::{Flash, Kernel};
use crate::{TestBed, Verdict};

/// `SCTLR_EL3`: WXN, I, SA, C and M (DDI0487, D24.2).
const SCTLR_BITS: u64 = 1 << 19 | 1 << 12 | 1 << 3 | 1 << 2 | 1;
/// Of a descriptor: AP[2] and XN.
const READ_ONLY: u64 = 1 << 7;
const EXECUTE_NEVER: u64 = 1 << 54;
/// The last line of our kernel, where nothing tells it to power off.
const WAITING: &str = "Waiting. ";
/// The memory that a page takes.
const PAGE_BYTES: u64 = 4096;

/// A machine whose EL3 maps nothing but what it needs.
#[derive(Clone, Debug)]
pub struct El3Map {
    /// The machine; it resets at EL3.
    pub machine: Machine,
    /// True if the secure GPIO can power it off.
    pub has_power_control: bool,
}

/// A range that is mapped to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    start: u64,
    end: u64,
    access: Access,
}

/// The permitted access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Secure memory, cached: read and executed.
    Code,
    /// Secure memory, cached: read.
    Constants,
    /// Secure memory, cached: read and written.
    Variables,
    /// Secure, in order: read and written.
    Device,
    /// Anything else: the descriptor's attributes.
    Other(u64),
}

impl Mapping {
    /// The first address.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Returns whether the range holds `address`.
    pub fn holds(&self, address: u64) -> bool {
        (self.start..self.end).contains(&address)
    }

    /// Returns whether what is written there could be executed.
    pub fn is_written_and_executed(&self) -> bool {
        matches!(self.access, Access::Other(attributes) if attributes & (READ_ONLY | EXECUTE_NEVER) == 0)
    }
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}..{:#x} {:?}", self.start, self.end, self.access)
    }
}

impl El3Map {
    /// The name of its run.
    pub fn title(&self) -> String {
        let Self { machine, .. } = self;
        let (gic, cpus) = (machine.gic.number(), machine.smp);
        let power = if self.has_power_control {
            ""
        } else {
            "_without_power_control"
        };
        let plural = if cpus == 1 { "" } else { "s" };
        format!("maps_little_at_el3_on_gicv{gic}_with_{cpus}_cpu{plural}{power}")
    }

    /// Boots our kernel, and compares the map of every CPU with the list.
    pub fn run(&self, bed: &TestBed) -> Verdict {
        match self.problems(bed) {
            Ok(problems) if problems.is_empty() => Verdict::Passed,
            Ok(problems) => Verdict::Failed(problems.join("\n")),
            Err(error) => Verdict::Failed(format!("{error:#}")),
        }
    }

    fn problems(&self, bed: &TestBed) -> anyhow::Result<Vec<String>> {
        let flash = Flash::new(Kernel::Ours, "");
        let mut debugged = Debugged::start(bed, &self.machine, &flash, &self.title())?;
        debugged.debugger.resume()?;
        debugged.wait_for_line(WAITING)?;
        let state = El3State::read(&mut debugged.debugger, debugged.folder.path())?;
        let mut problems = Vec::new();
        let first = state.register("TTBR0_EL3");
        for cpu in 0..self.machine.smp as usize {
            let (root, control) = (state.register_of(cpu, "TTBR0_EL3"), state.register_of(cpu, "SCTLR_EL3"));
            if root != first {
                problems.push(format!("TTBR0_EL3 of CPU {cpu} is {root:#x}, not {first:#x}"));
            }
            if control & SCTLR_BITS != SCTLR_BITS {
                problems.push(format!("SCTLR_EL3 of CPU {cpu} is {control:#x}"));
            }
        }
        let memory_attributes = state.register("MAIR_EL3");
        let found = mappings(first, memory_attributes, |address| state.word(address))?;
        let expected = self.expected(bed)?;
        let differ = |one: &[Mapping], other: &[Mapping], what| -> Vec<String> {
            let missing = one.iter().filter(|mapping| !other.contains(mapping));
            missing.map(|mapping| format!("{what}: {mapping}")).collect()
        };
        problems.extend(differ(&found, &expected, "EL3 maps, and should not"));
        problems.extend(differ(&expected, &found, "EL3 should map, and does not"));
        Ok(problems)
    }

    /// Returns what EL3 may map, of this machine: the monitor's own memory, and the devices that it
    /// drives.
    fn expected(&self, bed: &TestBed) -> anyhow::Result<Vec<Mapping>> {
        const IMAGE: u64 = 0x0e1c_0000;
        const PLATFORM: u64 = 0x0e20_0000;
        const VARIABLES: u64 = 0x0e20_4000;
        const STACKS: u64 = 0x0e40_0000;
        let page_up = |size: u64| size.next_multiple_of(PAGE_BYTES);
        let [code, image, variables] = bed.monitor_sizes()?;
        ensure!(code.is_multiple_of(PAGE_BYTES), "code and constants share a page");
        let of = |start, size: u64, access| Mapping {
            start,
            end: start + size,
            access,
        };
        let mut all = vec![
            of(IMAGE, code, Access::Code),
            of(IMAGE + code, page_up(image) - code, Access::Constants),
            of(PLATFORM, 0x4000, Access::Constants),
            of(VARIABLES, page_up(variables), Access::Variables),
            of(0x0900_0000, 0x1000, Access::Device),
            of(0x0800_0000, 0x1_0000, Access::Device),
        ];
        // Of each CPU: a page that is not mapped, the stack for calls, another such page, the stack
        // for reports.
        for cpu in 0..u64::from(self.machine.smp) {
            let stacks = STACKS + cpu * 0x4000;
            all.push(of(stacks + 0x1000, 0x1000, Access::Variables));
            all.push(of(stacks + 0x3000, 0x1000, Access::Variables));
        }
        if self.has_power_control {
            all.push(of(0x090b_0000, 0x1000, Access::Device));
        }
        all.push(match self.machine.gic {
            Gic::V2 => of(0x0801_0000, 0x1_0000, Access::Device),
            Gic::V3 => of(0x080a_0000, 0xf6_0000, Access::Device),
        });
        Ok(merged(all))
    }
}

/// Returns what page tables map: 4 KiB granule, 38-bit addresses (DDI0487, D8.3).
/// `memory_attributes` is `MAIR_ELx`; `word` reads memory.
///
/// # Errors
/// Memory cannot be read, or something is mapped to another address.
pub fn mappings(
    root: u64,
    memory_attributes: u64,
    mut word: impl FnMut(u64) -> anyhow::Result<u64>,
) -> anyhow::Result<Vec<Mapping>> {
    /// Of a descriptor: its type, the output address, NS, AF.
    const TYPE: u64 = 0b11;
    const ADDRESS: u64 = 0xffff_ffff_f000;
    const NON_SECURE: u64 = 1 << 5;
    const ACCESS_FLAG: u64 = 1 << 10;
    /// Of `MAIR_ELx`: write-back, read and write allocate; Device-nGnRnE.
    const WRITE_BACK: u64 = 0xff;
    const DEVICE: u64 = 0;
    let mut all = Vec::new();
    let mut tables = vec![(root & ADDRESS, 0_u64, 30_u32, 256_u64)];
    while let Some((table, base, shift, entries)) = tables.pop() {
        for index in 0..entries {
            let descriptor = word(table + index * 8)?;
            let start = base + (index << shift);
            let is_last = shift == 12;
            match (descriptor & TYPE, is_last) {
                (0b11, false) => tables.push((descriptor & ADDRESS, start, shift - 9, 512)),
                (0b11, true) | (0b01, false) => {
                    let output = descriptor & ADDRESS & !((1 << shift) - 1);
                    ensure!(output == start, "{start:#x} is mapped to {output:#x}");
                    let attributes = memory_attributes >> ((descriptor >> 2 & 0b111) * 8) & 0xff;
                    let flags = descriptor & (NON_SECURE | READ_ONLY | ACCESS_FLAG | EXECUTE_NEVER);
                    let access = match (attributes, flags) {
                        (WRITE_BACK, flags) if flags == ACCESS_FLAG | READ_ONLY => Access::Code,
                        (WRITE_BACK, flags) if flags == ACCESS_FLAG | READ_ONLY | EXECUTE_NEVER => Access::Constants,
                        (WRITE_BACK, flags) if flags == ACCESS_FLAG | EXECUTE_NEVER => Access::Variables,
                        (DEVICE, flags) if flags == ACCESS_FLAG | EXECUTE_NEVER => Access::Device,
                        _ => Access::Other(descriptor & !ADDRESS),
                    };
                    all.push(Mapping {
                        start,
                        end: start + (1 << shift),
                        access,
                    });
                }
                _ => {}
            }
        }
    }
    Ok(merged(all))
}

/// Neighbours with the same access are one.
fn merged(mut all: Vec<Mapping>) -> Vec<Mapping> {
    all.sort_unstable();
    let mut merged: Vec<Mapping> = Vec::new();
    for mapping in all {
        match merged.last_mut() {
            Some(last) if last.end == mapping.start && last.access == mapping.access => last.end = mapping.end,
            _ => merged.push(mapping),
        }
    }
    merged
}
