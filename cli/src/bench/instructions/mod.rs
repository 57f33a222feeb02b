//! Instructions from reset to the payload's first one, with our bootloader and with the article's
//! loader.

mod payload;
mod report;

use std::time::Duration;

use phys_range::{MIB, Size};

use super::boot_log;
use crate::Error;
use crate::build::{TargetBinaries, TargetBinary};
use crate::flash::FlashBuilder;
use crate::qemu::{Ended, Machine, Qemu};
use crate::write::temporary_file;

pub(super) use payload::padded;
pub use report::{Loader, Measurement, Report, Stage};

/// The sizes of the payload, in bytes.
pub const PAYLOAD_SIZES_BYTES: [u64; 3] = [MIB, 8 * MIB, 32 * MIB];

/// The most that a run may take; the slowest takes about a second.
const RUN_LIMIT: Duration = Duration::from_secs(60);
/// The text that the Rust kernel prints after the number of instructions.
const COUNTER_LINE_END: &str = " ticks at the first instruction";
/// With the options of the bench one instruction takes one nanosecond.
const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;
/// The resolution of the boot log.
pub(super) const INSTRUCTIONS_PER_MICROSECOND: u64 = 1000;
/// The stage of the report from the last line of the boot log to the payload.
const LAST_STAGE: &str = "payload's first instruction";

/// The machine that counts: the reference machine, with a clock that counts instructions.
pub fn machine() -> Machine {
    Machine {
        icount: true,
        ..Machine::default()
    }
}

/// Counts; `progress` hears about each run before it starts.
///
/// # Errors
/// A binary cannot be read, QEMU does not start, or a run does not reach the payload in time.
pub fn measure(
    qemu: &Qemu,
    binaries: &TargetBinaries,
    article_loader: &TargetBinary,
    progress: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let kernel = binaries.kernel.flat()?;
    let mut measure_loader = |name: &'static str, flat: Vec<u8>| {
        let measured = PAYLOAD_SIZES_BYTES.iter().map(|size_bytes| {
            progress(&format!("instructions: {name}, {}", Size(*size_bytes)));
            let payload = padded(&kernel, *size_bytes)?;
            let (instructions, console) = boot(qemu, &machine(), &flat, &payload)?;
            Ok(Measurement {
                payload_size_bytes: *size_bytes,
                instructions,
                stages: stages(&console, instructions),
            })
        });
        let measurements = measured.collect::<Result<_, Error>>()?;
        Ok::<_, Error>(Loader {
            name,
            size_bytes: flat.len() as u64,
            measurements,
        })
    };
    Ok(Report {
        qemu_command: qemu.command_text(&machine(), Some("flash.bin".as_ref())),
        loaders: vec![
            measure_loader("Flint", binaries.bootloader.flat()?)?,
            measure_loader("the article's loader", article_loader.flat()?)?,
        ],
    })
}

/// Boots `payload`, our kernel or what holds it, with `loader` until the kernel says when it came
/// to its first instruction.
pub(super) fn instructions_to(qemu: &Qemu, machine: &Machine, loader: &[u8], payload: &[u8]) -> Result<u64, Error> {
    boot(qemu, machine, loader, payload).map(|(instructions, _)| instructions)
}

/// Boots like [`instructions_to`]; returns what the console showed as well.
fn boot(qemu: &Qemu, machine: &Machine, loader: &[u8], payload: &[u8]) -> Result<(u64, String), Error> {
    let flash = FlashBuilder::new()
        .bootloader(loader)
        .kernel(payload)
        .command_line("poweroff")
        .build()?;
    let file = temporary_file("flint-bench-", &flash)?;
    let outcome = qemu.run_until(machine, Some(file.path()), None, &[COUNTER_LINE_END], RUN_LIMIT)?;
    let counted = outcome.console.lines().find_map(instructions_in_line);
    match (outcome.ended, counted) {
        (Ended::Matched, Some(instructions)) => Ok((instructions, outcome.console)),
        (ended, _) => Err(
            Error::new(format!("the payload did not say when it started ({ended:?})"))
                .help(format!("the console showed:\n{}", outcome.console.trim_end())),
        ),
    }
}

/// Returns the instructions up to each line of the boot log from the line before it, and from the
/// last one to the payload; none of a loader without a boot log.
fn stages(console: &str, to_payload: u64) -> Vec<Stage> {
    let lines = boot_log::lines(console).map(|line| (line.stage, line.microseconds * INSTRUCTIONS_PER_MICROSECOND));
    let ends: Vec<_> = lines.collect();
    let last = (!ends.is_empty()).then_some((LAST_STAGE, to_payload));
    let mut begin = 0;
    let mut stage = |(name, end): (&str, u64)| {
        let instructions = end.saturating_sub(begin);
        begin = end;
        Stage {
            name: name.into(),
            instructions,
        }
    };
    ends.into_iter().chain(last).map(&mut stage).collect()
}

/// The number of instructions in the line
/// `counter    62500000 Hz, 1234 ticks at the first instruction`.
fn instructions_in_line(line: &str) -> Option<u64> {
    let (_, numbers) = line.strip_suffix(COUNTER_LINE_END)?.split_once("counter")?;
    let (frequency_hz, ticks) = numbers.split_once(" Hz, ")?;
    let frequency_hz: u128 = frequency_hz.trim().parse().ok()?;
    let ticks: u128 = ticks.trim().parse().ok()?;
    u64::try_from((ticks * NANOSECONDS_PER_SECOND).checked_div(frequency_hz)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_ticks_into_instructions() {
        let line = "counter    62500000 Hz, 1000 ticks at the first instruction";
        assert_eq!(instructions_in_line(line), Some(16_000));
        assert_eq!(
            instructions_in_line("counter    0 Hz, 1000 ticks at the first instruction"),
            None
        );
        assert_eq!(instructions_in_line("cpus       1"), None);
    }

    #[test]
    fn splits_a_boot_by_the_lines_of_the_log() {
        let console = "[     0.005 ms] reset    Flint\n[     0.125 ms] tree     virt\nHello\n";
        let named = |stage: &Stage| (stage.name.clone(), stage.instructions);
        let stages: Vec<_> = stages(console, 130_016).iter().map(named).collect();
        let expected = [("reset", 5_000), ("tree", 120_000), (LAST_STAGE, 5_016)];
        assert_eq!(
            stages,
            expected.map(|(name, instructions)| (name.to_string(), instructions))
        );
        assert!(super::stages("Hello\n", 16).is_empty());
    }

    #[test]
    fn the_clock_of_the_bench_counts_instructions() {
        let arguments = machine().arguments(None);
        assert!(arguments.iter().any(|argument| argument == "shift=0,sleep=off"));
    }
}
