//! The prediction of what the bootloader does with a payload on a machine, step by step as the
//! bootloader does it.

use boards::QEMU_VIRT;
use boot_parts::{Candidates, CommandLine, Given, KernelPart, Offer, Parts, Preparation, PreparationError};
use boot_plan::Machine;
use decompress::{DecompressError, Hooks};
use devicetree::{Devicetree, Gic, GicKind};
use flash_image::FlashImage;
use hashes::Backend;
use linux_image::ImageHeader;
use payload::{Kernel, PayloadError};
use phys_range::{GIB, MIB, PhysRange, Size};
use platform::{Found, Platform};

use super::{Inspection, KernelFacts, PlanFacts, Problem, RangeFacts};
use crate::flash::in_memory;
use crate::progress::during;
use crate::reference_machine::{self, ReferenceMachine};
use crate::{Error, interrupt};

/// An `image_size` may claim to be anything, so it does not decide how much memory is taken at
/// once. Most kernels fit into this.
const UNPACKED_FIRST_BYTES: u64 = 64 * MIB;
/// The factor for the next attempt, where the room was too small.
const UNPACKED_STEP: u64 = 4;
/// No kernel is larger, and a bomb shall not take all memory of the host.
const UNPACKED_MAX_BYTES: u64 = GIB;

/// The amount of RAM that the machines have that stand for all machines. All of the first one's RAM
/// has addresses and a size of 32 bits, since a device tree may come with a kernel that has no room
/// for more; the other has all that there can be.
const ROOMY_MEMORIES_BYTES: [u64; 2] = [3 * GIB, QEMU_VIRT.ram.len()];

/// The facts that the bootloader knows before it stops, or starts the kernel.
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
    /// Refuses a flash image that the bootloader would boot on no machine; returns what else there
    /// is to say about it, a sentence each.
    ///
    /// # Errors
    /// That, or a signal came meanwhile.
    pub fn check_flash(flash: &[u8]) -> Result<Vec<String>, Error> {
        const NAME: &str = "this flash image";
        let FlashImage { settings, payload } =
            FlashImage::parse(flash).map_err(|error| Problem::new(error.code(), error).about(NAME))?;
        let offer = Offer::Payload {
            bytes: payload.bytes,
            end_is_known: payload.end_is_known,
        };
        let beside = Candidates {
            settings: settings.and_then(|settings| settings.command_line),
            ..Candidates::default()
        };
        boot_anywhere(NAME, &offer, &beside)
    }

    /// The same of a kernel that fw_cfg hands over with this command line.
    ///
    /// # Errors
    /// As [`Self::check_flash`].
    pub fn check_handed_over(name: &str, kernel: &[u8], command_line: Option<&str>) -> Result<Vec<String>, Error> {
        let offer = Offer::Payload {
            bytes: kernel,
            end_is_known: true,
        };
        // An empty one is as good as none, since QEMU hands that over where it has none.
        let given = command_line.filter(|text| !text.is_empty());
        let beside = Candidates {
            fw_cfg: given.map(str::as_bytes),
            ..Candidates::default()
        };
        boot_anywhere(name, &offer, &beside)
    }
}

fn boot_anywhere(name: &str, offer: &Offer<'_>, beside: &Candidates<'_>) -> Result<Vec<String>, Error> {
    let boot = |memory_bytes| {
        let machine = ReferenceMachine::with_memory_or_more(memory_bytes)?.with_all_page_sizes();
        let mut progress = Progress::default();
        let result = progress.boot(&machine, offer, beside);
        interrupt::check()?;
        Ok(result.map(|()| progress.notes))
    };
    let [first, last] = ROOMY_MEMORIES_BYTES;
    let result = match boot(first)? {
        Err(problem) if needs_more_room(&problem) => boot(last)?,
        result => result,
    };
    result.map_err(|problem| problem.about(name))
}

fn needs_more_room(problem: &Problem) -> bool {
    problem.code.starts_with("plan-no-room-")
}

