//! [`Compression`]: kernels made smaller, in frames that name their size and carry a checksum.
//!
//! gzip, LZ4 and zstd are what kernels are shipped in. Levels are where more time buys little: zstd
//! -19 takes ten times as long as -12 for a tenth less, and whoever wants that can hand
//! `flint image` a file that is compressed already.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use clap::ValueEnum;
use flate2::write::GzEncoder;
use lz4::liblz4::BlockChecksum;
use lz4::{BlockMode, BlockSize, ContentChecksum, EncoderBuilder};
use zstd::stream::write::Encoder as ZstdEncoder;

use crate::progress::Progress;
use crate::{Error, interrupt};

/// The bytes that are compressed between two checks for signals.
const STEP_BYTES: usize = 256 << 10;
const GZIP_LEVEL: u32 = 9;
/// LZ4's HC mode, before the levels that take four times as long for half a percent.
const LZ4_LEVEL: u32 = 9;
const ZSTD_LEVEL: u32 = 12;
/// The highest of the usual levels of zstd: those above it need an option of the tool.
pub const ZSTD_HIGHEST_LEVEL: u32 = 19;
/// 2^23 is 8 MiB: all that a decoder has to support (RFC 8878, 3.1.1.1.2), and what it keeps of the
/// window is memory of the target.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// The compression of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compression {
    /// Not compressed: copied straight out of the flash
    None,
    /// Known to every bootloader
    Gzip,
    /// The quickest to decompress, in the modern frame
    Lz4,
    /// The smallest
    Zstd,
}

impl Compression {
    /// Returns the level of [`Self::compress`], as the tools of these names count levels.
    pub const fn level(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Gzip => GZIP_LEVEL,
            Self::Lz4 => LZ4_LEVEL,
            Self::Zstd => ZSTD_LEVEL,
        }
    }

    /// `bytes`, compressed. Their progress is shown when it takes long.
    ///
    /// # Errors
    /// A signal asks the program to end (see [`interrupt`]), or the encoder is out of memory.
    pub fn compress(self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        self.compress_at_level(self.level(), bytes)
    }

    /// Compresses as [`Self::compress`] does, at another level.
    ///
    /// # Errors
    /// As [`Self::compress`].
    pub fn compress_at_level(self, level: u32, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let compressed = match self {
            Self::None => return Ok(bytes.to_vec()),
            Self::Gzip => self.gzip(level, bytes),
            Self::Lz4 => self.lz4(level, bytes),
            Self::Zstd => self.zstd(level, bytes),
        };
        compressed.map_err(|error| self.error(&error))
    }

    fn error(self, error: &io::Error) -> Error {
        match error.kind() {
            ErrorKind::ConnectionAborted => Error::new("interrupted"),
            _ => Error::new(format!("cannot compress the kernel with {self}: {error}")),
        }
    }

    /// Without a name and a time, so that the same kernel gives the same bytes.
    fn gzip(self, level: u32, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(level));
        self.feed(&mut encoder, bytes)?;
        encoder.finish()
    }

    /// Blocks that stand alone: what is decompressed needs no copy of what came before.
    fn lz4(self, level: u32, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut encoder = EncoderBuilder::new()
            .level(level)
            .block_size(BlockSize::Max4MB)
            .block_mode(BlockMode::Independent)
            .block_checksum(BlockChecksum::NoBlockChecksum)
            .checksum(ContentChecksum::ChecksumEnabled)
            .content_size(bytes.len() as u64)
            .build(Vec::new())?;
        self.feed(&mut encoder, bytes)?;
        let (compressed, result) = encoder.finish();
        result.map(|()| compressed)
    }

    fn zstd(self, level: u32, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut encoder = ZstdEncoder::new(Vec::new(), level.cast_signed())?;
        encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
        encoder.include_checksum(true)?;
        encoder.window_log(ZSTD_WINDOW_LOG_MAX)?;
        self.feed(&mut encoder, bytes)?;
        encoder.finish()
    }

    fn feed(self, encoder: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
        let mut progress = Progress::start(format!("compressing the kernel with {self}"), bytes.len() as u64);
        for step in bytes.chunks(STEP_BYTES) {
            if interrupt::pending().is_some() {
                // Not `Interrupted`: that one means "try again".
                return Err(ErrorKind::ConnectionAborted.into());
            }
            encoder.write_all(step)?;
            progress.advance(step.len() as u64);
        }
        Ok(())
    }
}

