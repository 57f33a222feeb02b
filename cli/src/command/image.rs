//! `flint image`: a kernel becomes a flash image.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use flash_image::FlashImage;

use crate::flash::{FlashBuilder, Part};
use crate::raw_kernel::RawKernel;
use crate::size::grouped;
use crate::table::Table;
use crate::{Error, build, kernel_command_line, read, write};

/// The arguments of `flint image`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint image --kernel Image -o flash.bin
  flint image --kernel vmlinuz --cmdline \"console=ttyAMA0 panic=1\" -o flash.bin
  flint run --image flash.bin --memory 1G")]
pub struct Arguments {
    /// What goes into the flash.
    #[command(flatten)]
    pub parts: Parts,
    /// Where to write the flash image; a file that is there is replaced once the new one is complete
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// What goes into a flash image with a kernel of the user's.
#[derive(Debug, Args)]
pub struct Parts {
    /// The kernel: a raw arm64 Image
    #[arg(long, value_name = "FILE")]
    pub kernel: PathBuf,
    /// The kernel's command line, at most 2047 bytes: kept in the flash, and handed over as /chosen/bootargs
    #[arg(long, value_name = "TEXT", value_parser = kernel_command_line::checked)]
    pub cmdline: Option<String>,
    /// A flat bootloader binary to use in place of Flint's own, which is built when needed
    #[arg(long, value_name = "FILE")]
    pub bootloader: Option<PathBuf>,
}

/// A flash image, complete and checked, and what there is to say about it.
#[derive(Debug)]
pub struct Flash {
    /// Its 64 MiB.
    pub bytes: Vec<u8>,
    /// What is in it.
    pub parts: Vec<Part>,
    /// What was changed on the way, a sentence each.
    pub notes: Vec<String>,
}

impl Flash {
    /// Makes a flash image and reads it back as the bootloader will.
    ///
    /// # Errors
    /// A file cannot be read or is not what it should be, a part does not fit, or the bootloader cannot be built.
    pub fn of(parts: &Parts) -> Result<Self, anyhow::Error> {
        // The kernel comes first: what is wrong with it is known before anything is built.
        let kernel = read::file(&parts.kernel, "the kernel")?;
        let payload = RawKernel::new(kernel).map_err(|error| error.about(&parts.kernel.display().to_string()))?;
        let bootloader = match &parts.bootloader {
            Some(path) => read::file(path, "the bootloader")?,
            None => build::target_binaries()?.bootloader.flat()?,
        };
        let notes = payload.notes;
        Ok(Self {
            notes,
            ..Self::build(bootloader, payload.bytes, parts.cmdline.as_deref())?
        })
    }

    /// Makes a flash image of binaries and reads it back as the bootloader will.
    ///
    /// # Errors
    /// A part does not fit or is not what it should be.
    pub fn build(bootloader: Vec<u8>, kernel: Vec<u8>, cmdline: Option<&str>) -> Result<Self, Error> {
        let mut builder = FlashBuilder::new().bootloader(bootloader).kernel(kernel);
        if let Some(text) = cmdline {
            builder = builder.command_line(text);
        }
        let bytes = builder.build()?;
        FlashImage::parse(&bytes).map_err(|error| {
            let message = format!(
                "the bootloader would refuse this flash image: {error} [{}]",
                error.code()
            );
            Error::new(message).help(format!("flint explain {}", error.code()))
        })?;
        Ok(Self {
            bytes,
            parts: builder.parts()?,
            notes: Vec::new(),
        })
    }
}

/// Does what `flint image` is asked for.
///
/// # Errors
/// As [`Flash::of`], or the image cannot be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    refuse_to_replace(&arguments.output, &arguments.parts)?;
    let flash = Flash::of(&arguments.parts)?;
    write::file(&arguments.output, &flash.bytes)?;

    let mut out = std::io::stdout().lock();
    for note in &flash.notes {
        writeln!(out, "note: {note}")?;
    }
    writeln!(
        out,
        "{}: flash image, {} bytes",
        arguments.output.display(),
        grouped(flash.bytes.len() as u64)
    )?;
    write!(out, "{}", table(&flash.parts, arguments))?;
    Ok(ExitCode::SUCCESS)
}

/// The output may be any file but one of the inputs.
fn refuse_to_replace(output: &Path, parts: &Parts) -> Result<(), Error> {
    let inputs = [Some(&parts.kernel), parts.bootloader.as_ref()];
    let Ok(output_file) = fs::canonicalize(output) else {
        return Ok(());
    };
    if !inputs
        .iter()
        .flatten()
        .any(|input| fs::canonicalize(input).is_ok_and(|input| input == output_file))
    {
        return Ok(());
    }
    Err(Error::usage(format!("{} is both input and output", output.display()))
        .help("choose another name for the output"))
}

fn table(parts: &[Part], arguments: &Arguments) -> Table {
    let mut table = Table::with_numbers_in(&[1]);
    table.row(["offset", "bytes", "part"]);
    for part in parts {
        let detail = match (part.name, &arguments.parts.cmdline) {
            ("kernel", _) => format!(": {}", arguments.parts.kernel.display()),
            ("settings", Some(text)) => format!(": command line \"{text}\""),
            _ => String::new(),
        };
        let what = format!("{}{detail}", part.name);
        table.row([format!("{:#010x}", part.offset), grouped(part.bytes.len() as u64), what]);
    }
    table
}
