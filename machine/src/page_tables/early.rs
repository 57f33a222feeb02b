//! The first page tables, written by assembly: [`EarlyTables`] says what they hold, `write` writes
//! them.

use phys_range::{GIB, MIB, PhysRange};

use super::{BLOCK, ENTRIES, Kind, PAGE_BYTES, ROOT_ENTRIES, TABLE_OR_PAGE};

const LEVEL_1_BLOCK: u64 = GIB;
const LEVEL_2_BLOCK: u64 = 2 * MIB;

/// The place of the first-level table in the memory of the tables. A 2 MiB table of the first GiB
/// comes before it.
pub const ROOT_OFFSET: u64 = PAGE_BYTES;
/// The table of the pages around the guard page.
const PAGES_OFFSET: u64 = 2 * PAGE_BYTES;
/// The table of the 2 MiB blocks in the GiB of RAM that the guard page is in.
const RAM_BLOCKS_OFFSET: u64 = 3 * PAGE_BYTES;
/// The memory that the tables take, in bytes. Behind it lies the guard page, and the stack behind
/// that.
pub const SIZE_BYTES: u64 = 4 * PAGE_BYTES;
const _: () = assert!(ROOT_ENTRIES * 8 <= PAGE_BYTES);

/// Marks a descriptor whose address counts from the start of the tables: a type that no descriptor
/// has.
const RELATIVE: u64 = 0b10;
/// The bits of a descriptor with its type.
#[cfg(any(test, target_arch = "aarch64"))]
const TYPE: u64 = 0b11;

/// Descriptors one after the other, each `step` above the one before.
#[derive(Clone, Copy)]
#[repr(C)]
struct Run {
    first: u64,
    step: u64,
    count: u64,
}

impl Run {
    /// The descriptors that map `range` to itself in blocks.
    const fn blocks(range: PhysRange, block_bytes: u64, kind: Kind) -> Self {
        Self {
            first: range.start()
                | kind.attributes()
                | if block_bytes == PAGE_BYTES {
                    TABLE_OR_PAGE
                } else {
                    BLOCK
                },
            step: block_bytes,
            count: range.len() / block_bytes,
        }
    }

    /// The descriptor of a table.
    const fn table(offset: u64) -> Self {
        Self {
            first: offset | RELATIVE,
            step: 0,
            count: 1,
        }
    }

    /// Descriptors that map nothing.
    const fn nothing(count: u64) -> Self {
        Self {
            first: 0,
            step: 0,
            count,
        }
    }
}

/// The parts of the physical address space.
#[derive(Clone, Copy, Debug)]
pub struct Spaces {
    /// Flash, from address 0 on: executed.
    pub flash: PhysRange,
    /// Devices, from there up to the first GiB.
    pub devices: PhysRange,
    /// RAM in whole GiB, from the first on up to the end of the first-level table.
    pub ram: PhysRange,
}

/// The contents of the first page tables, from the first descriptor to the last.
#[repr(C)]
pub struct EarlyTables([Run; 14]);

impl EarlyTables {
    /// Tables at the start of `place`, which is in the first GiB of RAM, with the guard page and
    /// the stack behind them.
    ///
    /// # Panics
    /// The spaces are others than [`Spaces`] says; at compile time, for a constant.
    pub const fn in_ram(spaces: &Spaces, place: PhysRange) -> Self {
        let Spaces { flash, devices, ram } = *spaces;
        let guard = Guard::of(place);
        assert!(guard.around.start() / LEVEL_1_BLOCK == 1);
        let first_gib = range(ram.start(), ram.start() + LEVEL_1_BLOCK);
        Self([
            Run::blocks(flash, LEVEL_2_BLOCK, Kind::Code),
            Run::blocks(devices, LEVEL_2_BLOCK, Kind::Device),
            Run::nothing(entries_but(&[flash, devices])),
            Run::table(0),
            Run::table(RAM_BLOCKS_OFFSET),
            Run::blocks(range(first_gib.end(), ram.end()), LEVEL_1_BLOCK, Kind::Ram),
            Run::nothing(ENTRIES as u64 - ROOT_ENTRIES),
            Run::blocks(guard.below, PAGE_BYTES, Kind::Ram),
            Run::nothing(1),
            Run::blocks(guard.above, PAGE_BYTES, Kind::Ram),
            Run::blocks(range(first_gib.start(), guard.around.start()), LEVEL_2_BLOCK, Kind::Ram),
            Run::table(PAGES_OFFSET),
            Run::blocks(range(guard.around.end(), first_gib.end()), LEVEL_2_BLOCK, Kind::Ram),
            Run::nothing(0),
        ])
    }

