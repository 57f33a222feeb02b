//! The budget: the costs that were accepted, in a file. A change that costs more than
//! [`TOLERANCE`] above them fails the check, which shows the parts that grew.
//!
//! Only what a run repeats to the digit has a budget: instructions, counted on a machine whose
//! clock is its instructions, and sizes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Part, Report};
use crate::Error;
use crate::size::grouped;
use crate::table::Table;

/// The part of the accepted cost that a cost may be above it.
pub const TOLERANCE: f64 = 0.01;
/// The name of the file in the folder with Flint's sources.
pub const FILE_NAME: &str = "budget.toml";
/// The parts that have a budget.
pub const PARTS: [Part; 5] = [
    Part::Instructions,
    Part::Decompression,
    Part::Hashes,
    Part::Calls,
    Part::Size,
];
/// The head of the file.
const HEAD: &str = "\
# The costs that are accepted: instructions, and bytes in `size`. `./flint bench --check` fails when
# one is more than 1 % higher; `./flint bench --accept` writes this file.\n\n";

/// A cost, and the parts that it is made of, where they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Instructions or bytes.
    pub total: u64,
    /// The same by part.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, u64>,
}

impl Cost {
    /// Returns a cost without known parts.
    pub fn of(total: u64) -> Self {
        let parts = BTreeMap::new();
        Self { total, parts }
    }
}

/// The costs by their names.
pub type Costs = BTreeMap<String, Cost>;

/// The accepted costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The version of QEMU that they were measured with: other versions have other device trees.
    pub qemu_version: String,
    /// The costs by the names of the bench's parts.
    #[serde(flatten)]
    pub costs: BTreeMap<String, Costs>,
}

impl Budget {
    /// Reads the accepted costs.
    ///
    /// # Errors
    /// The file cannot be read, or is no budget.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let accept = "run `flint bench --accept` to write it";
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::new(format!("cannot read the budget {}: {error}", path.display())).help(accept))?;
        toml::from_str(&text).map_err(|error| {
            let message = error.message();
            Error::new(format!("{} is no budget: {message}", path.display())).help(accept)
        })
    }

    /// Returns the budget with the costs of `report` in place of those of the same parts.
    #[must_use]
    pub fn with(mut self, report: &Report) -> Self {
        self.costs.extend(report.costs());
        self.qemu_version.clone_from(&report.qemu_version);
        self
    }

    /// Returns the text of the file.
    ///
    /// # Errors
    /// A cost has more digits than TOML's numbers.
    pub fn to_text(&self) -> Result<String, anyhow::Error> {
        Ok(format!("{HEAD}{}", toml::to_string(self)?))
    }

    /// Compares the costs of `report` with the accepted ones.
    pub fn check(&self, report: &Report) -> Check {
        let costs = report.costs();
        let lines = costs.iter().flat_map(|(part, costs)| {
            costs.iter().map(move |(name, cost)| Line {
                name: format!("{part}: {name}"),
                cost: cost.clone(),
                accepted: self.costs.get(part).and_then(|costs| costs.get(name)).cloned(),
            })
        });
        let gone = self
            .costs
            .iter()
            .filter_map(|(part, accepted)| Some((part, accepted, costs.get(part)?)));
        let gone = gone.flat_map(|(part, accepted, costs)| {
            let names = accepted.keys().filter(|name| !costs.contains_key(*name));
            names.map(move |name| format!("{part}: {name}"))
        });
        Check {
            lines: lines.collect(),
            gone: gone.collect(),
            other_qemu: (self.qemu_version != report.qemu_version)
                .then(|| (self.qemu_version.clone(), report.qemu_version.clone())),
        }
    }
}

/// A cost beside the accepted one.
#[derive(Clone, Debug)]
struct Line {
    name: String,
    cost: Cost,
    accepted: Option<Cost>,
}

impl Line {
    /// Returns by which part of the accepted cost the cost is above it.
    fn growth(&self) -> Option<f64> {
        let accepted = self.accepted.as_ref()?.total;
        Some((self.cost.total as f64 - accepted as f64) / accepted.max(1) as f64)
    }

    fn is_within(&self) -> bool {
        self.growth().is_some_and(|growth| growth <= TOLERANCE)
    }

    /// Returns the parts that grew, the one that grew most first: name, accepted, measured.
    fn grown_parts(&self) -> Vec<(&str, u64, u64)> {
        let accepted = |name: &String| {
            let parts = self.accepted.as_ref().map(|accepted| &accepted.parts);
            parts.and_then(|parts| parts.get(name)).copied().unwrap_or(0)
        };
        let parts = self.cost.parts.iter();
        let mut grown: Vec<_> = parts
            .map(|(name, cost)| (name.as_str(), accepted(name), *cost))
            .filter(|(_, accepted, cost)| cost > accepted)
            .collect();
        grown.sort_by_key(|(_, accepted, cost)| std::cmp::Reverse(cost - accepted));
        grown
    }
}

