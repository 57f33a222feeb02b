//! `flint bench`: instructions and time from reset to the kernel, beside other loaders; instructions of the monitor's calls; and sizes.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::bench::{self, Part};

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

JSON (--json): one object with qemu_version, and for each part:
  instructions  qemu_command; loaders, a list of objects: name, size_bytes and
                measurements, a list of objects: payload_size_bytes,
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
                qemu_command, microseconds (a list, one a round); missing, a
                list of objects: name, file, package
  size          size: builds, a list of objects: name, size_bytes, limit_bytes")]
pub struct Arguments {
    /// What to measure [default: everything]
    pub parts: Vec<Part>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Does what `flint bench` is asked for.
///
/// # Errors
/// QEMU is missing, something cannot be built, there is no Linux to boot, or a run fails.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let parts = match arguments.parts.as_slice() {
        [] => Part::value_variants(),
        parts => parts,
    };
    let report = bench::measure(parts, &mut |step| eprintln!("flint bench: {step}"))?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(ExitCode::SUCCESS)
}
