//! Counts the work that reading an input takes.
//!
//! The crates that read what others wrote call [`add`] in each of their loops. Without the feature
//! `count`, which only the fuzz targets have, that is nothing: no code, and no state. With it, the
//! targets hold the work against the size of the input, and find inputs that take long without
//! looking at a clock.
//!
//! A unit is about one iteration of a loop: a table entry written, a name compared, a byte read on
//! its own. It was 2 to 20 instructions when it was held against callgrind.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "count")]
static DONE: core::sync::atomic::AtomicU64 = core::sync::atomic::AtomicU64::new(0);

/// Adds so many units of work.
#[cfg(feature = "count")]
pub fn add(units: usize) {
    DONE.fetch_add(units as u64, core::sync::atomic::Ordering::Relaxed);
}

/// Adds nothing: nobody counts.
#[cfg(not(feature = "count"))]
#[inline(always)]
pub const fn add(_units: usize) {}

/// Returns the units that were added by all threads since the last call, and starts anew.
#[cfg(feature = "count")]
pub fn take() -> u64 {
    DONE.swap(0, core::sync::atomic::Ordering::Relaxed)
}
