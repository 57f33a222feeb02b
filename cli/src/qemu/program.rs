//! [`Qemu`]: the emulator on this machine, found and checked.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Ended, Machine, Outcome, Session, Version, shell_words};
use crate::Error;
use crate::child::{ChildProcess, Waited};

/// The program's name, unless the environment variable `FLINT_QEMU` says otherwise.
const PROGRAM: &str = "qemu-system-aarch64";
/// The time that it may take to answer about itself.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// The advice on installing QEMU.
const INSTALL_HELP: &str = "install it: apt-get install qemu-system-arm (Debian, Ubuntu), dnf install qemu-system-aarch64 (Fedora) \
                            or brew install qemu; or set FLINT_QEMU to the program";

/// The emulator on this machine.
#[derive(Clone, Debug)]
pub struct Qemu {
    program: OsString,
    version: Version,
}

impl Qemu {
    /// Finds `qemu-system-aarch64`, or what the environment variable `FLINT_QEMU` names.
    ///
    /// # Errors
    /// There is none, it does not start, or it is older than [`Version::OLDEST`].
    pub fn find() -> Result<Self, Error> {
        let program = std::env::var_os("FLINT_QEMU").unwrap_or_else(|| PROGRAM.into());
        let name = program.to_string_lossy().into_owned();
        let printed = answer(&program, ["--version"])?;
        let version = Version::parse(&printed)
            .ok_or_else(|| Error::new(format!("{name} --version does not say which QEMU it is")).help(INSTALL_HELP))?;
        if version < Version::OLDEST {
            let message = format!("{name} is QEMU {version}; Flint needs {} or newer", Version::OLDEST);
            return Err(Error::new(message).help(INSTALL_HELP));
        }
        Ok(Self { program, version })
    }

    /// Its version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the list of its machines, as it prints them.
    ///
    /// # Errors
    /// QEMU gives no answer.
    pub fn machines(&self) -> Result<String, Error> {
        answer(&self.program, ["-machine", "help"])
    }

    /// The command that boots `machine` from the flash image at `flash`.
    pub fn command(&self, machine: &Machine, flash: Option<&Path>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(machine.arguments(flash));
        command
    }

    /// The same command, as it can be pasted into a shell.
    pub fn command_text(&self, machine: &Machine, flash: Option<&Path>) -> String {
        shell_words(&self.program, &machine.arguments(flash))
    }

    /// Boots `machine` with its console captured, and written to the file `log` as it comes.
    ///
    /// # Errors
    /// QEMU does not start, or the log cannot be written.
    pub fn spawn(&self, machine: &Machine, flash: Option<&Path>, log: Option<&Path>) -> Result<Session, Error> {
        let title = self.command_text(machine, flash);
        Session::spawn(self.command(machine, flash), &title, log)
    }

    /// Boots `machine` until one of the texts `end` is on its console, QEMU ends, or the time is
    /// up; ends QEMU.
    ///
    /// # Errors
    /// As [`Qemu::spawn`].
    pub fn run_until(
        &self,
        machine: &Machine,
        flash: Option<&Path>,
        log: Option<&Path>,
        end: &[&str],
        limit: Duration,
    ) -> Result<Outcome, Error> {
        let mut session = self.spawn(machine, flash, log)?;
        let ended: Ended = session.wait_for(end, limit)?;
        Ok(session.finish(ended))
    }
}

/// Returns what the program prints for these arguments.
fn answer<const N: usize>(program: &OsString, arguments: [&str; N]) -> Result<String, Error> {
    let name = program.to_string_lossy();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = ChildProcess::spawn(&mut command).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::new(format!("QEMU is not installed: there is no {name}")).help(INSTALL_HELP),
        _ => Error::new(format!("cannot start {name}: {error}")).help(INSTALL_HELP),
    })?;
    let silent = || Error::new(format!("{name} {} gives no answer", arguments.join(" "))).help(INSTALL_HELP);
    match child.wait_until(Some(Instant::now() + ANSWER_LIMIT)) {
        // The answer is far shorter than what a pipe holds, so the program cannot have waited for
        // us.
        Ok(Waited::Exited(_)) => {
            let answer = child.stdout.take().ok_or_else(silent)?;
            std::io::read_to_string(answer).map_err(|_| silent())
        }
        _ => Err(silent()),
    }
}
