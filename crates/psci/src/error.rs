//! [`Error`]: the codes of calls that fail.

/// A return code of PSCI (5.2.2, table 5); the first is SMCCC's for an unknown function too.
///
/// NOT_PRESENT of the table is not answered here: there is no trusted OS that a CPU is needed for.
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
    /// The CPU cannot be started: it has not joined, or EL3 had to stop it. Also the answer to a
    /// call by a CPU that the monitor did not name to [`System::new`](crate::System::new).
    InternalFailure = -6,
    /// EL3 had to stop the CPU.
    Disabled = -8,
    /// The entry point is not an address of an A64 instruction in non-secure RAM.
    InvalidAddress = -9,
}

impl Error {
    /// NO_ENTROPY of the TRNG (DEN0098), which numbers its errors differently from PSCI.
    pub(crate) const NO_ENTROPY: u64 = -3_i64 as u64;
    /// NOT_REQUIRED of SMCCC (DEN0028, "Return codes"), which numbers its errors differently, too.
    pub(crate) const NOT_REQUIRED: u64 = -2_i64 as u64;
    /// INVALID_PARAMETER of SMCCC.
    pub(crate) const INVALID_PARAMETER: u64 = -3_i64 as u64;

    /// The code as it goes to x0, sign-extended.
    pub const fn x0(self) -> u64 {
        self as i64 as u64
    }
}
