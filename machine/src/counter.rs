//! The system counter (DDI0487, D12): the time since reset, before anybody set a clock.

use core::arch::asm;

use arm_sysregs::el0::accessors;

/// `CNTPCT_EL0` in ticks, read in program order.
pub fn ticks() -> u64 {
    // SAFETY: a barrier; it keeps the counter from being read ahead of what is timed.
    unsafe { asm!("isb", options(nostack, preserves_flags)) };
    accessors::read_cntpct_el0().bits()
}

/// `CNTVCT_EL0` in ticks, read in program order: for who may not be allowed the physical counter
/// (clause J3).
pub fn virtual_ticks() -> u64 {
    // SAFETY: as above.
    unsafe { asm!("isb", options(nostack, preserves_flags)) };
    accessors::read_cntvct_el0().bits()
}

/// Microseconds since reset; 0 where nobody set the frequency. Years pass before that wraps.
pub fn micros() -> u64 {
    let (ticks, frequency) = (ticks(), frequency_hz().max(1));
    // Seconds first: a product of all ticks would not fit.
    ticks / frequency * 1_000_000 + ticks % frequency * 1_000_000 / frequency
}

/// `CNTFRQ_EL0` in Hz, as whoever owns the counter programmed it; 0 where nobody did (clause J1).
pub fn frequency_hz() -> u64 {
    accessors::read_cntfrq_el0().bits() & 0xffff_ffff
}
