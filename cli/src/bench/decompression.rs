//! Instructions to unpack a stock kernel: by Flint, with its checks and cache maintenance, and by C
//! libraries and Rust crates that unpack the same bytes, with nothing around them.

mod c_libraries;

use std::fmt;
use std::time::Duration;

use anyhow::Context;
use phys_range::MIB;
use serde::Serialize;

use super::boot_log;
use super::budget::{Cost, Costs};
use super::instructions::{INSTRUCTIONS_PER_MICROSECOND, machine};
use super::time::LINUX;
use crate::Error;
use crate::build::decompressors_alone;
use crate::compress::{Compression, ZSTD_HIGHEST_LEVEL};
use crate::flash::FlashBuilder;
use crate::qemu::{Ended, Qemu};
use crate::size::grouped;
use crate::table::Table;
use crate::write::temporary_file;

/// The formats, compressed as `flint image --compress` does it and by the highest usual level of
/// zstd, and the most instructions that Flint may take for each byte that comes out.
const COMPRESSIONS: [(Compression, u32, &str, f64); 4] = [
    (Compression::Gzip, Compression::Gzip.level(), "gzip", 12.0),
    (Compression::Lz4, Compression::Lz4.level(), "lz4", 6.5),
    (Compression::Zstd, Compression::Zstd.level(), "zstd", 20.0),
    (Compression::Zstd, ZSTD_HIGHEST_LEVEL, "zstd", 20.0),
];
/// The slowest run takes some ten seconds.
const RUN_LIMIT: Duration = Duration::from_secs(120);
/// The line of the boot log that ends unpacking.
pub(super) const AFTER: &str = " ms] load ";
/// The last line of the decoders alone, and the number of instructions in a tick.
const ALONE_END: &str = "done";
const INSTRUCTIONS_PER_TICK: u64 = 16;

/// The number of instructions that it took.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The kernel that is unpacked: its package and version.
    pub kernel: String,
    /// Its size.
    pub kernel_size_bytes: u64,
    /// One for each compression.
    pub measurements: Vec<Measurement>,
    /// The command that fetches the C libraries, if they are not there.
    pub c_libraries_missing: Option<&'static str>,
}

/// One compression.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// What it is.
    pub compression: &'static str,
    /// Its level, as the tool of that name counts.
    pub level: u32,
    /// The size of what is unpacked.
    pub packed_size_bytes: u64,
    /// The name of the crate.
    pub alone_crate: String,
    /// Instructions of the crate alone.
    pub alone_instructions: u64,
    /// The C libraries, the quickest first; none where they are missing.
    pub c_libraries: Vec<CLibrary>,
    /// Instructions of Flint, from its plan to the kernel in its place.
    pub flint_instructions: u64,
    /// The most instructions that Flint may take for each byte that comes out.
    pub limit_instructions_per_byte: f64,
}

/// One C library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CLibrary {
    /// Its name.
    pub name: String,
    /// The version of its Debian package.
    pub version: String,
    /// Instructions of the library alone.
    pub instructions: u64,
}

/// Measures; `progress` hears about each step before it starts.
///
/// # Errors
/// The stock kernel is not there, the decoders cannot be built, QEMU does not start, a decoder
/// unpacks something else, or a run does not end in time.
pub fn measure(qemu: &Qemu, bootloader: &[u8], progress: &mut dyn FnMut(&str)) -> Result<Report, anyhow::Error> {
    let c_libraries = c_libraries::fetched();
    let c_libraries_missing = c_libraries.is_none().then_some(c_libraries::FETCH_COMMAND);
    if let Some(command) = c_libraries_missing {
        progress(&format!("decompression: without C libraries, which {command} fetches"));
    }
    let alone = decompressors_alone(c_libraries.as_deref())?.flat()?;
    let kernel = LINUX.read()?;
    let kernel_crc = crc32fast::hash(&kernel);
    let mut measure_one = |(compression, level, name, limit): (Compression, u32, &'static str, f64)| {
        progress(&format!("decompression: {name} -{level}, compressing"));
        let packed = compression.compress_at_level(level, &kernel)?;
        progress(&format!("decompression: {name} -{level}, crates and libraries"));
        // Not a bootloader: with the libraries it is larger than one may be.
        let flash = FlashBuilder::new().overwrite(0, alone.as_slice());
        let console = run(qemu, flash, &packed, ALONE_END)?;
        let (alone_crate, alone_instructions, c_libraries) =
            alone_instructions(&console, kernel.len(), kernel_crc).ok_or_else(|| not_the_kernel(&console))?;
        progress(&format!("decompression: {name} -{level}, Flint"));
        let console = run(qemu, FlashBuilder::new().bootloader(bootloader), &packed, AFTER)?;
        let flint_instructions = flint_instructions(&console).context(console)?;
        Ok(Measurement {
            compression: name,
            level,
            packed_size_bytes: packed.len() as u64,
            alone_crate,
            alone_instructions,
            c_libraries,
            flint_instructions,
            limit_instructions_per_byte: limit,
        })
    };
    let measurements = COMPRESSIONS.into_iter().map(&mut measure_one);
    Ok(Report {
        kernel: LINUX.package().unwrap_or_default(),
        kernel_size_bytes: kernel.len() as u64,
        measurements: measurements.collect::<Result<_, anyhow::Error>>()?,
        c_libraries_missing,
    })
}

