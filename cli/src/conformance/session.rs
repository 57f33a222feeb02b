//! [`run_all`]: many boots, as many at once as there are cores.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::{Run, Trial};
use crate::clause::Clause;
use crate::progress::Progress;
use crate::qemu::Qemu;
use crate::{Error, interrupt};

/// The interval at which the progress is shown.
const TICK: Duration = Duration::from_millis(100);

/// Runs all trials, each for at most `limit`, so many `at_once`. The runs are in the order of the
/// trials.
///
/// # Errors
/// None can be run at all, or a signal asks this program to end.
pub fn run_all(
    trials: &[Trial<'_>],
    qemu: &Qemu,
    clauses: &[&'static Clause],
    limit: Duration,
    at_once: Option<NonZeroUsize>,
) -> Result<Vec<Run>, Error> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = at_once.map_or(cores, usize::from).min(trials.len().max(1));
    let next = AtomicUsize::new(0);
    let mut progress = Progress::start("booting the payload", trials.len() as u64);
    let mut results = thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let trial = trials.get(number).filter(|_| interrupt::pending().is_none());
                    let Some(trial) = trial else { return };
                    let run = trial.run(qemu, clauses, limit);
                    if sender.send((number, run)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut results = Vec::new();
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(result) => {
                    results.push(result);
                    progress.advance(1);
                }
                Err(RecvTimeoutError::Timeout) => progress.advance(0),
                Err(RecvTimeoutError::Disconnected) => return results,
            }
        }
    });
    interrupt::check()?;
    results.sort_by_key(|(number, _)| *number);
    if results.iter().all(|(_, result)| result.is_err()) {
        return results.into_iter().map(|(_, result)| result).collect();
    }
    // One that cannot be run takes nothing from the others.
    let runs = results
        .into_iter()
        .map(|(number, result)| result.unwrap_or_else(|error| trials[number].not_run(clauses, &error)));
    Ok(runs.collect())
}
