//! Power: the call that ends the machine, by PSCI (DEN0022).

use smccc::psci;
use smccc::{Hvc, Smc};

/// The instruction by which PSCI is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduit {
    /// `hvc #0`: a hypervisor answers.
    Hvc,
    /// `smc #0`: firmware at EL3 answers.
    Smc,
}

/// Powers the machine off (DEN0022F.b 5.10, `SYSTEM_OFF`).
///
/// # Errors
/// What PSCI answered, where it did not power off.
pub fn off(conduit: Conduit) -> Result<(), psci::Error> {
    match conduit {
        Conduit::Hvc => psci::system_off::<Hvc>(),
        Conduit::Smc => psci::system_off::<Smc>(),
    }
}

/// Turns the CPU that runs off (DEN0022F.b 5.5, `CPU_OFF`); comes back only where PSCI refuses.
pub fn cpu_off(conduit: Conduit) {
    // What it is refused with changes nothing for who wants to be off.
    let _ = match conduit {
        Conduit::Hvc => psci::cpu_off::<Hvc>(),
        Conduit::Smc => psci::cpu_off::<Smc>(),
    };
}
