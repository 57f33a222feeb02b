//! `memcpy` and `memset`, which the compiler calls to move and clear values.
//!
//! Those that come with the compiler move 8 bytes at a time, and take 28,000 instructions of a
//! boot; these take a third of that. Like all code that may run with the MMU off they make aligned
//! accesses only. Kernels are moved by [`cache::copy_to_memory`](crate::cache::copy_to_memory).

use core::arch::naked_asm;

/// On entry: x0 = destination, x1 = source, x2 = number of bytes.
/// Does: copies pairs of words where source and destination are aligned alike, else words or bytes.
/// On exit: x0 as on entry; x1 to x7 changed.
///
/// # Safety
/// As C's `memcpy`: so many bytes can be read and written there, and do not overlap.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcpy(destination: *mut u8, source: *const u8, bytes: usize) -> *mut u8 {
    naked_asm!(
        "mov    x3, x0",
        "cmp    x2, #8",
        "b.lo   6f",
        "eor    x4, x0, x1",
        "tst    x4, #3",
        "b.ne   6f",
        // Up to where both are aligned to as much as they can be together.
        "mvn    x4, x4",
        "and    x4, x4, #4",
        "add    x4, x4, #3",
        "1:",
        "tst    x3, x4",
        "b.eq   2f",
        "ldrb   w5, [x1], #1",
        "strb   w5, [x3], #1",
        "sub    x2, x2, #1",
        "b      1b",
        "2:",
        "tbz    x4, #2, 5f",
        "subs   x2, x2, #32",
        "b.lo   4f",
        "3:",
        "ldp    x4, x5, [x1], #16",
        "ldp    x6, x7, [x1], #16",
        "stp    x4, x5, [x3], #16",
        "stp    x6, x7, [x3], #16",
        "subs   x2, x2, #32",
        "b.hs   3b",
        "4:",
        "add    x2, x2, #32",
        "5:",
        "subs   x2, x2, #4",
        "b.lo   7f",
        "ldr    w4, [x1], #4",
        "str    w4, [x3], #4",
        "b      5b",
        "7:",
        "add    x2, x2, #4",
        "6:",
        "cbz    x2, 8f",
        "ldrb   w4, [x1], #1",
        "strb   w4, [x3], #1",
        "sub    x2, x2, #1",
        "b      6b",
        "8:",
        "ret",
    )
}

/// On entry: x0 = destination, w1 = the byte, x2 = number of bytes.
/// Does: sets all of them to the byte.
/// On exit: x0 as on entry; x1 to x4 changed.
///
/// # Safety
/// As C's `memset`: so many bytes can be written there.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memset(destination: *mut u8, byte: i32, bytes: usize) -> *mut u8 {
    naked_asm!(
        "mov    x3, x0",
        "and    w1, w1, #0xff",
        "mov    w4, #0x01010101",
        "orr    x4, x4, x4, lsl #32",
        "mul    x1, x1, x4",
        "1:",
        "cbz    x2, 5f",
        "tst    x3, #7",
        "b.eq   2f",
        "strb   w1, [x3], #1",
        "sub    x2, x2, #1",
        "b      1b",
        "2:",
        "subs   x2, x2, #32",
        "b.lo   3f",
        "stp    x1, x1, [x3], #16",
        "stp    x1, x1, [x3], #16",
        "b      2b",
        "3:",
        "add    x2, x2, #32",
        "4:",
        "subs   x2, x2, #8",
        "b.lo   6f",
        "str    x1, [x3], #8",
        "b      4b",
        "6:",
        "add    x2, x2, #8",
        "7:",
        "cbz    x2, 5f",
        "strb   w1, [x3], #1",
        "sub    x2, x2, #1",
        "b      7b",
        "5:",
        "ret",
    )
}