    /// Tables at the start of `place`, which is the last block of `secure`: RAM of the secure world
    /// among the devices.
    ///
    /// # Panics
    /// As [`Self::in_ram`].
    pub const fn in_secure_ram(spaces: &Spaces, secure: PhysRange, place: PhysRange) -> Self {
        let Spaces { flash, devices, ram } = *spaces;
        let guard = Guard::of(place);
        assert!(guard.around.end() == secure.end());
        let below = range(devices.start(), secure.start());
        let above = range(secure.end(), devices.end());
        Self([
            Run::blocks(flash, LEVEL_2_BLOCK, Kind::Code),
            Run::blocks(below, LEVEL_2_BLOCK, Kind::Device),
            Run::blocks(
                range(secure.start(), guard.around.start()),
                LEVEL_2_BLOCK,
                Kind::SecureRam,
            ),
            Run::table(PAGES_OFFSET),
            Run::blocks(above, LEVEL_2_BLOCK, Kind::Device),
            Run::nothing(entries_but(&[flash, devices])),
            Run::table(0),
            Run::blocks(ram, LEVEL_1_BLOCK, Kind::Ram),
            Run::nothing(ENTRIES as u64 - ROOT_ENTRIES),
            Run::blocks(guard.below, PAGE_BYTES, Kind::SecureRam),
            Run::nothing(1),
            Run::blocks(guard.above, PAGE_BYTES, Kind::SecureRam),
            Run::nothing(0),
            Run::nothing(0),
        ])
    }
}

/// The descriptors of the first GiB that are left beside those of these spaces, which must follow
/// each other: none.
const fn entries_but(spaces: &[PhysRange; 2]) -> u64 {
    let [flash, devices] = spaces;
    assert!(flash.start() == 0 && flash.end() == devices.start() && flash.len().is_multiple_of(LEVEL_2_BLOCK));
    ENTRIES as u64 - devices.end() / LEVEL_2_BLOCK
}

/// The guard page behind the tables, and what shares its 2 MiB block.
struct Guard {
    around: PhysRange,
    below: PhysRange,
    above: PhysRange,
}

impl Guard {
    const fn of(place: PhysRange) -> Self {
        assert!(place.start().is_multiple_of(PAGE_BYTES));
        let guard = place.start() + SIZE_BYTES;
        let start = guard / LEVEL_2_BLOCK * LEVEL_2_BLOCK;
        let end = start + LEVEL_2_BLOCK;
        assert!(place.end() <= end);
        Self {
            around: range(start, end),
            below: range(start, guard),
            above: range(guard + PAGE_BYTES, end),
        }
    }
}

const fn range(start: u64, end: u64) -> PhysRange {
    match PhysRange::from_bounds(start, end) {
        Some(range) => range,
        None => panic!("the spaces are not in order"),
    }
}

