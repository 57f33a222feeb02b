//! The console of a run so far, shared between the thread that reads it and those
//! who wait for it.

use std::fs::File;
use std::io::{PipeReader, Read, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The time limit for the rest of a line once the text that was waited for is there.
const LINE_GRACE: Duration = Duration::from_millis(300);

/// The output of the console so far.
#[derive(Debug, Default)]
pub(super) struct Console {
    output: Mutex<Output>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct Output {
    pub bytes: Vec<u8>,
    pub is_complete: bool,
    /// The time when each piece came, and how many bytes there were with it.
    arrivals: Vec<(Instant, usize)>,
}

impl Console {
    /// All of it, with plain line ends.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock().bytes).replace('\r', "")
    }

    fn lock(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what comes from QEMU, until it ends.
    pub fn fill(&self, mut from: PipeReader, mut log: Option<File>) {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let bytes = &buffer[..length];
            if let Some(log) = &mut log {
                let _ = log.write_all(bytes);
            }
            self.lock().add(bytes);
            self.changed.notify_all();
        }
        self.lock().is_complete = true;
        self.changed.notify_all();
    }

    /// The output, after a wait for more than the `seen` bytes of it.
    pub fn wait_for_more(&self, seen: usize, limit: Duration) -> MutexGuard<'_, Output> {
        let is_as_seen = |output: &mut Output| !output.is_complete && output.bytes.len() <= seen;
        let waited = self.changed.wait_timeout_while(self.lock(), limit, is_as_seen);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Returns when the byte at `position` was read, if it was.
    pub fn arrival(&self, position: usize) -> Option<Instant> {
        let output = self.lock();
        let later = output.arrivals.partition_point(|(_, length)| *length <= position);
        output.arrivals.get(later).map(|(at, _)| *at)
    }

    /// Waits a moment for the end of the line that `position` is in.
    pub fn wait_for_line_end(&self, position: usize) {
        let is_open = |output: &mut Output| !output.is_complete && !output.bytes[position..].contains(&b'\n');
        let waited = self.changed.wait_timeout_while(self.lock(), LINE_GRACE, is_open);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Output {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.arrivals.push((Instant::now(), self.bytes.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_when_each_byte_came() {
        let console = Console::default();
        let before = Instant::now();
        console.lock().add(b"ab");
        let between = Instant::now();
        console.lock().add(b"c");
        let [a, b, c] = [0, 1, 2].map(|position| console.arrival(position).unwrap());
        assert!(before <= a && a == b && b <= between && between <= c);
        assert_eq!(console.arrival(3), None);
    }

    #[test]
    fn does_not_wait_for_what_is_there() {
        let console = Console::default();
        console.lock().add(b"a");
        let start = Instant::now();
        assert_eq!(console.wait_for_more(0, Duration::from_secs(20)).bytes, b"a");
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!(console.wait_for_more(1, Duration::from_millis(1)).bytes, b"a");
    }
}
