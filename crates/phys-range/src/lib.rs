//! [`PhysRange`]: a range of the physical address space that is never
//! empty and never wraps.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

use core::fmt;

/// One kibibyte, in bytes.
pub const KIB: u64 = 1 << 10;
/// One mebibyte, in bytes.
pub const MIB: u64 = 1 << 20;
/// One gibibyte, in bytes.
pub const GIB: u64 = 1 << 30;

/// The physical addresses `start..end`: at least one byte, and `end` itself is an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhysRange {
    start: u64,
    end: u64,
}

impl PhysRange {
    /// The range of `size_bytes` from `start` on; `None` if it is empty or passes the end of the
    /// address space.
    pub const fn new(start: u64, size_bytes: u64) -> Option<Self> {
        match start.checked_add(size_bytes) {
            Some(end) if size_bytes > 0 => Some(Self { start, end }),
            _ => None,
        }
    }

    /// The range `start..end`; `None` if it is empty.
    pub const fn from_bounds(start: u64, end: u64) -> Option<Self> {
        if start < end { Some(Self { start, end }) } else { None }
    }

    /// The first address of the range.
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// The first address after the range.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// The number of bytes in the range, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub const fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Returns whether every address of `other` lies in this range.
    pub const fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns whether this address lies in the range.
    pub const fn contains_address(&self, address: u64) -> bool {
        self.start <= address && address < self.end
    }

    /// Returns whether the two ranges share an address.
    pub const fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The addresses that both ranges have.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        Self::from_bounds(self.start.max(other.start), self.end.min(other.end))
    }

    /// Both ranges as one, if there is nothing between them and they do not overlap.
    pub fn joined(&self, other: &Self) -> Option<Self> {
        if self.end == other.start {
            Self::from_bounds(self.start, other.end)
        } else if other.end == self.start {
            Self::from_bounds(other.start, self.end)
        } else {
            None
        }
    }

    /// The smallest range of whole blocks of `align` bytes (a power of two) that holds this one;
    /// `None` past the end of the address space.
    pub fn widened_to(&self, align: u64) -> Option<Self> {
        Self::from_bounds(align_down(self.start, align), align_up(self.end, align)?)
    }
}

/// `start..end (size)`, as the boot log and the host tool show it.
impl fmt::Display for PhysRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}..{:#x} ({})", self.start, self.end, Size(self.len()))
    }
}

/// A number of bytes, displayed in the largest binary unit that divides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(
    /// The number of bytes.
    pub u64,
);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exactly = |unit: u64| {
            self.0
                .checked_div(unit)
                .filter(|n| *n > 0 && self.0.is_multiple_of(unit))
        };
        match (exactly(GIB), exactly(MIB), exactly(KIB)) {
            (Some(n), _, _) => write!(f, "{n} GiB"),
            (_, Some(n), _) => write!(f, "{n} MiB"),
            (_, _, Some(n)) => write!(f, "{n} KiB"),
            _ => write!(f, "{} bytes", self.0),
        }
    }
}

/// The largest multiple of `align` (a power of two) that is not above `value`.
pub const fn align_down(value: u64, align: u64) -> u64 {
    value & !align.saturating_sub(1)
}

/// The smallest multiple of `align` (a power of two) that is not below `value`; `None` past the end
/// of the address space.
pub const fn align_up(value: u64, align: u64) -> Option<u64> {
    match value.checked_add(align.saturating_sub(1)) {
        Some(sum) => Some(align_down(sum, align)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn refuses_empty_and_wrapping_ranges() {
        assert_eq!(PhysRange::new(0x1000, 0), None);
        assert_eq!(PhysRange::new(u64::MAX, 1), None);
        assert_eq!(PhysRange::from_bounds(2, 2), None);
        assert_eq!(PhysRange::from_bounds(3, 2), None);
        assert!(PhysRange::new(u64::MAX - 1, 1).is_some());
    }

    #[test]
    fn neighbours_do_not_overlap() {
        let low = PhysRange::new(0, 0x1000).unwrap();
        let high = PhysRange::new(0x1000, 0x1000).unwrap();
        assert!(!low.overlaps(&high) && !high.overlaps(&low));
        assert_eq!(low.intersection(&high), None);
        assert!(PhysRange::new(0xfff, 2).unwrap().overlaps(&low));
    }

    #[test]
    fn joins_neighbours() {
        let [low, middle, high] = [0, 1, 2].map(|place| PhysRange::new(place * 0x1000, 0x1000).unwrap());
        assert_eq!(low.joined(&middle), PhysRange::new(0, 0x2000));
        assert_eq!(middle.joined(&low), PhysRange::new(0, 0x2000));
        assert_eq!(low.joined(&high), None);
        assert_eq!(low.joined(&low), None);
    }

    #[test]
    fn widens_to_whole_blocks() {
        let range = PhysRange::new(0x4010_0000, 0x20_0000).unwrap();
        assert_eq!(range.widened_to(2 * MIB), PhysRange::new(0x4000_0000, 4 * MIB));
        assert_eq!(PhysRange::from_bounds(1, u64::MAX).unwrap().widened_to(2 * MIB), None);
    }

    #[test]
    fn shows_bounds_and_size() {
        assert_eq!(
            PhysRange::new(0x4000_0000, 128 * MIB).unwrap().to_string(),
            "0x40000000..0x48000000 (128 MiB)"
        );
        assert_eq!(Size(0).to_string(), "0 bytes");
        assert_eq!(Size(1536).to_string(), "1536 bytes");
        assert_eq!(Size(3 * GIB).to_string(), "3 GiB");
    }
}
