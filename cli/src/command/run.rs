//! `flint run`: boots a flash image in QEMU, with the console on the terminal.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use tempfile::NamedTempFile;

use crate::build::{self, TargetBinaries};
use crate::child::{ChildProcess, Waited};
use crate::command::hardware::Hardware;
use crate::command::image::Flash;
use crate::command::parts::Parts;
use crate::inspection::Inspection;
use crate::kernel_area::Ingredients;
use crate::kernel_file::KernelFile;
use crate::qemu::{FwCfg, Machine, Qemu};
use crate::raw_kernel::RawKernel;
use crate::{Error, debugger, flash_file, terminal, write};

/// The arguments of `flint run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint run
  flint run --cmdline poweroff --smp 4        the Rust kernel powers off by itself
  flint run --kernel Image --memory 1G        a Linux kernel, straight from its file
  flint run --kernel Image --initrd initrd.img --memory 1G --cmdline \"console=ttyAMA0\"
  flint run --image flash.bin -- -d int       more arguments for QEMU
  flint run --el 3 --smp 8                    a machine whose firmware is alone, with Flint's monitor at EL3
  flint run --gdb                             wait for a debugger at reset

Exit codes: 0 QEMU ended well, 1 it failed or --timeout passed, 2 wrong usage.
The environment variable FLINT_QEMU names another qemu-system-aarch64.")]
pub struct Arguments {
    /// A flash image to boot as it is (made by `flint image`); the file itself is never changed
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// What goes into the flash otherwise; the Rust kernel where none is named.
    #[command(flatten)]
    pub parts: Parts,
    /// Hand kernel, initrd and command line over by QEMU's -kernel, -initrd and -append, beside a
    /// flash with only the bootloader
    #[arg(long)]
    pub fw_cfg: bool,
    /// The machine.
    #[command(flatten)]
    pub hardware: Hardware,
    /// Wait at the first instruction for gdb, and say how to connect it
    #[arg(long)]
    pub gdb: bool,
    /// End QEMU after this time, with exit code 1
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=LIMIT_MAX_SECONDS))]
    pub timeout: Option<u64>,
    /// Print the exact QEMU command
    #[arg(short, long)]
    pub verbose: bool,
    /// More arguments for QEMU
    #[arg(last = true, value_name = "QEMU ARGUMENTS")]
    pub qemu: Vec<OsString>,
}

/// A year: `--timeout` beyond that is a mistake, and no clock counts for ever.
const LIMIT_MAX_SECONDS: u64 = 365 * 24 * 3600;
/// The interval between checks that our output still has a reader.
const OUTPUT_CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// A boot: its payload and its machine.
struct Boot {
    flash: PathBuf,
    /// What QEMU hands over beside the flash.
    fw_cfg: Option<FwCfg>,
    /// Keeps the files there until QEMU has ended.
    _temporary: Vec<NamedTempFile>,
    /// Our binaries, where they are what runs.
    binaries: Option<TargetBinaries>,
}

/// Does what `flint run` is asked for.
///
/// # Errors
/// Something is missing or wrong with the arguments, QEMU fails, or the time is up.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let mut machine = arguments.machine();
    machine.check()?;
    arguments.check()?;
    let qemu = Qemu::find()?;
    let mut boot = arguments.boot()?;
    machine.fw_cfg = boot.fw_cfg.take();

    eprintln!("flint: QEMU {}, {machine}; Ctrl-A X ends QEMU", qemu.version());
    if arguments.verbose {
        eprintln!("flint: {}", qemu.command_text(&machine, Some(&boot.flash)));
    }
    if arguments.gdb {
        eprint!(
            "{}",
            debugger::instructions(boot.binaries.as_ref(), arguments.hardware.memory)
        );
    }
    let terminal = terminal::Saved::from_stdin();
    let mut command = qemu.command(&machine, Some(&boot.flash));
    let mut child =
        ChildProcess::spawn(&mut command).map_err(|error| Error::new(format!("cannot start QEMU: {error}")))?;
    let waited = wait(&mut child, arguments.timeout.map(Duration::from_secs));
    let status = child.end()?;
    if status.code().is_none() {
        terminal.restore();
    }
    match waited? {
        Waited::Exited(status) if status.success() => Ok(ExitCode::SUCCESS),
        Waited::Exited(status) => Err(Error::new(format!("QEMU ended with {status}"))
            .help("see its message above")
            .into()),
        Waited::Interrupted => Err(Error::new("interrupted").into()),
        Waited::TimedOut => Err(arguments.timed_out().into()),
    }
}

