//! Page tables built in Rust: [`Tables`] maps ranges by the largest blocks that fit.

use phys_range::{GIB, MIB, PhysRange};

use super::{BLOCK, ENTRIES, Kind, PAGE_BYTES, ROOT_ENTRIES, TABLE_OR_PAGE};

/// A table of any level.
pub type Table = [u64; ENTRIES];

/// The bits of a descriptor that hold an address.
const ADDRESS: u64 = 0xffff_ffff_f000;
/// The sizes of what a descriptor of each level maps, from the first level on.
const LEVELS: [u64; 3] = [GIB, 2 * MIB, PAGE_BYTES];

/// Page tables in memory that holds nothing else.
///
/// The second half of the page of the first-level table is a first-level table too, with the first
/// GiB alone: a way station for those that change tables, whose code and constants lie there
/// (DDI0487, D8.16, break-before-make).
pub struct Tables<'a> {
    tables: &'a mut [Table],
    start: u64,
    used: usize,
}

/// The reason why a range cannot be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// The memory for tables is used up.
    NoRoom,
    /// Part of the range is mapped already.
    Mapped,
    /// The range is not made of whole pages of the first 256 GiB.
    Range,
}

/// The entries of the first-level table, behind which the way station is.
const BARE_INDEX: usize = ROOT_ENTRIES as usize;

impl<'a> Tables<'a> {
    /// Begins tables that map nothing, in memory at physical address `start`; `None` where that is
    /// not page-aligned or there is no room for the first-level table.
    pub fn new(tables: &'a mut [Table], start: u64) -> Option<Self> {
        tables.first_mut()?.fill(0);
        start
            .is_multiple_of(PAGE_BYTES)
            .then_some(Self { tables, start, used: 1 })
    }

    /// The address of the first-level table.
    pub fn root(&self) -> u64 {
        self.start
    }

    /// The address of the first-level table with nothing but the first GiB.
    pub fn bare_root(&self) -> u64 {
        self.start + PAGE_BYTES / 2
    }

    /// Maps a range to itself.
    ///
    /// # Errors
    /// [`MapError`]; part of the range may be mapped then.
    pub fn map(&mut self, range: PhysRange, kind: Kind) -> Result<(), MapError> {
        let is_whole = range.start().is_multiple_of(PAGE_BYTES) && range.end().is_multiple_of(PAGE_BYTES);
        if !is_whole || range.end() > ROOT_ENTRIES * GIB {
            return Err(MapError::Range);
        }
        let mut address = range.start();
        while address < range.end() {
            let left = range.end() - address;
            let fits = |block: &u64| address.is_multiple_of(*block) && *block <= left;
            let level = LEVELS.iter().position(fits).unwrap_or(LEVELS.len() - 1);
            let block = LEVELS[level];
            let table = self.table_of(address, level)?;
            let index = index(address, level);
            // As many blocks as the table has room for.
            let room = if level == 0 { ROOT_ENTRIES as usize } else { ENTRIES } - index;
            let count = ((left / block) as usize).min(room);
            let mut descriptor = address | kind.attributes() | if block == PAGE_BYTES { TABLE_OR_PAGE } else { BLOCK };
            let (fours, rest) = self.tables[table][index..index + count].as_chunks_mut();
            // There are more than a thousand.
            for [first, second, third, fourth] in fours {
                if *first | *second | *third | *fourth != 0 {
                    return Err(MapError::Mapped);
                }
                *first = descriptor;
                *second = descriptor + block;
                *third = descriptor + 2 * block;
                *fourth = descriptor + 3 * block;
                descriptor += 4 * block;
            }
            for entry in rest {
                if *entry != 0 {
                    return Err(MapError::Mapped);
                }
                *entry = descriptor;
                descriptor += block;
            }
            address += block * count as u64;
        }
        Ok(())
    }

    /// The table of this level for an address, made where there is none.
    fn table_of(&mut self, address: u64, level: usize) -> Result<usize, MapError> {
        let mut table = 0;
        for above in 0..level {
            let index = index(address, above);
            let descriptor = self.tables[table][index];
            table = match descriptor & TABLE_OR_PAGE {
                0 => {
                    let made = self.used;
                    self.tables.get_mut(made).ok_or(MapError::NoRoom)?.fill(0);
                    self.used += 1;
                    let link = (self.start + made as u64 * PAGE_BYTES) | TABLE_OR_PAGE;
                    self.tables[table][index] = link;
                    if above == 0 && index == 0 {
                        self.tables[table][BARE_INDEX] = link;
                    }
                    made
                }
                TABLE_OR_PAGE => (((descriptor & ADDRESS) - self.start) / PAGE_BYTES) as usize,
                _ => return Err(MapError::Mapped),
            };
        }
        Ok(table)
    }
}

fn index(address: u64, level: usize) -> usize {
    (address / LEVELS[level]) as usize % ENTRIES
}

