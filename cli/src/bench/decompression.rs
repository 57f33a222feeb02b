//! Instructions to unpack a stock kernel: by Flint, with its checks and cache maintenance, and by
//! crates that unpack the same formats (`miniz_oxide`, `lz4_flex`, `ruzstd`), with nothing around them.

use std::fmt;
use std::time::Duration;

use anyhow::Context;
use phys_range::MIB;
use serde::Serialize;

use super::boot_log;
use super::budget::{Cost, Costs};
use super::instructions::{INSTRUCTIONS_PER_MICROSECOND, machine};
use super::time::LINUX;
use crate::Error;
use crate::build::TargetBinary;
use crate::compress::Compression;
use crate::flash::FlashBuilder;
use crate::qemu::{Ended, Qemu};
use crate::size::grouped;
use crate::table::Table;
use crate::write::temporary_file;

/// The formats, compressed as `flint image --compress` does it, and the most instructions that Flint
/// may take for each byte that comes out.
const COMPRESSIONS: [(Compression, &str, f64); 3] = [
    (Compression::Gzip, "gzip", 12.0),
    (Compression::Lz4, "lz4", 6.5),
    (Compression::Zstd, "zstd", 20.0),
];
/// The slowest run takes some ten seconds.
const RUN_LIMIT: Duration = Duration::from_secs(120);
/// The line of the boot log that ends unpacking.
pub(super) const AFTER: &str = " ms] load ";
/// The end of the line that the crates alone print, and how many instructions a tick is.
const ALONE_LINE_END: &str = " ticks";
const INSTRUCTIONS_PER_TICK: u64 = 16;

/// How many instructions it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The kernel that is unpacked: its package and version.
    pub kernel: String,
    /// Its size.
    pub kernel_size_bytes: u64,
    /// One for each compression.
    pub measurements: Vec<Measurement>,
}

/// One compression.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measurement {
    /// What it is.
    pub compression: &'static str,
    /// The size of what is unpacked.
    pub packed_size_bytes: u64,
    /// Instructions of the crate alone.
    pub alone_instructions: u64,
    /// Instructions of Flint, from its plan to the kernel in its place.
    pub flint_instructions: u64,
    /// The most instructions that Flint may take for each byte that comes out.
    pub limit_instructions_per_byte: f64,
}

/// Measures; `progress` hears about each step before it starts.
///
/// # Errors
/// The stock kernel is not there, QEMU does not start, or a run does not end in time.
pub fn measure(
    qemu: &Qemu,
    bootloader: &[u8],
    alone: &TargetBinary,
    progress: &mut dyn FnMut(&str),
) -> Result<Report, anyhow::Error> {
    let kernel = LINUX.read()?;
    let alone = alone.flat()?;
    let mut measure_one = |(compression, name, limit): (Compression, &'static str, f64)| {
        progress(&format!("decompression: {name}, compressing"));
        let packed = compression.compress(&kernel)?;
        progress(&format!("decompression: {name}, the crate alone"));
        let console = run(qemu, &alone, &packed, ALONE_LINE_END)?;
        let alone_instructions = alone_instructions(&console, kernel.len()).context(console)?;
        progress(&format!("decompression: {name}, Flint"));
        let console = run(qemu, bootloader, &packed, AFTER)?;
        let flint_instructions = flint_instructions(&console).context(console)?;
        Ok(Measurement {
            compression: name,
            packed_size_bytes: packed.len() as u64,
            alone_instructions,
            flint_instructions,
            limit_instructions_per_byte: limit,
        })
    };
    let measurements = COMPRESSIONS.into_iter().map(&mut measure_one);
    Ok(Report {
        kernel: LINUX.package().unwrap_or_default(),
        kernel_size_bytes: kernel.len() as u64,
        measurements: measurements.collect::<Result<_, anyhow::Error>>()?,
    })
}

/// Boots the payload, and returns what the console showed up to the line with `end`.
fn run(qemu: &Qemu, loader: &[u8], payload: &[u8], end: &str) -> Result<String, Error> {
    let flash = FlashBuilder::new().bootloader(loader).kernel(payload).build()?;
    let file = temporary_file("flint-bench-", &flash)?;
    let mut machine = machine();
    machine.memory_bytes = 512 << 20;
    let outcome = qemu.run_until(&machine, Some(file.path()), None, &[end], RUN_LIMIT)?;
    match outcome.ended {
        Ended::Matched => Ok(outcome.console),
        ended => Err(Error::new(format!("nothing was unpacked ({ended:?})"))
            .help(format!("the console showed:\n{}", outcome.console.trim_end()))),
    }
}

/// From `123 bytes came out in 456 ticks`, if those are the bytes that should come out.
fn alone_instructions(console: &str, size_bytes: usize) -> Option<u64> {
    let mut numbers = console.split_whitespace().filter_map(|word| word.parse::<u64>().ok());
    let (bytes, ticks) = (numbers.next()?, numbers.next()?);
    (bytes == size_bytes as u64).then_some(ticks * INSTRUCTIONS_PER_TICK)
}

fn flint_instructions(console: &str) -> Option<u64> {
    Some(microseconds(console)? * INSTRUCTIONS_PER_MICROSECOND)
}

/// Returns the microseconds from the plan to the kernel in its place, by the boot log.
pub(super) fn microseconds(console: &str) -> Option<u64> {
    boot_log::microseconds_between(console, "plan", "load")
}

impl Report {
    /// Returns the costs: Flint's instructions for each MiB that comes out, since the kernel's size
    /// changes with Debian's updates.
    pub(super) fn costs(&self) -> Costs {
        let measurements = self.measurements.iter();
        let a_mib = |instructions: u64| Cost::of(instructions * MIB / self.kernel_size_bytes.max(1));
        let name = |measurement: &Measurement| format!("{}, each MiB", measurement.compression);
        let costs = measurements.map(|measurement| (name(measurement), a_mib(measurement.flint_instructions)));
        costs.collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Instructions to unpack {} ({} bytes), checksums and cache maintenance included;",
            self.kernel,
            grouped(self.kernel_size_bytes)
        )?;
        writeln!(
            f,
            "crate alone: miniz_oxide, lz4_flex and ruzstd, without checksums and cache maintenance.\n"
        )?;
        let a_byte = |instructions: u64| format!("{:.2}", instructions as f64 / self.kernel_size_bytes.max(1) as f64);
        let mut table = Table::with_numbers_in(&[1, 2, 3, 4, 5]);
        table.row(["", "packed bytes", "Flint", "a byte", "at most", "crate alone, a byte"]);
        for measurement in &self.measurements {
            table.row([
                measurement.compression.into(),
                grouped(measurement.packed_size_bytes),
                grouped(measurement.flint_instructions),
                a_byte(measurement.flint_instructions),
                format!("{:.1}", measurement.limit_instructions_per_byte),
                a_byte(measurement.alone_instructions),
            ]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_crates_on_their_own_print() {
        let console = "1000 bytes came out in 20 ticks\n";
        assert_eq!(alone_instructions(console, 1000), Some(320));
        assert_eq!(alone_instructions(console, 1001), None);
        assert_eq!(alone_instructions("panic\n", 0), None);
    }
}
