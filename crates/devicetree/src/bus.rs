//! Addresses behind a bus: [`Bus`] translates them by `ranges` (Devicetree Specification v0.4,
//! 2.3.8).

use phys_range::PhysRange;

use crate::memory::{self, Cells};

/// A bus between a device and the CPU.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bus<'a> {
    /// The value of `ranges`; empty where the addresses on both sides are the same.
    pub(crate) ranges: &'a [u8],
    /// How addresses and sizes behind the bus are written.
    pub(crate) children: Cells,
    /// How addresses in front of it are written.
    pub(crate) parent: Cells,
}

impl Bus<'_> {
    /// The addresses in front of the bus of a range behind it; `None` where no single entry of
    /// `ranges` holds all of it, or the property is not of whole entries.
    #[inline(never)]
    pub(crate) fn translate(&self, range: PhysRange) -> Option<PhysRange> {
        if self.ranges.is_empty() {
            return Some(range);
        }
        if !self.children.are_supported() || !self.parent.are_supported() {
            return None;
        }
        let child_bytes = memory::cell_bytes(self.children.address);
        let parent_bytes = memory::cell_bytes(self.parent.address);
        let address_bytes = child_bytes.saturating_add(parent_bytes);
        let entry_bytes = address_bytes.saturating_add(memory::cell_bytes(self.children.size));
        let entries = self.ranges.chunks_exact(entry_bytes);
        if !entries.remainder().is_empty() {
            return None;
        }
        entries.into_iter().find_map(|entry| {
            let (addresses, size_bytes) = entry.split_at_checked(address_bytes)?;
            let (child, parent) = addresses.split_at_checked(child_bytes)?;
            let window = PhysRange::new(memory::number(child), memory::number(size_bytes))?;
            let offset = range.start().checked_sub(window.start())?;
            let start = memory::number(parent).checked_add(offset)?;
            PhysRange::new(start, range.len()).filter(|_| window.contains(&range))
        })
    }
}
