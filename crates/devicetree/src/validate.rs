//! Is it a device tree at all? dtoolkit's validation, and its errors in this crate's words.

use core::fmt::{self, Write};

use dtoolkit::error::{FdtErrorKind, FdtParseError};
use dtoolkit::fdt::Fdt;

use crate::{Defect, TreeError};

/// Checks the header, the reservation block, the order of the tokens and the names.
pub(crate) fn validate(blob: &[u8]) -> Result<Fdt<'_>, TreeError> {
    Fdt::new(blob).map_err(|error| match error.kind {
        FdtErrorKind::UnsupportedVersion(version) => TreeError::Version { version },
        _ => TreeError::Corrupt {
            defect: defect(&error.kind),
            offset_bytes: offset(&error),
        },
    })
}

fn defect(kind: &FdtErrorKind) -> Defect {
    match kind {
        FdtErrorKind::InvalidHeader(rule) => Defect::Header { rule },
        FdtErrorKind::BadToken(_) => Defect::Token,
        FdtErrorKind::InvalidString => Defect::Text,
        FdtErrorKind::InvalidNodeName => Defect::NodeName,
        FdtErrorKind::InvalidPropertyName => Defect::PropertyName,
        FdtErrorKind::MemReserveNotTerminated | FdtErrorKind::MemReserveInvalid => Defect::Reservations,
        _ => Defect::Bounds,
    }
}

/// dtoolkit tells the offset only at the end of its message.
fn offset(error: &FdtParseError) -> u32 {
    let mut last = LastNumber(0);
    // Writing a number down cannot fail.
    let _ = write!(last, "{error}");
    last.0
}

/// The decimal number at the end of what is written.
struct LastNumber(u32);

impl Write for LastNumber {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = text.chars().fold(self.0, |number, letter| match letter.to_digit(10) {
            Some(digit) => number.wrapping_mul(10).wrapping_add(digit),
            None => 0,
        });
        Ok(())
    }
}