/// The costs beside the accepted ones.
#[derive(Clone, Debug)]
pub struct Check {
    lines: Vec<Line>,
    /// The names of accepted costs that are not measured any more.
    gone: Vec<String>,
    /// The versions of QEMU, where they differ: of the budget, and of now.
    other_qemu: Option<(String, String)>,
}

impl Check {
    /// Returns whether every cost is accepted.
    pub fn is_within(&self) -> bool {
        self.gone.is_empty() && self.lines.iter().all(Line::is_within)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Costs beside the accepted ones in {FILE_NAME}.\n")?;
        let mut table = Table::with_numbers_in(&[1, 2, 3]);
        table.row(["cost", "accepted", "measured", "change", ""]);
        for line in &self.lines {
            let change = line
                .growth()
                .map_or("-".into(), |growth| format!("{:+.2} %", 100.0 * growth));
            table.row([
                line.name.clone(),
                line.accepted
                    .as_ref()
                    .map_or("-".into(), |accepted| grouped(accepted.total)),
                grouped(line.cost.total),
                change,
                if line.is_within() { "" } else { "too much" }.into(),
            ]);
        }
        write!(f, "{table}")?;
        for line in self.lines.iter().filter(|line| !line.is_within()) {
            let grown = line.grown_parts();
            if !grown.is_empty() {
                writeln!(f, "\n{}, the parts that grew:\n", line.name)?;
                let mut table = Table::with_numbers_in(&[1, 2, 3]);
                table.row(["part", "accepted", "measured", "more"]);
                for (name, accepted, cost) in grown {
                    table.row([name.into(), grouped(accepted), grouped(cost), grouped(cost - accepted)]);
                }
                write!(f, "{table}")?;
            }
        }
        for name in &self.gone {
            writeln!(f, "\n{name} has a budget and was not measured")?;
        }
        if let Some((budget, now)) = &self.other_qemu {
            writeln!(f, "\nThe budget was measured with QEMU {budget}, this is {now}.")?;
        }
        match self.is_within() {
            true => writeln!(f, "\nAll within 1 % of the budget."),
            false => writeln!(
                f,
                "\nOver budget. Make it cheaper, or run `./flint bench --accept` and say why in the commit."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::size;

    fn report(size_bytes: u64, decompress: u64) -> Report {
        let build = size::Build {
            name: "monitor",
            size_bytes,
            limit_bytes: 0,
            crates: BTreeMap::from([("decompress".into(), decompress), ("psci".into(), 10)]),
        };
        Report {
            size: Some(size::Report { builds: vec![build] }),
            ..Report::empty("7.2.22".into())
        }
    }

    #[test]
    fn keeps_what_it_accepts() {
        let budget = Budget::default().with(&report(1000, 500));
        let text = budget.to_text().unwrap();
        assert_eq!(toml::from_str::<Budget>(&text).unwrap(), budget);
        assert!(text.contains("\n[size.monitor]\ntotal = 1000\n"), "{text}");
        assert!(budget.check(&report(1000, 500)).is_within());
    }

    #[test]
    fn fails_above_one_per_cent_and_shows_what_grew() {
        let budget = Budget::default().with(&report(1000, 500));
        assert!(budget.check(&report(1010, 510)).is_within());
        assert!(budget.check(&report(900, 400)).is_within());
        let check = budget.check(&report(1011, 511));
        assert!(!check.is_within());
        let text = check.to_string();
        let lines: Vec<&str> = text.lines().skip(2).collect();
        let expected = [
            "  cost           accepted  measured   change",
            "  size: monitor     1,000     1,011  +1.10 %  too much",
            "",
            "size: monitor, the parts that grew:",
            "",
            "  part        accepted  measured  more",
            "  decompress       500       511    11",
        ];
        assert_eq!(
            lines.iter().map(|line| line.trim_end()).take(7).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn asks_for_a_budget_of_everything_and_of_nothing_else() {
        assert!(!Budget::default().check(&report(1000, 500)).is_within());
        let mut budget = Budget::default().with(&report(1000, 500));
        let sizes = budget.costs.get_mut("size").unwrap();
        sizes.insert("gone".into(), Cost::of(1));
        let check = budget.check(&report(1000, 500));
        assert!(!check.is_within());
        assert!(
            check
                .to_string()
                .contains("\nsize: gone has a budget and was not measured\n")
        );
    }

    #[test]
    fn replaces_only_the_parts_that_were_measured() {
        let calls = Costs::from([("PSCI_VERSION".into(), Cost::of(166))]);
        let budget = Budget {
            costs: BTreeMap::from([("calls".into(), calls)]),
            ..Budget::default()
        };
        let budget = budget.with(&report(1000, 500));
        assert_eq!(budget.costs.keys().collect::<Vec<_>>(), ["calls", "size"]);
    }
}
