//! The times: [`Report`], as a table or as JSON.

use std::fmt;

use serde::Serialize;

use super::contender::Kind;
use super::format::Format;
use crate::table::Table;

/// The most that unpacking by Flint may take, as a multiple of what another takes to unpack: the
/// format, the other loader, and its format.
const UNPACK_LIMITS: [(Format, Kind, Format, f64); 3] = [
    (Format::Gzip, Kind::UBoot, Format::Gzip, 1.1),
    (Format::Lz4, Kind::UBoot, Format::Lz4, 0.6),
    (Format::Zstd, Kind::Flint, Format::Gzip, 2.0),
];

/// The times that it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The kernel's package and version.
    pub kernel: String,
    /// Its command line.
    pub command_line: &'static str,
    /// The loaders, each once for each machine and format of the kernel.
    pub loaders: Vec<Loader>,
    /// The loaders that are not installed.
    pub missing: Vec<Missing>,
    /// The loaders that do not come to Linux on a machine.
    pub failed: Vec<Failed>,
}

/// A loader with a kernel on a machine.
#[derive(Clone, Debug, Serialize)]
pub struct Loader {
    /// The loader's name.
    pub name: &'static str,
    /// The format of the kernel.
    pub kernel: &'static str,
    /// The exception level that the machine resets to.
    pub start_level: String,
    /// The machine's number of CPUs.
    pub cpus: u32,
    /// The command of each run.
    pub qemu_command: String,
    /// One time for each round, in its order.
    pub microseconds: Vec<u64>,
    /// The times of copying or unpacking the kernel, one for each round; none where the loader does
    /// not show them.
    pub unpack_microseconds: Vec<u64>,
}

/// A loader that is not installed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Missing {
    /// The loader's name.
    pub name: &'static str,
    /// The file that is not there.
    pub file: &'static str,
    /// Debian's package that has it.
    pub package: &'static str,
}

/// A loader that does not come to Linux on a machine.
#[derive(Clone, Debug, Serialize)]
pub struct Failed {
    /// The loader's name.
    pub name: &'static str,
    /// The exception level that the machine resets to.
    pub start_level: String,
    /// The machine's number of CPUs.
    pub cpus: u32,
    /// What happened.
    pub reason: String,
}

impl Failed {
    /// Returns the failure of this loader on its machine.
    pub(super) fn new(loader: &Loader, reason: String) -> Self {
        Self {
            name: loader.name,
            start_level: loader.start_level.clone(),
            cpus: loader.cpus,
            reason,
        }
    }

    /// Returns whether it is a failure of this loader on the same machine.
    pub(super) fn is_of(&self, loader: &Loader) -> bool {
        self.name == loader.name && self.start_level == loader.start_level && self.cpus == loader.cpus
    }
}

/// Returns the value in the middle; `None` without values.
fn median(values: &[u64]) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

fn milliseconds(microseconds: Option<u64>) -> String {
    microseconds.map_or("-".into(), |time| format!("{:.1}", time as f64 / 1000.0))
}

/// Returns the name of a machine.
fn machine(start_level: &str, cpus: u32) -> String {
    let plural = if cpus == 1 { "" } else { "s" };
    format!("{start_level}, {cpus} CPU{plural}")
}

impl Loader {
    /// The median of the times to Linux's first line, in microseconds.
    pub fn median(&self) -> u64 {
        median(&self.microseconds).unwrap_or(0)
    }

    /// The name of the machine.
    pub fn machine(&self) -> String {
        machine(&self.start_level, self.cpus)
    }

    fn is_on_machine_of(&self, other: &Self) -> bool {
        self.start_level == other.start_level && self.cpus == other.cpus
    }

    fn row(&self) -> [String; 7] {
        let times = [
            median(&self.microseconds),
            self.microseconds.iter().min().copied(),
            self.microseconds.iter().max().copied(),
            median(&self.unpack_microseconds),
        ];
        let [median, least, most, unpack] = times.map(milliseconds);
        [
            self.machine(),
            self.kernel.into(),
            self.name.into(),
            median,
            least,
            most,
            unpack,
        ]
    }
}

impl Report {
    fn of_flint(&self) -> impl Iterator<Item = &Loader> {
        self.loaders.iter().filter(|loader| loader.name == Kind::Flint.name())
    }

    /// Returns the runs in which another loader with the same kernel on the same machine is at
    /// least as quick as Flint, each beside Flint's.
    fn not_below(&self) -> impl Iterator<Item = (&Loader, &Loader)> {
        let rivals = |flint: &Loader, other: &Loader| {
            other.name != flint.name && other.kernel == flint.kernel && other.is_on_machine_of(flint)
        };
        self.of_flint().flat_map(move |flint| {
            let others = self.loaders.iter().filter(move |other| rivals(flint, other));
            others
                .filter(|other| other.median() <= flint.median())
                .map(move |other| (flint, other))
        })
    }

