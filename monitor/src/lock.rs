//! [`Lock`]: one CPU at a time. Spinning is right here: what is done under it takes microseconds, and interrupts are masked at EL3.

pub use spin::mutex::SpinMutex as Lock;
