//! [`SecureWorld`]: a kernel reaches for what only the secure world may touch, by itself and by
//! DMA.
//!
//! The kernel sees faults, and errors of the device. Whether nothing was written, only the debugger
//! can tell.

use std::fs;

use anyhow::{Context, bail, ensure};
use boards::QEMU_VIRT;
use flash_image::map;
use flint_cli::qemu::{Machine, StartLevel};

use crate::debugged::Debugged;
use crate::el3_state::{El3State, save_memory};
use crate::flash::{Flash, Kernel};
use crate::{TestBed, Verdict, console};

/// The kernel of `tests/faults`, and its last line.
const KERNEL: &str = "reaches_for_the_secure_world";
const LAST_LINE: &str = "kernel: the secure world faults, and DMA does not reach it$";
/// The end of any of its last lines.
const SAID: &str = "kernel: ";
/// The secure RAM that nothing uses: behind the monitor's stacks. The kernel reaches for its start.
const UNUSED: u64 = QEMU_VIRT.secure.stacks.end();

/// A machine with a secure world.
#[derive(Clone, Debug)]
pub struct SecureWorld {
    /// The machine; it resets at EL3.
    pub machine: Machine,
}

impl SecureWorld {
    /// The name of its run.
    pub fn title(&self) -> String {
        let level = match self.machine.el {
            StartLevel::El3WithoutEl2 => 1,
            _ => 2,
        };
        format!("a_kernel_at_el{level}_and_dma_cannot_reach_the_secure_world")
    }

    /// Boots the kernel, and looks at flash and secure RAM afterwards.
    pub fn run(&self, bed: &TestBed) -> Verdict {
        match self.check(bed) {
            Ok(()) => Verdict::Passed,
            Err(error) => Verdict::Failed(format!("{error:#}")),
        }
    }

    fn check(&self, bed: &TestBed) -> anyhow::Result<()> {
        let flash = Flash::new(Kernel::Fault(KERNEL), "");
        let written = flash.build(bed, &bed.firmware)?;
        let mut debugged = Debugged::start(bed, &self.machine, &flash, &self.title())?;
        debugged.debugger.resume()?;
        let seen = debugged.wait_for_line(SAID)?;
        if console::first_missing(&seen, &[LAST_LINE.into()]).is_some() {
            bail!("this line did not come: {LAST_LINE}\n{seen}");
        }
        let state = El3State::read(&mut debugged.debugger, debugged.folder.path())?;
        ensure!(state.word(UNUSED)? == 0, "something was written to {UNUSED:#x}");
        let monitor = QEMU_VIRT.secure.monitor.start();
        let in_flash = written.get(map::MONITOR.start() as usize..).unwrap_or_default();
        let first = in_flash.first_chunk().context("the flash has no monitor")?;
        ensure!(
            state.word(monitor)? == u64::from_le_bytes(*first),
            "something was written to {monitor:#x}"
        );
        // The machine was reset: its first CPU is at EL3 with the MMU off, and sees the flash.
        let file = debugged.folder.path().join("flash");
        let firmware = map::KERNEL.start();
        let now = save_memory(&mut debugged.debugger, 0, firmware, &file)?.context("the flash cannot be read")?;
        ensure!(written.starts_with(&now), "the flash has changed");
        fs::remove_file(file)?;
        Ok(())
    }
}
