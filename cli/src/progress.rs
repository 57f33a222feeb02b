//! [`Progress`]: something that may take long, and what is seen of it meanwhile.

use std::io::{self, IsTerminal};
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that is gone again at once only makes people wonder what it said.
const BAR_AFTER: Duration = Duration::from_secs(1);
/// The time after which a log says why it stands still.
const LINE_AFTER: Duration = Duration::from_secs(2);
const BAR_TEMPLATE: &str = "{msg} [{bar:40}] {percent:>3} %, {eta} left";
const SPINNER_TEMPLATE: &str = "{msg} {spinner} {elapsed}";
/// The interval at which a spinner moves.
const TICK: Duration = Duration::from_millis(100);

/// Work that is counted in bytes, or that nobody knows the end of. On a terminal there is a bar
/// after a second, gone when the work is done; elsewhere there is one line after two. Both go to
/// stderr.
#[derive(Debug)]
pub struct Progress {
    what: String,
    total_bytes: Option<u64>,
    done_bytes: u64,
    start: Instant,
    is_terminal: bool,
    shown: Shown,
}

/// The state of the display.
#[derive(Debug)]
enum Shown {
    Nothing,
    Bar(ProgressBar),
    Line,
}

impl Progress {
    /// The work `what`, as in "compressing the kernel with gzip", starts now.
    pub fn start(what: impl Into<String>, total_bytes: impl Into<Option<u64>>) -> Self {
        Self {
            what: what.into(),
            total_bytes: total_bytes.into(),
            done_bytes: 0,
            start: Instant::now(),
            is_terminal: io::stderr().is_terminal(),
            shown: Shown::Nothing,
        }
    }

    /// So many bytes more are done.
    pub fn advance(&mut self, bytes: u64) {
        self.done_bytes += bytes;
        let elapsed = self.start.elapsed();
        match &self.shown {
            Shown::Nothing if self.is_terminal && elapsed >= BAR_AFTER => self.shown = Shown::Bar(self.bar(elapsed)),
            Shown::Nothing if !self.is_terminal && elapsed >= LINE_AFTER => {
                eprintln!("flint: {}", self.line(elapsed));
                self.shown = Shown::Line;
            }
            Shown::Bar(bar) if self.total_bytes.is_none() => bar.tick(),
            Shown::Bar(bar) => bar.set_position(self.done_bytes),
            Shown::Nothing | Shown::Line => {}
        }
    }

    fn bar(&self, elapsed: Duration) -> ProgressBar {
        let (bar, template) = match self.total_bytes {
            Some(total_bytes) => (ProgressBar::new(total_bytes), BAR_TEMPLATE),
            None => (ProgressBar::new_spinner(), SPINNER_TEMPLATE),
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.with_style(style.progress_chars("##-"))
            .with_message(self.what.clone())
            .with_elapsed(elapsed)
            .with_position(self.done_bytes)
    }

    fn line(&self, elapsed: Duration) -> String {
        let done = match self.total_bytes {
            Some(total_bytes) => format!("{} %", self.done_bytes * 100 / total_bytes.max(1)),
            None => "not done".into(),
        };
        format!("{}: {done} after {} s", self.what, elapsed.as_secs())
    }
}

/// Does `work` that nobody knows the end of, and shows that it goes on.
pub fn during<T: Send>(what: &str, work: impl FnOnce() -> T + Send) -> T {
    let mut progress = Progress::start(what, None);
    thread::scope(|scope| {
        let (is_running, end) = mpsc::channel::<()>();
        let worker = scope.spawn(move || {
            let result = work();
            drop(is_running);
            result
        });
        while end.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            progress.advance(0);
        }
        worker.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// The bar goes, whether the work was done or given up.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(is_terminal: bool, since: Duration) -> Progress {
        let mut progress = Progress::start("waiting", 200);
        progress.is_terminal = is_terminal;
        progress.start = Instant::now().checked_sub(since).unwrap();
        progress.advance(50);
        progress
    }

    #[test]
    fn says_nothing_about_what_is_quick() {
        assert!(matches!(progress(true, Duration::ZERO).shown, Shown::Nothing));
        assert!(matches!(progress(false, BAR_AFTER).shown, Shown::Nothing));
    }

    #[test]
    fn shows_a_bar_on_a_terminal_and_a_line_elsewhere() {
        let on_terminal = progress(true, BAR_AFTER);
        let Shown::Bar(bar) = &on_terminal.shown else {
            panic!("there is no bar")
        };
        assert_eq!((bar.position(), bar.length()), (50, Some(200)));
        let elsewhere = progress(false, LINE_AFTER);
        assert!(matches!(elsewhere.shown, Shown::Line));
        assert_eq!(elsewhere.line(LINE_AFTER), "waiting: 25 % after 2 s");
    }

    #[test]
    fn says_only_that_it_goes_on_where_nobody_knows_the_end() {
        let line = Progress::start("unpacking", None).line(LINE_AFTER);
        assert_eq!(line, "unpacking: not done after 2 s");
        assert_eq!(during("waiting", || 7), 7);
    }

    #[test]
    fn counts_nothing_as_done_of_nothing() {
        assert_eq!(Progress::start("x", 0).line(Duration::ZERO), "x: 0 % after 0 s");
    }
}
