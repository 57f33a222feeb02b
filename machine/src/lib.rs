//! The hardware. Most of the unsafe code is here; what the crate offers to the binaries is safe, or
//! says what its caller must uphold.
//!
//! It knows registers, caches, memory and the UART, and nothing of images or device trees. Of
//! `psci` it has the words for who a CPU is and what it is vulnerable to. What can be decided
//! without touching a register ([`cores`], [`el1`], [`el2`], [`el3`], [`page_tables`],
//! [`syndrome`]) is plain code that is tested on the host; the rest exists for arm64 only.

#![cfg_attr(not(test), no_std)]

pub mod cores;
pub mod el1;
pub mod el2;
pub mod el3;
pub mod gic;
pub mod id_registers;
mod level;
pub mod page_tables;
mod registers;
pub mod report_vectors;
pub mod syndrome;

#[cfg(target_arch = "aarch64")]
pub mod cache;
#[cfg(target_arch = "aarch64")]
pub mod console;
#[cfg(target_arch = "aarch64")]
pub mod counter;
#[cfg(target_arch = "aarch64")]
pub mod cpu;
#[cfg(target_arch = "aarch64")]
pub mod crc32;
#[cfg(target_arch = "aarch64")]
pub mod exceptions;
#[cfg(target_arch = "aarch64")]
pub mod fw_cfg;
#[cfg(target_arch = "aarch64")]
pub mod hand_over;
// The monitor is built without the registers of SIMD, and computes no hashes.
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
pub mod hashes;
#[cfg(all(target_arch = "aarch64", target_os = "none"))]
mod memory;
#[cfg(target_arch = "aarch64")]
pub mod power;
#[cfg(target_arch = "aarch64")]
pub mod probe;
#[cfg(target_arch = "aarch64")]
pub mod ram;
#[cfg(target_arch = "aarch64")]
pub mod random;
#[cfg(target_arch = "aarch64")]
pub mod relocation;
#[cfg(target_arch = "aarch64")]
pub mod stack;
#[cfg(target_arch = "aarch64")]
pub mod timers;