/// Boots the payload with the loader that is in the flash, and returns what the console showed up
/// to the line with `end`.
fn run(qemu: &Qemu, loader: FlashBuilder, payload: &[u8], end: &str) -> Result<String, Error> {
    let flash = loader.kernel(payload).build()?;
    let file = temporary_file("flint-bench-", &flash)?;
    let mut machine = machine();
    machine.memory_bytes = 512 << 20;
    let outcome = qemu.run_until(&machine, Some(file.path()), None, &[end], RUN_LIMIT)?;
    match outcome.ended {
        Ended::Matched => Ok(outcome.console),
        ended => Err(Error::new(format!("nothing was unpacked ({ended:?})"))
            .help(format!("the console showed:\n{}", outcome.console.trim_end()))),
    }
}

fn not_the_kernel(console: &str) -> Error {
    Error::new("a crate or C library did not unpack the kernel")
        .help(format!("the console showed:\n{}", console.trim_end()))
}

/// Returns the crate, its instructions, and the C libraries, from lines such as
/// `zlib: 123 bytes with the CRC-32 456 came out in 789 ticks`; `None` if other bytes came out
/// anywhere.
fn alone_instructions(console: &str, size_bytes: usize, crc: u32) -> Option<(String, u64, Vec<CLibrary>)> {
    let (mut alone, mut libraries) = (None, Vec::new());
    let lines = console.lines().filter(|line| line.ends_with(" ticks"));
    for (name, rest) in lines.filter_map(|line| line.split_once(": ")) {
        let mut numbers = rest.split_whitespace().filter_map(|word| word.parse::<u64>().ok());
        let came_out = (numbers.next()?, numbers.next()?);
        if came_out != (size_bytes as u64, u64::from(crc)) {
            return None;
        }
        let (name, instructions) = (name.to_string(), numbers.next()? * INSTRUCTIONS_PER_TICK);
        match c_libraries::version(&name) {
            Some(version) => libraries.push(CLibrary {
                name,
                version,
                instructions,
            }),
            None => alone = Some((name, instructions)),
        }
    }
    let (name, instructions) = alone?;
    Some((name, instructions, libraries))
}

fn flint_instructions(console: &str) -> Option<u64> {
    Some(microseconds(console)? * INSTRUCTIONS_PER_MICROSECOND)
}

/// Returns the microseconds from the plan to the kernel in its place, by the boot log.
pub(super) fn microseconds(console: &str) -> Option<u64> {
    boot_log::microseconds_between(console, "plan", "load")
}

impl Report {
    /// Returns the costs: Flint's instructions for each MiB that comes out, since the kernel's size
    /// changes with Debian's updates.
    pub(super) fn costs(&self) -> Costs {
        let measurements = self.measurements.iter();
        let a_mib = |instructions: u64| Cost::of(instructions * MIB / self.kernel_size_bytes.max(1));
        let name = |measurement: &Measurement| format!("{}, each MiB", measurement.title());
        let costs = measurements.map(|measurement| (name(measurement), a_mib(measurement.flint_instructions)));
        costs.collect()
    }
}

impl Measurement {
    /// The command of the tool that packs like this.
    fn title(&self) -> String {
        format!("{} -{}", self.compression, self.level)
    }
}

impl Report {
    fn a_byte(&self, instructions: u64) -> String {
        format!("{:.2}", instructions as f64 / self.kernel_size_bytes.max(1) as f64)
    }