/// Goes on with other page tables; the memory of those before is free from then on.
///
/// Part of memory may be mapped by blocks of another size, so no address outside the first GiB has
/// a translation for a moment, as the architecture demands (DDI0487, D8.16, break-before-make).
///
/// # Safety
/// At EL1 or EL2, with the MMU on. `tables` map all that is used from here on as it is mapped now,
/// but for the size of blocks; code and its constants lie in the first GiB. The memory of the
/// tables stays as it is while the MMU is on.
#[cfg(target_arch = "aarch64")]
pub unsafe fn switch_to(tables: &Tables<'_>) {
    use core::arch::asm;

    use crate::cpu::ExceptionLevel;

    let (bare, root) = (tables.bare_root(), tables.root());
    if ExceptionLevel::current() == ExceptionLevel::El2 {
        // SAFETY: no memory outside the first GiB is touched before the second write, and
        // afterwards everything is where it was.
        unsafe {
            asm!(
                "dsb ish", "msr ttbr0_el2, {bare}", "isb", "tlbi alle2", "dsb nsh", "isb", "msr ttbr0_el2, {root}", "isb",
                bare = in(reg) bare, root = in(reg) root, options(nostack, preserves_flags)
            );
        };
    } else {
        // SAFETY: as above.
        unsafe {
            asm!(
                "dsb ish", "msr ttbr0_el1, {bare}", "isb", "tlbi vmalle1", "dsb nsh", "isb", "msr ttbr0_el1, {root}", "isb",
                bare = in(reg) bare, root = in(reg) root, options(nostack, preserves_flags)
            );
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 0x4700_0000;

    fn range(start: u64, end: u64) -> PhysRange {
        PhysRange::from_bounds(start, end).unwrap()
    }

    /// The attributes and the size of the block that maps `address` to itself.
    fn walk(tables: &Tables<'_>, address: u64) -> Option<(u64, u64)> {
        let mut table = 0;
        for (level, block) in LEVELS.into_iter().enumerate() {
            let descriptor = tables.tables[table][index(address, level)];
            match (descriptor & TABLE_OR_PAGE, level) {
                (0, _) => return None,
                (TABLE_OR_PAGE, 0 | 1) => table = (((descriptor & ADDRESS) - START) / PAGE_BYTES) as usize,
                (kind, _) => {
                    assert_eq!(descriptor & ADDRESS, address / block * block);
                    return Some((descriptor - (descriptor & ADDRESS) - kind, block));
                }
            }
        }
        unreachable!()
    }

    #[test]
    fn maps_by_the_largest_blocks() {
        let mut memory = [[0xa5; ENTRIES]; 4];
        let mut tables = Tables::new(&mut memory, START).unwrap();
        let ram = range(GIB + 2 * MIB + 0x3000, 256 * GIB);
        tables.map(ram, Kind::Ram).unwrap();
        let at = |address| walk(&tables, address);
        let ram = Kind::Ram.attributes();
        assert_eq!(at(GIB + 2 * MIB + 0x2fff), None);
        assert_eq!(at(GIB + 2 * MIB + 0x3000), Some((ram, PAGE_BYTES)));
        assert_eq!(at(GIB + 4 * MIB - 8), Some((ram, PAGE_BYTES)));
        assert_eq!(at(GIB + 4 * MIB), Some((ram, 2 * MIB)));
        assert_eq!(at(2 * GIB - 8), Some((ram, 2 * MIB)));
        assert_eq!(at(2 * GIB), Some((ram, GIB)));
        assert_eq!(at(256 * GIB - 8), Some((ram, GIB)));
        assert_eq!(tables.used, 3);
    }

    #[test]
    fn the_way_station_has_the_first_gib_alone() {
        let mut memory = [[0xa5; ENTRIES]; 4];
        let mut tables = Tables::new(&mut memory, START).unwrap();
        tables.map(range(0, 128 * MIB), Kind::Code).unwrap();
        tables.map(range(GIB, 3 * GIB), Kind::Ram).unwrap();
        let bare = &tables.tables[0][BARE_INDEX..];
        assert_eq!(bare[0], tables.tables[0][0]);
        assert!(bare[1..].iter().all(|entry| *entry == 0));
        assert_eq!(tables.bare_root(), START + 0x800);
    }

    #[test]
    fn refuses_what_is_mapped_and_what_has_no_room() {
        let mut memory = [[0; ENTRIES]; 2];
        let mut tables = Tables::new(&mut memory, START).unwrap();
        tables.map(range(GIB, 2 * GIB), Kind::Ram).unwrap();
        let page = range(GIB + 0x1000, GIB + 0x2000);
        assert_eq!(tables.map(page, Kind::Device), Err(MapError::Mapped));
        assert_eq!(tables.map(range(GIB, 2 * GIB), Kind::Ram), Err(MapError::Mapped));
        tables.map(range(0, 2 * MIB), Kind::Code).unwrap();
        assert_eq!(
            tables.map(range(2 * MIB, 2 * MIB + 0x1000), Kind::Code),
            Err(MapError::NoRoom)
        );
        for odd in [range(0, 0x800), range(0x800, 0x1000), range(255 * GIB, 257 * GIB)] {
            assert_eq!(tables.map(odd, Kind::Ram), Err(MapError::Range));
        }
        assert!(Tables::new(&mut [], START).is_none());
        assert!(Tables::new(&mut memory, START + 8).is_none());
    }
}
