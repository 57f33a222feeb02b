//! The target's binaries: built by cargo, and turned into the flat bytes that go into the flash.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::{self, JoinHandle};

use crate::checkout::Checkout;
use crate::child::{ChildProcess, Waited};
use crate::flat_binary::{flat_binary, sizes_by_crate, symbol};
use crate::{Error, read};

/// The bare-metal target.
pub const TARGET: &str = "aarch64-unknown-none";

/// The same without the registers of floating point: for the monitor, as they belong to whoever
/// calls it, and for the conformance payload, which must not use them before it tries whether they
/// can be used.
const TARGET_WITHOUT_FP: &str = "aarch64-unknown-none-softfloat";

/// The packages that are built for [`TARGET`]. Always both, since what a package is made of can
/// depend on what else is built in the same call.
const PACKAGES: [&str; 2] = ["bootloader", "kernel"];

/// The binaries that run on the target.
#[derive(Clone, Debug)]
pub struct TargetBinaries {
    /// The bootloader: linked to run at flash offset 0.
    pub bootloader: TargetBinary,
    /// The monitor: linked to run in the secure RAM.
    pub monitor: TargetBinary,
    /// The Rust kernel: an arm64 Image once it is flat.
    pub kernel: TargetBinary,
}

/// A binary for the target, as cargo built it.
#[derive(Clone, Debug)]
pub struct TargetBinary {
    elf: PathBuf,
}

/// The binaries in flash beside the kernel.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// The bootloader's flat binary.
    pub bootloader: Vec<u8>,
    /// The monitor's; empty where the flash is to have none.
    pub monitor: Vec<u8>,
}

impl TargetBinaries {
    /// The firmware, flat.
    ///
    /// # Errors
    /// As [`TargetBinary::flat`].
    pub fn firmware(&self) -> Result<Firmware, Error> {
        Ok(Firmware {
            bootloader: self.bootloader.flat()?,
            monitor: self.monitor.flat()?,
        })
    }
}

impl TargetBinary {
    /// The ELF file, with symbols for a debugger.
    pub fn elf_path(&self) -> &Path {
        &self.elf
    }

    /// The bytes that go into the flash.
    ///
    /// # Errors
    /// The ELF file cannot be read or is malformed.
    pub fn flat(&self) -> Result<Vec<u8>, Error> {
        flat_binary(&read::file(&self.elf, "the ELF file")?)
    }

    /// The address of a symbol, if there is one of this name.
    ///
    /// # Errors
    /// As [`Self::flat`].
    pub fn symbol(&self, name: &str) -> Result<Option<u64>, Error> {
        symbol(&read::file(&self.elf, "the ELF file")?, name)
    }

    /// Returns the bytes that go into the flash by the crate whose code or data they are.
    ///
    /// # Errors
    /// As [`Self::flat`].
    pub fn sizes_by_crate(&self) -> Result<BTreeMap<String, u64>, Error> {
        sizes_by_crate(&read::file(&self.elf, "the ELF file")?)
    }
}

/// Builds what runs on the target, as far as it is not up to date. Cargo's messages go to stderr;
/// with nothing to build there are none.
///
/// # Errors
/// Flint's sources are not there, cargo is missing, or it fails.
pub fn target_binaries() -> Result<TargetBinaries, anyhow::Error> {
    let [bootloader, kernel] = cargo_build(PACKAGES, TARGET)?;
    let [monitor] = cargo_build(["monitor"], TARGET_WITHOUT_FP)?;
    Ok(TargetBinaries {
        bootloader,
        monitor,
        kernel,
    })
}

/// Builds the payload that checks the boot protocol from inside, as [`target_binaries`] does the
/// others: an arm64 Image once it is flat.
///
/// # Errors
/// As [`target_binaries`].
pub fn conformance_payload() -> Result<TargetBinary, anyhow::Error> {
    let [payload] = cargo_build(["conformance"], TARGET_WITHOUT_FP)?;
    Ok(payload)
}

/// Builds what breaks the boot protocol, one clause at a time, for the scenarios.
///
/// # Errors
/// As [`target_binaries`].
pub fn mutations() -> Result<TargetBinary, anyhow::Error> {
    let [mutations] = cargo_build(["mutations"], TARGET_WITHOUT_FP)?;
    Ok(mutations)
}

/// Builds kernels that fault, for the scenarios.
///
/// # Errors
/// As [`target_binaries`].
pub fn faults() -> Result<TargetBinary, anyhow::Error> {
    let [faults] = cargo_build(["faults"], TARGET_WITHOUT_FP)?;
    Ok(faults)
}

/// Builds the article's loader, which the bench compares with, as [`target_binaries`] does ours.
///
/// # Errors
/// As [`target_binaries`].
pub fn article_loader() -> Result<TargetBinary, anyhow::Error> {
    let [loader] = cargo_build(["article-loader"], TARGET)?;
    Ok(loader)
}

