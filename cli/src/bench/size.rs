//! The sizes of the bootloader and the monitor.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::budget::{Cost, Costs};
use crate::Error;
use crate::build::{self, TargetBinary};
use crate::size::grouped;
use crate::table::Table;

/// The size budget of the bootloader's flat binary.
pub const BOOTLOADER_LIMIT_BYTES: u64 = 144 << 10;
/// The size budget of the monitor's flat binary.
pub const MONITOR_LIMIT_BYTES: u64 = 48 << 10;

/// The sizes.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// One for each build.
    pub builds: Vec<Build>,
}

/// One build.
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    /// The name of its package.
    pub name: &'static str,
    /// The size of its flat binary.
    pub size_bytes: u64,
    /// The size budget: the flat binary has at most that many bytes.
    pub limit_bytes: u64,
    /// The size of what each crate has in it.
    pub crates: BTreeMap<String, u64>,
}

/// Builds the bootloader and the monitor; `progress` hears about it before that starts.
///
/// # Errors
/// Something cannot be built.
pub fn measure(progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    progress("size");
    let binaries = build::target_binaries()?;
    let build = |name, binary: &TargetBinary, limit_bytes| {
        Ok(Build {
            name,
            size_bytes: binary.flat()?.len() as u64,
            limit_bytes,
            crates: binary.sizes_by_crate()?,
        })
    };
    let builds = [
        build("bootloader", &binaries.bootloader, BOOTLOADER_LIMIT_BYTES),
        build("monitor", &binaries.monitor, MONITOR_LIMIT_BYTES),
    ];
    Ok(Report {
        builds: builds.into_iter().collect::<Result<_, Error>>()?,
    })
}

impl Report {
    /// Returns the costs: the sizes, by crate.
    pub(super) fn costs(&self) -> Costs {
        let builds = self.builds.iter();
        let cost = |build: &Build| Cost {
            total: build.size_bytes,
            parts: build.crates.clone(),
        };
        builds.map(|build| (build.name.into(), cost(build))).collect()
    }
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
    fn names_each_build_with_its_budget() {
        let build = |name, size_bytes, limit_bytes| Build {
            name,
            size_bytes,
            limit_bytes,
            crates: BTreeMap::new(),
        };
        let builds = vec![build("bootloader", 98_984, 147_456), build("monitor", 9_000, 49_152)];
        let text = Report { builds }.to_string();
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(lines[0], "  build         size  at most");
        assert_eq!(lines[1], "  bootloader  98,984  147,456");
        assert_eq!(lines[2], "  monitor      9,000   49,152");
    }
}