/// Waits for QEMU's end; fails when nobody reads our output any more, as in `flint run | head`.
fn wait(child: &mut ChildProcess, limit: Option<Duration>) -> io::Result<Waited> {
    let end = limit.map(|limit| Instant::now() + limit);
    loop {
        let pause = Instant::now() + OUTPUT_CHECK_INTERVAL;
        match child.wait_until(Some(end.map_or(pause, |end| end.min(pause))))? {
            Waited::TimedOut if end.is_some_and(|end| Instant::now() >= end) => return Ok(Waited::TimedOut),
            Waited::TimedOut if terminal::output_is_closed() => return Err(ErrorKind::BrokenPipe.into()),
            Waited::TimedOut => {}
            waited => return Ok(waited),
        }
    }
}

impl Arguments {
    fn machine(&self) -> Machine {
        Machine {
            gdb: self.gdb,
            extra: self.qemu.clone(),
            ..self.hardware.machine()
        }
    }

    fn check(&self) -> Result<(), Error> {
        // Clap would list all options that cannot go with it.
        let other = self.fw_cfg.then_some("--fw-cfg").or(self.parts.given().next());
        if let (Some(_), Some(other)) = (&self.image, other) {
            let message = format!("--image boots a flash image as it is, so {other} cannot go with it");
            return Err(Error::usage(message).help("leave one of them out"));
        }
        if self.fw_cfg && self.parts.dtb.is_some() {
            return Err(
                Error::usage("--fw-cfg hands no device tree over, so --dtb cannot go with it")
                    .help("leave one of them out"),
            );
        }
        self.parts.check()
    }

    fn boot(&self) -> Result<Boot, anyhow::Error> {
        if let Some(image) = &self.image {
            flash_file::check(image)?;
            return Ok(Boot {
                flash: image.clone(),
                fw_cfg: None,
                _temporary: Vec::new(),
                binaries: None,
            });
        }
        let bootloader = self.parts.bootloader()?;
        let (ingredients, binaries) = self.ingredients()?;
        let fw_cfg = self.fw_cfg.then(|| self.handed_over(&ingredients)).transpose()?;
        let area = match &fw_cfg {
            Some(_) => None,
            None => Some(ingredients.area()?),
        };
        let firmware = match (bootloader, &binaries) {
            (Some(firmware), _) => firmware,
            (None, Some(binaries)) => binaries.firmware()?,
            (None, None) => build::target_binaries()?.firmware()?,
        };
        // Without a command line too: what is handed over takes precedence, so two of them would be
        // one too many.
        let cmdline = self.parts.cmdline.as_deref().filter(|_| !self.fw_cfg);
        let flash = Flash::build(firmware, area, cmdline)?;
        flash.notes.iter().for_each(|note| eprintln!("note: {note}"));
        let file = write::temporary_file("flint-run-", &flash.bytes)?;
        let (fw_cfg, kernel) = fw_cfg.unzip();
        Ok(Boot {
            flash: file.path().to_path_buf(),
            fw_cfg,
            _temporary: [Some(file), kernel].into_iter().flatten().collect(),
            binaries,
        })
    }

    /// The kernel that was named with what goes with it, or ours, which is built when needed.
    fn ingredients(&self) -> Result<(Ingredients, Option<TargetBinaries>), anyhow::Error> {
        if let Some(kernel) = &self.parts.kernel {
            return Ok((self.parts.ingredients(kernel)?, None));
        }
        let binaries = build::target_binaries()?;
        let name = "the Rust kernel";
        let kernel = RawKernel::new(binaries.kernel.flat()?).map_err(|error| error.about(name))?;
        let ingredients = self.parts.ingredients_with(KernelFile::Raw(kernel), name.into())?;
        Ok((ingredients, Some(binaries)))
    }

    /// Returns what QEMU hands over, and the file that the kernel is in.
    fn handed_over(&self, ingredients: &Ingredients) -> Result<(FwCfg, NamedTempFile), Error> {
        let kernel = ingredients.kernel_bytes()?;
        // QEMU unpacks gzip itself, and does not mind what is damaged.
        let name = &ingredients.kernel_name;
        let notes = Inspection::check_handed_over(name, &kernel, self.parts.cmdline.as_deref())?;
        ingredients
            .kernel
            .notes()
            .iter()
            .chain(&notes)
            .for_each(|note| eprintln!("note: {note}"));
        let kernel = write::temporary_file("flint-run-kernel-", &kernel)?;
        let fw_cfg = FwCfg {
            kernel: kernel.path().to_path_buf(),
            initrd: self.parts.initrd.clone(),
            command_line: self.parts.cmdline.clone(),
        };
        Ok((fw_cfg, kernel))
    }

    fn timed_out(&self) -> Error {
        let limit = self.timeout.unwrap_or_default();
        Error::new(format!("QEMU still ran after {limit} s and was ended")).help(
            "the console above shows how far it came; a kernel that powers off ends QEMU, and `flint explain CODE` knows the \
             codes in brackets",
        )
    }
}
