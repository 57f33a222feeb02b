//! The accesses in plain Rust.

use crate::REPEATED;

/// Loads a little-endian number of 16 bits.
#[inline(always)]
pub const fn load_u16(bytes: &[u8; 2]) -> u16 {
    u16::from_le_bytes(*bytes)
}

/// Loads a little-endian number of 32 bits.
#[inline(always)]
pub const fn load_u32(bytes: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*bytes)
}

/// Loads a little-endian number of 64 bits.
#[inline(always)]
pub const fn load_u64(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes)
}

/// 16 bytes on their way from one place to another.
#[derive(Clone, Copy, Debug)]
pub struct Bytes16([u8; 16]);

impl Bytes16 {
    /// Loads them.
    #[inline(always)]
    pub const fn load(from: &[u8; 16]) -> Self {
        Self(*from)
    }

    /// Stores them.
    #[inline(always)]
    pub const fn store(self, to: &mut [u8; 16]) {
        *to = self.0;
    }

    /// Returns the first `period` bytes again and again; `period` is 1 to 15.
    #[inline(always)]
    pub fn repeat(self, period: usize) -> Self {
        Self(REPEATED[period & 0xf].map(|index| self.0[usize::from(index & 0xf)]))
    }
}
