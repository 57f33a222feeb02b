//! The loader of "Writing an OS in Rust: Bootloader #1", rebuilt from what the article says that it
//! does, faults included: it copies `image_size` bytes, 8 at a time, over whatever lies at the
//! start of RAM, checks nothing, and leaves the caches off.
//!
//! It is a fixture: `flint bench` measures the bootloader against its copy loop.

#![no_std]
#![no_main]

use core::arch::naked_asm;
use core::panic::PanicInfo;

const KERNEL_IN_FLASH: u64 = 0x10_0000;
const RAM_BASE: u64 = 0x4000_0000;
const STACK_TOP: u64 = 0x4001_0000;
const SCTLR_MMU_AND_CACHES: u64 = 1 << 12 | 1 << 2 | 1;
const CNTHCTL_EL1_ACCESS: u64 = 0b11;

/// On entry: reset, at EL2 or EL1. Does: sets up EL2 if that is where it is, copies the kernel. On
/// exit: the kernel runs, with x0 = the start of RAM, where the device tree was, and x1 to x3 = 0.
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.reset")]
extern "C" fn reset() -> ! {
    naked_asm!(
        "msr    daifset, #0xf",
        "isb",
        "ldr    x9, ={stack_top}",
        "mov    sp, x9",
        "mrs    x9, CurrentEL",
        "cmp    x9, #(2 << 2)",
        "b.ne   1f",
        "mrs    x9, sctlr_el2",
        "ldr    x10, ={mmu_and_caches}",
        "bic    x9, x9, x10",
        "msr    sctlr_el2, x9",
        "isb",
        "msr    cntvoff_el2, xzr",
        "mrs    x9, cnthctl_el2",
        "orr    x9, x9, #{el1_access}",
        "msr    cnthctl_el2, x9",
        "1:",
        "ldr    x11, ={kernel}",
        "ldp    x13, x12, [x11, #8]", // text_offset, image_size
        "ldr    x0, ={ram}",
        "add    x13, x13, x0",
        "mov    x14, x13",
        "2:",
        "ldr    x9, [x11], #8",
        "str    x9, [x14], #8",
        "subs   x12, x12, #8",
        "b.ne   2b",
        "mov    x1, xzr",
        "mov    x2, xzr",
        "mov    x3, xzr",
        "br     x13",
        ".ltorg",
        stack_top = const STACK_TOP,
        mmu_and_caches = const SCTLR_MMU_AND_CACHES,
        el1_access = const CNTHCTL_EL1_ACCESS,
        kernel = const KERNEL_IN_FLASH,
        ram = const RAM_BASE,
    )
}

/// Nothing here can panic.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
