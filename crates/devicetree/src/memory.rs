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

/// Adds the banks of RAM in a memory node's `reg` (Devicetree Specification v0.4, 3.4).
pub(crate) fn add_ram(banks: &mut Ranges, reg: Option<&[u8]>, cells: Cells) -> Result<(), TreeError> {
    for_each(reg, cells, "a memory node", |bank| {
        let overlaps = banks.iter().find(|other| other.overlaps(&bank));
        if let Some(&other) = overlaps {
            return Err(TreeError::RamOverlap {
                first: other.min(bank),
                second: other.max(bank),
            });
        }
        insert(banks, bank, "banks of RAM")
    })
}

/// Adds the ranges in the `reg` of a child of `/reserved-memory` (Devicetree Specification v0.4, 3.5).
pub(crate) fn add_reserved(ranges: &mut Ranges, reg: &[u8], cells: Cells) -> Result<(), TreeError> {
    for_each(Some(reg), cells, "a child of /reserved-memory", |range| {
        add_reservation(ranges, range)
    })
}

/// Adds one reservation. They may overlap each other.
pub(crate) fn add_reservation(ranges: &mut Ranges, range: PhysRange) -> Result<(), TreeError> {
    insert(ranges, range, "reservations")
}

/// The range of this size from `start` on; `Ok(None)` if it is empty.
pub(crate) fn range(start: u64, size_bytes: u64, place: &'static str) -> Result<Option<PhysRange>, TreeError> {
    match PhysRange::new(start, size_bytes) {
        None if size_bytes > 0 => Err(TreeError::Reg {
            place,
            defect: RegDefect::Wraps { start, size_bytes },
        }),
        range => Ok(range),
    }
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

fn for_each(
    reg: Option<&[u8]>,
    cells: Cells,
    place: &'static str,
    mut add: impl FnMut(PhysRange) -> Result<(), TreeError>,
) -> Result<(), TreeError> {
    let broken = |defect| TreeError::Reg { place, defect };
    let reg = reg
        .filter(|reg| !reg.is_empty())
        .ok_or_else(|| broken(RegDefect::Missing))?;
    for (start, size_bytes) in entries(reg, cells).map_err(broken)? {
        if let Some(range) = range(start, size_bytes, place)? {
            add(range)?;
        }
    }
    Ok(())
}

/// Keeps the ranges sorted by address.
fn insert(ranges: &mut Ranges, range: PhysRange, what: &'static str) -> Result<(), TreeError> {
    let place = ranges.iter().take_while(|other| **other <= range).count();
    ranges.try_insert(place, range).map_err(|_| TreeError::Limit {
        what,
        limit: RANGES_MAX,
    })
}

const fn cell_bytes(cells: u32) -> usize {
    if cells == 1 { 4 } else { 8 }
}

/// The big-endian number in at most 8 bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