/// As `--compress` and the property `compression` of a FIT take it.
impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::process::{Command, Stdio};
    use std::sync::LazyLock;

    use super::*;

    /// Text that repeats itself, longer than a block of LZ4 and than the window of zstd.
    fn kernel() -> &'static [u8] {
        static KERNEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let mut number = 1_u64;
            let words = std::iter::repeat_with(|| {
                number = number.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                format!("{:05} ", number >> 48).into_bytes()
            });
            words.take(3 << 19).flatten().collect()
        });
        &KERNEL
    }

    /// Returns what `program` makes of `input`; `None` where it is not installed.
    fn filtered(program: &str, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .stdin(file)
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.ok()?;
        let mut output = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
        assert!(child.wait().unwrap().success(), "{program}");
        Some(output)
    }

    #[test]
    fn the_usual_tools_get_the_same_bytes_back() {
        for (compression, program, size_mib) in [
            (Compression::Gzip, "gzip", 1),
            (Compression::Lz4, "lz4", 5),
            (Compression::Zstd, "zstd", 9),
        ] {
            let kernel = &kernel()[..size_mib << 20];
            let compressed = compression.compress(kernel).unwrap();
            assert!(compressed.len() < kernel.len() * 2 / 3, "{compression}");
            match filtered(program, &["-dc"], &compressed) {
                Some(output) => assert!(output == kernel, "{compression}"),
                None => eprintln!("skipped: {program} is not installed"),
            }
        }
    }

    #[test]
    fn lz4_frames_name_their_size_and_are_made_of_independent_blocks() {
        let kernel = &kernel()[..5 << 20];
        let compressed = Compression::Lz4.compress(kernel).unwrap();
        // LZ4 frame format 1.6.4, "Frame Descriptor": version 01, independent blocks, no block
        // checksum, content size, content checksum.
        assert_eq!(compressed[..4], 0x184d_2204_u32.to_le_bytes());
        assert_eq!((compressed[4], compressed[5]), (0b0110_1100, 7 << 4));
        assert_eq!(compressed[6..14], (kernel.len() as u64).to_le_bytes());
    }

    #[test]
    fn zstd_frames_name_their_size_and_a_window_of_8_mib() {
        let compressed = Compression::Zstd.compress(kernel()).unwrap();
        // RFC 8878, 3.1.1.1: content size of 4 bytes, no single segment, a checksum; then the
        // exponent 23 - 10 of the window.
        assert_eq!((compressed[4], compressed[5]), (0b1000_0100, 13 << 3));
        assert_eq!(compressed[6..10], u32::try_from(kernel().len()).unwrap().to_le_bytes());
        // A small one is its own window.
        assert_eq!(Compression::Zstd.compress(&[7; 1000]).unwrap()[4], 0b0110_0100);
    }

    #[test]
    fn the_same_kernel_gives_the_same_bytes() {
        for compression in [Compression::Gzip, Compression::Lz4, Compression::Zstd] {
            let compress = || compression.compress(b"kernel").unwrap();
            assert_eq!(compress(), compress());
        }
        // RFC 1952, 2.3: no name (FLG 0) and no time (MTIME 0).
        assert_eq!(Compression::Gzip.compress(b"kernel").unwrap()[3..8], [0; 5]);
    }

    #[test]
    fn another_level_gives_other_bytes() {
        let kernel = &kernel()[..1 << 20];
        for compression in [Compression::Gzip, Compression::Lz4, Compression::Zstd] {
            let at = |level| compression.compress_at_level(level, kernel).unwrap();
            assert!(at(3) != at(compression.level()), "{compression}");
        }
    }

    #[test]
    fn none_changes_nothing_and_nothing_is_no_trouble() {
        assert_eq!(Compression::None.compress(b"kernel").unwrap(), b"kernel");
        for compression in [Compression::Gzip, Compression::Lz4, Compression::Zstd] {
            assert!(!compression.compress(b"").unwrap().is_empty());
        }
    }
}
