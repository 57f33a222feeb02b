//! [`TestBed`]: what all scenarios share.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use flint_cli::bench::calls;
use flint_cli::build::{self, Firmware, TargetBinary};
use flint_cli::conformance::payload::LATER_ENTRY;
use flint_cli::qemu::Qemu;
use flint_cli::raw_kernel::RawKernel;
use phys_range::PhysRange;

use crate::attack::Baselines;
use crate::mutator::Mutator;
use crate::{Scenario, Verdict, run};

/// What all scenarios share: the emulator, our binaries, and the place for the logs.
#[derive(Debug)]
pub struct TestBed {
    pub(crate) qemu: Qemu,
    pub(crate) firmware: Firmware,
    pub(crate) kernel: Vec<u8>,
    pub(crate) smc_calls: Vec<u8>,
    pub(crate) conformance: Vec<u8>,
    pub(crate) conformance_later_entry: Option<u64>,
    pub(crate) mutator: Mutator,
    /// The stacks of the monitor.
    pub(crate) monitor_stacks: PhysRange,
    pub(crate) baselines: Baselines,
    logs: PathBuf,
}

impl TestBed {
    /// Builds our binaries, as far as they are not up to date; the console logs go to the folder `logs`.
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
            monitor_stacks: monitor_stacks(&binaries.monitor)?,
            baselines: Baselines::default(),
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

    /// The names of all that breaks a clause.
    pub fn mutations(&self) -> impl Iterator<Item = &str> {
        self.mutator.names()
    }

    /// How many instructions calls of the monitor take.
    ///
    /// # Errors
    /// As [`calls::measure`].
    pub fn measure_calls(&self) -> anyhow::Result<calls::Report> {
        calls::measure(&self.qemu, &self.firmware, self.smc_calls.clone())
    }

    /// Where the console log of what has this name is kept.
    pub(crate) fn log_path(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }
}

/// From the symbol of its first stack to the end of its memory, which the stacks are at.
fn monitor_stacks(monitor: &TargetBinary) -> anyhow::Result<PhysRange> {
    let symbol = |name| {
        monitor
            .symbol(name)?
            .with_context(|| format!("the monitor has no symbol {name}"))
    };
    let (start, end) = (symbol("monitor_stacks")?, symbol("__data_used")?);
    PhysRange::from_bounds(start, end).context("the stacks of the monitor are empty")
}
