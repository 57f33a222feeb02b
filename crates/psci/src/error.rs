//! [`Error`]: the codes of calls that fail.

/// A return code of PSCI (5.2.2, table 5); the first is SMCCC's for an unknown function too.
///
/// The others of the table are not answered here: there is no trusted OS that a CPU is needed for (DISABLED, NOT_PRESENT).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Error {
    /// The function, or what it is asked for, is not implemented.
    NotSupported = -1,
    /// An argument means nothing: no such CPU, no such power state.
    InvalidParameters = -2,
    /// The state of the system does not allow it.
    Denied = -3,
    /// The CPU is on, or suspended.
    AlreadyOn = -4,
    /// The CPU has been told to start and has not yet.
    OnPending = -5,
    /// The monitor called for a CPU that it did not name to [`System::new`](crate::System::new).
    InternalFailure = -6,
    /// The entry point is not an address of an A64 instruction in non-secure RAM.
    InvalidAddress = -9,
}

impl Error {
    /// NO_ENTROPY of the TRNG, which has this number for something else than PSCI has.
    pub(crate) const NO_ENTROPY: u64 = -3_i64 as u64;

    /// The code as it goes to x0, sign-extended.
    pub const fn x0(self) -> u64 {
        self as i64 as u64
    }
}