/// On entry: x0 = memory for the tables, [`SIZE_BYTES`] aligned to a page; x1 = the
/// [`EarlyTables`]; MMU off, no stack.
/// Does: writes the tables. Each line is dropped from the caches before, because with the MMU off
/// they are bypassed, and a dirty line would later be written over a descriptor; and after, because
/// the MMU would read a stale one.
/// On exit: x0 = the first-level table, complete in memory; x1 to x9 changed.
///
/// # Safety
/// The memory is RAM that nothing else uses.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub unsafe extern "C" fn write(place: u64, tables: &EarlyTables) -> u64 {
    core::arch::naked_asm!(
        "mov    x7, x30",
        "bl     3f",
        "mov    x2, x0",
        "add    x3, x1, #{runs_size}",
        "1:",
        "ldp    x4, x5, [x1], #16",
        "ldr    x6, [x1], #8",
        "cbz    x6, 5f",
        "eor    x30, x4, #{relative}",
        "tst    x30, #{type_mask}",
        "b.ne   2f",
        "add    x4, x0, x4",
        "orr    x4, x4, #1",
        "2:",
        "tbz    x6, #0, 6f",
        "str    x4, [x2], #8",
        "add    x4, x4, x5",
        "subs   x6, x6, #1",
        "b.eq   5f",
        // An even number is left: two at a time.
        "6:",
        "add    x8, x4, x5",
        "lsl    x9, x5, #1",
        "7:",
        "stp    x4, x8, [x2], #16",
        "add    x4, x4, x9",
        "add    x8, x8, x9",
        "subs   x6, x6, #2",
        "b.ne   7b",
        "5:",
        "cmp    x1, x3",
        "b.lo   1b",
        // What was written without caches is not ordered with their maintenance otherwise.
        "dsb    sy",
        "bl     3f",
        "add    x0, x0, #{root_offset}",
        "ret    x7",
        // Drops the memory from the caches, four lines an iteration: see the hand-over.
        "3:",
        "mrs    x4, ctr_el0",
        "ubfx   x4, x4, #16, #4",
        "mov    x5, #4",
        "lsl    x5, x5, x4",
        "mov    x4, x0",
        "add    x6, x0, #{size}",
        "4:",
        ".rept  4",
        "dc     ivac, x4",
        "add    x4, x4, x5",
        ".endr",
        "cmp    x4, x6",
        "b.lo   4b",
        "dsb    sy",
        "ret",
        runs_size = const size_of::<EarlyTables>(),
        relative = const RELATIVE,
        type_mask = const TYPE,
        root_offset = const ROOT_OFFSET,
        size = const SIZE_BYTES,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACES: Spaces = Spaces {
        flash: range(0, 128 * MIB),
        devices: range(128 * MIB, GIB),
        ram: range(GIB, 256 * GIB),
    };
    const SECURE: PhysRange = range(224 * MIB, 240 * MIB);
    const EARLY: PhysRange = range(GIB + 2 * MIB, GIB + 2 * MIB + 0x1_0000);
    const SECURE_STACK: PhysRange = range(238 * MIB, 240 * MIB);
    const GUARD: u64 = SIZE_BYTES;

    /// Returns what [`write()`] writes to `place`.
    fn written(place: PhysRange, tables: &EarlyTables) -> Vec<u64> {
        let mut written = Vec::new();
        for run in tables.0 {
            for nth in 0..run.count {
                let mut first = run.first;
                if first & TYPE == RELATIVE {
                    first = (first + place.start()) | 1;
                }
                written.push(first + nth * run.step);
            }
        }
        written
    }

    /// The attributes by which `address` is mapped to itself.
    fn walk(place: PhysRange, written: &[u64], address: u64) -> Option<u64> {
        let mut table = place.start() + ROOT_OFFSET;
        for (level, shift) in [30, 21, 12].into_iter().enumerate() {
            let index = address >> shift & 0x1ff;
            let descriptor = written[((table - place.start()) / 8 + index) as usize];
            let output = descriptor & 0xffff_ffff_f000;
            match (descriptor & TYPE, level) {
                (0, _) => return None,
                (TABLE_OR_PAGE, 0 | 1) => table = output,
                _ => {
                    assert_eq!(output, address >> shift << shift, "{address:#x} leads elsewhere");
                    return Some(descriptor - output - (descriptor & TYPE));
                }
            }
        }
        unreachable!();
    }

    #[test]
    fn tables_in_ram_map_everything_but_the_guard_page() {
        let tables = EarlyTables::in_ram(&SPACES, EARLY);
        let written = written(EARLY, &tables);
        assert_eq!(written.len() as u64, 4 * ENTRIES as u64);
        let kind_at = |address| walk(EARLY, &written, address);
        let is = |kind: Kind| Some(kind.attributes());
        assert_eq!(kind_at(0), is(Kind::Code));
        assert_eq!(kind_at(128 * MIB - 4), is(Kind::Code));
        assert_eq!(kind_at(128 * MIB), is(Kind::Device));
        assert_eq!(kind_at(GIB - 4), is(Kind::Device));
        for address in [
            GIB,
            EARLY.start(),
            EARLY.start() + GUARD - 8,
            EARLY.start() + GUARD + 0x1000,
        ] {
            assert_eq!(kind_at(address), is(Kind::Ram), "{address:#x}");
        }
        assert_eq!(kind_at(EARLY.start() + GUARD), None);
        assert_eq!(kind_at(EARLY.start() + GUARD + 0xfff), None);
        for address in [GIB + 4 * MIB, 2 * GIB - 8, 2 * GIB, 256 * GIB - 8] {
            assert_eq!(kind_at(address), is(Kind::Ram), "{address:#x}");
        }
    }

    #[test]
    fn tables_in_secure_ram_map_everything_but_the_guard_page() {
        let tables = EarlyTables::in_secure_ram(&SPACES, SECURE, SECURE_STACK);
        let written = written(SECURE_STACK, &tables);
        assert_eq!(written.len() as u64, 3 * ENTRIES as u64);
        let kind_at = |address| walk(SECURE_STACK, &written, address);
        let is = |kind: Kind| Some(kind.attributes());
        assert_eq!(kind_at(SECURE.start() - 4), is(Kind::Device));
        assert_eq!(kind_at(SECURE.end()), is(Kind::Device));
        assert_eq!(kind_at(SECURE.start()), is(Kind::SecureRam));
        assert_eq!(kind_at(SECURE_STACK.start() + GUARD - 8), is(Kind::SecureRam));
        assert_eq!(kind_at(SECURE_STACK.start() + GUARD), None);
        assert_eq!(kind_at(SECURE_STACK.start() + GUARD + 0x1000), is(Kind::SecureRam));
        assert_eq!(kind_at(GIB), is(Kind::Ram));
        assert_eq!(kind_at(256 * GIB - 8), is(Kind::Ram));
    }

    #[test]
    #[should_panic(expected = "flash.end()")]
    fn a_gap_between_flash_and_devices_is_refused() {
        let spaces = Spaces {
            flash: range(0, 64 * MIB),
            ..SPACES
        };
        EarlyTables::in_ram(&spaces, EARLY);
    }
}
