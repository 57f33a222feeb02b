//! `flint image`: a kernel and what belongs to it become a flash image.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fit::Fit;
use flash_image::map;

use crate::Error;
use crate::build::{self, Firmware};
use crate::command::parts::Parts;
use crate::flash::{FlashBuilder, Part};
use crate::inspection::Inspection;
use crate::kernel_area::{Item, KernelArea};
use crate::size::grouped;
use crate::table::Table;
use crate::write::Output;

/// The arguments of `flint image`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint image --kernel Image -o flash.bin
  flint image --kernel vmlinuz --cmdline \"console=ttyAMA0 panic=1\" -o flash.bin
  flint image --kernel Image --initrd initrd.img --compress zstd -o flash.bin
  flint image -o flash.bin                    only the bootloader, for QEMU's -kernel
  flint run --image flash.bin --memory 1G")]
pub struct Arguments {
    /// What goes into the flash.
    #[command(flatten)]
    pub parts: Parts,
    /// The place where to write the flash image; a file that is there is replaced once the new one
    /// is complete
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// A flash image, complete and checked, and what there is to say about it.
#[derive(Debug)]
pub struct Flash {
    /// Its 64 MiB.
    pub bytes: Vec<u8>,
    /// The contents.
    pub parts: Vec<Part>,
    /// What is in the part of the kernel.
    pub kernel_items: Vec<Item>,
    /// What was changed on the way, and what nobody verified, a sentence each.
    pub notes: Vec<String>,
}

impl Flash {
    /// Makes a flash image.
    ///
    /// # Errors
    /// A file cannot be read or is not what it should be, a part does not fit, or the bootloader
    /// cannot be built.
    pub fn of(parts: &Parts) -> Result<Self, anyhow::Error> {
        // What is named comes first: what is wrong with it is known before anything is compressed
        // or built.
        let bootloader = parts.bootloader()?;
        let area = match &parts.kernel {
            Some(kernel) => Some(parts.ingredients(kernel)?.area()?),
            None => None,
        };
        let firmware = match bootloader {
            Some(firmware) => firmware,
            None => build::target_binaries()?.firmware()?,
        };
        Ok(Self::build(firmware, area, parts.cmdline.as_deref())?)
    }

    /// Makes a flash image of binaries. Without a kernel, QEMU hands one over.
    ///
    /// # Errors
    /// A part does not fit or is not what it should be.
    pub fn build(firmware: Firmware, area: Option<KernelArea>, cmdline: Option<&str>) -> Result<Self, Error> {
        let mut builder = FlashBuilder::new().firmware(firmware);
        if let Some(text) = cmdline {
            builder = builder.command_line(text);
        }
        let Some(area) = area else {
            return Self::complete(&builder, Vec::new(), Vec::new());
        };
        refuse_a_second_command_line(&area.bytes, cmdline)?;
        let mut flash = Self::complete(&builder.kernel(area.bytes), area.items, area.notes)?;
        // Read back as the bootloader will.
        flash.notes.extend(Inspection::check_flash(&flash.bytes)?);
        Ok(flash)
    }

    fn complete(builder: &FlashBuilder, kernel_items: Vec<Item>, notes: Vec<String>) -> Result<Self, Error> {
        Ok(Self {
            bytes: builder.build()?,
            parts: builder.parts()?,
            kernel_items,
            notes,
        })
    }
}

/// The command line of a FIT goes before that of the settings block, which would be kept without a
/// use.
fn refuse_a_second_command_line(area: &[u8], cmdline: Option<&str>) -> Result<(), Error> {
    let fit = Fit::parse(area).ok();
    match (fit.and_then(|fit| fit.configuration().command_line), cmdline) {
        (Some(_), Some(_)) => Err(
            Error::usage("the FIT has a command line of its own, which goes before --cmdline")
                .help("flint inspect shows it: leave --cmdline out, or make the FIT without the property cmdline"),
        ),
        _ => Ok(()),
    }
}

/// Does what `flint image` is asked for.
///
/// # Errors
/// As [`Flash::of`], or the image cannot be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let Arguments { parts, output } = arguments;
    parts.check()?;
    refuse_parts_of_nothing(parts)?;
    refuse_to_replace(output, parts)?;
    let file = Output::at(output)?;
    let flash = Flash::of(parts)?;
    file.complete(&flash.bytes)?;

    let mut out = std::io::stdout().lock();
    for note in &flash.notes {
        writeln!(out, "note: {note}")?;
    }
    if parts.kernel.is_none() {
        writeln!(
            out,
            "note: there is no kernel in it: the bootloader takes what QEMU hands over with -kernel, -initrd and -append"
        )?;
    }
    let size = grouped(flash.bytes.len() as u64);
    writeln!(out, "{}: flash image, {size} bytes", output.display())?;
    write!(out, "{}", table(&flash, parts))?;
    Ok(ExitCode::SUCCESS)
}

/// Without a kernel there is nothing that these options could be about.
fn refuse_parts_of_nothing(parts: &Parts) -> Result<(), Error> {
    match (&parts.kernel, parts.options_of_kernel().next()) {
        (None, Some(option)) => Err(Error::usage(format!("{option} needs a kernel that it goes with"))
            .help("name the kernel too: --kernel FILE; without it, the flash image holds only the bootloader")),
        _ => Ok(()),
    }
}

/// The output may be any file but one of the inputs.
fn refuse_to_replace(output: &Path, parts: &Parts) -> Result<(), Error> {
    let Ok(output_file) = fs::canonicalize(output) else {
        return Ok(());
    };
    let is_output = |input: &Path| fs::canonicalize(input).is_ok_and(|input| input == output_file);
    if !parts.inputs().any(is_output) {
        return Ok(());
    }
    Err(Error::usage(format!("{} is both input and output", output.display()))
        .help("choose another name for the output"))
}

fn table(flash: &Flash, parts: &Parts) -> Table {
    let mut table = Table::with_numbers_in(&[1]);
    table.row(["offset", "bytes", "part"]);
    let mut row = |offset: u64, size: usize, what: String| {
        table.row([format!("{offset:#010x}"), grouped(size as u64), what]);
    };
    for part in flash.parts.iter().filter(|part| part.offset != map::KERNEL.start()) {
        let command_line = parts.cmdline.as_ref().filter(|_| part.name == "settings");
        let detail = command_line.map(|text| format!(": command line \"{text}\""));
        row(
            part.offset,
            part.bytes.len(),
            format!("{}{}", part.name, detail.unwrap_or_default()),
        );
    }
    for Item { range, name } in &flash.kernel_items {
        row(map::KERNEL.start() + range.start as u64, range.len(), name.clone());
    }
    table
}
