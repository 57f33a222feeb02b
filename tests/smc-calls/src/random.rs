//! Random numbers, the same in every run: SplitMix64.

use core::sync::atomic::{AtomicU64, Ordering};

/// A row of random numbers. Where it has come to is kept in memory, so that it goes on after a CPU
/// was off.
#[derive(Clone, Copy)]
pub struct Random<'a>(pub &'a AtomicU64);

impl Random<'_> {
    /// The next one.
    pub fn next(self) -> u64 {
        let state = self.0.load(Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.store(state, Ordering::Relaxed);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// One of `0..count`.
    pub fn below(self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    /// True once in `count` times.
    pub fn once_in(self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of them.
    pub fn of<T: Copy>(self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}
