//! The start: the Image header, and the room that Rust lives in.

use core::arch::{global_asm, naked_asm};

use linux_image::ImageHeader;

use crate::handed_over::HandedOver;
use crate::main;

/// No wish for a distance from the 2 MiB boundary.
const TEXT_OFFSET: u64 = 0;
/// Little endian, page size unspecified, anywhere in RAM (bit 3).
const FLAGS: u64 = 1 << 3;

/// `HCR_EL2.E2H`: `CPTR_EL2` has the layout of `CPACR_EL1`.
const HCR_E2H_BIT: u64 = 34;
/// `CPTR_EL2` with its RES1 bits, FP and SIMD not trapped.
const CPTR_EL2_FP: u64 = 0x33ff;
/// `CPACR_EL1.FPEN`: FP and SIMD not trapped.
const CPACR_FPEN: u64 = 0b11 << 20;

global_asm!(
    // The 64 bytes that booting.rst calls the decompressed kernel image's header; the first
    // instruction jumps over it.
    r#"
    .pushsection .head, "ax"
    .global head
head:
    b       {start}
    .word   0
    .quad   {text_offset}
    .quad   __image_size
    .quad   {flags}
    .quad   0
    .quad   0
    .quad   0
    .word   {magic}
    .word   0
    .popsection
    "#,
    start = sym start,
    text_offset = const TEXT_OFFSET,
    flags = const FLAGS,
    magic = const ImageHeader::MAGIC,
);

unsafe extern "C" {
    /// The Image header, and so the address that the kernel was loaded at.
    safe static head: [u8; ImageHeader::SIZE_BYTES];
}

/// The Image header as it lies in memory.
pub fn image_header() -> &'static [u8; ImageHeader::SIZE_BYTES] {
    &head
}

/// On entry: booting.rst, "Call the kernel image": x0 = device tree, x1 to x3 = 0, EL1 or EL2, MMU
/// off, interrupts masked. Does: notes the counter and x0 to x3; adds the load address to what
/// needs it; clears .bss; lets FP and SIMD be used. On exit: [`enter`] with x0 to x3 as they came,
/// x4 = the counter at the first instruction, on a stack of 64 KiB.
#[unsafe(naked)]
unsafe extern "C" fn start() -> ! {
    naked_asm!(
        "mrs    x4, cntpct_el0",
        machine::relocate!(),
        // .bss
        "adrp   x6, __bss_start",
        "add    x6, x6, :lo12:__bss_start",
        "adrp   x7, __bss_end",
        "add    x7, x7, :lo12:__bss_end",
        "3:",
        "cmp    x6, x7",
        "b.hs   4f",
        "stp    xzr, xzr, [x6], #16",
        "b      3b",
        "4:",
        "bl     {enable_fp}",
        "msr    spsel, #1",
        "adrp   x6, __stack_end",
        "add    x6, x6, :lo12:__stack_end",
        "mov    sp, x6",
        "mov    x29, xzr",
        "mov    x30, xzr",
        "b      {enter}",
        relative = const machine::relocation::R_AARCH64_RELATIVE,
        enable_fp = sym enable_fp,
        enter = sym enter,
    )
}

/// On entry: any CPU of the kernel, EL1 or EL2.
/// Does: lets FP and SIMD be used; x6 and x7 are all that changes.
/// On exit: back in the caller.
#[unsafe(naked)]
pub extern "C" fn enable_fp() {
    naked_asm!(
        "mrs    x6, CurrentEL",
        "cmp    x6, #(2 << 2)",
        "ldr    x7, ={cpacr}",
        "b.eq   1f",
        "msr    cpacr_el1, x7",
        "b      3f",
        "1:",
        "mrs    x6, hcr_el2",
        "tbnz   x6, #{e2h_bit}, 2f",
        "ldr    x7, ={cptr}",
        "2:",
        "msr    cptr_el2, x7",
        "3:",
        "isb",
        "ret",
        ".ltorg",
        cpacr = const CPACR_FPEN,
        cptr = const CPTR_EL2_FP,
        e2h_bit = const HCR_E2H_BIT,
    )
}

extern "C" fn enter(x0: u64, x1: u64, x2: u64, x3: u64, ticks: u64) -> ! {
    main(&HandedOver {
        x: [x0, x1, x2, x3],
        ticks,
    })
}
