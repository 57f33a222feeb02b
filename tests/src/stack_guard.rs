//! [`StackGuard`]: the page below a stack of the firmware is not mapped, and a stack that grows
//! into it is named as the cause.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use flint_cli::qemu::debugger::Debugger;
use flint_cli::qemu::{Machine, StartLevel};

use crate::debugged::Debugged;
use crate::el3_map::{Mapping, mappings};
use crate::el3_state::{find, register, save_memory};
use crate::flash::{Flash, Kernel};
use crate::{TestBed, Verdict, console};

/// `SCTLR_ELx.WXN` (DDI0487, D24.2).
const WXN: u64 = 1 << 19;
const PAGE_BYTES: u64 = 4096;
/// A stack is no larger than this, in bytes.
const STACK_BYTES_MAX: u64 = 128 << 10;
/// What is left of the stack in bytes: less than any function of Rust saves that calls others.
const LEFT_BYTES: u64 = 16;

/// A stack of the firmware, on a machine.
#[derive(Clone, Debug)]
pub struct StackGuard {
    /// The machine.
    pub machine: Machine,
    /// The stack.
    pub stack: Stack,
}

/// The owner of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// The bootloader's, while it loads the kernel.
    Bootloader,
    /// The monitor's, while it answers a call.
    Monitor,
}

impl StackGuard {
    /// The name of its run.
    pub fn title(&self) -> String {
        let owner = match self.stack {
            Stack::Bootloader => "bootloaders",
            Stack::Monitor => "monitors",
        };
        format!("reports_an_overflow_of_the_{owner}_stack_at_{}", self.machine.el).to_lowercase()
    }

    /// Boots, and has the stack overflow.
    pub fn run(&self, bed: &TestBed) -> Verdict {
        match self.check(bed) {
            Ok(()) => Verdict::Passed,
            Err(error) => Verdict::Failed(format!("{error:#}")),
        }
    }

    fn check(&self, bed: &TestBed) -> anyhow::Result<()> {
        let place = match self.stack {
            Stack::Bootloader => bed.mutator.bootloader.address("load_parts")?,
            Stack::Monitor => bed.mutator.monitor.address("3smc6handle")?,
        };
        let flash = Flash::new(Kernel::Ours, "poweroff");
        let mut debugged = Debugged::start(bed, &self.machine, &flash, &self.title())?;
        let cpu = debugged.run_to(place)?;
        let level = match self.machine.el {
            StartLevel::El1 => 1,
            StartLevel::El2 => 2,
            StartLevel::El3 | StartLevel::El3WithoutEl2 => 3,
        };
        let [root, attributes, control] = match level {
            1 => ["TTBR0_EL1", "MAIR_EL1", "SCTLR_EL1"],
            2 => ["TTBR0_EL2", "MAIR_EL2", "SCTLR_EL2"],
            _ => ["TTBR0_EL3", "MAIR_EL3", "SCTLR_EL3"],
        };
        let debugger = &mut debugged.debugger;
        let names = debugger.register_names()?;
        let control = register(debugger, &names, &cpu, control)?;
        ensure!(control & WXN != 0, "the control register is {control:#x}");
        let (root, attributes) = (
            register(debugger, &names, &cpu, root)?,
            register(debugger, &names, &cpu, attributes)?,
        );
        let stack_pointer = find(&names, "sp")?;
        let sp = debugger.read_register(&cpu, stack_pointer)?;

        let bottom = match self.stack {
            Stack::Bootloader => {
                let file = debugged.folder.path().join("table");
                let map = mappings(root, attributes, cached_words(debugger, &file))?;
                if let Some(wrong) = map.iter().find(|mapping| mapping.is_written_and_executed()) {
                    bail!("written and executed: {wrong}");
                }
                bottom(&map, sp - 1)?
            }
            // The monitor does not map its own tables: what they hold is looked at by `El3Map`. A
            // stack has one page.
            Stack::Monitor => (sp - 1) / PAGE_BYTES * PAGE_BYTES,
        };

        debugger.write_register(&cpu, stack_pointer, bottom + LEFT_BYTES)?;
        debugger.resume()?;
        let seen = debugged.wait_for_line("the stack has overflowed: the address is in the page below it\n")?;
        let lines = [
            format!("error: synchronous exception taken to EL{level} from this level [boot-exception]$"),
            "  ESR  0x".into(),
            "  ELR  0x".into(),
            format!("  FAR  0x{:013x}", bottom / PAGE_BYTES - 1),
            "  x0  0x".into(),
            "  x28 0x*  x29 0x*  x30 0x".into(),
            "  the stack has overflowed: the address is in the page below it$".into(),
        ];
        match console::first_missing(&seen, &lines) {
            None => Ok(()),
            Some(line) => bail!("this line did not come, or not in its turn: {line}\n{seen}"),
        }
    }
}

/// Reads memory as the CPU sees it, page by page: the debugger does not see secure RAM otherwise.
fn cached_words(debugger: &mut Debugger, file: &Path) -> impl FnMut(u64) -> anyhow::Result<u64> {
    let mut pages: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    move |address| {
        let page = address / PAGE_BYTES * PAGE_BYTES;
        if let Entry::Vacant(entry) = pages.entry(page) {
            let bytes = save_memory(debugger, page, PAGE_BYTES, file)?;
            entry.insert(bytes.with_context(|| format!("a table at {page:#x} is not mapped"))?);
        }
        let bytes = pages[&page][(address - page) as usize..].first_chunk();
        Ok(u64::from_le_bytes(*bytes.context("a descriptor is cut")?))
    }
}

/// The lowest address of the stack that holds `inside`: the page below is not mapped, and what is
/// mapped next ends there.
fn bottom(map: &[Mapping], inside: u64) -> anyhow::Result<u64> {
    let stack = map.iter().find(|mapping| mapping.holds(inside));
    let bottom = stack.context("the stack is not mapped")?.start();
    ensure!(
        inside - bottom < STACK_BYTES_MAX,
        "no page is unmapped below the stack at {inside:#x}: {bottom:#x} is mapped on"
    );
    Ok(bottom)
}
