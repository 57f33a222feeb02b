//! The bootloader's size, with and without what it can be built without, and the monitor's.

use std::fmt;

use serde::Serialize;

use crate::build;
use crate::size::grouped;
use crate::table::Table;

/// The builds: a name, cargo's options, and the most bytes that it may have.
const BUILDS: &[(&str, &[&str], u64)] = &[
    ("bootloader", &[], 96 << 10),
    ("bootloader without zstd", &["--no-default-features"], 64 << 10),
];

/// The most bytes that the monitor may have.
const MONITOR_LIMIT_BYTES: u64 = 32 << 10;

/// The sizes.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// One for each build.
    pub builds: Vec<Build>,
}

/// One build.
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    /// What is in it.
    pub name: &'static str,
    /// The size of its flat binary.
    pub size_bytes: u64,
    /// The bar: the most that it may have.
    pub limit_bytes: u64,
}

/// Builds the bootloader in all ways, and the monitor; `progress` hears about each before it starts.
///
/// # Errors
/// Something cannot be built.
pub fn measure(progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    let builds = BUILDS.iter().map(|(name, options, limit_bytes)| {
        progress(&format!("size: {name}"));
        Ok(Build {
            name,
            size_bytes: build::bootloader_with(options)?.flat()?.len() as u64,
            limit_bytes: *limit_bytes,
        })
    });
    let mut builds: Vec<_> = builds.collect::<Result<_, anyhow::Error>>()?;
    progress("size: monitor");
    builds.push(Build {
        name: "monitor",
        size_bytes: build::target_binaries()?.monitor.flat()?.len() as u64,
        limit_bytes: MONITOR_LIMIT_BYTES,
    });
    Ok(Report { builds })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Sizes of the flat binaries of bootloader and monitor, in bytes.\n")?;
        let mut table = Table::with_numbers_in(&[1, 2]);
        table.row(["build", "size", "at most"]);
        for build in &self.builds {
            table.row([build.name.into(), grouped(build.size_bytes), grouped(build.limit_bytes)]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_each_build_with_its_bar() {
        let build = |name, size_bytes| Build {
            name,
            size_bytes,
            limit_bytes: 98_304,
        };
        let builds = vec![build("everything", 48_984), build("without zstd", 9_000)];
        let text = Report { builds }.to_string();
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(lines[0], "  build           size  at most");
        assert_eq!(lines[1], "  everything    48,984   98,304");
        assert_eq!(lines[2], "  without zstd   9,000   98,304");
    }
}
