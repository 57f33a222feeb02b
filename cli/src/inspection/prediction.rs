//! What the bootloader would do with a payload on a machine, step by step as the bootloader does it.

use boards::QEMU_VIRT;
use boot_parts::{Candidates, CommandLine, FitFacts, Given, KernelPart, Offer, Parts, Preparation, PreparationError};
use boot_plan::Machine;
use devicetree::Devicetree;
use flash_image::FlashImage;
use linux_image::ImageHeader;
use payload::Kernel;
use phys_range::{GIB, PhysRange};

use super::{Inspection, KernelFacts, PlanFacts, Problem, RangeFacts};
use crate::flash::in_memory;
use crate::reference_machine::{self, ReferenceMachine};
use crate::{Error, interrupt};

/// No kernel is larger; an `image_size` may claim to be.
const UNPACKED_MAX_BYTES: u64 = 4 << 30;

/// How much RAM the machines have that stand for all machines. All of the first one's RAM has addresses and a size of 32 bits, since a
/// device tree may come with a kernel that has no room for more; the other has all that there can be.
const ROOMY_MEMORIES_BYTES: [u64; 2] = [3 * GIB, QEMU_VIRT.ram.len()];

/// What the bootloader would come to know before it stops, or starts the kernel.
#[derive(Default)]
struct Progress {
    kernel: Option<KernelFacts>,
    plan: Option<PlanFacts>,
    notes: Vec<String>,
}

impl Inspection {
    /// Adds what the bootloader would do with `payload` on `machine`, up to its first error.
    pub(super) fn add_prediction(
        &mut self,
        machine: &ReferenceMachine,
        payload: &[u8],
        end_is_known: bool,
        settings_command_line: Option<&str>,
    ) {
        let mut progress = Progress::default();
        let offer = Offer::Payload {
            bytes: payload,
            end_is_known,
        };
        let beside = Candidates {
            settings: settings_command_line,
            ..Candidates::default()
        };
        if let Err(problem) = progress.boot(machine, &offer, &beside) {
            self.errors.push(problem);
        }
        self.kernel = progress.kernel.or(self.kernel.take());
        self.plan = progress.plan;
        self.notes.extend(progress.notes);
    }
}

impl Inspection {
    /// What is wrong with a flash image's payload, whatever machine it is booted on.
    ///
    /// # Errors
    /// A signal came meanwhile.
    pub fn of_payload(flash: &[u8]) -> Result<Option<Problem>, Error> {
        let FlashImage { settings, payload } = match FlashImage::parse(flash) {
            Ok(flash) => flash,
            Err(error) => return Ok(Some(Problem::new(error.code(), error))),
        };
        let offer = Offer::Payload {
            bytes: payload.bytes,
            end_is_known: payload.end_is_known,
        };
        let beside = Candidates {
            settings: settings.and_then(|settings| settings.command_line),
            ..Candidates::default()
        };
        anywhere(&offer, &beside)
    }

    /// What is wrong with a kernel that fw_cfg hands over with this command line, whatever machine it is booted on.
    ///
    /// # Errors
    /// As [`Self::of_payload`].
    pub fn of_handed_over(kernel: &[u8], command_line: Option<&str>) -> Result<Option<Problem>, Error> {
        let offer = Offer::Payload {
            bytes: kernel,
            end_is_known: true,
        };
        let beside = Candidates {
            fw_cfg: command_line.map(str::as_bytes),
            ..Candidates::default()
        };
        anywhere(&offer, &beside)
    }
}

/// What stops the boot on every machine.
fn anywhere(offer: &Offer<'_>, beside: &Candidates<'_>) -> Result<Option<Problem>, Error> {
    let mut problem = None;
    for memory_bytes in ROOMY_MEMORIES_BYTES {
        let machine = ReferenceMachine::with_memory(memory_bytes)?.with_all_page_sizes();
        problem = Progress::default().boot(&machine, offer, beside).err();
        interrupt::check()?;
        if !problem.as_ref().is_some_and(needs_more_room) {
            break;
        }
    }
    Ok(problem)
}

fn needs_more_room(problem: &Problem) -> bool {
    problem.code.starts_with("plan-no-room-")
}

