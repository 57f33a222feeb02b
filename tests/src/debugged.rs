//! [`Debugged`]: a machine that boots from a flash, with QEMU's debugger at hand.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use flint_cli::qemu::debugger::{Cpu, Debugger, Stop};
use flint_cli::qemu::{Ended, Machine, Session};
use tempfile::TempDir;

use crate::flash::Flash;
use crate::{TestBed, console};

/// The time limit for QEMU to open its socket for the debugger.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// The time limit for a boot, on a machine that is busy with many others.
const LIMIT: Duration = Duration::from_secs(40);
/// The polling interval of the console.
const GLANCE: Duration = Duration::from_millis(40);
/// The time for which the console must be silent before the boot is taken to be over.
const SILENCE: Duration = Duration::from_millis(400);
/// How many lines of the console an error shows.
const EXCERPT_LINES: usize = 12;

/// A machine with a debugger; it waits at reset.
#[derive(Debug)]
pub struct Debugged {
    /// For files.
    pub folder: TempDir,
    /// Speaks with the debugger.
    pub debugger: Debugger,
    session: Session,
    log: PathBuf,
}

impl Debugged {
    /// Starts QEMU; the console log is that of `title`.
    ///
    /// # Errors
    /// The flash cannot be made, or QEMU does not start.
    pub fn start(bed: &TestBed, machine: &Machine, flash: &Flash, title: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("flint-debugged-").tempdir()?;
        let (image, socket) = (folder.path().join("flash.bin"), folder.path().join("debugger.sock"));
        fs::write(&image, flash.build(bed, &bed.firmware)?)?;
        let mut machine = machine.clone();
        machine.extra.extend(Debugger::arguments(&socket)?);
        let log = bed.log_path(title);
        let session = bed.qemu.spawn(&machine, Some(&image), Some(&log))?;
        let debugger = Debugger::connect(&socket, CONNECT_LIMIT).context("cannot reach QEMU's debugger")?;
        Ok(Self {
            folder,
            debugger,
            session,
            log,
        })
    }

    /// Lets the machine run to a breakpoint, and returns the CPU that is there.
    ///
    /// # Errors
    /// No CPU gets there.
    pub fn run_to(&mut self, address: u64) -> anyhow::Result<Cpu> {
        self.debugger.set_breakpoint(address)?;
        self.debugger.resume()?;
        let Stop::Paused(cpu) = self.debugger.wait_for_stop(Instant::now() + LIMIT)? else {
            bail!("no CPU comes to {address:#x}\n{}", self.excerpt());
        };
        self.debugger.clear_breakpoint(address)?;
        Ok(cpu)
    }

    /// Waits until the console shows this, and nothing more.
    ///
    /// # Errors
    /// It does not.
    pub fn wait_for_line(&mut self, text: &str) -> anyhow::Result<String> {
        let deadline = Instant::now() + LIMIT;
        while !self.session.console().contains(text) {
            if self.session.wait_for(&[], GLANCE)? != Ended::TimedOut || Instant::now() >= deadline {
                bail!("\"{text}\" did not come\n{}", self.excerpt());
            }
        }
        let mut seen = String::new();
        while seen != self.session.console() {
            seen = self.session.console();
            std::thread::sleep(SILENCE);
        }
        Ok(seen)
    }

    fn excerpt(&self) -> String {
        let excerpt = console::excerpt(&self.session.console(), EXCERPT_LINES);
        format!("  console log: {}\n  it ends with:\n{excerpt}", self.log.display())
    }
}
