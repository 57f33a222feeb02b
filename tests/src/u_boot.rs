//! U-Boot as another loader of our kernel.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use flint_cli::Error;
use flint_cli::bench::time::U_BOOT;
use flint_cli::qemu::{Ended, Session};

/// The place where our kernel is in RAM for U-Boot's commands: a multiple of 2 MiB, as `booti` then
/// leaves it there.
pub const KERNEL_ADDRESS: u64 = 0x4200_0000;

/// The interval at which a key is pressed.
const KEY_INTERVAL: Duration = Duration::from_millis(200);

/// Returns why U-Boot cannot be had, if it cannot.
pub fn missing() -> Option<String> {
    (!Path::new(U_BOOT).is_file()).then(|| format!("there is no {U_BOOT}; it is in Debian's package u-boot-qemu"))
}

/// QEMU's arguments to start U-Boot with our kernel in RAM.
pub fn arguments(kernel: &Path) -> Vec<OsString> {
    let mut device = OsString::from(format!("loader,addr={KERNEL_ADDRESS:#x},force-raw=on,file="));
    device.push(kernel);
    vec!["-bios".into(), U_BOOT.into(), "-device".into(), device]
}

/// Stops U-Boot's countdown and types `commands` at its prompt.
///
/// # Errors
/// U-Boot does not come to its prompt by the `deadline`.
pub fn type_commands(session: &mut Session, commands: &str, deadline: Instant) -> Result<(), Error> {
    // Any key stops it; pressed again and again, it is not too late even on a busy machine.
    while session.wait_for(&["\n=> "], KEY_INTERVAL)? != Ended::Matched {
        if Instant::now() >= deadline {
            return Err(Error::new("U-Boot does not come to its prompt"));
        }
        session.send(" ")?;
    }
    session.send(&format!("{commands}\n"))
}
