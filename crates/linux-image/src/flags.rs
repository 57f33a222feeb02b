//! What the header's `flags` field says: [`Endianness`], [`PageSize`] and [`Placement`]
//! (boot-protocol D7 to D10).

use core::fmt;

/// The byte order that the kernel runs in (flags bit 0, boot-protocol D7).
///
/// For information only: a big-endian kernel switches by itself, and is entered like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endianness {
    /// Bit 0 is 0.
    Little,
    /// Bit 0 is 1.
    Big,
}

/// The size of the pages that the kernel was built for (flags bits 1 and 2, boot-protocol D8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageSize {
    /// 0: the header does not say.
    Unspecified,
    /// 1: 4 KiB.
    Kib4,
    /// 2: 16 KiB.
    Kib16,
    /// 3: 64 KiB.
    Kib64,
}

/// The place where in RAM the kernel may be put (flags bit 3, boot-protocol D9 and D10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Bit 3 is 0: its 2 MiB aligned base as close as possible to the base of RAM, as it cannot use
    /// the memory below.
    NearRamBase,
    /// Bit 3 is 1: any 2 MiB aligned base with all of the image within the 48-bit physical address
    /// space.
    Anywhere,
}

impl Endianness {
    /// Bit 0 of `flags`.
    pub(crate) const fn of_flags(flags: u64) -> Self {
        if flags & 1 == 0 { Self::Little } else { Self::Big }
    }
}

impl PageSize {
    /// Bits 1 and 2 of `flags`.
    pub(crate) const fn of_flags(flags: u64) -> Self {
        match (flags >> 1) & 0b11 {
            1 => Self::Kib4,
            2 => Self::Kib16,
            3 => Self::Kib64,
            _ => Self::Unspecified,
        }
    }
}

impl Placement {
    /// Bit 3 of `flags`.
    pub(crate) const fn of_flags(flags: u64) -> Self {
        if flags & (1 << 3) == 0 {
            Self::NearRamBase
        } else {
            Self::Anywhere
        }
    }
}

impl fmt::Display for Endianness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Little => "little endian",
            Self::Big => "big endian",
        })
    }
}

impl fmt::Display for PageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "pages of unspecified size",
            Self::Kib4 => "4 KiB pages",
            Self::Kib16 => "16 KiB pages",
            Self::Kib64 => "64 KiB pages",
        })
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NearRamBase => "as low in RAM as possible",
            Self::Anywhere => "anywhere in RAM",
        })
    }
}
