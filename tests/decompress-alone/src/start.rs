//! The start: from the reset vector in flash to [`run`](crate::run) in RAM, with MMU and caches on.
//!
//! The C libraries access memory at any address, as the compilers of Linux let them. With the MMU
//! off, such accesses fault (DDI0487, B2.8.2: all of memory is Device then).

use core::arch::{global_asm, naked_asm};

const STACK_TOP: u64 = 0x4080_0000;
/// `CPTR_EL2` with its RES1 bits, and nothing trapped.
const CPTR_EL2_FP: u64 = 0x33ff;
/// `MAIR_EL2`: attribute 0 is Device-nGnRnE, attribute 1 Normal memory, write-back.
const MAIR: u64 = 0xff << 8;
/// `TCR_EL2`: 32-bit addresses (`T0SZ` = 32), 4 KiB granule, table walks inner shareable and
/// write-back; bits 31 and 23 are RES1 (DDI0487, D24.2).
const TCR: u64 = 1 << 31 | 1 << 23 | 0b11 << 12 | 0b01 << 10 | 0b01 << 8 | 32;
/// `SCTLR_EL2`: its RES1 bits, instruction cache, data cache, MMU.
const SCTLR: u64 = 0x30c5_0830 | 1 << 12 | 1 << 2 | 1;

/// Descriptors of blocks (DDI0487, D8.3.1): accessed, read and written, inner shareable, attribute
/// 1; and accessed, read and written, not executed, attribute 0.
const NORMAL_BLOCK: u64 = 1 << 10 | 0b11 << 8 | 1 << 6 | 1 << 2 | 0b01;
const DEVICE_BLOCK: u64 = 1 << 54 | 1 << 10 | 1 << 6 | 0b01;
const TABLE: u64 = 0b11;

// Page tables that map addresses to themselves: 128 MiB of flash, devices up to 1 GiB, 1 GiB of
// RAM.
global_asm!(
    ".pushsection .rodata.page_tables, \"a\"",
    ".balign 4096",
    "level_2:",
    ".set address, 0",
    ".rept 64",
    ".quad address + {normal}",
    ".set address, address + 0x200000",
    ".endr",
    ".rept 448",
    ".quad address + {device}",
    ".set address, address + 0x200000",
    ".endr",
    "level_1:",
    ".quad level_2 + {table}, 0x40000000 + {normal}, 0, 0",
    ".popsection",
    normal = const NORMAL_BLOCK,
    device = const DEVICE_BLOCK,
    table = const TABLE,
);

/// On entry: reset at EL2, in flash. Does: copies the image to RAM, lets FP and SIMD be used, turns
/// MMU and caches on, gives Rust a stack. On exit: [`run`](crate::run), in RAM.
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.reset")]
extern "C" fn reset() -> ! {
    naked_asm!(
        "msr    daifset, #0xf",
        "mov    x9, #0",
        "ldr    x10, =image_start",
        "ldr    x11, =image_end",
        "1:",
        "ldp    x12, x13, [x9], #16",
        "stp    x12, x13, [x10], #16",
        "cmp    x10, x11",
        "b.lo   1b",
        "ldr    x9, ={cptr}",
        "msr    cptr_el2, x9",
        "ldr    x9, ={mair}",
        "msr    mair_el2, x9",
        "ldr    x9, ={tcr}",
        "msr    tcr_el2, x9",
        "ldr    x9, =level_1",
        "msr    ttbr0_el2, x9",
        "tlbi   alle2",
        "ic     iallu",
        "dsb    sy",
        "isb",
        "ldr    x9, ={sctlr}",
        "msr    sctlr_el2, x9",
        "isb",
        "ldr    x9, ={stack_top}",
        "mov    sp, x9",
        "ldr    x9, ={run}",
        "br     x9",
        ".ltorg",
        cptr = const CPTR_EL2_FP,
        mair = const MAIR,
        tcr = const TCR,
        sctlr = const SCTLR,
        stack_top = const STACK_TOP,
        run = sym crate::run,
    )
}
