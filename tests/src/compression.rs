//! [`Compression`]: compressed files, by the tools that people use, at their fastest.

use std::path::Path;
use std::process::{Command, Stdio};

/// The compression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// `gzip`.
    Gzip,
    /// `lz4`: a frame.
    Lz4,
    /// `lz4 -l`: the older form, which Linux's own `Image.lz4` has.
    Lz4Legacy,
    /// `zstd`.
    Zstd,
}

impl Compression {
    /// The tool, with its arguments but for the file's name.
    const fn tool(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Self::None => None,
            Self::Gzip => Some(("gzip", &["-1", "--stdout"])),
            Self::Lz4 => Some(("lz4", &["-1", "--stdout"])),
            Self::Lz4Legacy => Some(("lz4", &["-l", "-1", "--stdout"])),
            Self::Zstd => Some(("zstd", &["-1", "--stdout", "--quiet"])),
        }
    }

    /// The value of the property `compression` in a FIT.
    pub const fn fit_name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Lz4 | Self::Lz4Legacy => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Returns why it cannot be had, if it cannot.
    pub fn missing(self) -> Option<String> {
        let (program, _) = self.tool()?;
        missing_program(program, "--version", program)
    }

    /// The file's bytes, compressed.
    ///
    /// # Errors
    /// The file cannot be read, or the tool fails.
    pub fn compress(self, file: &Path) -> anyhow::Result<Vec<u8>> {
        let Some((program, arguments)) = self.tool() else {
            return Ok(std::fs::read(file)?);
        };
        let mut command = Command::new(program);
        output(command.args(arguments).arg(file))
    }
}

/// Returns why a program cannot be had, if it cannot; it does nothing when it is called with
/// `argument`.
pub fn missing_program(program: &str, argument: &str, package: &str) -> Option<String> {
    let mut command = Command::new(program);
    command
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let is_there = command.status().is_ok();
    (!is_there).then(|| format!("there is no {program}; it is in Debian's package {package}"))
}

/// Returns what the command prints.
///
/// # Errors
/// It fails.
pub fn output(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::bail!("{command:?}: {}: {}", output.status, said.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_make_what_they_are_asked_for() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a kernel ".repeat(1000)).unwrap();
        // RFC 1952 2.3.1; lz4 frame and legacy format; RFC 8878 3.1.1.
        let forms = [
            (Compression::Gzip, [0x1f, 0x8b, 8]),
            (Compression::Lz4, [0x04, 0x22, 0x4d]),
            (Compression::Lz4Legacy, [0x02, 0x21, 0x4c]),
            (Compression::Zstd, [0x28, 0xb5, 0x2f]),
            (Compression::None, *b"a k"),
        ];
        for (compression, magic) in forms {
            if compression.missing().is_none() {
                let bytes = compression.compress(file.path()).unwrap();
                assert!(bytes.starts_with(&magic), "{compression:?}");
                assert_eq!(bytes.len() < 1000, compression != Compression::None);
            }
        }
    }

    #[test]
    fn says_what_is_missing_and_what_failed() {
        assert!(missing_program("no-such-program", "--version", "none").is_some());
        assert_eq!(missing_program("sh", "-c", "dash"), None);
        assert!(Compression::Gzip.compress(Path::new("/no/such/file")).is_err());
    }
}
