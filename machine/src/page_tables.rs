//! Page tables: the physical address space mapped to itself. Before Rust runs they are written to RAM from constants in flash, a 60th
//! of their size; they move once, when what is loaded may go where they are.
//!
//! One first-level table of 1 GiB blocks covers 256 GiB; its first entry leads to a second-level table of 2 MiB blocks, because flash and
//! devices share the first GiB. The same bytes serve the translation regimes of EL1, EL2 and EL3 (DDI0487, D8.3): `AP[1]` is set, which
//! EL2 and EL3 demand (RES1) and which makes EL1 refuse to execute from what is writable; XN does the same at EL2 and EL3.

use phys_range::{GIB, MIB, PhysRange};

/// `MAIR_ELx`: attribute 0 is Device-nGnRnE, attribute 1 Normal memory, write-back, read and write allocate.
pub const MAIR: u64 = 0xff << 8;

/// `TCR_ELx` but for the physical address size: 38-bit addresses (`T0SZ` = 26), 4 KiB granule, table walks inner shareable and
/// write-back; bits 31 and 23 are RES1 at EL2 and EL3, and `TG1` = 4 KiB and `EPD1` at EL1.
pub const TCR: u64 = 1 << 31 | 1 << 23 | 0b11 << 12 | 0b01 << 10 | 0b01 << 8 | 26;

/// `SCTLR_EL2` and `SCTLR_EL3` with the MMU and the caches off and every RES1 bit set (DDI0487, D24.2).
pub const SCTLR_EL2_OFF: u64 = 0x30c5_0830;
/// `SCTLR_EL1` with the MMU and the caches off and every bit set that is RES1 or means "no trap".
pub const SCTLR_EL1_OFF: u64 = 0x30d0_0800;
/// What turns on the MMU (M), the data cache (C), the instruction cache (I) and the check of the stack's alignment (SA).
pub const SCTLR_MMU_ON: u64 = 1 << 12 | 1 << 3 | 1 << 2 | 1;

/// 2 MiB blocks in a GiB.
const LEVEL_2_ENTRIES: usize = 512;
/// 1 GiB blocks in a 38-bit address space.
const LEVEL_1_ENTRIES: u64 = 256;
const LEVEL_1_BLOCK: u64 = GIB;
const LEVEL_2_BLOCK: u64 = 2 * MIB;

const BLOCK: u64 = 0b01;
#[cfg(target_arch = "aarch64")]
const TABLE: u64 = 0b11;
const ACCESS_FLAG: u64 = 1 << 10;
const INNER_SHAREABLE: u64 = 0b11 << 8;
const READ_ONLY: u64 = 1 << 7;
const AP1: u64 = 1 << 6;
const NON_SECURE: u64 = 1 << 5;
const EXECUTE_NEVER: u64 = 1 << 54;
const NORMAL: u64 = 1 << 2 | INNER_SHAREABLE;
const DEVICE: u64 = 0 << 2;

/// Flash: read and executed, cached, never written.
const FLASH_BLOCK: u64 = BLOCK | ACCESS_FLAG | AP1 | NORMAL | READ_ONLY;
/// RAM: read and written, cached, never executed. At EL3 it is reached as the normal world reaches it (`NS`), which is whom it is for: by
/// another address space the caches would hold it twice. EL2 and EL1 do not look at that bit.
const RAM_BLOCK: u64 = BLOCK | ACCESS_FLAG | AP1 | NORMAL | EXECUTE_NEVER | NON_SECURE;
/// RAM of the secure world: read and written, cached, never executed. Where there is no secure world, nothing looks there.
const SECURE_BLOCK: u64 = BLOCK | ACCESS_FLAG | AP1 | NORMAL | EXECUTE_NEVER;
/// Code in that RAM: read and executed, cached, not written.
const SECURE_CODE_BLOCK: u64 = FLASH_BLOCK;
/// Devices: read and written in order, nothing else.
const DEVICE_BLOCK: u64 = BLOCK | ACCESS_FLAG | AP1 | DEVICE | EXECUTE_NEVER;

/// The first-level table, which the second-level table is before. Each is aligned to its size (DDI0487, D8.2).
pub const ROOT_OFFSET: usize = LEVEL_2_ENTRIES * size_of::<u64>();
/// The memory that the tables take, in whole pages.
pub const SIZE_BYTES: u64 = 0x2000;
/// How the memory of the tables is aligned.
pub const ALIGN: u64 = 0x1000;
const _: () = assert!(ROOT_OFFSET as u64 + LEVEL_1_ENTRIES * 8 <= SIZE_BYTES);

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
    const fn blocks(range: PhysRange, block_size: u64, attributes: u64) -> Self {
        Self {
            first: range.start() | attributes,
            step: block_size,
            count: range.len() / block_size,
        }
    }
}

