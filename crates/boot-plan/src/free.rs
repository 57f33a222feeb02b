//! Free memory: RAM that the bootloader can reach, less what is reserved or taken.

use phys_range::{PhysRange, align_down, align_up};

use crate::Machine;

/// Physical addresses that a kernel can be loaded at have at most 48 bits (booting.rst "Call the
/// kernel image", D10).
const PHYS_48_BIT_END: u64 = 1 << 48;

/// The RAM banks, and what in them is not free.
pub(crate) struct FreeMemory<'a> {
    pub machine: &'a Machine<'a>,
    /// The banks.
    pub ram: &'a [PhysRange],
    /// What is reserved besides the machine's own reservations.
    pub reserved: &'a [PhysRange],
    pub held: &'a [PhysRange],
    pub in_use: &'a [PhysRange],
    pub taken: &'a [PhysRange],
}

impl FreeMemory<'_> {
    /// The lowest free range of `size_bytes` that starts `offset` bytes above a multiple of `align`
    /// which is in the same bank.
    pub fn lowest(&self, size_bytes: u64, align: u64, offset: u64) -> Option<PhysRange> {
        self.banks().find_map(|bank| {
            let mut base = align_up(bank.start(), align)?;
            // Each turn passes at least one obstacle for good, so the turns are bounded by their
            // number.
            loop {
                let range = PhysRange::new(base.checked_add(offset)?, size_bytes)?;
                if !bank.contains(&range) {
                    return None;
                }
                match self.obstacle_in(&range) {
                    None => return Some(range),
                    Some(obstacle) => base = align_up(obstacle.end().saturating_sub(offset).max(bank.start()), align)?,
                }
            }
        })
    }

    /// The highest free range of `size_bytes` inside `within` that starts at a multiple of `align`.
    pub fn highest(&self, size_bytes: u64, align: u64, within: PhysRange) -> Option<PhysRange> {
        self.banks()
            .rev()
            .filter_map(|bank| bank.intersection(&within))
            .find_map(|bank| {
                let mut end = bank.end();
                loop {
                    let range = PhysRange::new(align_down(end.checked_sub(size_bytes)?, align), size_bytes)?;
                    if !bank.contains(&range) {
                        return None;
                    }
                    match self.obstacle_in(&range) {
                        None => return Some(range),
                        Some(obstacle) => end = obstacle.start(),
                    }
                }
            })
    }

    /// The range of `size_bytes` at `address`, if it is free and the `offset` bytes before it are
    /// in the same bank.
    pub fn at(&self, address: u64, size_bytes: u64, offset: u64) -> Option<PhysRange> {
        let range = PhysRange::new(address, size_bytes)?;
        let with_offset = PhysRange::from_bounds(address.checked_sub(offset)?, range.end())?;
        let is_in_ram = self.banks().any(|bank| bank.contains(&with_offset));
        (is_in_ram && self.obstacle_in(&range).is_none()).then_some(range)
    }

    fn banks(&self) -> impl DoubleEndedIterator<Item = PhysRange> {
        self.ram.iter().filter_map(|bank| self.reachable(bank))
    }

    /// Returns what of a bank can be used.
    fn reachable(&self, bank: &PhysRange) -> Option<PhysRange> {
        let low = PhysRange::from_bounds(0, PHYS_48_BIT_END)?;
        bank.intersection(&low)?.intersection(&self.machine.mapped)
    }

    fn obstacle_in(&self, range: &PhysRange) -> Option<&PhysRange> {
        let there_is = self.machine.hardware.reserved;
        let obstacles = [there_is, self.reserved, self.held, self.in_use, self.taken];
        obstacles
            .into_iter()
            .find_map(|obstacles| obstacles.iter().find(|obstacle| obstacle.overlaps(range)))
    }
}