/// Builds the decompressors on their own, which the bench compares with, as [`target_binaries`]
/// does ours: with the C libraries in this folder, if there is one.
///
/// # Errors
/// As [`target_binaries`].
pub fn decompressors_alone(c_libraries: Option<&Path>) -> Result<TargetBinary, anyhow::Error> {
    let variables = [("FLINT_C_LIBRARIES", c_libraries)];
    let [decompressors] = cargo_build_with(["decompress-alone"], TARGET, &variables)?;
    Ok(decompressors)
}

/// Builds the payload that calls the monitor, for the scenarios and the bench, as
/// [`target_binaries`] does our kernel.
///
/// # Errors
/// As [`target_binaries`].
pub fn smc_calls() -> Result<TargetBinary, anyhow::Error> {
    let [payload] = cargo_build(["smc-calls"], TARGET)?;
    Ok(payload)
}

/// Calls `cargo build` for packages with one binary of the same name each.
fn cargo_build<const N: usize>(packages: [&str; N], target: &str) -> Result<[TargetBinary; N], anyhow::Error> {
    cargo_build_with(packages, target, &[])
}

/// Calls `cargo build` as [`cargo_build`] does, with these environment variables set, or removed.
fn cargo_build_with<const N: usize>(
    packages: [&str; N],
    target: &str,
    variables: &[(&str, Option<&Path>)],
) -> Result<[TargetBinary; N], anyhow::Error> {
    let executables = executables_of(&packages, target, variables)?;
    let find = |package: &&str| {
        let elf = executables
            .iter()
            .find(|path| path.file_name().is_some_and(|name| name == *package));
        elf.cloned()
            .map(|elf| TargetBinary { elf })
            .ok_or_else(|| Error::new(format!("cargo built no binary {package}")))
    };
    let found = packages.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    found
        .try_into()
        .map_err(|_| Error::new("cargo built too little").into())
}

/// Calls `cargo build` and returns the executables that it names.
fn executables_of(
    packages: &[&str],
    target: &str,
    variables: &[(&str, Option<&Path>)],
) -> Result<Vec<PathBuf>, anyhow::Error> {
    let mut cargo = Checkout::find()?.cargo();
    for (name, value) in variables {
        match value {
            Some(value) => cargo.env(name, value),
            None => cargo.env_remove(name),
        };
    }
    cargo.args([
        "build",
        "--release",
        "--target",
        target,
        "--message-format",
        "json-render-diagnostics",
    ]);
    cargo.args([
        "--color",
        if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            "always"
        } else {
            "never"
        },
    ]);
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = ChildProcess::spawn(&mut cargo).map_err(|error| {
        Error::new(format!("cannot start cargo: {error}")).help("install Rust with rustup: https://rustup.rs")
    })?;
    let messages = child.stderr.take().map(pass_on_messages);
    let executables = child.stdout.take().map(collect_executables);

    let Waited::Exited(status) = child.wait_until(None)? else {
        return Err(Error::new("the build was interrupted").into());
    };
    let _ = messages.map(JoinHandle::join);
    if !status.success() {
        let error = Error::new(format!("cargo could not build the binaries for {target}"));
        return Err(error
            .help("see its messages above; setup/setup installs what is missing")
            .into());
    }
    Ok(executables.and_then(|thread| thread.join().ok()).unwrap_or_default())
}

/// Passes cargo's messages on as they come, but for the line that only says that it is done.
fn pass_on_messages(from: impl Read + Send + 'static) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(from)
            .lines()
            .map_while(Result::ok)
            .filter(|line| !is_finished_line(line))
        {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    })
}

fn is_finished_line(line: &str) -> bool {
    line.contains("Finished") && line.contains("profile [")
}

/// The `executable` of every artifact in cargo's JSON messages.
fn collect_executables(from: impl Read + Send + 'static) -> JoinHandle<Vec<PathBuf>> {
    thread::spawn(move || {
        let lines = BufReader::new(from).lines().map_while(Result::ok);
        let messages = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(&line).ok());
        messages
            .filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_executables_in_cargos_messages() {
        let messages = b"{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
            {\"reason\":\"compiler-artifact\",\"executable\":\"/t/release/kernel\"}\nno json\n{\"reason\":\"build-finished\"}\n";
        assert_eq!(
            collect_executables(messages.as_slice()).join().unwrap(),
            [PathBuf::from("/t/release/kernel")]
        );
    }

    #[test]
    fn drops_only_the_line_that_says_it_is_done() {
        assert!(is_finished_line(
            "    Finished `release` profile [optimized + debuginfo] target(s) in 0.02s"
        ));
        assert!(!is_finished_line("   Compiling kernel v0.1.0"));
    }
}