/// Where things are in the physical address space.
#[derive(Clone, Copy, Debug)]
pub struct Spaces {
    /// Flash, from address 0 on.
    pub flash: PhysRange,
    /// Devices, from there up to the first GiB.
    pub devices: PhysRange,
    /// RAM for code of the secure world, among the devices: executed by who lives there, written by the others.
    pub secure_code: PhysRange,
    /// RAM of the secure world, right behind that.
    pub secure_data: PhysRange,
    /// RAM in whole GiB, from the first on up to the end of the table.
    pub ram: PhysRange,
}

/// What the page tables hold: both of them, from the first descriptor to the last.
#[repr(C)]
pub struct Layout([Run; 7]);

impl Layout {
    /// For who runs in flash.
    ///
    /// # Panics
    /// The spaces are others than [`Spaces`] says; at compile time, for a constant.
    pub const fn for_flash(spaces: &Spaces) -> Self {
        Self::new(spaces, FLASH_BLOCK, SECURE_BLOCK)
    }

    /// For who runs in the secure world's RAM. What is not for it is not mapped as what it could be confused by: flash is not executed.
    ///
    /// # Panics
    /// As [`Self::for_flash`].
    pub const fn for_secure_ram(spaces: &Spaces) -> Self {
        Self::new(spaces, FLASH_BLOCK | EXECUTE_NEVER, SECURE_CODE_BLOCK)
    }

    const fn new(spaces: &Spaces, flash_block: u64, secure_code_block: u64) -> Self {
        let Spaces {
            flash,
            devices,
            secure_code,
            secure_data,
            ram,
        } = *spaces;
        assert!(flash.start() == 0 && flash.len().is_multiple_of(LEVEL_2_BLOCK));
        assert!(devices.start() == flash.end() && devices.end() == LEVEL_1_BLOCK);
        assert!(secure_code.end() == secure_data.start());
        assert!(ram.start() == LEVEL_1_BLOCK && ram.end() == LEVEL_1_ENTRIES * LEVEL_1_BLOCK);
        let below = range(devices.start(), secure_code.start());
        let above = range(secure_data.end(), devices.end());
        // The address of the second-level table is known when the tables are written.
        let first_gib = Run {
            first: 0,
            step: 0,
            count: 1,
        };
        Self([
            Run::blocks(flash, LEVEL_2_BLOCK, flash_block),
            Run::blocks(below, LEVEL_2_BLOCK, DEVICE_BLOCK),
            Run::blocks(secure_code, LEVEL_2_BLOCK, secure_code_block),
            Run::blocks(secure_data, LEVEL_2_BLOCK, SECURE_BLOCK),
            Run::blocks(above, LEVEL_2_BLOCK, DEVICE_BLOCK),
            first_gib,
            Run::blocks(ram, LEVEL_1_BLOCK, RAM_BLOCK),
        ])
    }
}

const fn range(start: u64, end: u64) -> PhysRange {
    match PhysRange::from_bounds(start, end) {
        Some(range) => range,
        None => panic!("the secure RAM is not among the devices"),
    }
}

/// On entry: x0 = memory for the tables, [`SIZE_BYTES`] aligned to [`ALIGN`]; x1 = the [`Layout`]. MMU on or off; no stack is needed.
/// Does: writes the tables, and drops each line from the caches: with the MMU off they are bypassed, and may hold what was in the memory
/// before, which the MMU would read.
/// On exit: x0 = the first-level table, complete in memory; x1 to x6 changed.
///
/// # Safety
/// The memory is RAM that nothing else uses.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub unsafe extern "C" fn write(place: u64, layout: &Layout) -> u64 {
    core::arch::naked_asm!(
        "mov    x2, x0",
        "add    x3, x1, #{layout_size}",
        "1:",
        "ldp    x4, x5, [x1], #16",
        "ldr    x6, [x1], #8",
        "2:",
        "str    x4, [x2]",
        "dc     civac, x2",
        "add    x2, x2, #8",
        "add    x4, x4, x5",
        "subs   x6, x6, #1",
        "b.ne   2b",
        "cmp    x1, x3",
        "b.lo   1b",
        "orr    x4, x0, #{table}",
        "add    x0, x0, #{root_offset}",
        "str    x4, [x0]",
        "dc     civac, x0",
        "dsb    sy",
        "ret",
        layout_size = const size_of::<Layout>(),
        table = const TABLE,
        root_offset = const ROOT_OFFSET,
    )
}

