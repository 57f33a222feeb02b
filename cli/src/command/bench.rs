//! `flint bench`: instructions from reset to the kernel, beside the article's loader.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use phys_range::Size;

use crate::qemu::Qemu;
use crate::{bench, build};

/// The arguments of `flint bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint bench
  flint bench --json | jq '.loaders[].measurements'

JSON (--json): one object with qemu_version, qemu_command and loaders, a list of
objects: name, size_bytes and measurements, a list of objects:
payload_size_bytes, instructions.")]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Does what `flint bench` is asked for.
///
/// # Errors
/// QEMU is missing, something cannot be built, or a run fails.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let qemu = Qemu::find()?;
    let binaries = build::target_binaries()?;
    let article_loader = build::article_loader()?;
    let report = bench::measure(&qemu, &binaries, &article_loader, |loader, size_bytes| {
        eprintln!("flint bench: {loader}, {}", Size(size_bytes));
    })?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(ExitCode::SUCCESS)
}
