//! The lines of the boot log, one for each stage of a boot that goes well.

use core::fmt;

use boards::Board;
use boot_parts::{CommandLine, FitFacts, KernelPart, Parts, Preparation};
use boot_plan::Plan;
use devicetree::{Devicetree, GicKind, PsciConduit};
use flash_image::map;
use linux_image::ImageHeader;
use machine::counter;
use machine::cpu::{self, ExceptionLevel};
use phys_range::{PhysRange, Size};

use crate::error::BootError;
use crate::log::Log;
use crate::source::{Offered, Source};

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

/// Logs the payload, and its source.
#[inline(never)]
pub fn payload(log: &mut Log, source: &Source, parts: &Parts<'_>) {
    let payload = Payload(parts);
    match source {
        Source::Flash(flash) => {
            let at = map::KERNEL.start();
            if flash.payload.end_is_known && parts.fit.is_none() {
                let size_bytes = flash.payload.bytes.len();
                log.line(
                    "payload",
                    format_args!("{payload} in flash at {at:#x}, {size_bytes} bytes"),
                );
            } else {
                log.line("payload", format_args!("{payload} in flash at {at:#x}"));
            }
        }
        Source::FwCfg(Offered {
            kernel_bytes, device, ..
        }) => {
            let by = if device.has_dma() { "DMA" } else { "register" };
            log.line(
                "payload",
                format_args!("{payload} from fw_cfg by {by}, {kernel_bytes} bytes; the flash is not looked at"),
            );
        }
    }
    if let Some(fit) = &parts.fit {
        report_fit(log, fit, parts);
    }
}

fn report_fit(log: &mut Log, fit: &FitFacts<'_>, parts: &Parts<'_>) {
    let FitFacts {
        configuration,
        hashes,
        has_signature,
    } = fit;
    let with = |is_there, text| if is_there { text } else { "" };
    log.line(
        "fit",
        format_args!(
            "{configuration}: {}{}{}; {hashes} hashes{}",
            Packing(&parts.kernel),
            with(parts.ramdisk.is_some(), ", ramdisk"),
            with(parts.devicetree.is_some(), ", device tree"),
            with(*has_signature, "; the signature is not verified"),
        ),
    );
}

/// A payload's kind, for display.
struct Payload<'a>(&'a Parts<'a>);

impl fmt::Display for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.fit {
            Some(_) => f.write_str("FIT"),
            None => Packing(&self.0.kernel).fmt(f),
        }
    }
}

/// A kernel's packing, for display.
struct Packing<'a>(&'a KernelPart<'a>);

impl fmt::Display for Packing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            KernelPart::InMemory(kernel) => kernel.description().fmt(f),
            KernelPart::Elsewhere { .. } => f.write_str("raw Image"),
        }
    }
}

/// The header of the kernel.
#[inline(never)]
pub fn header(log: &mut Log, header: &ImageHeader) {
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
pub fn command_line(log: &mut Log, preparation: &Preparation<'_>) {
    match &preparation.command_line {
        Some(CommandLine { origin, text }) => log.line("cmdline", format_args!("from {origin}: {text}")),
        None => log.line("cmdline", format_args!("none")),
    }
}

/// Logs the place of everything.
#[inline(never)]
pub fn plan(log: &mut Log, plan: &Plan) {
    let Plan {
        kernel,
        devicetree,
        initrd,
        ..
    } = plan;
    match initrd {
        Some(initrd) => log.line(
            "plan",
            format_args!("kernel {kernel}, initrd {initrd}, device tree {devicetree}"),
        ),
        None => log.line("plan", format_args!("kernel {kernel}, device tree {devicetree}")),
    }
}

/// Something is in its place.
pub fn load(log: &mut Log, what: fmt::Arguments<'_>) {
    log.line("load", format_args!("{what} and cleaned to memory"));
}

/// Logs that the monitor is in its place.
pub fn monitor(log: &mut Log, place: PhysRange) {
    log.line("monitor", format_args!("{place} at EL3, serves PSCI"));
}

/// The kernel is about to run.
pub fn enter(log: &mut Log, plan: &Plan) {
    let (level, entry) = (ExceptionLevel::of_kernel(), plan.entry());
    log.line(
        "enter",
        format_args!("{level} at {entry:#x}, x0 = {:#x}", plan.devicetree.start()),
    );
    log.flush();
}
