//! `flint bench`: instructions and time from reset to the kernel, beside other loaders;
//! instructions of the monitor's calls; and sizes.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::Error;
use crate::bench::budget::{self, Budget};
use crate::bench::{self, Part, picture};
use crate::checkout::Checkout;
use crate::write::Output;

/// The arguments of `flint bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
The time is compared with U-Boot and EDK2 where Debian's packages u-boot-qemu and
qemu-efi-aarch64 are installed. It wants a quiet machine.

Decompression is compared with C libraries once setup/bench-libraries has fetched
them, 1.4 MB of Debian's packages for arm64. All unpack the same bytes on the same
machine; the table says which of them verify checksums.

Examples:
  flint bench
  flint bench time
  flint bench instructions size --json | jq '.loaders[].measurements'
  flint bench --check
  flint bench time decompression instructions --svg bench.svg

Budget: --check compares instructions and sizes with the accepted ones in
budget.toml, in the folder with Flint's sources. Exit code 1: one is more than
1 % higher. cpus and time have no budget, since they differ from run to run.

JSON (--json): one object with qemu_version, and for each part:
  instructions  qemu_command; loaders, a list of objects: name, size_bytes and
                measurements, a list of objects: payload_size_bytes,
                instructions, and stages, a list of objects: name,
                instructions
  decompression decompression: kernel, kernel_size_bytes; measurements, a list of
                objects: compression, level, packed_size_bytes, alone_crate,
                alone_instructions, c_libraries (a list of objects: name,
                version, instructions), flint_instructions,
                limit_instructions_per_byte; c_libraries_missing, which is
                null or the command that fetches the C libraries
  hashes        hashes: size_bytes; measurements, a list of objects:
                algorithm, cpu, instructions, software_instructions
  calls         calls: qemu_command; measurements, a list of objects: name,
                instructions, limit_instructions
  cpus          cpus: kernel, packed_size_bytes, qemu_command; measurements, a
                list of objects: cpus, microseconds
  time          time: kernel, command_line; loaders, a list of objects: name,
                kernel (its format), start_level, cpus, qemu_command,
                microseconds and unpack_microseconds (lists, one time a
                round); missing, a list of objects: name, file, package;
                failed, a list of objects: name, start_level, cpus, reason
  size          size: builds, a list of objects: name, size_bytes, limit_bytes,
                crates (an object: bytes by the name of the crate)")]
pub struct Arguments {
    /// What to measure [default: everything; with --check and --accept: all that has a budget]
    pub parts: Vec<Part>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Draw the time, the instructions and the decompression into an SVG file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Compare the costs with the accepted ones
    #[arg(long, conflicts_with = "accept")]
    pub check: bool,
    /// Write the costs to the file of accepted ones
    #[arg(long)]
    pub accept: bool,
}

/// Does what `flint bench` is asked for.
///
/// # Errors
/// QEMU is missing, something cannot be built, there is no Linux to boot, a run fails, or the file
/// of accepted costs cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let has_budget = arguments.check || arguments.accept;
    let parts = match arguments.parts.as_slice() {
        [] if has_budget => &budget::PARTS,
        [] => Part::value_variants(),
        parts => parts,
    };
    if let Some(part) = parts.iter().find(|part| has_budget && !budget::PARTS.contains(part)) {
        let message = format!("{} has no budget: it differs from run to run", part.name());
        return Err(Error::usage(message).help("leave it out").into());
    }
    let svg = arguments.svg.as_deref().map(Output::at).transpose()?;
    if svg.is_some() && !parts.iter().any(|part| picture::PARTS.contains(part)) {
        let message = "there is nothing to draw of what is measured";
        return Err(Error::usage(message)
            .help("--svg draws time, decompression and instructions")
            .into());
    }
    let path = Checkout::find()?.root().join(budget::FILE_NAME);
    let accepted = match has_budget {
        // Before the minutes that measuring takes. A first budget is accepted without one before
        // it.
        true if arguments.check || path.exists() => Budget::read(&path)?,
        _ => Budget::default(),
    };
    let report = bench::measure(parts, &mut |step| eprintln!("flint bench: {step}"))?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    if let Some(svg) = svg {
        svg.complete(picture::svg(&report)?.as_bytes())?;
    }
    if arguments.accept {
        let text = accepted.with(&report).to_text()?;
        Output::at(&path)?.complete(text.as_bytes())?;
        eprintln!("flint bench: wrote {}", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.check {
        return Ok(ExitCode::SUCCESS);
    }
    let check = accepted.check(&report);
    // With --json, the report alone is on the standard output.
    match arguments.json {
        true => eprint!("\n{check}"),
        false => write!(out, "\n{check}")?,
    }
    Ok(match check.is_within() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
