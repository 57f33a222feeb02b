//! `flint inspect`: what a file holds, where it will land, what is wrong with it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::inspection::{Inspection, Problem};
use crate::size::parse_size;
use crate::{read, reference_machine};

/// The arguments of `flint inspect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint inspect flash.bin
  flint inspect Image --memory 1G
  flint inspect --json flash.bin | jq .errors

Exit codes: 0 nothing is wrong, 1 something is, 2 wrong usage.

JSON (--json): one object. Sizes are in bytes, addresses are numbers, and what
does not apply is null.
  file, size_bytes
  kind        \"flash-image\", \"image\" or \"devicetree\"
  flash       bootloader_size_bytes, monitor_size_bytes, settings
              (command_line, payload_size_bytes, payload_tail_crc32)
  kernel      load_size_bytes, text_offset, image_size, flags, endianness,
              page_size, placement
  plan        entry; ram, kernel, devicetree, work_area (start, end)
  devicetree  total_size_bytes, used_size_bytes, model, compatible, ram,
              reservations, console, cpu_count, psci, gic, command_line
  notes       what flint image would change: a list of sentences
  errors      what is wrong: a list of objects (code, message)")]
pub struct Arguments {
    /// The file to look at
    pub file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// The RAM of the reference machine, such as 64M or 3G; a number without a letter counts mebibytes
    #[arg(long, value_name = "SIZE", default_value = "128M", value_parser = parse_size)]
    pub memory: u64,
}

/// Does what `flint inspect` is asked for.
///
/// # Errors
/// The file cannot be read, or is nothing that is known.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let ram = reference_machine::ram(arguments.memory)?;
    let bytes = read::file(&arguments.file, "the file")?;
    let inspection = Inspection::of(&arguments.file.display().to_string(), &bytes, ram)?;

    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&inspection)?)?;
    } else {
        write!(out, "{inspection}")?;
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
