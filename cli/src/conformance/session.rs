//! [`run_all`]: many boots, as many at once as there are cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::run::{Run, Trial};
use crate::clause::Clause;
use crate::progress::Progress;
use crate::qemu::Qemu;
use crate::{Error, interrupt};

/// How often the progress is shown.
const TICK: Duration = Duration::from_millis(100);

/// Runs all trials, each for at most `limit`, so many `at_once`. The runs are in the order of the trials.
///
/// # Errors
/// One cannot be run at all, or a signal asks this program to end.
pub fn run_all(
    trials: &[Trial<'_>],
    qemu: &Qemu,
    clauses: &[&'static Clause],
    limit: Duration,
    at_once: Option<usize>,
) -> Result<Vec<Run>, Error> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = at_once.unwrap_or(cores).clamp(1, trials.len().max(1));
    let next = AtomicUsize::new(0);
    let mut progress = Progress::start("booting the payload", trials.len() as u64);
    let mut runs = thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(trial) = trials.get(number) else { return };
                    let run = interrupt::check().and_then(|()| trial.run(qemu, clauses, limit));
                    let is_last = run.is_err();
                    if sender.send((number, run)).is_err() || is_last {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut runs = Vec::new();
        loop {
            match receiver.recv_timeout(TICK) {
                Ok((number, run)) => {
                    runs.push((number, run?));
                    progress.advance(1);
                }
                Err(RecvTimeoutError::Timeout) => progress.advance(0),
                Err(RecvTimeoutError::Disconnected) => return Ok::<_, Error>(runs),
            }
        }
    })?;
    runs.sort_by_key(|(number, _)| *number);
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}
