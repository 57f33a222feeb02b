//! [`TestBed`]: what all scenarios share.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use flint_cli::bench::calls;
use flint_cli::build::{self, Firmware, TargetBinary};
use flint_cli::conformance::payload::LATER_ENTRY;
use flint_cli::qemu::Qemu;
use flint_cli::raw_kernel::RawKernel;
use flint_cli::read;
use phys_range::PhysRange;

use crate::attack::Baselines;
use crate::mutator::{Linked, Mutator};
use crate::{Scenario, Verdict, errata, run};

/// The test bed that all scenarios share: the emulator, our binaries, and the place for the logs.
#[derive(Debug)]
pub struct TestBed {
    pub(crate) qemu: Qemu,
    pub(crate) firmware: Firmware,
    pub(crate) kernel: Vec<u8>,
    pub(crate) smc_calls: Vec<u8>,
    pub(crate) conformance: Vec<u8>,
    pub(crate) conformance_later_entry: Option<u64>,
    pub(crate) mutator: Mutator,
    pub(crate) faults: Linked,
    shipped: [TargetBinary; 4],
    /// A time among the variables of the monitor.
    pub(crate) monitor_time: PhysRange,
    pub(crate) baselines: Baselines,
    logs: PathBuf,
}

impl TestBed {
    /// Builds our binaries, as far as they are not up to date; the console logs go to the folder
    /// `logs`.
    ///
    /// # Errors
    /// A binary cannot be built, or the folder cannot be made.
    pub fn new(qemu: Qemu, logs: PathBuf) -> anyhow::Result<Self> {
        let binaries = build::target_binaries()?;
        let conformance = build::conformance_payload()?;
        fs::create_dir_all(&logs).with_context(|| format!("cannot make the folder {}", logs.display()))?;
        Ok(Self {
            qemu,
            firmware: binaries.firmware()?,
            kernel: RawKernel::new(binaries.kernel.flat()?)?.bytes,
            smc_calls: RawKernel::new(build::smc_calls()?.flat()?)?.bytes,
            conformance: conformance.flat()?,
            conformance_later_entry: conformance.symbol(LATER_ENTRY)?,
            mutator: Mutator::new(&binaries)?,
            faults: Linked::new(&build::faults()?)?,
            monitor_time: monitor_time(&binaries.monitor)?,
            baselines: Baselines::default(),
            shipped: [binaries.bootloader, binaries.monitor, binaries.kernel, conformance],
            logs,
        })
    }

    /// Runs `scenario`.
    pub fn run(&self, scenario: &Scenario) -> Verdict {
        run::run(self, scenario)
    }

    /// The sizes of the bootloader's and the monitor's flat binaries.
    pub fn firmware_sizes_bytes(&self) -> [usize; 2] {
        [self.firmware.bootloader.len(), self.firmware.monitor.len()]
    }

    /// The sizes of the monitor's code, of code and constants, and of its variables, in bytes, by
    /// its ELF file.
    ///
    /// # Errors
    /// The ELF file cannot be read.
    pub(crate) fn monitor_sizes(&self) -> anyhow::Result<[u64; 3]> {
        let [_, monitor, ..] = &self.shipped;
        let size = |name| {
            monitor
                .symbol(name)?
                .with_context(|| format!("the monitor has no symbol {name}"))
        };
        Ok([size("__code_size")?, size("__image_size")?, size("__variables_size")?])
    }

    /// The sequences of instructions in the bootloader, the monitor, the kernel and the conformance
    /// payload that can trigger an erratum of Cortex-A53: a line each.
    ///
    /// # Errors
    /// As [`errata::scan`], or an ELF file cannot be read.
    pub fn errata(&self) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        for binary in &self.shipped {
            let path = binary.elf_path();
            let hits = errata::scan(&read::file(path, "the ELF file")?)?;
            lines.extend(hits.iter().map(|hit| format!("{}: {hit}", path.display())));
        }
        Ok(lines)
    }

    /// The names of all that breaks a clause.
    pub fn mutations(&self) -> impl Iterator<Item = &str> {
        self.mutator.names()
    }

    /// Returns how many instructions calls of the monitor take.
    ///
    /// # Errors
    /// As [`calls::measure`].
    pub fn measure_calls(&self) -> anyhow::Result<calls::Report> {
        calls::measure(&self.qemu, &self.firmware, self.smc_calls.clone())
    }

    /// Returns where the console log of what has this name is kept.
    pub(crate) fn log_path(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }
}

/// The one variable of the monitor that holds a time.
fn monitor_time(monitor: &TargetBinary) -> anyhow::Result<PhysRange> {
    const NAME: &str = "monitor_arrivals_end";
    let start = monitor
        .symbol(NAME)?
        .with_context(|| format!("the monitor has no symbol {NAME}"))?;
    PhysRange::new(start, size_of::<u64>() as u64).context("the monitor's time is nowhere")
}
