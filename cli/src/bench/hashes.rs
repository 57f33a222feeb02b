//! Instructions of the hashes of a FIT, on a CPU with instructions for them and on one without.
//!
//! All CPU models of QEMU have those instructions, and there is no option that takes them away. The
//! bootloader asks `ID_AA64ISAR0_EL1`; a copy of it that is answered 0 takes itself to be on a CPU
//! without.

use std::fmt;

use hashes::Algorithm;
use phys_range::MIB;
use serde::Serialize;

use super::budget::{Cost, Costs};
use super::instructions;
use crate::Error;
use crate::build::TargetBinaries;
use crate::fit_writer::FitWriter;
use crate::qemu::{Machine, Qemu};
use crate::size::grouped;
use crate::table::Table;

/// The size of the kernel that the hashes are over.
const KERNEL_SIZE_BYTES: u64 = 32 * MIB;
/// The CPU models: the reference machine's, and one that has instructions for SHA-512, too.
const CPU: &str = "cortex-a53";
const CPU_WITH_SHA512: &str = "max";
/// The most instructions a byte that SHA-256 may take, by the CPU's instructions and in software.
const SHA256_LIMIT: f64 = 2.5;
const SHA256_SOFTWARE_LIMIT: f64 = 34.0;

/// `mrs x0, ID_AA64ISAR0_EL1` and `mov x0, #0`; the register is in the lowest five bits of both.
const READ_ID: u32 = 0xd538_0600;
const MOVE_ZERO: u32 = 0xd280_0000;
const REGISTER: u32 = 0x1f;

/// The instructions that it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The number of bytes that each hash is over.
    pub size_bytes: u64,
    /// One for each algorithm.
    pub measurements: Vec<Measurement>,
}

/// One algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Measurement {
    /// The name of the algorithm.
    pub algorithm: &'static str,
    /// The CPU model.
    pub cpu: &'static str,
    /// Instructions on that CPU.
    pub instructions: u64,
    /// Instructions on a CPU without instructions for hashes.
    pub software_instructions: u64,
}

/// Returns the bootloader as it is on a CPU that has no instructions for hashes and checksums.
///
/// # Errors
/// It never asks for them.
pub fn without_instructions(bootloader: &[u8]) -> Result<Vec<u8>, Error> {
    let mut patched = bootloader.to_vec();
    let (words, _) = patched.as_chunks_mut();
    let mut is_found = false;
    for word in words {
        let instruction = u32::from_le_bytes(*word);
        if instruction & !REGISTER == READ_ID {
            *word = (MOVE_ZERO | instruction & REGISTER).to_le_bytes();
            is_found = true;
        }
    }
    match is_found {
        true => Ok(patched),
        false => Err(Error::new("the bootloader does not read ID_AA64ISAR0_EL1")),
    }
}

