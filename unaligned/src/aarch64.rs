//! The accesses by instructions, which take any address in Normal memory.

use core::arch::aarch64::{uint8x16_t, vqtbl1q_u8};
use core::arch::asm;

use crate::REPEATED;

/// Loads a little-endian number of 16 bits.
#[inline(always)]
pub fn load_u16(bytes: &[u8; 2]) -> u16 {
    let number: u32;
    // SAFETY: reads the two bytes of the array.
    unsafe {
        asm!("ldrh {:w}, [{}]", lateout(reg) number, in(reg) bytes, options(pure, readonly, nostack, preserves_flags));
    };
    number as u16
}

/// Loads a little-endian number of 32 bits.
#[inline(always)]
pub fn load_u32(bytes: &[u8; 4]) -> u32 {
    let number;
    // SAFETY: reads the four bytes of the array.
    unsafe {
        asm!("ldr {:w}, [{}]", lateout(reg) number, in(reg) bytes, options(pure, readonly, nostack, preserves_flags));
    };
    number
}

/// Loads a little-endian number of 64 bits.
// A multiply-accumulate right after the load would be erratum 835769 of Cortex-A53; the compiler
// keeps the two apart, but does not know that this is a load.
#[inline(always)]
pub fn load_u64(bytes: &[u8; 8]) -> u64 {
    let number;
    // SAFETY: reads the eight bytes of the array.
    unsafe {
        asm!("ldr {}, [{}]", "nop", lateout(reg) number, in(reg) bytes, options(pure, readonly, nostack, preserves_flags));
    };
    number
}

/// 16 bytes on their way from one place to another.
#[derive(Clone, Copy, Debug)]
pub struct Bytes16(uint8x16_t);

impl Bytes16 {
    /// Loads them.
    #[inline(always)]
    pub fn load(from: &[u8; 16]) -> Self {
        let bytes;
        // SAFETY: reads the 16 bytes of the array.
        unsafe {
            asm!("ldr {:q}, [{}]", lateout(vreg) bytes, in(reg) from, options(pure, readonly, nostack, preserves_flags));
        };
        Self(bytes)
    }

    /// Stores them.
    #[inline(always)]
    pub fn store(self, to: &mut [u8; 16]) {
        // SAFETY: writes the 16 bytes of the array.
        unsafe { asm!("str {:q}, [{}]", in(vreg) self.0, in(reg) to, options(nostack, preserves_flags)) };
    }

    /// Returns the first `period` bytes again and again; `period` is 1 to 15.
    #[inline(always)]
    pub fn repeat(self, period: usize) -> Self {
        let Self(indices) = Self::load(&REPEATED[period & 0xf]);
        // SAFETY: every 64-bit Arm CPU that runs this has SIMD: the target says so.
        Self(unsafe { vqtbl1q_u8(self.0, indices) })
    }
}
