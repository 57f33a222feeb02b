//! Time to unpack a stock kernel at EL3, where all CPUs start at once: with 1 CPU, and with 8, of
//! which 7 wait.
//!
//! CPUs that wait cost nothing only while they sleep: any other way takes time from the one that
//! works, of the host's here.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

use super::decompression;
use super::time::LINUX;
use crate::Error;
use crate::build::Firmware;
use crate::compress::Compression;
use crate::flash::FlashBuilder;
use crate::qemu::{Ended, Machine, Qemu, StartLevel};
use crate::size::grouped;
use crate::table::Table;
use crate::write::temporary_file;

/// The numbers of CPUs: the second is compared with the first.
const SMP: [u32; 2] = [1, 8];
/// The most that the second may take, as a multiple of the time of the first.
const RATIO_LIMIT: f64 = 1.15;
/// The rounds. All numbers of CPUs take turns, and the shortest time of each counts: a busy host
/// only adds to it.
const ROUNDS: usize = 7;
/// The most that a run may take; the slowest takes some ten seconds on a busy host.
const RUN_LIMIT: Duration = Duration::from_secs(120);

/// The times that it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The kernel that is unpacked: its package and version.
    pub kernel: String,
    /// The size of what is unpacked: the kernel in LZ4, in bytes.
    pub packed_size_bytes: u64,
    /// The command of the last run.
    pub qemu_command: String,
    /// One for each number of CPUs.
    pub measurements: [Measurement; SMP.len()],
}

/// One number of CPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Measurement {
    /// The number of CPUs.
    pub cpus: u32,
    /// The time from the plan to the kernel in its place, the shortest of all rounds.
    pub microseconds: u64,
}

/// Measures; `progress` hears about each step before it starts.
///
/// # Errors
/// The stock kernel is not there, QEMU does not start, or a run does not end in time.
pub fn measure(qemu: &Qemu, firmware: &Firmware, progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    progress("cpus: compressing");
    let packed = Compression::Lz4.compress(&LINUX.read()?)?;
    let packed_size_bytes = packed.len() as u64;
    let flash = FlashBuilder::new().firmware(firmware.clone()).kernel(packed).build()?;
    let file = temporary_file("flint-bench-", &flash)?;
    let mut shortest = [u64::MAX; SMP.len()];
    for round in 1..=ROUNDS {
        progress(&format!("cpus: round {round} of {ROUNDS}"));
        for (smp, shortest) in SMP.into_iter().zip(&mut shortest) {
            *shortest = microseconds(qemu, smp, file.path())?.min(*shortest);
        }
    }
    let [_, last] = SMP;
    Ok(Report {
        kernel: LINUX.package().unwrap_or_default(),
        packed_size_bytes,
        qemu_command: qemu.command_text(&machine(last), Some("flash.bin".as_ref())),
        measurements: std::array::from_fn(|index| Measurement {
            cpus: SMP[index],
            microseconds: shortest[index],
        }),
    })
}

fn machine(smp: u32) -> Machine {
    Machine {
        el: StartLevel::El3,
        smp,
        memory_bytes: 512 << 20,
        ..Machine::default()
    }
}

/// Boots until the kernel is in its place, and returns how long that took after the plan, by the
/// boot log.
fn microseconds(qemu: &Qemu, smp: u32, flash: &Path) -> Result<u64, anyhow::Error> {
    let outcome = qemu.run_until(&machine(smp), Some(flash), None, &[decompression::AFTER], RUN_LIMIT)?;
    let console = outcome.console;
    let unpacked = match outcome.ended {
        Ended::Matched => decompression::microseconds(&console),
        _ => None,
    };
    let missing = || Error::new("nothing was unpacked").help(format!("the console showed:\n{}", console.trim_end()));
    unpacked.with_context(missing)
}

impl Report {
    fn ratio(&self) -> f64 {
        let [one, all] = self.measurements;
        all.microseconds as f64 / one.microseconds.max(1) as f64
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, all] = self.measurements;
        writeln!(
            f,
            "Time to unpack {} ({} bytes of LZ4) at EL3, the shortest of {ROUNDS};",
            self.kernel,
            grouped(self.packed_size_bytes),
        )?;
        writeln!(
            f,
            "with {} CPUs {:.2} times as long as with {}, at most {RATIO_LIMIT}.",
            all.cpus,
            self.ratio(),
            one.cpus
        )?;
        writeln!(f, "{}\n", self.qemu_command)?;
        let mut table = Table::with_numbers_in(&[0, 1]);
        table.row(["CPUs", "ms"]);
        for Measurement { cpus, microseconds } in self.measurements {
            table.row([cpus.to_string(), grouped(microseconds / 1000)]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_ratio_with_its_limit() {
        let measurement = |cpus, microseconds| Measurement { cpus, microseconds };
        let report = Report {
            kernel: "linux".into(),
            packed_size_bytes: 1_000_000,
            qemu_command: "qemu".into(),
            measurements: [measurement(1, 1_500_000), measurement(8, 3_000_900)],
        };
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().collect();
        let expected = [
            "Time to unpack linux (1,000,000 bytes of LZ4) at EL3, the shortest of 7;",
            "with 8 CPUs 2.00 times as long as with 1, at most 1.15.",
            "qemu",
            "",
            "  CPUs     ms",
            "     1  1,500",
            "     8  3,000",
        ];
        assert_eq!(lines, expected);
    }
}
