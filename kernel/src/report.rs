//! The report: what the kernel was handed, and what the machine is, a line each.

use core::fmt::{self, Write};

use devicetree::Devicetree;
use linux_image::ImageHeader;
use machine::counter;
use machine::cpu::ExceptionLevel;
use phys_range::{MIB, PhysRange};

use crate::handed_over::{HandedOver, TreeProblem};
use crate::start;

/// The kernel's base address is a multiple of this (clause E1).
const BASE_ALIGN: u64 = 2 * MIB;

/// Writes the whole report.
pub fn write(
    out: &mut impl Write,
    handed_over: &HandedOver,
    tree: &Result<Devicetree<'_>, TreeProblem>,
) -> fmt::Result {
    write_entry(out)?;
    let [x0, x1, x2, x3] = handed_over.x;
    let complaint = if [x1, x2, x3] == [0; 3] {
        ""
    } else {
        "; x1 to x3 must be 0 (G2)"
    };
    line(
        out,
        "registers",
        format_args!("x0 {x0:#x}, x1 {x1:#x}, x2 {x2:#x}, x3 {x3:#x}{complaint}"),
    )?;
    line(
        out,
        "counter",
        format_args!(
            "{} Hz, {} ticks at the first instruction",
            counter::frequency_hz(),
            handed_over.ticks
        ),
    )?;
    match tree {
        Ok(tree) => write_tree(out, tree),
        Err(TreeProblem::Address) => line(out, "tree", format_args!("none: x0 is 0 or not a multiple of 8 (B1)")),
        Err(TreeProblem::Content(error)) => line(out, "tree", format_args!("none: {error} [{}]", error.code())),
    }
}

/// The level, and the address against the one that the Image header asks for.
fn write_entry(out: &mut impl Write) -> fmt::Result {
    let bytes = start::image_header();
    let address = bytes.as_ptr().addr() as u64;
    let Ok(header) = ImageHeader::parse(bytes) else {
        return line(
            out,
            "entry",
            format_args!("{} at {address:#x}, without a header", ExceptionLevel::current()),
        );
    };
    let off_grid = address.wrapping_sub(header.text_offset()) % BASE_ALIGN;
    let complaint = if off_grid == 0 {
        ""
    } else {
        "; that is off the 2 MiB grid (E1)"
    };
    line(
        out,
        "entry",
        format_args!(
            "{} at {address:#x}, text_offset {:#x}, image_size {:#x}{complaint}",
            ExceptionLevel::current(),
            header.text_offset(),
            header.image_size,
        ),
    )
}

/// The machine, as the device tree describes it.
fn write_tree(out: &mut impl Write, tree: &Devicetree<'_>) -> fmt::Result {
    let model = tree.model().or(tree.compatible()).unwrap_or("unknown");
    line(out, "tree", format_args!("{} bytes, model {model}", tree.total_size()))?;
    match tree.ram() {
        Ok(banks) => banks
            .iter()
            .try_for_each(|bank: &PhysRange| line(out, "memory", format_args!("{bank}")))?,
        Err(error) => line(out, "memory", format_args!("unknown: {error} [{}]", error.code()))?,
    }
    line(out, "cpus", format_args!("{}", tree.cpu_count()))?;
    match tree.psci() {
        Some(conduit) => line(out, "psci", format_args!("{conduit}"))?,
        None => line(out, "psci", format_args!("none"))?,
    }
    match tree.gic() {
        Some(gic) => line(out, "gic", format_args!("{gic}"))?,
        None => line(out, "gic", format_args!("none"))?,
    }
    match tree.bootargs() {
        Ok(text) => line(out, "cmdline", format_args!("{}", text.unwrap_or("none"))),
        Err(error) => line(out, "cmdline", format_args!("unreadable: {error} [{}]", error.code())),
    }
}

fn line(out: &mut impl Write, name: &str, value: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(out, "{name:<10} {value}")
}
