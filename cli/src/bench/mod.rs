//! The bench: instructions to the kernel, to unpack one, of hashes, and of the monitor's calls;
//! time to unpack one at EL3 and to Linux; and sizes. Each [`Part`] is a module of its own.

mod boot_log;
pub mod budget;
pub mod calls;
pub mod cpus;
pub mod decompression;
pub mod hashes;
pub mod instructions;
pub mod picture;
pub mod size;
pub mod time;

use std::collections::BTreeMap;
use std::fmt;

use clap::ValueEnum;
use serde::Serialize;

use crate::build;
use crate::qemu::Qemu;
use budget::Costs;

/// A part of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Instructions from reset to the kernel, beside the article's loader
    Instructions,
    /// Instructions to unpack a stock kernel, beside C libraries and Rust crates
    Decompression,
    /// Instructions of the hashes of a FIT, by the CPU's own instructions and in software
    Hashes,
    /// Instructions of calls of the monitor
    Calls,
    /// Time to unpack a kernel at EL3, with 1 CPU and with 8
    Cpus,
    /// Time from reset to Linux's first line, beside other boot loaders
    Time,
    /// The sizes of the bootloader and the monitor
    Size,
}

/// The results of the bench. In JSON, fields may be added; none is renamed or removed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of QEMU.
    pub qemu_version: String,
    /// The instructions, if they were counted.
    #[serde(flatten)]
    pub instructions: Option<instructions::Report>,
    /// The instructions to unpack a kernel, if they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decompression: Option<decompression::Report>,
    /// The instructions of hashes, if they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hashes: Option<hashes::Report>,
    /// The instructions of calls, if they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<calls::Report>,
    /// The times to unpack a kernel at EL3, if they were taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<cpus::Report>,
    /// The times, if they were taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<time::Report>,
    /// The sizes, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<size::Report>,
}

/// Measures these parts; `progress` hears about each step before it starts.
///
/// # Errors
/// QEMU is missing, something cannot be built, there is no Linux to boot, or a run fails.
pub fn measure(parts: &[Part], progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    let is_asked = |part| parts.contains(&part);
    let qemu = Qemu::find()?;
    if [Part::Time, Part::Decompression, Part::Cpus].into_iter().any(is_asked) {
        // First, since it is what may fail.
        time::LINUX.fetch().map_err(time::no_linux)?;
    }
    // The sizes first as well: what is built last is what the other parts boot.
    let size = is_asked(Part::Size).then(|| size::measure(progress)).transpose()?;
    let binaries = build::target_binaries()?;
    let count = || {
        let article_loader = build::article_loader()?;
        let report = instructions::measure(&qemu, &binaries, &article_loader, progress)?;
        Ok::<_, anyhow::Error>(report)
    };
    let instructions = is_asked(Part::Instructions).then(count).transpose()?;
    let unpack = || decompression::measure(&qemu, &binaries.bootloader.flat()?, progress);
    let decompression = is_asked(Part::Decompression).then(unpack).transpose()?;
    let hash = || hashes::measure(&qemu, &binaries, progress);
    let hashes = is_asked(Part::Hashes).then(hash).transpose()?;
    let count_calls = || {
        progress("calls: PSCI_VERSION and CPU_ON");
        calls::measure(&qemu, &binaries.firmware()?, build::smc_calls()?.flat()?)
    };
    let calls = is_asked(Part::Calls).then(count_calls).transpose()?;
    let unpack_at_el3 = || cpus::measure(&qemu, &binaries.firmware()?, progress);
    let cpus = is_asked(Part::Cpus).then(unpack_at_el3).transpose()?;
    let take_times = || time::measure(&qemu, &binaries.firmware()?, progress);
    let time = is_asked(Part::Time).then(take_times).transpose()?;
    Ok(Report {
        qemu_version: qemu.version().to_string(),
        instructions,
        decompression,
        hashes,
        calls,
        cpus,
        time,
        size,
    })
}

impl Report {
    /// Returns a report of nothing, by this version of QEMU.
    pub fn empty(qemu_version: String) -> Self {
        Self {
            qemu_version,
            instructions: None,
            decompression: None,
            hashes: None,
            calls: None,
            cpus: None,
            time: None,
            size: None,
        }
    }

    /// Returns the costs that can have a budget, by the name of the part and their own.
    pub fn costs(&self) -> BTreeMap<String, Costs> {
        let parts = [
            (
                Part::Instructions,
                self.instructions.as_ref().map(instructions::Report::costs),
            ),
            (
                Part::Decompression,
                self.decompression.as_ref().map(decompression::Report::costs),
            ),
            (Part::Hashes, self.hashes.as_ref().map(hashes::Report::costs)),
            (Part::Calls, self.calls.as_ref().map(calls::Report::costs)),
            (Part::Size, self.size.as_ref().map(size::Report::costs)),
        ];
        let measured = parts
            .into_iter()
            .filter_map(|(part, costs)| Some((part.name(), costs?)));
        measured.collect()
    }
}

impl Part {
    /// The name on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().into())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "QEMU {}", self.qemu_version)?;
        if let Some(instructions) = &self.instructions {
            write!(f, "\n{instructions}")?;
        }
        if let Some(decompression) = &self.decompression {
            write!(f, "\n{decompression}")?;
        }
        if let Some(hashes) = &self.hashes {
            write!(f, "\n{hashes}")?;
        }
        if let Some(calls) = &self.calls {
            write!(f, "\n{calls}")?;
        }
        if let Some(cpus) = &self.cpus {
            write!(f, "\n{cpus}")?;
        }
        if let Some(time) = &self.time {
            write!(f, "\n{time}")?;
        }
        if let Some(size) = &self.size {
            write!(f, "\n{size}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_what_was_not_measured() {
        let report = Report {
            size: Some(size::Report { builds: Vec::new() }),
            ..Report::empty("7.2.22".into())
        };
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(json, r#"{"qemu_version":"7.2.22","size":{"builds":[]}}"#);
        assert!(report.to_string().starts_with("QEMU 7.2.22\n\nSizes "));
    }

    #[test]
    fn keeps_the_names_of_its_json() {
        let instructions = instructions::Report {
            qemu_command: "qemu".into(),
            loaders: Vec::new(),
        };
        let report = Report {
            instructions: Some(instructions),
            ..Report::empty("7.2.22".into())
        };
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(json, r#"{"qemu_version":"7.2.22","qemu_command":"qemu","loaders":[]}"#);
    }
}
