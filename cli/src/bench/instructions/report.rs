//! [`Report`]: the counted instructions, as a table or as JSON.

use std::fmt;

use phys_range::Size;
use serde::Serialize;

use crate::bench::budget::{Cost, Costs};
use crate::size::grouped;
use crate::table::Table;

/// The number of instructions that it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The command of each run, with another flash image each.
    pub qemu_command: String,
    /// The loaders; ours is the first.
    pub loaders: Vec<Loader>,
}

/// One loader.
#[derive(Clone, Debug, Serialize)]
pub struct Loader {
    /// Its name.
    pub name: &'static str,
    /// The size of its flat binary.
    pub size_bytes: u64,
    /// One for each size of payload.
    pub measurements: Vec<Measurement>,
}

/// One run.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// The size of the raw Image.
    pub payload_size_bytes: u64,
    /// Instructions from reset to its first one, counted by 16s.
    pub instructions: u64,
    /// The same by stage of the boot log, in the order of the log; empty for a loader without one.
    pub stages: Vec<Stage>,
}

/// A part of a run, which ends with a line of the boot log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// The stage of that line.
    pub name: String,
    /// Instructions from the line before it, counted by 1000s.
    pub instructions: u64,
}

impl Report {
    /// Returns the costs: Flint's instructions for each size of the payload, by stage.
    pub(in crate::bench) fn costs(&self) -> Costs {
        let ours = self.loaders.first().into_iter();
        let measurements = ours.flat_map(|ours| &ours.measurements);
        let cost = |measurement: &Measurement| Cost {
            total: measurement.instructions,
            parts: measurement
                .stages
                .iter()
                .map(|stage| (stage.name.clone(), stage.instructions))
                .collect(),
        };
        let name = |measurement: &Measurement| format!("raw Image of {}", Size(measurement.payload_size_bytes));
        measurements
            .map(|measurement| (name(measurement), cost(measurement)))
            .collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Instructions from reset to the payload's first one, for a raw Image that does not compress;"
        )?;
        writeln!(f, "ratio: the loader before it, divided by Flint.")?;
        writeln!(f, "{}\n", self.qemu_command)?;
        let columns: Vec<usize> = (1..=self.loaders.len() * 2).collect();
        let mut table = Table::with_numbers_in(&columns);
        let titles = self
            .loaders
            .iter()
            .enumerate()
            .flat_map(|(index, loader)| titles(index, loader));
        table.row(std::iter::once("payload".to_string()).chain(titles));
        let payloads = self.loaders.first().map_or(0, |ours| ours.measurements.len());
        (0..payloads).for_each(|run| table.row(self.row(run)));
        let sizes = self.values(|loader| Some(loader.size_bytes));
        table.row(std::iter::once("loader binary, bytes".to_string()).chain(sizes));
        write!(f, "{table}")?;
        let first = self.loaders.first().and_then(|ours| ours.measurements.first());
        let Some(first) = first.filter(|first| !first.stages.is_empty()) else {
            return Ok(());
        };
        writeln!(
            f,
            "\nFlint's instructions by stage, {}, each to its line in the boot log from the line before:\n",
            Size(first.payload_size_bytes)
        )?;
        let mut table = Table::with_numbers_in(&[1]);
        table.row(["stage", "instructions"]);
        for stage in &first.stages {
            table.row([stage.name.clone(), grouped(stage.instructions)]);
        }
        write!(f, "{table}")
    }
}

/// A ratio with as many digits as tell something.
fn ratio(ratio: f64) -> String {
    if ratio < 0.1 {
        format!("{ratio:.4}")
    } else {
        format!("{ratio:.2}")
    }
}

/// The titles of a loader's columns: the first loader is what the others are compared with.
fn titles(index: usize, loader: &Loader) -> Vec<String> {
    let name = loader.name.to_string();
    if index == 0 {
        vec![name]
    } else {
        vec![name, "ratio".into()]
    }
}

impl Report {
    /// The row of the runs with one size of payload.
    fn row(&self, run: usize) -> Vec<String> {
        fn measurement(loader: &Loader, run: usize) -> Option<&Measurement> {
            loader.measurements.get(run)
        }
        let size = self
            .loaders
            .first()
            .and_then(|ours| measurement(ours, run))
            .map_or(0, |first| first.payload_size_bytes);
        let instructions = self.values(|loader| measurement(loader, run).map(|measurement| measurement.instructions));
        std::iter::once(Size(size).to_string()).chain(instructions).collect()
    }

    /// One value of each loader, and after each but the first its ratio to that of the first.
    fn values(&self, value: impl Fn(&Loader) -> Option<u64>) -> Vec<String> {
        let ours = self.loaders.first().and_then(&value).unwrap_or(0);
        let cells = self.loaders.iter().enumerate().flat_map(|(index, loader)| {
            let value = value(loader).unwrap_or(0);
            let ratio = (index > 0).then(|| ratio(value as f64 / ours.max(1) as f64));
            std::iter::once(grouped(value)).chain(ratio)
        });
        cells.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_stages_of_the_first_payload() {
        let stage = Stage {
            name: "tree".into(),
            instructions: 41_000,
        };
        let measurement = Measurement {
            payload_size_bytes: 1 << 20,
            instructions: 41_000,
            stages: vec![stage],
        };
        let ours = Loader {
            name: "Flint",
            size_bytes: 1,
            measurements: vec![measurement],
        };
        let report = Report {
            qemu_command: "qemu".into(),
            loaders: vec![ours],
        };
        let text = report.to_string();
        assert!(
            text.ends_with("\n  stage  instructions\n  tree         41,000\n"),
            "{text}"
        );
    }

    #[test]
    fn compares_with_ours_in_a_table() {
        let loader = |name, size_bytes, instructions| Loader {
            name,
            size_bytes,
            measurements: vec![Measurement {
                payload_size_bytes: 32 << 20,
                instructions,
                stages: Vec::new(),
            }],
        };
        let report = Report {
            qemu_command: "qemu".into(),
            loaders: vec![loader("Flint", 11_000, 2_400_000), loader("other", 220, 16_800_000)],
        };
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().skip(4).collect();
        assert_eq!(lines[0], "  payload                   Flint       other   ratio");
        assert_eq!(lines[1], "  32 MiB                2,400,000  16,800,000    7.00");
        assert_eq!(lines[2], "  loader binary, bytes     11,000         220  0.0200");
    }
}
