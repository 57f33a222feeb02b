//! Wall time from reset to Linux's first line, with our bootloader and with others, for each format
//! of the kernel; and the part of it that unpacking takes.
//!
//! All boot the same kernel with the same command line on the same machines, in turn, round by
//! round: what drifts, drifts for all. The time is taken from the start of QEMU, whose own start is
//! in it for all of them, to when the line is read from the console.

mod contender;
mod format;
mod report;
mod u_boot;

use std::time::Duration;

use crate::Error;
use crate::build::Firmware;
use crate::interrupt;
use crate::linux::Linux;
use crate::qemu::{Ended, Machine, Qemu, StartLevel};
use contender::{Contender, Kind, MACHINES};

pub use contender::U_BOOT;
pub use report::{Failed, Loader, Missing, Report};

/// The kernel: stock, a raw Image of 31 MiB.
pub const LINUX: Linux = Linux::V6_1;

/// The kernel's command line. Without the early console, the first line would come with the driver
/// of the console, when the kernel has been running for long; without its address, the kernel would
/// look for it in the tables of the firmware.
const COMMAND_LINE: &str = "console=ttyAMA0 earlycon=pl011,0x9000000";

/// The start of Linux's first line, after the time.
const FIRST_LINE: &str = "Booting Linux on physical CPU";

/// The number of rounds that count, an odd number. One more goes before, which fills the host's
/// file cache.
const ROUNDS: usize = 7;

/// The most that a run may take; the slowest takes some two seconds.
const RUN_LIMIT: Duration = Duration::from_secs(15);

/// A loader with a kernel on a machine.
struct Entry<'a> {
    contender: &'a Contender,
    el: StartLevel,
    smp: u32,
    loader: Loader,
}

/// The times of a run, each in microseconds.
struct Times {
    to_first_line: u64,
    to_unpack: Option<u64>,
}

/// Takes the times; `progress` hears about each round before it starts.
///
/// A loader other than Flint that fails to start Linux in any round is reported as failed on that
/// machine, with any format.
///
/// # Errors
/// The kernel cannot be read, QEMU does not start, or Flint does not reach the kernel in time.
pub fn measure(qemu: &Qemu, firmware: &Firmware, progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    let (contenders, missing) = contender::all(firmware, &LINUX.read()?, progress)?;
    let mut entries = entries(qemu, &contenders);
    let mut failed: Vec<Failed> = Vec::new();
    for round in 0..=ROUNDS {
        progress(&match round {
            0 => "time: a round that does not count".to_string(),
            _ => format!("time: round {round} of {ROUNDS}"),
        });
        for entry in &mut entries {
            if failed.iter().any(|failed| failed.is_of(&entry.loader)) {
                continue;
            }
            match run(qemu, entry) {
                Ok(_) if round == 0 => {}
                Ok(times) => {
                    entry.loader.microseconds.push(times.to_first_line);
                    entry.loader.unpack_microseconds.extend(times.to_unpack);
                }
                Err(error) if entry.contender.kind == Kind::Flint || interrupt::pending().is_some() => {
                    return Err(error.into());
                }
                Err(error) => failed.push(Failed::new(&entry.loader, error.to_string())),
            }
        }
    }
    let loaders = entries.into_iter().map(|entry| entry.loader);
    let reached = loaders.filter(|loader| !failed.iter().any(|failed| failed.is_of(loader)));
    Ok(Report {
        kernel: LINUX.package().unwrap_or_else(|| LINUX.path().display().to_string()),
        command_line: COMMAND_LINE,
        loaders: reached.collect(),
        missing,
        failed,
    })
}

/// Returns each contender on each machine that it is made for, with no times yet.
fn entries<'a>(qemu: &Qemu, contenders: &'a [Contender]) -> Vec<Entry<'a>> {
    let on_machine = |(el, smp)| {
        let contenders = contenders.iter().filter(move |contender| contender.starts_at(el));
        contenders.map(move |contender| Entry {
            contender,
            el,
            smp,
            loader: contender.loader(qemu, el, smp),
        })
    };
    MACHINES.into_iter().flat_map(on_machine).collect()
}

fn run(qemu: &Qemu, entry: &Entry<'_>) -> Result<Times, Error> {
    let machine: Machine = entry.contender.machine(entry.el, entry.smp);
    let mut session = qemu.spawn(&machine, None, None)?;
    let unpacking = entry.contender.kind.unpacking();
    let mut arrivals = Vec::new();
    let mut ended = Ended::Matched;
    for text in unpacking.into_iter().flatten().chain([FIRST_LINE]) {
        ended = session.wait_for(&[text], RUN_LIMIT)?;
        let (Ended::Matched, Some(time)) = (ended, session.matched_after()) else {
            break;
        };
        arrivals.push(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
    let outcome = session.finish(ended);
    match (ended, arrivals.as_slice()) {
        (Ended::Matched, &[begins, ends, to_first_line]) => Ok(Times {
            to_first_line,
            to_unpack: Some(ends.saturating_sub(begins)),
        }),
        (Ended::Matched, &[to_first_line]) => Ok(Times {
            to_first_line,
            to_unpack: None,
        }),
        _ => {
            let name = entry.contender.kind.name();
            let message = match ended {
                Ended::Exited(_) => format!("{name} ended before Linux's first line"),
                _ => format!(
                    "{name} with {} did not come to Linux's first line in {RUN_LIMIT:?}",
                    entry.loader.kernel
                ),
            };
            Err(Error::new(message).help(format!("the console showed:\n{}", outcome.console.trim_end())))
        }
    }
}

/// The error when there is no kernel to boot.
pub(super) fn no_linux(reason: String) -> Error {
    Error::new(format!("no Linux to take the time of: {reason}")).help("flint bench instructions size needs none")
}