    /// One row for each measurement, and another one for each further C library.
    fn table(&self) -> Table {
        let mut table = Table::with_numbers_in(&[1, 2, 3, 4, 6, 8]);
        let mut heads = vec!["", "packed bytes", "Flint", "a byte", "at most", "crate", "a byte"];
        if self.c_libraries_missing.is_none() {
            heads.extend(["C library", "a byte"]);
        }
        table.row(heads);
        for measurement in &self.measurements {
            let mut row = vec![
                measurement.title(),
                grouped(measurement.packed_size_bytes),
                grouped(measurement.flint_instructions),
                self.a_byte(measurement.flint_instructions),
                format!("{:.1}", measurement.limit_instructions_per_byte),
                measurement.alone_crate.clone(),
                self.a_byte(measurement.alone_instructions),
            ];
            let columns = row.len();
            for library in &measurement.c_libraries {
                row.push(format!("{} {}", library.name, c_libraries::upstream(&library.version)));
                row.push(self.a_byte(library.instructions));
                table.row(std::mem::replace(&mut row, vec![String::new(); columns]));
            }
            if measurement.c_libraries.is_empty() {
                table.row(row);
            }
        }
        table
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = grouped(self.kernel_size_bytes);
        writeln!(f, "Instructions to unpack {} ({size} bytes).", self.kernel)?;
        writeln!(f, "Flint: with checksums and cache maintenance. Crates: with neither.")?;
        match self.c_libraries_missing {
            None => writeln!(
                f,
                "C libraries: with checksums (CRC-32, XXH32, XXH64), without cache maintenance.\n"
            )?,
            Some(command) => writeln!(f, "C libraries: not here; {command} fetches them.\n")?,
        }
        write!(f, "{}", self.table())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "miniz_oxide: 1000 bytes with the CRC-32 7 came out in 20 ticks\n\
        libdeflate: 1000 bytes with the CRC-32 7 came out in 10 ticks\n\
        zlib: 1000 bytes with the CRC-32 7 came out in 15 ticks\ndone\nqemu: warning: 5\n";

    #[test]
    fn reads_what_crates_and_libraries_on_their_own_print() {
        let (name, instructions, libraries) = alone_instructions(CONSOLE, 1000, 7).unwrap();
        assert_eq!((name.as_str(), instructions), ("miniz_oxide", 320));
        let libraries: Vec<_> = libraries.iter().map(|it| (it.name.as_str(), it.instructions)).collect();
        assert_eq!(libraries, [("libdeflate", 160), ("zlib", 240)]);
        assert_eq!(alone_instructions("panic\n", 0, 0), None);
    }

    #[test]
    fn refuses_a_decoder_from_which_other_bytes_come_out() {
        assert_eq!(alone_instructions(CONSOLE, 1001, 7), None);
        assert_eq!(alone_instructions(CONSOLE, 1000, 8), None);
        let one_failed = CONSOLE.replace("zlib: 1000 bytes with the CRC-32 7", "zlib: 0 bytes with the CRC-32 0");
        assert_eq!(alone_instructions(&one_failed, 1000, 7), None);
    }

    fn report(c_libraries: &[Vec<CLibrary>; 2], c_libraries_missing: Option<&'static str>) -> Report {
        let measurement = |compression, alone_crate: &str, c_libraries: &[CLibrary]| Measurement {
            compression,
            level: 9,
            packed_size_bytes: 1234,
            alone_crate: alone_crate.into(),
            alone_instructions: 20_000,
            c_libraries: c_libraries.to_vec(),
            flint_instructions: 7730,
            limit_instructions_per_byte: 12.0,
        };
        Report {
            kernel: "linux 6.1".into(),
            kernel_size_bytes: 1000,
            measurements: vec![
                measurement("gzip", "miniz_oxide", &c_libraries[0]),
                measurement("lz4", "lz4_flex", &c_libraries[1]),
            ],
            c_libraries_missing,
        }
    }

    #[test]
    fn shows_every_c_library_with_its_version() {
        let library = |name: &str, version: &str, instructions| CLibrary {
            name: name.into(),
            version: version.into(),
            instructions,
        };
        let gzip = vec![
            library("libdeflate", "1.14-1", 7530),
            library("zlib", "1:1.2.13.dfsg-1", 17_370),
        ];
        let report = report(&[gzip, vec![library("liblz4", "1.9.4-1", 3290)]], None);
        let text = report.to_string();
        let expected = "\
Instructions to unpack linux 6.1 (1,000 bytes).
Flint: with checksums and cache maintenance. Crates: with neither.
C libraries: with checksums (CRC-32, XXH32, XXH64), without cache maintenance.

           packed bytes  Flint  a byte  at most  crate        a byte  C library        a byte
  gzip -9         1,234  7,730    7.73     12.0  miniz_oxide   20.00  libdeflate 1.14    7.53
                                                                      zlib 1.2.13       17.37
  lz4 -9          1,234  7,730    7.73     12.0  lz4_flex      20.00  liblz4 1.9.4       3.29
";
        assert_eq!(text, expected);
    }

    #[test]
    fn says_how_to_get_the_c_libraries_where_they_are_missing() {
        let text = report(&[vec![], vec![]], Some("setup/bench-libraries")).to_string();
        let expected = "\
Instructions to unpack linux 6.1 (1,000 bytes).
Flint: with checksums and cache maintenance. Crates: with neither.
C libraries: not here; setup/bench-libraries fetches them.

           packed bytes  Flint  a byte  at most  crate        a byte
  gzip -9         1,234  7,730    7.73     12.0  miniz_oxide   20.00
  lz4 -9          1,234  7,730    7.73     12.0  lz4_flex      20.00
";
        assert_eq!(text, expected);
    }

    #[test]
    fn keeps_the_names_of_its_json() {
        let library = CLibrary {
            name: "liblz4".into(),
            version: "1.9.4-1".into(),
            instructions: 5,
        };
        let mut report = report(&[vec![], vec![library]], None);
        report.measurements.remove(0);
        let expected = concat!(
            r#"{"kernel":"linux 6.1","kernel_size_bytes":1000,"measurements":[{"compression":"lz4","level":9,"#,
            r#""packed_size_bytes":1234,"alone_crate":"lz4_flex","alone_instructions":20000,"c_libraries":"#,
            r#"[{"name":"liblz4","version":"1.9.4-1","instructions":5}],"flint_instructions":7730,"#,
            r#""limit_instructions_per_byte":12.0}],"c_libraries_missing":null}"#,
        );
        assert_eq!(serde_json::to_string(&report).unwrap(), expected);
    }
}
