//! The last stage: kernel and initrd into their places, and the hand-over.

use boot_parts::{KernelPart, Parts};
use boot_plan::Plan;
use fit::FitImage;
use machine::cpu::{self, ExceptionLevel};
use machine::fw_cfg::{FwCfg, Item};
use machine::hand_over::HandOver;
use machine::ram::Ram;
use machine::{cache, crc32, el1, el2, exceptions, hashes, report_vectors};
use payload::{Hooks, Kernel};
use phys_range::PhysRange;

use crate::board::{BOARD, SECURE_STACK};
use crate::error::BootError;
use crate::log::Log;
use crate::memory::Held;
use crate::report;
use crate::source::Source;

/// All that is left to do, and with what.
pub struct Job {
    /// The place of everything; the device tree is there already.
    pub plan: Plan,
    /// Set where there is an EL3: the monitor, which is in its place, enters the kernel.
    pub is_below_monitor: bool,
    /// True if the machine has a GICv3, by its device tree.
    pub has_gicv3: bool,
    /// The kernel.
    pub kernel: KernelPart<'static>,
    /// The kernel's image, where it is in a FIT.
    pub kernel_image: Option<FitImage<'static>>,
    /// The initrd, where there is one.
    pub initrd: Option<Initrd>,
    /// The source of what is not in memory.
    pub fw_cfg: Option<FwCfg>,
    /// The memory that the bootloader worked with, besides its stacks.
    pub held: Held,
    /// The stack that was in use until now.
    pub early_stack: PhysRange,
}

