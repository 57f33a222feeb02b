//! [`Attack`]: a kernel whose device tree would have EL3 read, write or execute what the flash did
//! not choose.
//!
//! The console says whether the kernel was refused or entered. Whether EL3 is as in a boot by a
//! harmless tree, on the same machine, only the debugger can tell: see [`crate::el3_state`].

mod end;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::Context;
use boards::QEMU_VIRT;
use flash_image::map;
use flint_cli::fit_writer::FitWriter;
use flint_cli::inspection::Inspection;
use flint_cli::qemu::debugger::Debugger;
use flint_cli::qemu::{Machine, StartLevel, with_file};
use flint_cli::reference_machine::ReferenceMachine;
use hashes::Algorithm;
use phys_range::PhysRange;

pub use self::end::Expected;
use self::end::{End, tree_of_kernel, wait};
use crate::change::put;
use crate::el3_state::El3State;
use crate::flash::{Flash, Kernel};
use crate::page_table_attack::ramdisk;
use crate::payload::with_load;
use crate::tree::{self, TreeEdit};
use crate::{TestBed, Verdict, console};

/// The time limit for QEMU to open its socket for the debugger.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// How many lines of the console a report shows.
const EXCERPT_LINES: usize = 12;
/// What the boot log says where the kernel lies over the tree of the machine, which nobody can read
/// again then.
const OVER_THE_TREE: &str = " ms] enter    EL2 at 0x40000000, ";
/// A tree with more RAM than the machine has. It does no harm, and is refused in the same place as
/// those that do.
const REFUSED_TREE: &str = "/ { memory@40000000 { reg = <0 0x40000000 0x10 0>; }; };";
/// Its code.
const REFUSED_CODE: &str = "tree-ram-outside";

/// A kernel with a device tree that EL3 must not be led by.
#[derive(Clone, Debug)]
pub struct Attack {
    /// What is tried, such as `a_distributor_in_secure_ram`.
    pub what: &'static str,
    /// The machine; it resets at EL3.
    pub machine: Machine,
    /// How the FIT with kernel and tree comes to the bootloader.
    pub delivery: Delivery,
    /// What the kernel's tree has more than the machine's, as device tree source.
    pub tree: &'static str,
    /// True if a page table and code travel with it: see [`crate::page_table_attack`].
    pub has_page_table: bool,
    /// The required end.
    pub expected: Expected,
}

/// The way of a FIT to the bootloader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is in the flash.
    Flash,
    /// QEMU hands it over (`-kernel`).
    FwCfg,
}

/// A boot that is over.
#[derive(Debug)]
struct Observed {
    end: End,
    console: String,
    /// What `flint inspect` says is wrong with the FIT on this machine: message and code.
    prediction: Option<String>,
    /// `None` where QEMU has ended.
    state: Option<El3State>,
}

/// A boot by a harmless tree, made when it is first asked for.
type Baseline = Arc<OnceLock<Result<El3State, String>>>;

/// Boots by harmless trees: one that is booted and one that is refused for each machine, by QEMU's
/// arguments.
#[derive(Debug, Default)]
pub struct Baselines(Mutex<BTreeMap<(Vec<OsString>, bool), Baseline>>);

impl Attack {
    /// The name of its run.
    pub fn title(&self) -> String {
        let Self { what, machine, .. } = self;
        let (gic, cpus) = (machine.gic.number(), machine.smp);
        let delivery = match self.delivery {
            Delivery::Flash => "flash",
            Delivery::FwCfg => "fw_cfg",
        };
        let plural = if cpus == 1 { "" } else { "s" };
        format!("keeps_el3_from_{what}_on_gicv{gic}_with_{cpus}_cpu{plural}_by_{delivery}")
    }

    /// Boots it, and compares EL3 with a harmless boot.
    pub fn run(&self, bed: &TestBed) -> Verdict {
        if let Some(why) = tree::missing(&[TreeEdit::Source(self.tree)]) {
            return Verdict::Skipped(why);
        }
        match self.boot(bed).map_err(|error| format!("{error:#}")) {
            Ok(observed) => self.judge(bed, &observed),
            Err(why) => Verdict::Failed(why),
        }
    }

    fn judge(&self, bed: &TestBed, observed: &Observed) -> Verdict {
        let mut problems = Vec::new();
        if !self.expected.allows(&observed.end) {
            problems.push(format!(
                "it ended with {:?}; expected: {:?}",
                observed.end, self.expected
            ));
        }
        let is_refused = matches!(observed.end, End::Refused(_));
        let predicted = observed.prediction.as_deref().unwrap_or("nothing");
        match &observed.end {
            End::Refused(line) if !line.ends_with(predicted) => {
                problems.push(format!(
                    "flint inspect predicts {predicted}, the bootloader prints {line}"
                ));
            }
            End::Booted if observed.prediction.is_some() => {
                problems.push(format!(
                    "flint inspect predicts {predicted}, the bootloader prints nothing"
                ));
            }
            End::Booted if !observed.console.contains(OVER_THE_TREE) => {
                problems.push("the kernel does not lie over the machine's tree".into());
            }
            _ => {}
        }
        match (self.baseline(bed, is_refused), &observed.state) {
            (Err(why), _) => problems.push(format!("the harmless boot failed: {why}")),
            (Ok(harmless), Some(state)) => {
                let ignored = ignored(bed, &harmless, is_refused);
                let differences = state.differences(&harmless, &ignored);
                problems.extend(differences.iter().map(|line| format!("unlike a harmless boot: {line}")));
            }
            (Ok(_), None) => {}
        }
        if problems.is_empty() {
            return Verdict::Passed;
        }
        let (log, excerpt) = (
            bed.log_path(&self.title()),
            console::excerpt(&observed.console, EXCERPT_LINES),
        );
        Verdict::Failed(format!(
            "{}\n  console log: {}\n  it ends with:\n{excerpt}",
            problems.join("\n"),
            log.display()
        ))
    }

