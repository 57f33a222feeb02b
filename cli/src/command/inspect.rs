//! `flint inspect`: what a file holds, where it will land, what is wrong with it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use devicetree::Devicetree;

use crate::command::hardware::parse_start_level;
use crate::command::parts::{about_tree, devicetree};
use crate::inspection::{Inspection, Problem};
use crate::qemu::StartLevel;
use crate::reference_machine::{self, MEMORY_SIZE_BYTES, ReferenceMachine};
use crate::size::parse_size;
use crate::{Error, read};

/// The arguments of `flint inspect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint inspect flash.bin
  flint inspect Image --memory 1G
  flint inspect kernel.itb --dtb virt.dtb     on the machine of this device tree
  flint inspect --json flash.bin | jq .errors

Exit codes: 0 nothing is wrong, 1 something is, 2 wrong usage.

JSON (--json): one object. Sizes are in bytes, addresses are numbers, and what
does not apply is null.
  file, size_bytes
  kind        \"flash-image\", \"image\", \"compressed-image\", \"zboot\",
              \"fit\", \"devicetree\" or \"unknown\"
  flash       bootloader_size_bytes, monitor_size_bytes,
              settings_are_damaged, settings (command_line,
              payload_size_bytes, payload_tail_crc32)
  fit         description, size_bytes, configurations, default, command_line,
              has_signature, choices (name, kernel, ramdisk, fdt, command_line,
              problem), images (name, type, description, compression,
              size_bytes, load, hashes, is_verified, problem)
  kernel      packing, packed_size_bytes, load_size_bytes, text_offset,
              image_size, flags, endianness, page_size, placement
  plan        machine, entry, command_line, command_line_origin,
              devicetree_origin; ram, kernel, initrd, devicetree, work_area
              (start, end)
  devicetree  total_size_bytes, used_size_bytes, model, compatible, ram,
              reservations, console, cpu_count, psci, gic, command_line
  notes       what flint image would change, and what nobody verifies: a list
              of sentences
  errors      what is wrong: a list of objects (code, message)")]
pub struct Arguments {
    /// The file to look at
    pub file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// The RAM of the machine, such as 64M or 3G; a number without a letter counts mebibytes
    /// [default: 128M, or as much as a device tree that comes with the kernel describes]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub memory: Option<u64>,
    /// The exception level that the machine starts in [default: 2, with PSCI as a device tree that
    /// comes with the kernel describes it]
    #[arg(long, value_name = "1|2|3|3-without-el2", value_parser = parse_start_level)]
    pub el: Option<StartLevel>,
    /// The device tree of another machine, as QEMU's `-machine dumpdtb=FILE` writes it
    #[arg(long, value_name = "FILE", conflicts_with = "memory")]
    pub dtb: Option<PathBuf>,
}

impl Arguments {
    /// The machine to predict the boot on.
    fn machine(&self) -> Result<ReferenceMachine, Error> {
        let machine = match (&self.dtb, self.memory) {
            (Some(path), _) => described_by(path)?,
            (None, Some(memory_bytes)) => ReferenceMachine::with_memory(memory_bytes)?,
            (None, None) => ReferenceMachine::with_memory_or_more(MEMORY_SIZE_BYTES)?,
        };
        Ok(match self.el {
            Some(level) => machine.resetting_at(level),
            None => machine,
        })
    }
}

/// The machine of a device tree that the bootloader could start with: what is wrong with another is
/// not wrong with the file to look at.
fn described_by(path: &Path) -> Result<ReferenceMachine, Error> {
    let (tree, name) = devicetree(path)?;
    let described = Devicetree::parse(&tree).and_then(|tree| reference_machine::memory(&tree, &[]).map(drop));
    described.map_err(|error| about_tree(&name, error))?;
    Ok(ReferenceMachine::described_by(tree, &name))
}

/// Does what `flint inspect` is asked for.
///
/// # Errors
/// A file cannot be read, or `--dtb` names no device tree.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let machine = arguments.machine()?;
    let bytes = read::file(&arguments.file, "the file")?;
    let inspection = Inspection::of(&arguments.file.display().to_string(), &bytes, &machine);

    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&inspection)?)?;
    } else {
        write!(out, "{inspection}")?;
        out.flush()?;
        inspection.errors.iter().for_each(print_problem);
    }
    Ok(if inspection.errors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print_problem(problem: &Problem) {
    let Problem { code, message, help } = problem;
    eprintln!("error: {message} [{code}]");
    if let Some(help) = help {
        eprintln!("help: {help}");
    }
    eprintln!("help: flint explain {code}");
}