/// Unpacks a kernel, since checksums and bombs show only when everything has come out; returns how much that was.
fn unpack(kernel: &Kernel<'_>, room_bytes: u64) -> Result<Option<u64>, Problem> {
    if kernel.raw().is_some() {
        return Ok(None);
    }
    let mut place = vec![0; in_memory(room_bytes.min(UNPACKED_MAX_BYTES))];
    let size_bytes = kernel
        .decompress(&mut place, crc32fast::hash)
        .map_err(|error| Problem::new(error.code(), error))?;
    Ok(Some(size_bytes as u64))
}

impl Progress {
    /// The command lines that lie `beside` the offer count; those in it are found here.
    fn boot(&mut self, machine: &ReferenceMachine, offer: &Offer<'_>, beside: &Candidates<'_>) -> Result<(), Problem> {
        if machine.resets_at_el3 {
            let message = "this machine starts at EL3, which is not supported yet; start it without secure=on";
            return Err(Problem::new("boot-el3", message));
        }
        let hardware_tree = Devicetree::parse(&machine.tree).map_err(|error| Problem::new(error.code(), error))?;
        let parts = Parts::of(offer, crc32fast::hash).map_err(|error| Problem::new(error.code(), error))?;
        if let Some(fit) = &parts.fit {
            self.note_fit(fit);
        }
        let header = header(&parts.kernel)?;
        self.kernel = Some(KernelFacts::new(&header, &parts.kernel));

        let in_use = QEMU_VIRT.in_use();
        let no_tree = |error: devicetree::TreeError| Problem::new(error.code(), error);
        let kernel_tree = parts.devicetree.map(Devicetree::parse).transpose().map_err(no_tree)?;
        let given = Given {
            machine: Machine {
                page_sizes: machine.page_sizes,
                ..reference_machine::memory(&hardware_tree, &in_use).map_err(no_tree)?
            },
            hardware_tree: &hardware_tree,
            kernel_tree: kernel_tree.as_ref(),
            header: &header,
            fw_cfg_command_line: beside.fw_cfg,
            settings_command_line: beside.settings,
            fw_cfg_initrd_bytes: None,
            fresh_seeds: None,
        };
        let preparation =
            Preparation::new(&parts, &given).map_err(|error: PreparationError| Problem::new(error.code(), error))?;
        self.plan = Some(plan_facts(machine, &given, &preparation));
        let mut tree = vec![0; in_memory(preparation.plan.devicetree.len())];
        preparation
            .tree
            .write_edited(&preparation.edits, &mut tree)
            .map_err(no_tree)?;
        if let KernelPart::InMemory(kernel) = &parts.kernel {
            let unpacked_bytes = unpack(kernel, preparation.plan.kernel.len())?;
            if let (Some(facts), Some(_)) = (&mut self.kernel, unpacked_bytes) {
                facts.load_size_bytes = unpacked_bytes;
            }
        }
        Ok(())
    }

    fn note_fit(&mut self, fit: &FitFacts<'_>) {
        if fit.has_signature {
            self.notes
                .push(format!("the signature of {} is not verified", fit.configuration));
        }
    }
}

fn header(kernel: &KernelPart<'_>) -> Result<ImageHeader, Problem> {
    match kernel {
        KernelPart::Elsewhere { header, .. } => Ok(*header),
        KernelPart::InMemory(kernel) => kernel.header().map_err(|error| Problem::new(error.code(), error)),
    }
}

fn plan_facts(machine: &ReferenceMachine, given: &Given<'_, '_>, preparation: &Preparation<'_>) -> PlanFacts {
    let ram = given.machine.hardware.ram;
    let has_own_tree = given.kernel_tree.is_some();
    let Preparation { plan, command_line, .. } = preparation;
    let all = |first: &PhysRange, last: &PhysRange| PhysRange::from_bounds(first.start(), last.end());
    let ram = ram.first().zip(ram.last()).and_then(|(first, last)| all(first, last));
    PlanFacts {
        machine: machine.name.clone(),
        ram: RangeFacts::from(ram.unwrap_or(plan.work_area)),
        kernel: plan.kernel.into(),
        entry: plan.entry(),
        initrd: plan.initrd.map(RangeFacts::from),
        devicetree: plan.devicetree.into(),
        devicetree_origin: match has_own_tree {
            true => "the FIT's with the machine's facts".into(),
            false => "the machine's".into(),
        },
        work_area: plan.work_area.into(),
        command_line: command_line.map(|CommandLine { text, .. }| text.into()),
        command_line_origin: command_line.map(|CommandLine { origin, .. }| origin.to_string()),
    }
}
