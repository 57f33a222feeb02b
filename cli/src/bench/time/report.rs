//! How long it took: [`Report`], as a table or as JSON.

use std::fmt;

use serde::Serialize;

use crate::table::Table;

/// The limit: how much longer than QEMU's `-kernel` Flint may take.
const LIMIT_MICROSECONDS: i64 = 40_000;

/// How long it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The kernel's package and version.
    pub kernel: String,
    /// Its command line.
    pub command_line: &'static str,
    /// The loaders: QEMU's own first, ours second.
    pub loaders: Vec<Loader>,
    /// The loaders that are not installed.
    pub missing: Vec<Missing>,
}

/// One loader.
#[derive(Clone, Debug, Serialize)]
pub struct Loader {
    /// Its name.
    pub name: &'static str,
    /// The command of each run.
    pub qemu_command: String,
    /// One time for each round, in its order.
    pub microseconds: Vec<u64>,
}

/// A loader that is not installed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Missing {
    /// Its name.
    pub name: &'static str,
    /// The file that is not there.
    pub file: &'static str,
    /// Debian's package that has it.
    pub package: &'static str,
}

impl Loader {
    /// The time in the middle.
    fn median(&self) -> u64 {
        let mut sorted = self.microseconds.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or(0)
    }

    /// By how much the median is above that of `other`.
    fn above(&self, other: &Self) -> i64 {
        self.median().cast_signed() - other.median().cast_signed()
    }

    fn row(&self, first: &Self) -> [String; 5] {
        let least = self.microseconds.iter().min().copied().unwrap_or(0);
        let most = self.microseconds.iter().max().copied().unwrap_or(0);
        let [median, least, most] = [self.median(), least, most].map(|time| milliseconds(time.cast_signed()));
        let above = if std::ptr::eq(self, first) {
            String::new()
        } else {
            format!("{:+.1}", self.above(first) as f64 / 1000.0)
        };
        [self.name.into(), median, least, most, above]
    }
}

impl Report {
    /// Whether Flint keeps its bars: not much above QEMU's own loader, and below all others. Nothing, if nothing can be said.
    fn is_within_bars(&self) -> Option<bool> {
        let [qemu, flint, others @ ..] = self.loaders.as_slice() else {
            return None;
        };
        Some(flint.above(qemu) <= LIMIT_MICROSECONDS && others.iter().all(|other| flint.above(other) < 0))
    }
}

fn milliseconds(microseconds: i64) -> String {
    format!("{:.1}", microseconds as f64 / 1000.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds = self.loaders.first().map_or(0, |loader| loader.microseconds.len());
        writeln!(
            f,
            "Wall time from the start of QEMU to Linux's first line, in milliseconds; {rounds} rounds."
        )?;
        writeln!(f, "{}, raw Image, command line: {}\n", self.kernel, self.command_line)?;
        let mut table = Table::with_numbers_in(&[1, 2, 3, 4]);
        if let Some(first) = self.loaders.first() {
            let above = format!("above {}", first.name);
            table.row(["loader", "median", "least", "most", &above]);
            self.loaders.iter().for_each(|loader| table.row(loader.row(first)));
        }
        write!(f, "{table}")?;
        for Missing { name, file, package } in &self.missing {
            writeln!(
                f,
                "  {name} is not installed: there is no {file}; it is in Debian's package {package}"
            )?;
        }
        if let Some(is_within) = self.is_within_bars() {
            let verdict = if is_within { "yes" } else { "no" };
            let limit = LIMIT_MICROSECONDS / 1000;
            writeln!(
                f,
                "\nFlint at most {limit} ms above QEMU -kernel and below the others measured: {verdict}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(flint: [u64; 3], other: [u64; 3]) -> Report {
        let loader = |name, microseconds: [u64; 3]| Loader {
            name,
            qemu_command: "qemu".into(),
            microseconds: microseconds.into(),
        };
        Report {
            kernel: "linux 6.1".into(),
            command_line: "earlycon",
            loaders: vec![
                loader("QEMU -kernel", [130_000, 120_040, 900_000]),
                loader("Flint", flint),
                loader("other", other),
            ],
            missing: vec![Missing {
                name: "EDK2",
                file: "/edk2",
                package: "qemu-efi",
            }],
        }
    }

    #[test]
    fn compares_medians_with_the_first() {
        let text = report([110_000, 100_000, 300_000], [200_000; 3]).to_string();
        let lines: Vec<&str> = text.lines().skip(3).collect();
        let expected = [
            "  loader        median  least   most  above QEMU -kernel",
            "  QEMU -kernel   130.0  120.0  900.0",
            "  Flint          110.0  100.0  300.0               -20.0",
            "  other          200.0  200.0  200.0               +70.0",
            "  EDK2 is not installed: there is no /edk2; it is in Debian's package qemu-efi",
            "",
            "Flint at most 40 ms above QEMU -kernel and below the others measured: yes",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn says_when_a_bar_is_missed() {
        let is_within = |flint, other| report([flint; 3], [other; 3]).is_within_bars();
        assert_eq!(is_within(170_000, 170_001), Some(true));
        assert_eq!(is_within(170_001, 200_000), Some(false));
        assert_eq!(is_within(100_000, 100_000), Some(false));
    }
}
