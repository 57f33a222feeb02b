//! Signals that ask the program to end: they are noted, so that child processes and temporary files
//! are gone before it does.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::Error;

/// The polling interval for signals while something else is waited for.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The number of the last signal, 0 before any.
static PENDING: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// From now on SIGINT, SIGTERM and SIGHUP are noted instead of ending the program at once; waiting
/// for a child process ([`crate::child`]) ends when one comes, and [`finish`] ends the program as
/// the signal would have.
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

/// For between the steps of something that takes long.
///
/// # Errors
/// A signal came.
pub fn check() -> Result<(), Error> {
    match pending() {
        Some(_) => Err(Error::new("interrupted")),
        None => Ok(()),
    }
}

/// Does `work` that may wait for ever, such as reading a pipe. A handler does not end it, so when a
/// signal comes it is left alone.
///
/// # Errors
/// A signal came first.
pub fn or_result<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (is_running, end) = mpsc::channel::<()>();
    let worker = thread::spawn(move || {
        let result = work();
        drop(is_running);
        result
    });
    while end.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
        check()?;
    }
    Ok(worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
}

/// Ends the program by the signal that came, if one did: whoever started it then sees that it was
/// interrupted.
pub fn finish() {
    if let Some(signal) = pending() {
        // This only returns where the signal cannot end the program, and these three can.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}
