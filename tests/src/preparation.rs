//! [`Preparation`]: the files and arguments that a scenario's QEMU starts with, and what is done to
//! the machine before it runs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use boards::QEMU_VIRT;
use flint_cli::bench::hashes::without_instructions;
use flint_cli::build::Firmware;
use flint_cli::inspection::Inspection;
use flint_cli::qemu::Machine;
use flint_cli::qemu::debugger::Debugger;
use flint_cli::reference_machine::ReferenceMachine;
use tempfile::TempDir;

use crate::flash::{Flash, Kernel};
use crate::mutator::Jump;
use crate::packing::Parts;
use crate::userspace::LinuxBoot;
use crate::{Scenario, Start, Tampering, TestBed, linux, tree, u_boot};

/// The place where RAM begins.
const RAM_BASE: u64 = QEMU_VIRT.ram.start();
/// The time limit for QEMU to open its socket for the debugger.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// The files and arguments of one run of a scenario. The files are gone when it is dropped.
pub struct Preparation {
    folder: TempDir,
    /// The scenario's machine, with further arguments.
    pub machine: Machine,
    /// True if it boots from the flash image that was made.
    has_flash: bool,
    /// What `flint inspect` says, where it is to be compared: message and code.
    pub prediction: Option<String>,
    /// The device tree that replaces the machine's own.
    tree: Option<Vec<u8>>,
    /// The command line that a stock Linux gets.
    pub command_line: String,
    /// The firmware that is in the flash.
    firmware: Firmware,
}

impl Preparation {
    /// Makes the files for `scenario`.
    pub fn new(bed: &TestBed, scenario: &Scenario) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("flint-scenario-").tempdir()?;
        let mut preparation = Self {
            folder,
            machine: scenario.machine.clone(),
            has_flash: false,
            prediction: None,
            tree: None,
            command_line: String::new(),
            firmware: bed.firmware.clone(),
        };
        preparation.add_tampering(bed, scenario)?;
        preparation.add_start(bed, scenario)?;
        if scenario.is_watched {
            let log = preparation.watch_path();
            preparation.add_arguments(["-d".into(), "guest_errors,unimp".into(), "-D".into(), log.into()]);
        }
        Ok(preparation)
    }

    /// The flash image, if the machine starts from one.
    pub fn flash_path(&self) -> Option<PathBuf> {
        self.has_flash.then(|| self.folder.path().join("flash.bin"))
    }

    /// Returns what QEMU complained about.
    pub fn complaints(&self) -> String {
        fs::read_to_string(self.watch_path()).unwrap_or_default()
    }

    /// Does to the machine, which waits at reset, what can only be done then, and lets it run.
    pub fn release(&self) -> anyhow::Result<()> {
        let Some(tree) = &self.tree else { return Ok(()) };
        let mut debugger =
            Debugger::connect(&self.socket_path(), CONNECT_LIMIT).context("cannot reach QEMU's debugger")?;
        debugger.write_memory(tree::ADDRESS, tree)?;
        Ok(debugger.let_go()?)
    }

    fn add_tampering(&mut self, bed: &TestBed, scenario: &Scenario) -> anyhow::Result<()> {
        for tampering in &scenario.tampering {
            match tampering {
                Tampering::Poison(name) => self.firmware = bed.mutator.firmware(Jump::FromReset, name)?,
                Tampering::Mutation(jump, name) => self.firmware = bed.mutator.firmware(*jump, name)?,
                Tampering::NoHashInstructions => {
                    self.firmware.bootloader = without_instructions(&self.firmware.bootloader)?;
                }
                Tampering::Tree(edits) => {
                    self.tree = Some(tree::edited(&bed.qemu, &scenario.machine, edits, self.folder.path())?);
                }
            }
        }
        if self.tree.is_some() {
            let arguments = Debugger::arguments(&self.socket_path())?;
            self.add_arguments(arguments);
        }
        if let (Some(tree), true) = (&self.tree, scenario.is_predicted) {
            self.prediction = prediction("device tree", &tree::as_in_ram(tree), scenario)?;
        }
        Ok(())
    }

    fn add_start(&mut self, bed: &TestBed, scenario: &Scenario) -> anyhow::Result<()> {
        let kernel = self.folder.path().join("kernel.bin");
        match &scenario.start {
            Start::Flash(flash) => {
                let bytes = flash.build(bed, &self.firmware)?;
                if scenario.is_predicted && self.tree.is_none() {
                    self.prediction = prediction("flash image", &bytes, scenario)?;
                }
                write(&self.folder.path().join("flash.bin"), &bytes)?;
                self.has_flash = true;
            }
            Start::FwCfg(pack) => {
                write(&kernel, &pack(&bed.kernel))?;
                let flash = Flash::new(Kernel::None, "").without_settings();
                write(
                    &self.folder.path().join("flash.bin"),
                    &flash.build(bed, &self.firmware)?,
                )?;
                self.has_flash = true;
                self.add_arguments(["-kernel".into(), kernel.into()]);
            }
            Start::Linux(boot) => self.add_linux(boot)?,
            Start::QemuKernel(command_line) => {
                write(&kernel, &bed.kernel)?;
                self.add_arguments([
                    "-kernel".into(),
                    kernel.into(),
                    "-append".into(),
                    (*command_line).into(),
                ]);
            }
            Start::UBoot(_) => {
                write(&kernel, &bed.kernel)?;
                self.add_arguments(u_boot::arguments(&kernel));
            }
        }
        Ok(())
    }

    fn add_linux(&mut self, boot: &LinuxBoot) -> anyhow::Result<()> {
        let (kernel, initrd) = (boot.linux.path(), self.folder.path().join("initrd"));
        write(&initrd, &linux::initramfs(boot.padding_bytes)?)?;
        let parts = Parts {
            firmware: &self.firmware,
            kernel: &kernel,
            initrd: &initrd,
            command_line: &boot.command_line,
            // Far from both ends, where kernel, device tree and bootloader are.
            initrd_address: RAM_BASE + self.machine.memory_bytes / 2,
        };
        self.command_line = boot.packing.command_line(&parts)?;
        let packed = boot.packing.pack(&parts, self.folder.path())?;
        if let Some(flash) = packed.flash {
            write(&self.folder.path().join("flash.bin"), &flash)?;
            self.has_flash = true;
        }
        self.add_arguments(packed.arguments);
        Ok(())
    }

    fn add_arguments(&mut self, arguments: impl IntoIterator<Item = OsString>) {
        self.machine.extra.extend(arguments);
    }

    fn socket_path(&self) -> PathBuf {
        self.folder.path().join("debugger.sock")
    }

    fn watch_path(&self) -> PathBuf {
        self.folder.path().join("qemu.log")
    }
}

/// The first thing that `flint inspect` finds wrong with `bytes`.
fn prediction(what: &str, bytes: &[u8], scenario: &Scenario) -> anyhow::Result<Option<String>> {
    let machine = ReferenceMachine::of(&scenario.machine).context("no such RAM")?;
    let inspection = Inspection::of(what, bytes, &machine);
    let problem = inspection.errors.first();
    Ok(Some(problem.map_or("nothing".into(), |problem| {
        format!("{} [{}]", problem.message, problem.code)
    })))
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
