//! CRC-32, MD5, SHA-1 and SHA-2: [`Hasher`] computes them, [`Algorithm`] names them.
//!
//! A CPU may have instructions for what takes the time in a hash: taking whole blocks of the
//! message into its state. Only a crate with unsafe code can execute them, and only when it runs
//! does a bootloader learn whether they are there. So those functions come as a value, a
//! [`Backend`]: [`Backend::SOFTWARE`] is that of this crate. Padding, lengths and the order of
//! bytes are always done here.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod algorithm;
mod crc32;
mod hasher;
mod md5;
mod sha1;
mod sha2;

pub use algorithm::Algorithm;
pub use crc32::crc32;
pub use hasher::{Digest, Hasher, PIECE_BYTES};
pub use sha2::{SHA256_CONSTANTS, SHA512_CONSTANTS};

/// The functions that take a message into the state of a hash.
///
/// Those of SHA take whole blocks, and update the state by each (FIPS 180-4, 6). MD5 is not among
/// them, because no CPU has instructions for it.
#[derive(Clone, Copy, Debug)]
pub struct Backend {
    /// CRC-32 of bytes that follow others, whose checksum is the first argument; see [`crc32()`].
    pub crc32: Crc32,
    /// SHA-1; its state has five words, the other three stay as they are.
    pub sha1: Compress32,
    /// SHA-256.
    pub sha256: Compress32,
    /// SHA-512, and SHA-384, which differs in nothing but the state at the start.
    pub sha512: Compress64,
}

/// A function that continues a CRC-32.
pub type Crc32 = fn(u32, &[u8]) -> u32;
/// A function that takes blocks into a state of 32-bit words.
pub type Compress32 = fn(&mut [u32; 8], &[[u8; 64]]);
/// A function that takes blocks into a state of 64-bit words.
pub type Compress64 = fn(&mut [u64; 8], &[[u8; 128]]);

impl Backend {
    /// The functions of this crate.
    pub const SOFTWARE: Self = Self {
        crc32,
        sha1: sha1::compress,
        sha256: sha2::compress256,
        sha512: sha2::compress512,
    };
}
