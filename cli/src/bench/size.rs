//! The sizes of the bootloader and the monitor.

use std::fmt;

use serde::Serialize;

use crate::build;
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
}

/// Builds the bootloader and the monitor; `progress` hears about it before that starts.
///
/// # Errors
/// Something cannot be built.
pub fn measure(progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    progress("size");
    let firmware = build::target_binaries()?.firmware()?;
    let build = |name, bytes: &[u8], limit_bytes| Build {
        name,
        size_bytes: bytes.len() as u64,
        limit_bytes,
    };
    Ok(Report {
        builds: vec![
            build("bootloader", &firmware.bootloader, BOOTLOADER_LIMIT_BYTES),
            build("monitor", &firmware.monitor, MONITOR_LIMIT_BYTES),
        ],
    })
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
        };
        let builds = vec![build("bootloader", 98_984, 147_456), build("monitor", 9_000, 49_152)];
        let text = Report { builds }.to_string();
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(lines[0], "  build         size  at most");
        assert_eq!(lines[1], "  bootloader  98,984  147,456");
        assert_eq!(lines[2], "  monitor      9,000   49,152");
    }
}