impl Progress {
    /// The command lines that lie `beside` the offer count; those in it are found here.
    fn boot(&mut self, machine: &ReferenceMachine, offer: &Offer<'_>, beside: &Candidates<'_>) -> Result<(), Problem> {
        // What the payload holds is known here on every machine; the bootloader gets to it only
        // after what comes next.
        let parts = Parts::of(offer, &Backend::SOFTWARE);
        if let Ok(parts) = &parts {
            self.note_parts(parts);
        }
        let no_tree = |error: devicetree::TreeError| Problem::new(error.code(), error);
        let tree = Devicetree::parse(&machine.tree).map_err(no_tree)?;
        if machine.resets_at_el3 {
            platform(&tree)?;
        }
        let parts = parts.map_err(|error| Problem::new(error.code(), error))?;
        let header = header(&parts.kernel)?;

        let in_use = QEMU_VIRT.in_use();
        let kernel_tree = parts.devicetree.map(Devicetree::parse).transpose().map_err(no_tree)?;
        let machine = match &kernel_tree {
            Some(tree) => &machine.suited_to(tree),
            None => machine,
        };
        let hardware_tree = Devicetree::parse(&machine.tree).map_err(no_tree)?;
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
            serves_psci: machine.resets_at_el3,
            backend: &Backend::SOFTWARE,
        };
        let preparation =
            Preparation::new(&parts, &given).map_err(|error: PreparationError| Problem::new(error.code(), error))?;
        self.plan = Some(plan_facts(machine, &given, &preparation));
        let mut tree = vec![0; in_memory(preparation.plan.devicetree.len())];
        preparation.tree.write(&mut tree).map_err(no_tree)?;
        parts
            .verify_rest(given.backend)
            .map_err(|error| Problem::new(error.code(), error))?;
        match &parts.kernel {
            KernelPart::InMemory(kernel) if kernel.raw().is_none() => {
                self.unpack(kernel, preparation.plan.kernel.len())
            }
            _ => Ok(()),
        }
    }

    /// Unpacks a kernel, since checksums and bombs show only when everything has come out. That it
    /// does not fit into less memory than it has on the target does not count: it gets more.
    fn unpack(&mut self, kernel: &Kernel<'_>, room_bytes: u64) -> Result<(), Problem> {
        let mut place_bytes = room_bytes.min(UNPACKED_FIRST_BYTES);
        loop {
            let mut place = vec![0; in_memory(place_bytes)];
            let unpacked = during("unpacking the kernel", || {
                kernel.decompress(&mut place, Hooks::with_crc32(next_crc32))
            });
            match unpacked {
                Ok(size_bytes) => {
                    if let Some(facts) = &mut self.kernel {
                        facts.load_size_bytes = Some(size_bytes as u64);
                    }
                    return Ok(());
                }
                Err(PayloadError::Compressed(DecompressError::TooLarge { .. })) if place_bytes < room_bytes => {
                    if place_bytes >= UNPACKED_MAX_BYTES {
                        let most = Size(place_bytes);
                        self.notes.push(format!(
                            "more than {most} come out of the kernel, and only so much was looked at"
                        ));
                        return Ok(());
                    }
                    place_bytes = (place_bytes * UNPACKED_STEP).min(room_bytes);
                }
                Err(error) => return Err(Problem::new(error.code(), error)),
            }
        }
    }

    fn note_parts(&mut self, parts: &Parts<'_>) {
        if let Some(fit) = parts.fit.filter(|fit| fit.has_signature) {
            self.notes
                .push(format!("the signature of {} is not verified", fit.configuration));
        }
        let header = header(&parts.kernel).ok();
        self.kernel = header.map(|header| KernelFacts::new(&header, &parts.kernel));
    }
}

/// Describes the machine of this tree for EL3, as far as a tree can tell: the console is the
/// board's, and the GIC what the tree says of the one that is where the board has its own.
fn platform(tree: &Devicetree<'_>) -> Result<Platform, Problem> {
    let is_of_board = |gic: &&Gic| {
        let distributor = gic.blocks.first();
        distributor.is_some_and(|block| block.start() == QEMU_VIRT.gic.distributor.start())
    };
    let gic = tree.gics().ok().and_then(|gics| gics.iter().find(is_of_board));
    let found = Found {
        affinity: QEMU_VIRT.boot_cpu,
        gic_architecture: match gic.map(|gic| gic.kind) {
            Some(GicKind::V2) => 2,
            Some(GicKind::V3) => 3,
            // No GIC that EL3 can drive, whatever the distributor says.
            Some(GicKind::V5 | GicKind::Unknown) | None => 0,
        },
        console: QEMU_VIRT.console,
    };
    Platform::new(&QEMU_VIRT, tree, &found).map_err(|error| Problem::new(error.code(), error))
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

fn next_crc32(crc: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(crc);
    hasher.update(bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_gic_is_no_gicv3() {
        let known = include_bytes!("../../../crates/devicetree/tests/fixtures/el2-gicv3.dtb");
        for (compatible, described) in [(b"arm,gic-v5", "GICv5"), (b"arm,gic-v9", "unknown GIC")] {
            let mut tree = known.to_vec();
            let places: Vec<_> = (0..tree.len())
                .filter(|at| tree[*at..].starts_with(b"arm,gic-v3\0"))
                .collect();
            for at in places {
                tree[at..at + 10].copy_from_slice(compatible);
            }
            let problem = platform(&Devicetree::parse(&tree).unwrap()).unwrap_err();
            assert_eq!(problem.code, "platform-gic-kind");
            let end = format!("describes a {described}, and the architecture of the distributor is unknown (0)");
            assert!(problem.message.ends_with(&end), "{}", problem.message);
        }
        assert!(platform(&Devicetree::parse(known).unwrap()).is_ok());
    }
}
