//! [`ChildProcess`]: a child that does not outlive us, waited for with a time limit and an eye on
//! signals.

use std::io;
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::interrupt;

/// The polling interval of a child while it runs: too short to be noticed, long enough to cost
/// nothing.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The time limit for a child to end by itself when asked to.
const GRACE: Duration = Duration::from_secs(2);

/// The end of waiting for a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// The child ended.
    Exited(ExitStatus),
    /// The deadline passed; the child still runs.
    TimedOut,
    /// A signal asks this program to end (see [`interrupt`]); the child still runs.
    Interrupted,
}

/// A child process that is ended, at the latest, when this value is dropped.
#[derive(Debug)]
pub struct ChildProcess {
    child: Child,
}

impl ChildProcess {
    /// Starts `command`.
    ///
    /// # Errors
    /// As [`Command::spawn`].
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(|child| Self { child })
    }

    /// Waits until the child ends, the `deadline` passes or a signal comes.
    ///
    /// # Errors
    /// As [`Child::try_wait`].
    pub fn wait_until(&mut self, deadline: Option<Instant>) -> io::Result<Waited> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Waited::Exited(status));
            }
            if interrupt::pending().is_some() {
                return Ok(Waited::Interrupted);
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(Waited::TimedOut);
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Asks the child to end (SIGTERM), and ends it if it does not. Does nothing when it has ended
    /// already.
    ///
    /// # Errors
    /// As [`Child::try_wait`].
    pub fn end(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        // Its number cannot belong to another process, since it has not been waited for yet.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(POLL_INTERVAL);
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

impl Deref for ChildProcess {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

impl DerefMut for ChildProcess {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.child
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_a_child_ended() {
        let mut child = ChildProcess::spawn(Command::new("sh").args(["-c", "exit 3"])).unwrap();
        let Ok(Waited::Exited(status)) = child.wait_until(None) else {
            panic!("the shell did not end")
        };
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn ends_a_child_whose_time_is_up() {
        let mut child = ChildProcess::spawn(Command::new("sleep").arg("600")).unwrap();
        let deadline = Instant::now() + Duration::from_millis(20);
        assert_eq!(child.wait_until(Some(deadline)).unwrap(), Waited::TimedOut);
        assert!(!child.end().unwrap().success());
    }
}
