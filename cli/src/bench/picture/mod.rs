//! The picture of a report: a bar chart for each part that compares Flint with others, as SVG.

mod svg;

use std::io;

use super::{Part, Report, decompression, instructions, time};
use phys_range::Size;

/// The name whose bars stand out.
const OURS: &str = "Flint";

/// A chart of bars that share a scale.
#[derive(Clone, Debug, PartialEq)]
struct Chart {
    title: String,
    groups: Vec<Group>,
}

/// Bars that are to be compared with each other.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    name: String,
    bars: Vec<Bar>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq)]
struct Bar {
    name: String,
    value: f64,
    /// The digits of `value` behind the point.
    decimals: usize,
}

/// The parts that charts are made of.
pub const PARTS: [Part; 3] = [Part::Time, Part::Decompression, Part::Instructions];

/// Draws the charts of `report`.
///
/// # Errors
/// None that is known: the text is written to memory.
pub fn svg(report: &Report) -> io::Result<String> {
    let time = report.time.iter().flat_map(of_time);
    let decompression = report.decompression.iter().map(of_decompression);
    let instructions = report.instructions.iter().map(of_instructions);
    let charts: Vec<Chart> = time.chain(decompression).chain(instructions).collect();
    svg::draw(&charts, &format!("QEMU {}", report.qemu_version))
}

/// Adds a bar to the group of this name, which is the last one or a new one.
fn add(groups: &mut Vec<Group>, group: &str, bar: Bar) {
    match groups.last_mut().filter(|last| last.name == group) {
        Some(last) => last.bars.push(bar),
        None => groups.push(Group {
            name: group.into(),
            bars: vec![bar],
        }),
    }
}

/// Returns a chart for each machine.
fn of_time(report: &time::Report) -> Vec<Chart> {
    let mut charts: Vec<Chart> = Vec::new();
    for loader in &report.loaders {
        let title = format!("Start of QEMU to Linux's first line, ms ({})", loader.machine());
        let bar = Bar {
            name: loader.name.into(),
            value: loader.median() as f64 / 1000.0,
            decimals: 0,
        };
        if charts.last().is_none_or(|last| last.title != title) {
            let groups = Vec::new();
            charts.push(Chart { title, groups });
        }
        if let Some(chart) = charts.last_mut() {
            add(&mut chart.groups, loader.kernel, bar);
        }
    }
    charts
}

fn of_decompression(report: &decompression::Report) -> Chart {
    let mut groups = Vec::new();
    for measurement in &report.measurements {
        let group = format!("{} -{}", measurement.compression, measurement.level);
        let mut bar = |name: &str, instructions: u64| {
            let bar = Bar {
                name: name.into(),
                value: instructions as f64 / report.kernel_size_bytes.max(1) as f64,
                decimals: 2,
            };
            add(&mut groups, &group, bar);
        };
        bar(OURS, measurement.flint_instructions);
        for library in &measurement.c_libraries {
            bar(&library.name, library.instructions);
        }
        bar(&measurement.alone_crate, measurement.alone_instructions);
    }
    Chart {
        title: "Unpacking Linux, instructions a byte".into(),
        groups,
    }
}

fn of_instructions(report: &instructions::Report) -> Chart {
    let mut groups = Vec::new();
    let runs = report.loaders.first().map_or(0, |ours| ours.measurements.len());
    for run in 0..runs {
        for loader in &report.loaders {
            let Some(measurement) = loader.measurements.get(run) else {
                continue;
            };
            let bar = Bar {
                name: loader.name.into(),
                value: measurement.instructions as f64 / measurement.payload_size_bytes.max(1) as f64,
                decimals: 3,
            };
            let group = Size(measurement.payload_size_bytes).to_string();
            add(&mut groups, &group, bar);
        }
    }
    Chart {
        title: "Reset to a raw kernel, instructions a byte".into(),
        groups,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instructions() -> instructions::Report {
        let loader = |name, instructions| instructions::Loader {
            name,
            size_bytes: 1,
            measurements: vec![instructions::Measurement {
                payload_size_bytes: 1 << 20,
                instructions,
                stages: Vec::new(),
            }],
        };
        instructions::Report {
            qemu_command: "qemu".into(),
            loaders: vec![loader("Flint", 1 << 18), loader("the article's loader", 1 << 19)],
        }
    }

    #[test]
    fn charts_compare_the_loaders_of_one_payload() {
        let bar = |name: &str, value| Bar {
            name: name.into(),
            value,
            decimals: 3,
        };
        let bars = vec![bar("Flint", 0.25), bar("the article's loader", 0.5)];
        let name = "1 MiB".into();
        assert_eq!(of_instructions(&instructions()).groups, [Group { name, bars }]);
    }

    #[test]
    fn draws_what_was_measured_and_nothing_else() {
        let report = Report {
            instructions: Some(instructions()),
            ..Report::empty("7.2.22".into())
        };
        let svg = svg(&report).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
        assert_eq!(svg.matches("<rect ").count(), 2);
        assert!(
            svg.contains(">the article&apos;s loader<") && svg.contains(">0.250<"),
            "{svg}"
        );
    }
}
