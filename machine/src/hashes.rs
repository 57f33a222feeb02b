//! The functions of [`hashes`], by the CPU's own instructions where it has them.

mod sha1;
mod sha256;
mod sha512;

use core::arch::aarch64::{uint8x16_t, uint32x4_t};
use core::arch::asm;

use arm_sysregs::el1::accessors;
use hashes::Backend;

use crate::crc32;

/// Returns the functions that this CPU computes hashes by (DDI0487, D24.2, `ID_AA64ISAR0_EL1`).
///
/// It looks each time: the bootloader has no variables in which what was found could stay. So no
/// crate does that for us either, such as `sha2` with `cpufeatures`, which on a target without an
/// operating system finds nothing in the first place.
pub fn backend() -> Backend {
    let id = accessors::read_id_aa64isar0_el1();
    let mut backend = Backend {
        crc32: crc32::update(),
        ..Backend::SOFTWARE
    };
    if id.sha1() != 0 {
        // SAFETY: the CPU has just said that it has the instructions (FEAT_SHA1).
        backend.sha1 = |state, blocks| unsafe { sha1::compress(state, blocks) };
    }
    if id.sha2() != 0 {
        // SAFETY: the CPU has just said that it has the instructions (FEAT_SHA256).
        backend.sha256 = |state, blocks| unsafe { sha256::compress(state, blocks) };
    }
    // What the compiler knows as one feature are FEAT_SHA512 and FEAT_SHA3 to the CPU.
    if id.sha2() >= 2 && id.sha3() != 0 {
        // SAFETY: the CPU has just said that it has the instructions.
        backend.sha512 = |state, blocks| unsafe { sha512::compress(state, blocks) };
    }
    backend
}

/// Loads 64 bytes from any address. `ld1` of single bytes needs no alignment; the intrinsics become
/// loads of bytes one by one on this target, which promises not to use unaligned accesses.
#[inline(always)]
fn load<T>(from: &T) -> [uint8x16_t; 4] {
    const { assert!(size_of::<T>() == 64) };
    let (a, b, c, d);
    // SAFETY: reads what can be read, and nothing else.
    unsafe {
        asm!(
            "ld1 {{v16.16b, v17.16b, v18.16b, v19.16b}}, [{from}]",
            from = in(reg) from,
            out("v16") a, out("v17") b, out("v18") c, out("v19") d,
            options(readonly, nostack, preserves_flags),
        );
    }
    [a, b, c, d]
}

/// Loads a state of eight 32-bit words.
#[inline(always)]
fn load_state(state: &[u32; 8]) -> [uint32x4_t; 2] {
    let (a, b);
    // SAFETY: reads what can be read, and nothing else.
    unsafe {
        asm!(
            "ld1 {{v16.4s, v17.4s}}, [{state}]",
            state = in(reg) state,
            out("v16") a, out("v17") b,
            options(readonly, nostack, preserves_flags),
        );
    }
    [a, b]
}

/// Stores a state of eight 32-bit words.
#[inline(always)]
fn store_state(state: &mut [u32; 8], [a, b]: [uint32x4_t; 2]) {
    // SAFETY: writes the state, and nothing else.
    unsafe {
        asm!(
            "st1 {{v16.4s, v17.4s}}, [{state}]",
            state = in(reg) state,
            in("v16") a, in("v17") b,
            options(nostack, preserves_flags),
        );
    }
}
