//! Which addresses? `reg` properties as ranges of physical addresses: banks of RAM and reservations.

use phys_range::PhysRange;

use crate::{RANGES_MAX, Ranges, RegDefect, TreeError};

/// `#address-cells` and `#size-cells`: how the `reg` properties of a node's children are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(crate) address: u32,
    pub(crate) size: u32,
}

impl Cells {
    /// Where a node says nothing (Devicetree Specification v0.4, 2.3.5).
    pub(crate) const DEFAULT: Self = Self { address: 2, size: 1 };
}

/// What ranges of addresses are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Banks of RAM (Devicetree Specification v0.4, 3.4). They must not overlap.
    Ram,
    /// Reservations (3.5). They may overlap each other.
    Reserved,
}

/// Adds the ranges in a node's `reg`; empty ones are left out.
pub(crate) fn add_all(
    ranges: &mut Ranges,
    purpose: Purpose,
    reg: Option<&[u8]>,
    cells: Cells,
) -> Result<(), TreeError> {
    let place = match purpose {
        Purpose::Ram => "a memory node",
        Purpose::Reserved => "a child of /reserved-memory",
    };
    let broken = |defect| TreeError::Reg { place, defect };
    let reg = reg
        .filter(|reg| !reg.is_empty())
        .ok_or_else(|| broken(RegDefect::Missing))?;
    for (start, size_bytes) in entries(reg, cells).map_err(broken)? {
        add(ranges, purpose, start, size_bytes, place)?;
    }
    Ok(())
}

/// Adds the range of this size from `start` on, unless it is empty.
pub(crate) fn add(
    ranges: &mut Ranges,
    purpose: Purpose,
    start: u64,
    size_bytes: u64,
    place: &'static str,
) -> Result<(), TreeError> {
    let range = match PhysRange::new(start, size_bytes) {
        Some(range) => range,
        None if size_bytes == 0 => return Ok(()),
        None => {
            let defect = RegDefect::Wraps { start, size_bytes };
            return Err(TreeError::Reg { place, defect });
        }
    };
    let other = ranges.iter().find(|other| other.overlaps(&range));
    if let (Purpose::Ram, Some(&other)) = (purpose, other) {
        return Err(TreeError::RamOverlap {
            first: other.min(range),
            second: other.max(range),
        });
    }
    let what = match purpose {
        Purpose::Ram => "banks of RAM",
        Purpose::Reserved => "reservations",
    };
    insert(ranges, range, what)
}

/// The address and the size in each entry of a `reg`.
pub(crate) fn entries(reg: &[u8], cells: Cells) -> Result<impl Iterator<Item = (u64, u64)>, RegDefect> {
    let Cells { address, size } = cells;
    let (address_bytes, size_bytes) = match (address, size) {
        (1 | 2, 1 | 2) => (cell_bytes(address), cell_bytes(size)),
        _ => return Err(RegDefect::Cells { address, size }),
    };
    let entry_bytes = address_bytes.saturating_add(size_bytes);
    let chunks = reg.chunks_exact(entry_bytes);
    if !chunks.remainder().is_empty() {
        return Err(RegDefect::Length {
            length_bytes: reg.len(),
            entry_bytes,
        });
    }
    Ok(chunks.filter_map(move |entry| {
        let (address, size) = entry.split_at_checked(address_bytes)?;
        Some((number(address), number(size)))
    }))
}

/// Keeps the ranges sorted by address.
fn insert(ranges: &mut Ranges, range: PhysRange, what: &'static str) -> Result<(), TreeError> {
    ranges.try_push(range).map_err(|_| TreeError::Limit {
        what,
        limit: RANGES_MAX,
    })?;
    let mut carried = range;
    // The new range goes down to its place, and each one above it one place up; without a call to memmove.
    for place in ranges.iter_mut().filter(|place| **place > range) {
        core::mem::swap(place, &mut carried);
    }
    if let Some(last) = ranges.last_mut() {
        *last = carried;
    }
    Ok(())
}

const fn cell_bytes(cells: u32) -> usize {
    if cells == 1 { 4 } else { 8 }
}

/// The big-endian number in at most 8 bytes.
pub(crate) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