/// Goes on with page tables in `place`, which map the same; the memory of the tables before is free from then on.
///
/// # Safety
/// As [`write()`], at EL1 or EL2, with the MMU on by tables of the same layout, and nobody uses `place` as long as the MMU is on.
#[cfg(target_arch = "aarch64")]
pub unsafe fn move_to(place: u64, layout: &Layout) {
    use core::arch::asm;

    use crate::cpu::ExceptionLevel;

    // SAFETY: the caller vouches for the place.
    let root = unsafe { write(place, layout) };
    // Every address has the same translation, by a block of the same size, in both: no break-before-make is needed (DDI0487, D8.16). What
    // the TLBs remember of the way through the old tables must go before their memory is written.
    if ExceptionLevel::current() == ExceptionLevel::El2 {
        // SAFETY: the translations stay what they are.
        unsafe {
            asm!("msr ttbr0_el2, {}", "isb", "tlbi alle2", "dsb nsh", "isb", in(reg) root, options(nostack, preserves_flags));
        };
    } else {
        // SAFETY: as above.
        unsafe {
            asm!("msr ttbr0_el1, {}", "isb", "tlbi vmalle1", "dsb nsh", "isb", in(reg) root, options(nostack, preserves_flags));
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACES: Spaces = Spaces {
        flash: range(0, 128 * MIB),
        devices: range(128 * MIB, GIB),
        secure_code: range(224 * MIB, 226 * MIB),
        secure_data: range(226 * MIB, 240 * MIB),
        ram: range(GIB, 256 * GIB),
    };
    const LAYOUT: Layout = Layout::for_flash(&SPACES);

    /// What [`write()`] writes: the second-level table and the first-level table, but for the address in it.
    fn tables() -> (Vec<u64>, Vec<u64>) {
        tables_of(&LAYOUT)
    }

    fn tables_of(layout: &Layout) -> (Vec<u64>, Vec<u64>) {
        let run = |run: Run| (0..run.count).map(move |nth| run.first + nth * run.step);
        let mut first_gib: Vec<u64> = layout.0.into_iter().flat_map(run).collect();
        let root = first_gib.split_off(ROOT_OFFSET / 8);
        (first_gib, root)
    }

    #[test]
    fn both_tables_are_full() {
        let (first_gib, root) = tables();
        assert_eq!(first_gib.len() as u64, GIB / LEVEL_2_BLOCK);
        assert_eq!(root.len() as u64, LEVEL_1_ENTRIES);
        assert!(ROOT_OFFSET.is_multiple_of(root.len() * 8));
        assert_eq!(root[0], 0, "the place of the second-level table");
    }

    #[test]
    fn flash_can_be_executed_and_not_written() {
        let (first_gib, _) = tables();
        assert_eq!(first_gib[0], 0x7c5);
        assert_eq!(first_gib[63], (63 * LEVEL_2_BLOCK) | 0x7c5);
    }

    #[test]
    fn devices_are_never_executed_or_cached() {
        let (first_gib, _) = tables();
        assert_eq!(first_gib[64], (1 << 54) | (64 * LEVEL_2_BLOCK) | 0x441);
        assert_eq!(first_gib[511], (1 << 54) | (511 * LEVEL_2_BLOCK) | 0x441);
    }

    #[test]
    fn ram_is_cached_and_never_executed() {
        let (_, root) = tables();
        assert_eq!(root[1], (1 << 54) | GIB | 0x765);
        assert_eq!(root[255], (1 << 54) | (255 * GIB) | 0x765);
    }

    #[test]
    fn secure_ram_is_secure_and_executed_only_by_who_lives_there() {
        let (first_gib, _) = tables();
        let secure = (112..120).map(|block| (1 << 54) | (block * LEVEL_2_BLOCK) | 0x745);
        assert!(first_gib[112..120].iter().copied().eq(secure));
        assert_eq!(first_gib[120], (1 << 54) | (240 * MIB) | 0x441);
        let (first_gib, _) = tables_of(&Layout::for_secure_ram(&SPACES));
        assert_eq!(first_gib[0], (1 << 54) | 0x7c5);
        assert_eq!(first_gib[112], (224 * MIB) | 0x7c5);
        assert_eq!(first_gib[113], (1 << 54) | (226 * MIB) | 0x745);
    }

    #[test]
    #[should_panic(expected = "devices.start()")]
    fn a_gap_between_flash_and_devices_is_refused() {
        Layout::for_flash(&Spaces {
            flash: range(0, 64 * MIB),
            ..SPACES
        });
    }

    #[test]
    fn control_registers_are_what_the_manual_asks_for() {
        assert_eq!(TCR, 0x8080_351a);
        assert_eq!(MAIR, 0xff00);
        assert_eq!(SCTLR_MMU_ON, 0x100d);
    }
}
