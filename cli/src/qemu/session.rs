//! [`Session`]: a run of QEMU whose console is read by the program, with a time limit on every
//! wait.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::console::Console;
use crate::Error;
use crate::child::{ChildProcess, Waited};

/// The time limit for the last output to come once QEMU has ended.
const EXIT_GRACE: Duration = Duration::from_millis(300);
/// The polling interval of QEMU while its console is silent.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// One of the texts came.
    Matched,
    /// QEMU ended by itself.
    Exited(ExitStatus),
    /// None of the texts came in time; QEMU was ended.
    TimedOut,
}

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// All that was on the console, and what QEMU itself said, with plain line ends.
    pub console: String,
    /// The end of the run.
    pub ended: Ended,
}

/// A run of QEMU; it ends, at the latest, when this value is dropped.
#[derive(Debug)]
pub struct Session {
    child: ChildProcess,
    console: Arc<Console>,
    started: Instant,
    /// Up to where the console has been waited for.
    consumed: usize,
}

impl Session {
    /// Starts `command` with its input and output in our hands. The log, if any, opens with
    /// `title`.
    pub(super) fn spawn(mut command: Command, title: &str, log: Option<&Path>) -> Result<Self, Error> {
        let log = log.map(|path| {
            let opened = File::create(path).and_then(|mut file| writeln!(file, "# {title}").map(|()| file));
            opened.map_err(|error| Error::new(format!("cannot write {}: {error}", path.display())))
        });
        let log = log.transpose()?;
        let cannot_start = |error: io::Error| Error::new(format!("cannot start QEMU: {error}"));
        let (reader, writer) = io::pipe().map_err(cannot_start)?;
        let second_writer = writer.try_clone().map_err(cannot_start)?;
        command.stdin(Stdio::piped()).stdout(writer).stderr(second_writer);
        let started = Instant::now();
        let child = ChildProcess::spawn(&mut command).map_err(cannot_start)?;
        let console = Arc::new(Console::default());
        thread::spawn({
            let console = Arc::clone(&console);
            move || console.fill(reader, log)
        });
        Ok(Self {
            child,
            console,
            started,
            consumed: 0,
        })
    }

    /// Waits until one of `texts` is on the console, after what earlier calls have waited for; with
    /// the rest of its line, if that comes soon. Without any texts, waits for QEMU's end.
    ///
    /// # Errors
    /// A signal asks this program to end (see [`crate::interrupt`]).
    pub fn wait_for(&mut self, texts: &[&str], limit: Duration) -> Result<Ended, Error> {
        let deadline = Instant::now() + limit;
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        let mut exited = None;
        let mut searched = self.consumed;
        let mut seen = 0;
        loop {
            let output = self.console.wait_for_more(seen, POLL_INTERVAL);
            seen = output.bytes.len();
            let is_complete = output.is_complete;
            if let Some(end) = first_match_end(&output.bytes[searched..], texts) {
                self.consumed = searched + end;
                drop(output);
                self.console.wait_for_line_end(self.consumed);
                return Ok(Ended::Matched);
            }
            // A text may have come by half.
            searched = searched.max(output.bytes.len().saturating_sub(longest));
            drop(output);
            match exited {
                Some((status, since)) if is_complete || Instant::now() > since + EXIT_GRACE => {
                    return Ok(Ended::Exited(status));
                }
                _ => {}
            }
            match self.child.wait_until(Some(Instant::now())) {
                Ok(Waited::Exited(status)) => exited = exited.or(Some((status, Instant::now()))),
                Ok(Waited::TimedOut) => {}
                Ok(Waited::Interrupted) => return Err(Error::new("interrupted")),
                Err(error) => return Err(Error::new(format!("lost sight of QEMU: {error}"))),
            }
            if Instant::now() >= deadline {
                return Ok(Ended::TimedOut);
            }
        }
    }

    /// Returns how long after the start of QEMU the text that was waited for last had come. Taken
    /// as the console was read, so nobody's polling is in it.
    pub fn matched_after(&self) -> Option<Duration> {
        let arrival = self.console.arrival(self.consumed.checked_sub(1)?)?;
        Some(arrival.duration_since(self.started))
    }

    /// Types `text` on the console.
    ///
    /// # Errors
    /// QEMU has ended.
    pub fn send(&mut self, text: &str) -> Result<(), Error> {
        let stdin = self.child.stdin.as_mut();
        let sent = stdin.map_or(Ok(()), |stdin| {
            stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush())
        });
        sent.map_err(|error| Error::new(format!("cannot type on QEMU's console: {error}")))
    }

    /// Returns what the console has shown so far, with plain line ends.
    pub fn console(&self) -> String {
        self.console.text()
    }

    /// Ends QEMU, if it still runs, and says what the console has shown.
    pub fn finish(mut self, ended: Ended) -> Outcome {
        let _ = self.child.end();
        Outcome {
            console: self.console(),
            ended,
        }
    }
}

/// Returns where the first of `texts` to be found in `bytes` ends.
fn first_match_end(bytes: &[u8], texts: &[&str]) -> Option<usize> {
    let ends = texts.iter().filter(|text| !text.is_empty()).filter_map(|text| {
        let position = bytes.windows(text.len()).position(|window| window == text.as_bytes())?;
        Some(position + text.len())
    });
    ends.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Session {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Session::spawn(command, "a shell", None).unwrap()
    }

    #[test]
    fn waits_for_a_text_and_the_rest_of_its_line() {
        let mut session = shell("printf 'one\\r\\ntwo'; sleep 0.1; printf ' three\\n'; exec sleep 600");
        let ended = session.wait_for(&["no", "two"], LIMIT).unwrap();
        let outcome = session.finish(ended);
        assert_eq!(
            (outcome.ended, outcome.console.as_str()),
            (Ended::Matched, "one\ntwo three\n")
        );
    }

    #[test]
    fn times_a_text_and_not_the_rest_of_its_line() {
        let mut session = shell("sleep 0.1; printf 'two'; sleep 0.2; printf ' three\\n'; exec sleep 600");
        assert_eq!(session.matched_after(), None);
        session.wait_for(&["two"], LIMIT).unwrap();
        let (matched, now) = (session.matched_after().unwrap(), session.started.elapsed());
        assert!(matched >= Duration::from_millis(100), "{matched:?}");
        assert!(now >= matched + Duration::from_millis(100), "{matched:?} {now:?}");
    }

    #[test]
    fn talks_with_the_console_line_by_line() {
        let mut session = shell("echo ready; read line; echo got $line; echo oops >&2; exit 5");
        assert_eq!(session.wait_for(&["ready"], LIMIT).unwrap(), Ended::Matched);
        session.send("boot\n").unwrap();
        assert_eq!(session.wait_for(&["got boot"], LIMIT).unwrap(), Ended::Matched);
        let Ended::Exited(status) = session.wait_for(&["ready"], LIMIT).unwrap() else {
            panic!("no exit")
        };
        assert_eq!(status.code(), Some(5));
        assert_eq!(session.console(), "ready\ngot boot\noops\n");
    }

    #[test]
    fn ends_a_silent_run_in_time_and_keeps_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("console.log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo started; exec sleep 600"]);
        let mut session = Session::spawn(command, "the command", Some(&log)).unwrap();
        let ended = session.wait_for(&["never"], Duration::from_millis(300)).unwrap();
        assert_eq!(session.finish(ended).ended, Ended::TimedOut);
        assert_eq!(std::fs::read_to_string(log).unwrap(), "# the command\nstarted\n");
    }
}