    /// Returns the times to unpack on the first machine as multiples of others, with their limits.
    fn unpack_ratios(&self) -> Vec<String> {
        let first = self.loaders.first();
        let time = |kind: Kind, format: Format| {
            let mut on_first = self
                .loaders
                .iter()
                .filter(|loader| first.is_some_and(|first| first.is_on_machine_of(loader)));
            let found = on_first.find(|loader| loader.name == kind.name() && loader.kernel == format.name());
            found.and_then(|loader| median(&loader.unpack_microseconds))
        };
        let ratios = UNPACK_LIMITS.into_iter().filter_map(|(format, kind, other, limit)| {
            let ratio = time(Kind::Flint, format)? as f64 / time(kind, other)? as f64;
            let whose = match kind {
                Kind::Flint => other.name().to_string(),
                _ => format!("that of {}", kind.name()),
            };
            let format = format.name();
            Some(format!("  {format}: {ratio:.2} times {whose}, at most {limit:.1}"))
        });
        ratios.collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds = self.loaders.first().map_or(0, |loader| loader.microseconds.len());
        writeln!(
            f,
            "Wall time from the start of QEMU to Linux's first line, and to copy or unpack the kernel,"
        )?;
        writeln!(f, "in milliseconds; {rounds} rounds.")?;
        writeln!(f, "{}, command line: {}\n", self.kernel, self.command_line)?;
        let mut table = Table::with_numbers_in(&[3, 4, 5, 6]);
        table.row(["machine", "kernel", "loader", "median", "least", "most", "unpack"]);
        self.loaders.iter().for_each(|loader| table.row(loader.row()));
        writeln!(f, "{table}")?;
        for Missing { name, file, package } in &self.missing {
            writeln!(
                f,
                "{name} is not installed: there is no {file}; it is in Debian's package {package}"
            )?;
        }
        for failed in &self.failed {
            let machine = machine(&failed.start_level, failed.cpus);
            writeln!(f, "Not measured at {machine}: {}", failed.reason)?;
        }
        writeln!(f, "QEMU -kernel unpacks gzip only; Debian's U-Boot has no zstd.")?;
        if self.of_flint().next().is_some() {
            writeln!(f, "\nFlint below the others with the same kernel on the same machine:")?;
            if self.not_below().next().is_none() {
                writeln!(f, "  yes")?;
            }
            for (flint, other) in self.not_below() {
                let (machine, kernel) = (flint.machine(), flint.kernel);
                writeln!(f, "  no: {machine}, {kernel}: {} is as quick or quicker", other.name)?;
            }
        }
        let ratios = self.unpack_ratios();
        if !ratios.is_empty() {
            writeln!(f, "\nFlint's time to unpack:\n{}", ratios.join("\n"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loader(kind: Kind, format: Format, microseconds: [u64; 3], unpack: u64) -> Loader {
        Loader {
            name: kind.name(),
            kernel: format.name(),
            start_level: "EL2".into(),
            cpus: 1,
            qemu_command: "qemu".into(),
            microseconds: microseconds.into(),
            unpack_microseconds: vec![unpack; usize::from(unpack > 0) * 3],
        }
    }

    fn report(loaders: Vec<Loader>) -> Report {
        Report {
            kernel: "linux 6.1".into(),
            command_line: "earlycon",
            loaders,
            missing: vec![Missing {
                name: "EDK2",
                file: "/edk2",
                package: "qemu-efi",
            }],
            failed: vec![Failed {
                name: "U-Boot",
                start_level: "EL3".into(),
                cpus: 8,
                reason: "it crashed".into(),
            }],
        }
    }

    #[test]
    fn shows_times_verdicts_and_what_is_missing() {
        let text = report(vec![
            loader(Kind::QemuKernel, Format::Gzip, [130_000, 120_040, 900_000], 0),
            loader(Kind::Flint, Format::Gzip, [110_000, 100_000, 300_000], 60_000),
            loader(Kind::UBoot, Format::Gzip, [200_000; 3], 100_000),
            loader(Kind::Flint, Format::Zstd, [140_000; 3], 90_000),
        ])
        .to_string();
        let lines: Vec<&str> = text.lines().skip(4).collect();
        let expected = [
            "  machine     kernel    loader        median  least   most  unpack",
            "  EL2, 1 CPU  gzip -9   QEMU -kernel   130.0  120.0  900.0       -",
            "  EL2, 1 CPU  gzip -9   Flint          110.0  100.0  300.0    60.0",
            "  EL2, 1 CPU  gzip -9   U-Boot         200.0  200.0  200.0   100.0",
            "  EL2, 1 CPU  zstd -19  Flint          140.0  140.0  140.0    90.0",
            "",
            "EDK2 is not installed: there is no /edk2; it is in Debian's package qemu-efi",
            "Not measured at EL3, 8 CPUs: it crashed",
            "QEMU -kernel unpacks gzip only; Debian's U-Boot has no zstd.",
            "",
            "Flint below the others with the same kernel on the same machine:",
            "  yes",
            "",
            "Flint's time to unpack:",
            "  gzip -9: 0.60 times that of U-Boot, at most 1.1",
            "  zstd -19: 1.50 times gzip -9, at most 2.0",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn names_loaders_that_are_as_quick() {
        let of = |format, flint: u64, other: u64| {
            let flint = loader(Kind::Flint, format, [flint; 3], 0);
            report(vec![flint, loader(Kind::UBoot, Format::Raw, [other; 3], 0)])
        };
        assert_eq!(of(Format::Raw, 100, 101).not_below().count(), 0);
        assert_eq!(of(Format::Raw, 100, 100).not_below().count(), 1);
        assert_eq!(of(Format::Lz4, 100, 100).not_below().count(), 0);
        let text = of(Format::Raw, 100, 99).to_string();
        assert!(
            text.contains("  no: EL2, 1 CPU, raw: U-Boot is as quick or quicker\n"),
            "{text}"
        );
        let mut elsewhere = of(Format::Raw, 100, 99);
        elsewhere.loaders[1].cpus = 8;
        assert_eq!(elsewhere.not_below().count(), 0);
    }
}
