//! What the console of a run has shown so far, shared between the thread that reads it and those who wait for it.

use std::fs::File;
use std::io::{PipeReader, Read, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the rest of a line may take once the text that was waited for is there.
const LINE_GRACE: Duration = Duration::from_millis(300);

/// What the console has shown so far.
#[derive(Debug, Default)]
pub(super) struct Console {
    output: Mutex<Output>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct Output {
    pub bytes: Vec<u8>,
    pub is_complete: bool,
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
            self.lock().bytes.extend_from_slice(bytes);
            self.changed.notify_all();
        }
        self.lock().is_complete = true;
        self.changed.notify_all();
    }

    /// The output, after a wait for more of it.
    pub fn wait_for_more(&self, limit: Duration) -> MutexGuard<'_, Output> {
        let output = self.lock();
        if output.is_complete {
            return output;
        }
        self.changed
            .wait_timeout(output, limit)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Waits a moment for the end of the line that `position` is in.
    pub fn wait_for_line_end(&self, position: usize) {
        let is_open = |output: &mut Output| !output.is_complete && !output.bytes[position..].contains(&b'\n');
        let waited = self.changed.wait_timeout_while(self.lock(), LINE_GRACE, is_open);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}