/// An initrd, and where it comes from.
pub enum Initrd {
    /// In memory.
    InMemory(FitImage<'static>),
    /// With fw_cfg.
    FwCfg,
}

impl Initrd {
    /// That of fw_cfg goes before that of a FIT.
    pub fn of(parts: &Parts<'static>, source: &Source) -> Option<Self> {
        if source.fw_cfg_initrd_bytes().is_some() {
            return Some(Self::FwCfg);
        }
        parts.ramdisk.map(Self::InMemory)
    }
}

/// On entry: on the stack of the work area; the device tree is in its place and clean.
/// Does: puts kernel and initrd into their places, cleans what else was written out of the caches,
/// brings EL2 into its documented state where there is one.
/// On exit: the kernel runs, entered at the level that the machine reset to, or by the monitor
/// below EL3; or the CPU has stopped after the line that says why.
pub fn load(mut ram: Ram, (mut job, mut log): (Job, Log)) -> ! {
    if let Err(error) = load_parts(&mut ram, &mut job, &mut log) {
        log.error(&error);
        cpu::halt()
    }
    job.held
        .into_iter()
        .chain([job.early_stack])
        .for_each(cache::clean_and_invalidate);
    report::enter(&mut log, &job.plan);

    let level = ExceptionLevel::current();
    if level == ExceptionLevel::El2 {
        // SAFETY: at EL2, with HCR_EL2.E2H clear since reset, and nothing runs at EL1.
        unsafe { el2::initialise(&cpu::id_registers(), job.has_gicv3) };
        // SAFETY: at EL2, and nothing runs at EL1.
        unsafe { exceptions::offer_to_el1() };
    }
    if level != ExceptionLevel::El3 {
        // SAFETY: nothing runs at EL1 but this code, which uses none of these registers but the one
        // that is left alone then.
        unsafe { el1::initialise(&cpu::id_registers()) };
    }
    let kernel = HandOver {
        entry: job.plan.entry(),
        device_tree: job.plan.devicetree.start(),
        others: [0; 2],
        work_area: job.plan.work_area,
    };
    let hand_over = match job.is_below_monitor {
        false => kernel,
        true => HandOver {
            entry: BOARD.secure.monitor.start(),
            others: [kernel.entry, write_report_vectors(&mut ram, &kernel)],
            work_area: SECURE_STACK,
            ..kernel
        },
    };
    // SAFETY: MMU and caches are on since reset; what was loaded is in memory, and so is all else
    // that was written outside the work area: at EL3 the stack, with the page tables below it. The
    // kernel runs at EL1 or EL2, the monitor at EL3; this code is in flash and was never written.
    unsafe { hand_over.enter() }
}

/// Writes the vectors by which the monitor reports what a kernel does that has none yet, to memory
/// that is the kernel's as soon as it wants it: the end of the work area. Returns their address.
fn write_report_vectors(ram: &mut Ram, kernel: &HandOver) -> u64 {
    let end = kernel.work_area.end();
    let Some(place) = PhysRange::from_bounds(end - report_vectors::SIZE_BYTES, end) else {
        return 0;
    };
    report_vectors::write(ram.take(place).bytes_mut());
    cache::clean_and_invalidate(place);
    place.start()
}

#[inline(never)]
fn load_parts(ram: &mut Ram, job: &mut Job, log: &mut Log) -> Result<(), BootError> {
    let Job { plan, fw_cfg, .. } = job;
    match &job.kernel {
        KernelPart::Elsewhere { size_bytes, .. } => {
            fetch(
                ram,
                fw_cfg.as_mut(),
                Item::Kernel,
                PhysRange::new(plan.entry(), *size_bytes),
            )?;
            report::load(log, format_args!("{size_bytes} bytes of kernel read from fw_cfg"));
        }
        KernelPart::InMemory(kernel) => match kernel.raw() {
            Some(raw) => {
                if let Some(image) = &job.kernel_image {
                    verify_and_copy(ram, image, plan.entry())?;
                } else if let Some(place) = PhysRange::new(plan.entry(), raw.len() as u64) {
                    cache::copy_to_memory(raw, ram.take(place).bytes_mut());
                }
                report::load(log, format_args!("{} bytes of kernel copied", raw.len()));
            }
            None => {
                let size_bytes = unpack(ram, kernel, plan.kernel)?;
                report::load(log, format_args!("{size_bytes} bytes of kernel unpacked"));
            }
        },
    }
    if let (Some(initrd), Some(place)) = (&job.initrd, plan.initrd) {
        let how = match initrd {
            Initrd::InMemory(image) => {
                verify_and_copy(ram, image, place.start())?;
                "copied"
            }
            Initrd::FwCfg => {
                fetch(ram, fw_cfg.as_mut(), Item::Initrd, Some(place))?;
                "read from fw_cfg"
            }
        };
        report::load(log, format_args!("{} bytes of initrd {how}", place.len()));
    }
    Ok(())
}

/// Copies an image of a FIT to this address, and verifies its hashes on the way, so that flash is
/// read once. A hash that does not match ends the boot, and nothing looks at the copy.
fn verify_and_copy(ram: &mut Ram, image: &FitImage<'_>, address: u64) -> Result<(), BootError> {
    let Some(place) = PhysRange::new(address, image.data.len() as u64) else {
        return Ok(());
    };
    let mut region = ram.take(place);
    let mut room = region.bytes_mut();
    image.verify_while(&hashes::backend(), &mut |slice| {
        if let Some(place) = room.split_off_mut(..slice.len()) {
            cache::copy_to_memory(slice, place);
        }
    })?;
    Ok(())
}

/// Has fw_cfg put an item into its place.
fn fetch(ram: &mut Ram, fw_cfg: Option<&mut FwCfg>, item: Item, place: Option<PhysRange>) -> Result<(), BootError> {
    if let (Some(device), Some(place)) = (fw_cfg, place) {
        device.read(item, ram.take(place).bytes_mut())?;
    }
    Ok(())
}

/// Unpacks the kernel straight into its place, and returns how many bytes came out. The rest of
/// `image_size` is the kernel's to clear (E3).
fn unpack(ram: &mut Ram, kernel: &Kernel<'_>, place: PhysRange) -> Result<usize, BootError> {
    let hooks = Hooks {
        crc32: crc32::update(),
        settle: cache::clean_and_invalidate_bytes,
    };
    Ok(kernel.decompress(ram.take(place).bytes_mut(), hooks)?)
}
