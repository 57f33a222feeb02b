//! `memcpy`, `memmove` and `memset`, which the decoders call.
//!
//! Those that come with the compiler move 8 bytes at a time. These move up to 64, at any address,
//! as those of a C library on Linux do, so that no decoder is measured by a slow one.

use core::arch::naked_asm;

/// On entry: x0 = destination, x1 = source, x2 = number of bytes.
/// Does: copies 64 bytes in each iteration, upwards, then the last 64 bytes, which were loaded
/// first; up to 64 bytes by two accesses that may overlap.
/// On exit: x0 as on entry; x1 to x7 and v0 to v7 changed.
///
/// # Safety
/// As C's `memcpy`: so many bytes can be read and written there. They may overlap if the
/// destination is below the source, or if there are no more than 64.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(destination: *mut u8, source: *const u8, bytes: usize) -> *mut u8 {
    naked_asm!(
        "add    x4, x1, x2",
        "add    x5, x0, x2",
        "cmp    x2, #16",
        "b.lo   3f",
        "cmp    x2, #32",
        "b.hi   1f",
        "ldr    q0, [x1]",
        "ldr    q1, [x4, #-16]",
        "str    q0, [x0]",
        "str    q1, [x5, #-16]",
        "ret",
        "1:",
        "ldp    q4, q5, [x4, #-32]",
        "cmp    x2, #64",
        "b.hi   2f",
        "ldp    q0, q1, [x1]",
        "stp    q0, q1, [x0]",
        "stp    q4, q5, [x5, #-32]",
        "ret",
        "2:",
        "ldp    q6, q7, [x4, #-64]",
        "mov    x3, x0",
        "4:",
        "ldp    q0, q1, [x1], #32",
        "ldp    q2, q3, [x1], #32",
        "stp    q0, q1, [x3], #32",
        "stp    q2, q3, [x3], #32",
        "sub    x2, x2, #64",
        "cmp    x2, #64",
        "b.hi   4b",
        "stp    q6, q7, [x5, #-64]",
        "stp    q4, q5, [x5, #-32]",
        "ret",
        "3:",
        "tbz    x2, #3, 5f",
        "ldr    x6, [x1]",
        "ldr    x7, [x4, #-8]",
        "str    x6, [x0]",
        "str    x7, [x5, #-8]",
        "ret",
        "5:",
        "tbz    x2, #2, 6f",
        "ldr    w6, [x1]",
        "ldr    w7, [x4, #-4]",
        "str    w6, [x0]",
        "str    w7, [x5, #-4]",
        "ret",
        "6:",
        "cbz    x2, 7f",
        "ldrb   w6, [x1]",
        "tbz    x2, #1, 8f",
        "ldrh   w7, [x4, #-2]",
        "strh   w7, [x5, #-2]",
        "8:",
        "strb   w6, [x0]",
        "7:",
        "ret",
    )
}

/// On entry: x0 = destination, x1 = source, x2 = number of bytes.
/// Does: as [`memcpy`] where that may be; else copies 64 bytes in each iteration, downwards, then
/// the first 64, which were loaded first.
/// On exit: x0 as on entry; x1 to x7 and v0 to v7 changed.
///
/// # Safety
/// As C's `memmove`: so many bytes can be read and written there.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(destination: *mut u8, source: *const u8, bytes: usize) -> *mut u8 {
    naked_asm!(
        "cmp    x2, #64",
        "b.ls   {memcpy}",
        "sub    x3, x0, x1",
        "cmp    x3, x2",
        "b.hs   {memcpy}",
        "add    x4, x1, x2",
        "add    x5, x0, x2",
        "ldp    q4, q5, [x1]",
        "ldp    q6, q7, [x1, #32]",
        "1:",
        "ldp    q0, q1, [x4, #-32]!",
        "ldp    q2, q3, [x4, #-32]!",
        "stp    q0, q1, [x5, #-32]!",
        "stp    q2, q3, [x5, #-32]!",
        "sub    x2, x2, #64",
        "cmp    x2, #64",
        "b.hi   1b",
        "stp    q4, q5, [x0]",
        "stp    q6, q7, [x0, #32]",
        "ret",
        memcpy = sym memcpy,
    )
}

/// On entry: x0 = destination, w1 = the byte, x2 = number of bytes.
/// Does: sets all of them to the byte, 64 in each iteration, then the last 64; fewer by accesses
/// that may overlap.
/// On exit: x0 as on entry; x1 to x5 and v0 changed.
///
/// # Safety
/// As C's `memset`: so many bytes can be written there.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(destination: *mut u8, byte: i32, bytes: usize) -> *mut u8 {
    naked_asm!(
        "dup    v0.16b, w1",
        "add    x5, x0, x2",
        "cmp    x2, #16",
        "b.lo   3f",
        "cmp    x2, #64",
        "b.hi   1f",
        "str    q0, [x0]",
        "str    q0, [x5, #-16]",
        "cmp    x2, #32",
        "b.ls   2f",
        "str    q0, [x0, #16]",
        "str    q0, [x5, #-32]",
        "2:",
        "ret",
        "1:",
        "mov    x3, x0",
        "4:",
        "stp    q0, q0, [x3], #32",
        "stp    q0, q0, [x3], #32",
        "sub    x2, x2, #64",
        "cmp    x2, #64",
        "b.hi   4b",
        "stp    q0, q0, [x5, #-64]",
        "stp    q0, q0, [x5, #-32]",
        "ret",
        "3:",
        "tbz    x2, #3, 5f",
        "str    d0, [x0]",
        "str    d0, [x5, #-8]",
        "ret",
        "5:",
        "tbz    x2, #2, 6f",
        "str    s0, [x0]",
        "str    s0, [x5, #-4]",
        "ret",
        "6:",
        "cbz    x2, 7f",
        "strb   w1, [x0]",
        "tbz    x2, #1, 7f",
        "strb   w1, [x0, #1]",
        "strb   w1, [x5, #-1]",
        "7:",
        "ret",
    )
}
