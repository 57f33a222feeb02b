//! Constant page tables: the physical address space mapped to itself, ready in flash before the first instruction runs.
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
const LEVEL_1_ENTRIES: usize = 256;
const LEVEL_1_BLOCK: u64 = GIB;
const LEVEL_2_BLOCK: u64 = 2 * MIB;

const BLOCK: u64 = 0b01;
const TABLE: usize = 0b11;
const ACCESS_FLAG: u64 = 1 << 10;
const INNER_SHAREABLE: u64 = 0b11 << 8;
const READ_ONLY: u64 = 1 << 7;
const AP1: u64 = 1 << 6;
const EXECUTE_NEVER: u64 = 1 << 54;
const NORMAL: u64 = 1 << 2 | INNER_SHAREABLE;
const DEVICE: u64 = 0 << 2;

/// What an address range is, and so how it is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Flash: read and executed, cached, never written.
    Flash,
    /// RAM: read and written, cached, never executed.
    Ram,
    /// Devices: read and written in order, nothing else.
    Device,
}

impl Memory {
    const fn attributes(self) -> u64 {
        BLOCK
            | ACCESS_FLAG
            | AP1
            | match self {
                Self::Flash => NORMAL | READ_ONLY,
                Self::Ram => NORMAL | EXECUTE_NEVER,
                Self::Device => DEVICE | EXECUTE_NEVER,
            }
    }
}

/// A descriptor: a number, or the address of the next level's table, which only the linker knows.
#[derive(Clone, Copy)]
#[repr(C)]
union Descriptor {
    block: u64,
    table: *const u8,
}

/// The first-level table, which `TTBR0_ELx` points to; a table is aligned to its size (DDI0487, D8.2).
#[repr(C, align(2048))]
pub struct Root([Descriptor; LEVEL_1_ENTRIES]);

/// The second-level table of the first GiB.
#[repr(C, align(4096))]
pub struct FirstGib([Descriptor; LEVEL_2_ENTRIES]);

// SAFETY: tables are constants; the pointers in them are read by the MMU only.
unsafe impl Sync for Root {}
// SAFETY: as above.
unsafe impl Sync for FirstGib {}

impl FirstGib {
    /// Maps what of the ranges lies in the first GiB.
    pub const fn new(ranges: &[(PhysRange, Memory)]) -> Self {
        Self(blocks(LEVEL_2_BLOCK, ranges))
    }
}

impl Root {
    /// The first GiB by its own table, and the ranges above in whole GiB.
    pub const fn new(first_gib: &'static FirstGib, ranges: &[(PhysRange, Memory)]) -> Self {
        let mut table = blocks(LEVEL_1_BLOCK, ranges);
        table[0] = Descriptor {
            table: (&raw const *first_gib).cast::<u8>().wrapping_add(TABLE),
        };
        Self(table)
    }
}

/// Maps each entry that lies wholly in a range to itself; a range that is smaller than an entry maps nothing.
const fn blocks<const ENTRIES: usize>(block_size: u64, ranges: &[(PhysRange, Memory)]) -> [Descriptor; ENTRIES] {
    let mut table = [Descriptor { block: 0 }; ENTRIES];
    let mut index = 0;
    while index < ENTRIES {
        let address = index as u64 * block_size;
        let mut nth = 0;
        while nth < ranges.len() {
            let (range, memory) = ranges[nth];
            if range.start() <= address && address + block_size <= range.end() {
                table[index] = Descriptor {
                    block: address | memory.attributes(),
                };
            }
            nth += 1;
        }
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGES: &[(PhysRange, Memory)] = &[
        (PhysRange::new(0, 128 * MIB).unwrap(), Memory::Flash),
        (PhysRange::new(128 * MIB, GIB - 128 * MIB).unwrap(), Memory::Device),
        (PhysRange::new(GIB, 200 * GIB).unwrap(), Memory::Ram),
    ];
    static FIRST_GIB: FirstGib = FirstGib::new(RANGES);
    static ROOT: Root = Root::new(&FIRST_GIB, RANGES);

    fn block(table: &[Descriptor], index: usize) -> u64 {
        // SAFETY: every bit pattern is a u64, and only entry 0 of ROOT is a pointer, which no test asks for.
        unsafe { table[index].block }
    }

    #[test]
    fn flash_can_be_executed_and_not_written() {
        assert_eq!(block(&FIRST_GIB.0, 0), 0x7c5);
        assert_eq!(block(&FIRST_GIB.0, 63), (63 * LEVEL_2_BLOCK) | 0x7c5);
    }

    #[test]
    fn devices_are_never_executed_or_cached() {
        assert_eq!(block(&FIRST_GIB.0, 64), (1 << 54) | (64 * LEVEL_2_BLOCK) | 0x441);
        assert_eq!(block(&FIRST_GIB.0, 511), (1 << 54) | (511 * LEVEL_2_BLOCK) | 0x441);
    }

    #[test]
    fn ram_is_cached_and_never_executed() {
        assert_eq!(block(&ROOT.0, 1), (1 << 54) | GIB | 0x745);
        assert_eq!(block(&ROOT.0, 200), (1 << 54) | (200 * GIB) | 0x745);
        assert_eq!(block(&ROOT.0, 201), 0, "beyond the RAM window nothing is mapped");
    }

    #[test]
    fn the_first_gib_has_its_own_table() {
        // SAFETY: entry 0 was written as a pointer.
        let entry = unsafe { ROOT.0[0].table };
        assert_eq!(entry.addr(), (&raw const FIRST_GIB).addr() + 0b11);
        assert_eq!((&raw const FIRST_GIB).addr() % 4096, 0);
    }

    #[test]
    fn control_registers_are_what_the_manual_asks_for() {
        assert_eq!(TCR, 0x8080_351a);
        assert_eq!(MAIR, 0xff00);
        assert_eq!(SCTLR_MMU_ON, 0x100d);
    }
}
