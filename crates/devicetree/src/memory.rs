//! `reg` properties as ranges of physical addresses: banks of RAM and
//! reservations.

use phys_range::PhysRange;

use crate::header::big_endian;
use crate::{RANGES_MAX, Ranges, RegDefect, TreeError};

/// `#address-cells` and `#size-cells`: how the `reg` properties of a node's children are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(crate) address: u32,
    pub(crate) size: u32,
}

impl Cells {
    /// The place where a node says nothing (Devicetree Specification v0.4, 2.3.5).
    pub(crate) const DEFAULT: Self = Self { address: 2, size: 1 };

    /// The values of a node's `#address-cells` and `#size-cells`.
    pub(crate) fn of(address: Option<&[u8]>, size: Option<&[u8]>) -> Self {
        Self {
            address: one_cell(address, Self::DEFAULT.address),
            size: one_cell(size, Self::DEFAULT.size),
        }
    }

    /// Returns whether addresses and sizes have one or two cells.
    pub(crate) const fn are_supported(self) -> bool {
        matches!((self.address, self.size), (1 | 2, 1 | 2))
    }
}

/// The reason why ranges cannot be listed.
const TOO_MANY_BANKS: TreeError = too_many("banks of RAM");
/// As above.
pub(crate) const TOO_MANY_RESERVATIONS: TreeError = too_many("reservations");

const fn too_many(what: &'static str) -> TreeError {
    let limit = RANGES_MAX;
    TreeError::Limit { what, limit }
}

/// The purpose of ranges of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Banks of RAM (Devicetree Specification v0.4, 3.4). They must not overlap.
    Ram,
    /// Reservations (3.5). They may overlap each other.
    Reserved,
}

/// The ranges that a tree describes, or what is wrong with the first one that is wrong.
#[derive(Debug)]
pub(crate) struct Described {
    purpose: Purpose,
    ranges: Ranges,
    error: Option<TreeError>,
}

impl Described {
    /// None so far.
    pub(crate) const fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            ranges: Ranges::new_const(),
            error: None,
        }
    }

    pub(crate) fn ranges(&self) -> Result<&Ranges, TreeError> {
        match self.error {
            None => Ok(&self.ranges),
            Some(error) => Err(error),
        }
    }

    /// Adds the ranges in a node's `reg`; empty ones are left out. Whether there are others.
    #[inline(never)]
    pub(crate) fn add_all(&mut self, reg: &[u8], cells: Cells) -> bool {
        let place = match self.purpose {
            Purpose::Ram => "a memory node",
            Purpose::Reserved => "a child of /reserved-memory",
        };
        let mut has_some = false;
        match entry_bytes(reg, cells) {
            Ok(entry_bytes) => {
                for entry in reg.chunks_exact(entry_bytes) {
                    let (start, size_bytes) = numbers(entry, cells);
                    self.add(start, size_bytes, place);
                    has_some |= size_bytes > 0;
                }
            }
            Err(defect) => self.refuse(TreeError::Reg { place, defect }),
        }
        has_some
    }

    /// Adds the range of this size from `start` on, unless it is empty.
    #[inline(never)]
    pub(crate) fn add(&mut self, start: u64, size_bytes: u64, place: &'static str) {
        work_counter::add(1);
        if self.error.is_some() {
            return;
        }
        work_counter::add(self.ranges.len());
        let Some(mut range) = PhysRange::new(start, size_bytes) else {
            if size_bytes > 0 {
                let defect = RegDefect::Wraps { start, size_bytes };
                self.refuse(TreeError::Reg { place, defect });
            }
            return;
        };
        let too_many = match self.purpose {
            Purpose::Ram => {
                if let Some(&other) = self.ranges.iter().find(|other| other.overlaps(&range)) {
                    self.refuse(TreeError::RamOverlap {
                        first: other.min(range),
                        second: other.max(range),
                    });
                }
                // What touches is one piece of RAM for whoever looks for room, though several nodes
                // describe it. The neighbour below comes before the one above.
                self.ranges.retain(|other| match other.joined(&range) {
                    Some(joined) => {
                        range = joined;
                        false
                    }
                    None => true,
                });
                TOO_MANY_BANKS
            }
            Purpose::Reserved => TOO_MANY_RESERVATIONS,
        };
        if !insert(&mut self.ranges, range) {
            self.refuse(too_many);
        }
    }

    fn refuse(&mut self, error: TreeError) {
        self.error.get_or_insert(error);
    }
}

/// The size of an entry of a `reg`, if this is one of whole entries.
#[inline(never)]
pub(crate) fn entry_bytes(reg: &[u8], cells: Cells) -> Result<usize, RegDefect> {
    let Cells { address, size } = cells;
    if !cells.are_supported() {
        return Err(RegDefect::Cells { address, size });
    }
    let entry_bytes = cell_bytes(address).saturating_add(cell_bytes(size));
    if reg.len().is_multiple_of(entry_bytes) {
        return Ok(entry_bytes);
    }
    Err(RegDefect::Length {
        length_bytes: reg.len(),
        entry_bytes,
    })
}

/// The address and the size in an entry.
#[inline(never)]
pub(crate) fn numbers(entry: &[u8], cells: Cells) -> (u64, u64) {
    let (address, size) = entry.split_at_checked(cell_bytes(cells.address)).unwrap_or_default();
    (number(address), number(size))
}

/// The address and the size in the first entry of a `reg`.
#[inline(never)]
pub(crate) fn first_entry(reg: Option<&[u8]>, cells: Cells) -> Option<(u64, u64)> {
    let reg = reg?;
    let entry = reg.get(..entry_bytes(reg, cells).ok()?)?;
    Some(numbers(entry, cells))
}

/// Keeps the ranges sorted by address. Whether there was room.
fn insert(ranges: &mut Ranges, range: PhysRange) -> bool {
    if ranges.try_push(range).is_err() {
        return false;
    }
    let mut carried = range;
    // The new range goes down to its place, and each one above it one place up; without a call to
    // memmove.
    for place in ranges.iter_mut() {
        if *place > carried {
            core::mem::swap(place, &mut carried);
        }
    }
    if let Some(last) = ranges.last_mut() {
        *last = carried;
    }
    true
}

/// A number of cells; one that is not written as it should be is as good as an impossible one.
fn one_cell(value: Option<&[u8]>, default: u32) -> u32 {
    match value {
        Some(value) => value.try_into().map_or(u32::MAX, big_endian),
        None => default,
    }
}

/// The size of a number of one or two cells, in bytes.
pub(crate) const fn cell_bytes(cells: u32) -> usize {
    if cells == 1 { 4 } else { 8 }
}

/// The big-endian number in at most 8 bytes.
#[inline(never)]
pub(crate) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
