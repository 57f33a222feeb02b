//! What the boot log says about each stage of a boot that goes well.

use boards::Board;
use boot_plan::Plan;
use devicetree::edit::Edits;
use devicetree::{Devicetree, GicKind, PsciConduit};
use flash_image::{FlashImage, FlashKernel, map};
use machine::counter;
use machine::cpu::{self, ExceptionLevel};
use phys_range::{PhysRange, Size};

use crate::error::BootError;
use crate::log::Log;

/// The CPU as it came out of reset.
pub fn reset(log: &mut Log) {
    log.line(
        "reset",
        format_args!(
            "Flint {} at {}, CPU MIDR {:#010x}, counter {} Hz",
            env!("CARGO_PKG_VERSION"),
            ExceptionLevel::current(),
            cpu::main_id(),
            counter::frequency_hz(),
        ),
    );
}

/// The device tree, and the machine that it describes.
pub fn devicetree(log: &mut Log, board: &Board, tree: &Devicetree<'_>) -> Result<(), BootError> {
    log.line(
        "tree",
        format_args!(
            "{} at {:#x}, {} of {} bytes in use",
            tree.model().or(tree.compatible()).unwrap_or("a machine without a name"),
            board.devicetree.start(),
            tree.used_size(),
            tree.total_size(),
        ),
    );
    let ram = tree.ram()?;
    log.line(
        "machine",
        format_args!(
            "{} of RAM from {:#x} on; CPUs: {}; {}; {}",
            Size(ram.iter().map(PhysRange::len).sum()),
            ram.first().map_or(0, PhysRange::start),
            tree.cpu_count(),
            tree.psci().map_or("no PSCI", PsciConduit::name),
            tree.gic().map_or("no GIC", GicKind::name),
        ),
    );
    Ok(())
}

/// The kernel that was found.
pub fn payload(log: &mut Log, flash: &FlashImage<'_>) {
    let FlashKernel { header, bytes } = &flash.kernel;
    log.line(
        "payload",
        format_args!(
            "raw Image in flash at {:#x}, {} bytes",
            map::KERNEL.start(),
            bytes.len()
        ),
    );
    log.line(
        "header",
        format_args!(
            "text_offset {:#x}, image_size {:#x}, {}, {}, {}",
            header.text_offset,
            header.image_size,
            header.endianness(),
            header.page_size(),
            header.placement(),
        ),
    );
}

/// The command line that the kernel gets, and where it is from.
pub fn command_line(log: &mut Log, edits: &Edits<'_>, tree: &Devicetree<'_>) -> Result<(), BootError> {
    match edits.bootargs {
        Some(text) => log.line("cmdline", format_args!("from the settings block: {text}")),
        None => match tree.bootargs()? {
            Some(text) => log.line("cmdline", format_args!("from the device tree: {text}")),
            None => log.line("cmdline", format_args!("none")),
        },
    }
    Ok(())
}

/// Where everything goes.
pub fn plan(log: &mut Log, plan: &Plan) {
    log.line(
        "plan",
        format_args!("kernel {}, device tree {}", plan.kernel, plan.devicetree),
    );
}

/// The kernel is in its place.
pub fn load(log: &mut Log, size_bytes: usize) {
    log.line(
        "load",
        format_args!("{size_bytes} bytes of kernel copied and cleaned to memory"),
    );
}

/// The kernel is about to run.
pub fn enter(log: &mut Log, plan: &Plan) {
    let (level, entry) = (ExceptionLevel::current(), plan.entry());
    log.line(
        "enter",
        format_args!("{level} at {entry:#x}, x0 = {:#x}", plan.devicetree.start()),
    );
    log.flush();
}
