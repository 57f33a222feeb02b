//! [`Answer`] and [`Arrival`]: what the monitor does next, without the lock.

use crate::Random;

/// The state in which a CPU enters the normal world (5.1.4, 6.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Start {
    /// The physical address of the first instruction.
    pub entry: u64,
    /// The value that the caller wants to find in x0.
    pub context_id: u64,
    /// `SCTLR_ELx.EE` of the level that is entered: the endianness of the caller (6.4.3.2).
    pub is_big_endian: bool,
}

/// A register of EL3 whose fields SMCCC_ARCH_FEATURE_AVAILABILITY reports (DEN0028).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum El3Register {
    /// `SCR_EL3`.
    Scr,
    /// `CPTR_EL3`.
    Cptr,
    /// `MDCR_EL3`.
    Mdcr,
    /// `MPAM3_EL3`, of a CPU that has FEAT_MPAM.
    Mpam3,
}

/// The monitor's answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Return to the caller with this in x0.
    ///
    /// An error is sign-extended to 64 bits after an SMC32 call too: its result is w0, nothing is
    /// said about the rest of x0, and callers exist that compare all of it with -1. Anything else
    /// has zeros there.
    Return(u64),
    /// Return to the caller with [`TRNG_UUID`](crate::TRNG_UUID) in x0 to x3.
    TrngUuid,
    /// Return to the caller with [`Random::results`] in x0 to x3.
    Random(Random),
    /// Return to the caller with SUCCESS (0) in x0, and in x1 the features that this register of
    /// the calling CPU lets lower levels use: each field at its place, 1 for "not trapped to EL3".
    FeatureAvailability(El3Register),
    /// Wake the CPU with this index, then return SUCCESS (0) to the caller. The wake-up must not
    /// get lost on a CPU that has been told [`Arrival::Park`] and does not wait yet: an event or a
    /// pending interrupt does not.
    Wake(usize),
    /// Turn the calling CPU off: it goes to where CPUs are parked, and asks
    /// [`System::arrive`](crate::System::arrive) there.
    Off,
    /// Wait for an interrupt, as the CPU is; then ask [`System::arrive`](crate::System::arrive).
    Standby,
    /// Power the calling CPU down until there is an interrupt; then ask
    /// [`System::arrive`](crate::System::arrive). Waking up for no reason is allowed, and so is
    /// waiting without powering down: the caller has saved all that it needs.
    Suspend,
    /// The same for the whole system; all other CPUs are off.
    SystemSuspend,
    /// Turn the system off. This does not return.
    SystemOff,
    /// Reset the system as a power-on does. This does not return.
    SystemReset,
    /// Reset the system, with RAM kept. This does not return.
    SystemWarmReset,
}

/// The next step of a CPU that has been turned off or suspended, when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a start is handed out once"]
pub enum Arrival {
    /// Nothing: wait until woken, and ask again.
    Park,
    /// Enter the normal world.
    Enter(Start),
    /// The standby is over: return SUCCESS (0) to the caller.
    Return,
}
