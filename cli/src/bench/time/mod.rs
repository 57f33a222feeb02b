//! Wall time from reset to Linux's first line, with our bootloader and with others.
//!
//! All boot the same kernel with the same command line on the same machine, in turn, round by round: what drifts, drifts for all. The
//! time is taken from the start of QEMU, whose own start is in it for all of them, to when the line is read from the console.

mod contender;
mod report;
mod u_boot;

use std::time::Duration;

use phys_range::GIB;

use crate::Error;
use crate::linux::Linux;
use crate::qemu::{Ended, Machine, Qemu};
use contender::Contender;

pub use contender::U_BOOT;
pub use report::{Loader, Report};

/// The kernel: stock, a raw Image of 31 MiB.
pub const LINUX: Linux = Linux::V6_1;

/// The kernel's command line. Without the early console, the first line would come with the driver of the console, when the kernel
/// has been running for long; without its address, the kernel would look for it in the tables of the firmware.
const COMMAND_LINE: &str = "console=ttyAMA0 earlycon=pl011,0x9000000";

/// How its first line begins, after the time.
const FIRST_LINE: &str = "Booting Linux on physical CPU";

/// How many rounds count, an odd number. One more goes before, which fills the host's file cache.
const ROUNDS: usize = 7;

/// The most that a run may take; the slowest takes about a second.
const RUN_LIMIT: Duration = Duration::from_secs(60);

/// The machine, as far as it is the same for all.
fn machine() -> Machine {
    Machine {
        cpu: "cortex-a57".into(),
        memory_bytes: GIB,
        ..Machine::default()
    }
}

/// Takes the times; `progress` hears about each round before it starts.
///
/// # Errors
/// The kernel cannot be read, QEMU does not start, or a run does not reach the kernel in time.
pub fn measure(qemu: &Qemu, bootloader: &[u8], progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    progress("time: making flash images");
    let (installed, missing): (Vec<_>, Vec<_>) = contender::all(bootloader, &LINUX.read()?)?
        .into_iter()
        .partition(|contender| contender.missing.is_none());
    let mut times = vec![Vec::with_capacity(ROUNDS); installed.len()];
    for round in 0..=ROUNDS {
        progress(&match round {
            0 => "time: a round that does not count".to_string(),
            _ => format!("time: round {round} of {ROUNDS}"),
        });
        for (contender, times) in installed.iter().zip(&mut times) {
            let time = time_to_first_line(qemu, contender)?;
            if round > 0 {
                times.push(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
            }
        }
    }
    let measured = installed.iter().zip(times);
    Ok(Report {
        kernel: LINUX.package().unwrap_or_else(|| LINUX.path().display().to_string()),
        command_line: COMMAND_LINE,
        loaders: measured
            .map(|(contender, times)| contender.loader(qemu, times))
            .collect(),
        missing: missing.iter().filter_map(|contender| contender.missing).collect(),
    })
}

fn time_to_first_line(qemu: &Qemu, contender: &Contender) -> Result<Duration, Error> {
    let mut session = qemu.spawn(&contender.machine(), None, None)?;
    let ended = session.wait_for(&[FIRST_LINE], RUN_LIMIT)?;
    let time = session.matched_after();
    let outcome = session.finish(ended);
    match (ended, time) {
        (Ended::Matched, Some(time)) => Ok(time),
        _ => {
            let message = format!("{} did not come to Linux's first line ({ended:?})", contender.name);
            Err(Error::new(message).help(format!("the console showed:\n{}", outcome.console.trim_end())))
        }
    }
}

/// The error when there is no kernel to boot.
pub(super) fn no_linux(reason: String) -> Error {
    Error::new(format!("no Linux to take the time of: {reason}")).help("flint bench instructions size needs none")
}
