//! Signals that ask the program to end: they are noted, so that child processes and temporary files are gone before it does.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// The number of the last signal, 0 before any.
static PENDING: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// From now on SIGINT, SIGTERM and SIGHUP are noted instead of ending the program at once; waiting for a child process
/// ([`crate::child`]) ends when one comes, and [`finish`] ends the program as the signal would have.
///
/// # Errors
/// The operating system refuses the handler.
pub fn install() -> io::Result<()> {
    let pending = PENDING.get_or_init(Arc::default);
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15), (SIGHUP, 1)] {
        debug_assert_eq!(usize::try_from(signal), Ok(number));
        signal_hook::flag::register_usize(signal, Arc::clone(pending), number)?;
    }
    Ok(())
}

/// The signal that came, if one did since [`install`].
pub fn pending() -> Option<i32> {
    let number = PENDING.get()?.load(Ordering::Relaxed);
    i32::try_from(number).ok().filter(|signal| *signal != 0)
}

/// Ends the program by the signal that came, if one did: whoever started it then sees that it was interrupted.
pub fn finish() {
    if let Some(signal) = pending() {
        // This only returns where the signal cannot end the program, and these three can.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}