/// Counts: a boot of a FIT with the hash, less one of the same FIT without; `progress` hears about
/// each before it starts.
///
/// # Errors
/// A binary cannot be read, QEMU does not start, or a run does not reach the kernel in time.
pub fn measure(
    qemu: &Qemu,
    binaries: &TargetBinaries,
    progress: &mut dyn FnMut(&str),
) -> Result<Report, anyhow::Error> {
    let kernel = instructions::padded(&binaries.kernel.flat()?, KERNEL_SIZE_BYTES)?;
    let bootloader = binaries.bootloader.flat()?;
    let in_software = without_instructions(&bootloader)?;
    let mut count = |cpu: &str, bootloader: &[u8], hashes: &[Algorithm]| {
        let how = match bootloader == in_software {
            true => "in software",
            false => "by its instructions",
        };
        let what = hashes.first().map_or("no hash", |algorithm| algorithm.name());
        progress(&format!("hashes: {what} on {cpu}, {how}"));
        let fit = FitWriter {
            kernel: &kernel,
            compression: "none",
            ramdisk: None,
            fdt: None,
            hashes,
            command_line: None,
        };
        let machine = Machine {
            cpu: cpu.into(),
            ..instructions::machine()
        };
        instructions::instructions_to(qemu, &machine, bootloader, &fit.write().bytes)
    };
    let without_hash = count(CPU, &bootloader, &[])?;
    let without_hash_in_software = count(CPU, &in_software, &[])?;
    let without_hash_by_sha512 = count(CPU_WITH_SHA512, &bootloader, &[])?;
    let measurements = Algorithm::ALL.map(|algorithm| {
        let (cpu, without) = match algorithm {
            Algorithm::Sha384 | Algorithm::Sha512 => (CPU_WITH_SHA512, without_hash_by_sha512),
            _ => (CPU, without_hash),
        };
        let with = count(cpu, &bootloader, &[algorithm])?;
        let with_in_software = count(CPU, &in_software, &[algorithm])?;
        Ok(Measurement {
            algorithm: algorithm.name(),
            cpu,
            instructions: with.saturating_sub(without),
            software_instructions: with_in_software.saturating_sub(without_hash_in_software),
        })
    });
    Ok(Report {
        size_bytes: KERNEL_SIZE_BYTES,
        measurements: measurements.into_iter().collect::<Result<_, anyhow::Error>>()?,
    })
}

impl Report {
    /// Returns the costs: the instructions of each algorithm, by the CPU's own and in software.
    pub(super) fn costs(&self) -> Costs {
        let both = self.measurements.iter().flat_map(|measurement| {
            let name = measurement.algorithm;
            [
                (name.into(), Cost::of(measurement.instructions)),
                (
                    format!("{name} in software"),
                    Cost::of(measurement.software_instructions),
                ),
            ]
        });
        both.collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Instructions a byte of each hash of a FIT, over {} bytes: by the CPU's instructions,",
            grouped(self.size_bytes)
        )?;
        writeln!(f, "and in software on a {CPU}.\n")?;
        let mut table = Table::with_numbers_in(&[2, 3, 4, 5]);
        table.row(["hash", "CPU", "instructions", "at most", "in software", "at most"]);
        for measurement in &self.measurements {
            let a_byte = |instructions: u64| format!("{:.2}", instructions as f64 / self.size_bytes.max(1) as f64);
            let limit = |limit: f64| match measurement.algorithm == Algorithm::Sha256.name() {
                true => format!("{limit:.2}"),
                false => "-".into(),
            };
            table.row([
                measurement.algorithm.into(),
                measurement.cpu.into(),
                a_byte(measurement.instructions),
                limit(SHA256_LIMIT),
                a_byte(measurement.software_instructions),
                limit(SHA256_SOFTWARE_LIMIT),
            ]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_zero_where_the_bootloader_asks_for_instructions() {
        let words = |words: [u32; 3]| words.map(u32::to_le_bytes).concat();
        // mrs x8, id_aa64isar0_el1; mrs x8, id_aa64isar1_el1
        let patched = without_instructions(&words([0xd503_201f, 0xd538_0608, 0xd538_0628]));
        assert_eq!(patched.unwrap(), words([0xd503_201f, 0xd280_0008, 0xd538_0628]));
        assert!(without_instructions(&words([0xd503_201f; 3])).is_err());
    }

    #[test]
    fn names_instructions_a_byte_and_limits() {
        let measurement = |algorithm: Algorithm, instructions| Measurement {
            algorithm: algorithm.name(),
            cpu: CPU,
            instructions,
            software_instructions: 30 * instructions,
        };
        let report = Report {
            size_bytes: 1000,
            measurements: vec![measurement(Algorithm::Md5, 9000), measurement(Algorithm::Sha256, 1234)],
        };
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().skip(3).collect();
        let expected = [
            "  hash    CPU         instructions  at most  in software  at most",
            "  md5     cortex-a53          9.00        -       270.00        -",
            "  sha256  cortex-a53          1.23     2.50        37.02    34.00",
        ];
        assert_eq!(lines, expected);
    }
}
