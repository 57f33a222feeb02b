//! Power: powering the machine off and resetting it, by PSCI (DEN0022F.b).

use core::fmt::{self, Write};

use devicetree::PsciConduit;
use machine::console::Console;
use smccc::psci::error::NOT_SUPPORTED;
use smccc::psci::{self, Error, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET};
use smccc::{Call, Hvc, Smc};

/// A request to PSCI that does not return where it is granted.
#[derive(Clone, Copy)]
pub enum Request {
    /// `SYSTEM_OFF` (5.10).
    Off,
    /// `SYSTEM_RESET` (5.11).
    Reset,
}

impl Request {
    /// The word on the command line that makes this request.
    const fn word(self) -> &'static str {
        match self {
            Self::Off => "poweroff",
            Self::Reset => "reboot",
        }
    }

    fn function(self) -> u32 {
        match self {
            Self::Off => PSCI_SYSTEM_OFF,
            Self::Reset => PSCI_SYSTEM_RESET,
        }
    }

    fn call<C: Call>(self) -> Result<(), Error> {
        match self {
            Self::Off => psci::system_off::<C>(),
            Self::Reset => psci::system_reset::<C>(),
        }
    }
}

/// Makes the request. Returns only where PSCI refuses it, after a line that says so: firmware may
/// have no way to power its machine off.
pub fn ask(console: &mut Console, conduit: Option<PsciConduit>, request: Request) {
    let Some(conduit) = conduit else {
        let _ = writeln!(console, "{} refused: the device tree has no PSCI", request.word());
        return;
    };
    console.flush();
    let (announced, answer) = match conduit {
        PsciConduit::Smc => ask_by::<Smc>(request),
        PsciConduit::Hvc => ask_by::<Hvc>(request),
    };
    let _ = writeln!(
        console,
        "{} refused: PSCI answered {}; PSCI_FEATURES answered {}",
        request.word(),
        Answer(answer),
        Answer(announced),
    );
}

/// Returns what `PSCI_FEATURES` (5.16) says of the request's function, and what that function
/// answered.
fn ask_by<C: Call>(request: Request) -> (Result<(), Error>, Result<(), Error>) {
    let announced = psci::psci_features::<C>(request.function()).map(drop);
    (announced, request.call::<C>())
}

/// An answer of PSCI: its number, and what the number means.
struct Answer(Result<(), Error>);

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ok(()) => f.write_str("0 (SUCCESS)"),
            Err(Error::NotSupported) => write!(f, "{NOT_SUPPORTED} (NOT_SUPPORTED)"),
            Err(error) => write!(f, "{} ({error})", i64::from(error)),
        }
    }
}
