//! [`Lock`]: one CPU at a time. Spinning is right here: what is done under it takes microseconds,
//! and interrupts are masked at EL3.
//!
//! It is not fair. One that is was tried: where CPUs are emulated or virtual, it waits for the one
//! whose turn it is while its host runs another, and calls of eight CPUs took ten times as long.

pub use spin::mutex::SpinMutex as Lock;
