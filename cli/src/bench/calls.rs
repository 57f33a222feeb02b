//! Instructions of the monitor: of a call that does nothing, and from the call that turns a CPU on
//! to that CPU's first instruction.

use std::fmt;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

use super::budget::{Cost, Costs};
use crate::Error;
use crate::build::Firmware;
use crate::flash::FlashBuilder;
use crate::qemu::{Ended, Machine, Qemu, StartLevel};
use crate::raw_kernel::RawKernel;
use crate::size::grouped;
use crate::table::Table;
use crate::write::temporary_file;

/// The most instructions of each.
const CALL_LIMIT_INSTRUCTIONS: u64 = 180;
const START_LIMIT_INSTRUCTIONS: u64 = 4000;
/// A run takes about a second.
const RUN_LIMIT: Duration = Duration::from_secs(60);
/// The start of the payload's lines. An instruction takes a nanosecond, and a tick of the
/// counter is 16 of them.
const CALL_LINE: &str = "measured   PSCI_VERSION: ";
const START_LINE: &str = "measured   CPU_ON: ";
const INSTRUCTIONS_PER_TICK: u64 = 16;

/// The number of instructions that it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The command of the run.
    pub qemu_command: String,
    /// One for each kind of call.
    pub measurements: Vec<Measurement>,
}

/// One kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Measurement {
    /// From where to where.
    pub name: &'static str,
    /// Instructions.
    pub instructions: u64,
    /// The budget, where there is one.
    pub limit_instructions: Option<u64>,
}

/// CPUs that the monitor protects from what the normal world has taught their branch predictors, at
/// each call, and how.
const MITIGATED: [(&str, &str); 2] = [
    (
        "cortex-a72",
        "PSCI_VERSION on a Cortex-A72, which invalidates its predictor",
    ),
    ("neoverse-n1", "PSCI_VERSION on a Neoverse N1, which takes 48 branches"),
];

/// Measures on the reference machine, whose CPU needs no mitigation, and the same call on those
/// that do; `payload` is the kernel that [`crate::build::smc_calls`] builds, flat.
///
/// # Errors
/// QEMU does not start, or the run does not end in time.
pub fn measure(qemu: &Qemu, firmware: &Firmware, payload: Vec<u8>) -> Result<Report, anyhow::Error> {
    let machine = Machine {
        el: StartLevel::El3,
        smp: 2,
        ..super::instructions::machine()
    };
    let mut all: Vec<_> = measure_on(qemu, firmware, payload.clone(), &machine)?.into();
    for (cpu, name) in MITIGATED {
        let mitigated = Machine {
            cpu: cpu.into(),
            ..machine.clone()
        };
        let [call, _] = measure_on(qemu, firmware, payload.clone(), &mitigated)?;
        all.push(Measurement {
            name,
            limit_instructions: None,
            ..call
        });
    }
    Ok(Report {
        qemu_command: qemu.command_text(&machine, Some("flash.bin".as_ref())),
        measurements: all,
    })
}

fn measure_on(
    qemu: &Qemu,
    firmware: &Firmware,
    payload: Vec<u8>,
    machine: &Machine,
) -> Result<[Measurement; 2], anyhow::Error> {
    let flash = FlashBuilder::new()
        .firmware(firmware.clone())
        .kernel(RawKernel::new(payload)?.bytes)
        .command_line("measure")
        .build()?;
    let file = temporary_file("flint-bench-", &flash)?;
    let outcome = qemu.run_until(machine, Some(file.path()), None, &[], RUN_LIMIT)?;
    let console = outcome.console.trim_end();
    let measurements = match outcome.ended {
        Ended::Exited(status) if status.success() => measurements(console),
        _ => None,
    };
    let missing = || Error::new("the calls were not measured").help(format!("the console showed:\n{console}"));
    measurements.with_context(missing)
}

/// From the payload's two lines: `1000 calls in 9000 ticks, 190 without the calls` and
/// `100 starts in 13000 ticks, the longest in 131`.
fn measurements(console: &str) -> Option<[Measurement; 2]> {
    let numbers = |line_start: &str| {
        let line = console.lines().find_map(|line| line.strip_prefix(line_start))?;
        let words = line.split(|end: char| !end.is_ascii_digit());
        let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
        <[u64; 3]>::try_from(numbers).ok()
    };
    let [calls, ticks, without] = numbers(CALL_LINE)?;
    let [_, _, longest] = numbers(START_LINE)?;
    let instructions_of_calls = ticks.checked_sub(without)? * INSTRUCTIONS_PER_TICK;
    Some([
        Measurement {
            name: "PSCI_VERSION, there and back",
            instructions: instructions_of_calls.checked_div(calls)?,
            limit_instructions: Some(CALL_LIMIT_INSTRUCTIONS),
        },
        Measurement {
            name: "CPU_ON, to the first instruction of the other CPU",
            instructions: longest * INSTRUCTIONS_PER_TICK,
            limit_instructions: Some(START_LIMIT_INSTRUCTIONS),
        },
    ])
}

impl Report {
    /// Those that are over their budget.
    pub fn over_limit(&self) -> impl Iterator<Item = &Measurement> {
        let all = self.measurements.iter();
        all.filter(|measurement| {
            measurement
                .limit_instructions
                .is_some_and(|limit| measurement.instructions > limit)
        })
    }
}

impl Report {
    /// Returns the costs: the instructions of each call.
    pub(super) fn costs(&self) -> Costs {
        let measurements = self.measurements.iter();
        let costs = measurements.map(|measurement| (measurement.name.into(), Cost::of(measurement.instructions)));
        costs.collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Instructions of calls of the monitor; of CPU_ON, the most of many.")?;
        writeln!(f, "{}\n", self.qemu_command)?;
        let mut table = Table::with_numbers_in(&[1, 2]);
        table.row(["call", "instructions", "at most"]);
        for measurement in &self.measurements {
            table.row([
                measurement.name.into(),
                grouped(measurement.instructions),
                measurement.limit_instructions.map_or("-".into(), grouped),
            ]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "[ 0.505 ms] enter\n\
        measured   PSCI_VERSION: 1000 calls in 9188 ticks, 188 without the calls\n\
        measured   CPU_ON: 100 starts in 13100 ticks, the longest in 251\n";

    #[test]
    fn turns_the_payloads_ticks_into_instructions() {
        let instructions = measurements(CONSOLE).map(|all| all.map(|measurement| measurement.instructions));
        assert_eq!(instructions, Some([144, 4016]));
        assert_eq!(
            measurements("measured   PSCI_VERSION: 0 calls in 1 ticks, 1 without"),
            None
        );
        assert_eq!(measurements(""), None);
    }

    #[test]
    fn names_each_call_with_its_limit() {
        let report = Report {
            qemu_command: "qemu".into(),
            measurements: measurements(CONSOLE).unwrap().into(),
        };
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().skip(3).collect();
        let expected = [
            "  call                                               instructions  at most",
            "  PSCI_VERSION, there and back                                144      180",
            "  CPU_ON, to the first instruction of the other CPU         4,016    4,000",
        ];
        assert_eq!(lines, expected);
        assert_eq!(report.over_limit().count(), 1);
    }
}