    /// EL3's state on this machine by a harmless tree, booted or refused.
    fn baseline(&self, bed: &TestBed, is_refused: bool) -> Result<El3State, String> {
        let key = (self.machine.arguments(None), is_refused);
        let mut all = bed.baselines.0.lock().unwrap_or_else(PoisonError::into_inner);
        let baseline = Arc::clone(all.entry(key).or_default());
        // Others may look for theirs while this one boots.
        drop(all);
        let harmless = Self {
            what: if is_refused {
                "a_harmless_refusal"
            } else {
                "a_harmless_boot"
            },
            machine: self.machine.clone(),
            delivery: Delivery::Flash,
            tree: if is_refused { REFUSED_TREE } else { "" },
            has_page_table: false,
            expected: if is_refused {
                Expected::Refused(REFUSED_CODE)
            } else {
                Expected::Boots
            },
        };
        baseline.get_or_init(|| harmless.state(bed)).clone()
    }

    fn state(&self, bed: &TestBed) -> Result<El3State, String> {
        let observed = self.boot(bed).map_err(|error| format!("{error:#}"))?;
        match observed.state {
            Some(state) if self.expected.allows(&observed.end) => Ok(state),
            _ => Err(format!(
                "{:?}\n{}",
                observed.end,
                console::excerpt(&observed.console, EXCERPT_LINES)
            )),
        }
    }

    fn boot(&self, bed: &TestBed) -> anyhow::Result<Observed> {
        let folder = tempfile::Builder::new().prefix("flint-attack-").tempdir()?;
        let (flash_path, socket) = (folder.path().join("flash.bin"), folder.path().join("debugger.sock"));
        let mut flash = Flash::new(Kernel::None, "")
            .without_settings()
            .build(bed, &bed.firmware)?;
        fs::write(&flash_path, &flash)?;
        // What QEMU describes depends on whether there is firmware.
        let mut machine = self.machine.clone();
        let drive = with_file("if=pflash,format=raw,snapshot=on,file=", &flash_path);
        machine.extra.extend(["-drive".into(), drive]);
        let machine_tree = tree::whole(tree::edited(&bed.qemu, &machine, &[], folder.path())?);
        let kernel_tree = tree::with_edits(machine_tree.clone(), &[TreeEdit::Source(self.tree)])?;
        let fit = self.fit(bed, &kernel_tree);
        let prediction = prediction(&fit, machine_tree);
        match self.delivery {
            Delivery::Flash => {
                put(&mut flash, map::KERNEL.start(), &fit)?;
                fs::write(&flash_path, flash)?;
            }
            Delivery::FwCfg => {
                let path = folder.path().join("kernel.itb");
                fs::write(&path, &fit)?;
                machine.extra.extend(["-kernel".into(), path.into()]);
            }
        }
        machine.extra.extend(Debugger::arguments(&socket)?);
        let log = bed.log_path(&self.title());
        let mut session = bed.qemu.spawn(&machine, None, Some(&log))?;
        let mut debugger = Debugger::connect(&socket, CONNECT_LIMIT).context("cannot reach QEMU's debugger")?;
        debugger.resume()?;
        let end = wait(&mut session)?;
        let console = session.console();
        let state = if end == End::Exited {
            None
        } else {
            let mut state = El3State::read(&mut debugger, folder.path()).context("cannot read the state of EL3")?;
            state.tree = tree_of_kernel(&console);
            Some(state)
        };
        Ok(Observed {
            end,
            console,
            prediction,
            state,
        })
    }

    fn fit(&self, bed: &TestBed, kernel_tree: &[u8]) -> Vec<u8> {
        let ramdisk = self.has_page_table.then(ramdisk);
        let fit = FitWriter {
            kernel: &bed.kernel,
            compression: "none",
            ramdisk: ramdisk.as_ref().map(|ramdisk| ramdisk.bytes.as_slice()),
            fdt: Some(kernel_tree),
            hashes: &[Algorithm::Crc32],
            command_line: None,
        };
        let fit = fit.write().bytes;
        match ramdisk {
            Some(ramdisk) => with_load(fit, "ramdisk", ramdisk.address),
            None => fit,
        }
    }
}

/// Returns what `flint inspect` finds wrong with `fit` on the machine that has this tree, if
/// anything.
fn prediction(fit: &[u8], machine_tree: Vec<u8>) -> Option<String> {
    let machine = ReferenceMachine::described_by(machine_tree, "QEMU").resetting_at(StartLevel::El3);
    let inspection = Inspection::of("FIT", fit, &machine);
    let problem = inspection.errors.first()?;
    Some(format!("{} [{}]", problem.message, problem.code))
}

/// The parts of the secure RAM that differ from one harmless boot to the next.
///
/// * Once the kernel runs: all that was the bootloader's, which nobody uses any more; and of the
///   monitor its stacks and one variable, which hold times.
/// * Where the bootloader refuses: its stack, which is all of its part but the page tables, of
///   which `TTBR0_EL3` points to the second.
fn ignored(bed: &TestBed, harmless: &El3State, is_refused: bool) -> Vec<PhysRange> {
    const TABLES_FROM_ROOT_BYTES: u64 = 2 * 4096;
    let bootloader = QEMU_VIRT.secure.bootloader;
    if is_refused {
        let tables_end = harmless.register("TTBR0_EL3") + TABLES_FROM_ROOT_BYTES;
        return PhysRange::from_bounds(tables_end, bootloader.end())
            .into_iter()
            .collect();
    }
    vec![bootloader, QEMU_VIRT.secure.stacks, bed.monitor_time]
}
