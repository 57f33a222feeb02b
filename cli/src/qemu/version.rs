//! [`Version`]: which QEMU this is, by what it prints for `--version`.

use std::fmt;

/// A version of QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub micro: u32,
}

impl Version {
    /// The oldest version that Flint is tested with.
    pub const OLDEST: Self = Self {
        major: 7,
        minor: 2,
        micro: 0,
    };

    /// Reads `QEMU emulator version 7.2.22 (Debian …)`.
    pub fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("version ")?;
        let number = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        let mut parts = number.split('.').map(str::parse);
        Some(Self {
            major: parts.next()?.ok()?,
            minor: parts.next()?.ok()?,
            micro: parts.next().and_then(Result::ok).unwrap_or(0),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_qemu_prints() {
        let version = |text| Version::parse(text).map(|version| version.to_string());
        assert_eq!(
            version("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)").as_deref(),
            Some("7.2.22")
        );
        assert_eq!(
            version("QEMU emulator version 10.0.13\nCopyright").as_deref(),
            Some("10.0.13")
        );
        assert_eq!(version("QEMU emulator version 9.1-rc2").as_deref(), Some("9.1.0"));
        assert_eq!(version("usage: …"), None);
    }

    #[test]
    fn orders_versions_by_number() {
        assert!(Version::parse("version 10.0.0") > Some(Version::OLDEST));
        assert!(Version::parse("version 7.1.9") < Some(Version::OLDEST));
    }
}
