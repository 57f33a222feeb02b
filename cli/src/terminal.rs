//! Standard input and output while QEMU has them: a terminal's modes, which QEMU cannot put back
//! when it is killed, and a pipe whose reader has gone, which QEMU does not mind.

use std::io::{stdin, stdout};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal's modes as they were.
#[derive(Debug)]
pub struct Saved {
    modes: Option<Termios>,
}

impl Saved {
    /// Those of standard input, if that is a terminal.
    pub fn from_stdin() -> Self {
        Self {
            modes: tcgetattr(stdin()).ok(),
        }
    }

    /// Puts them back.
    pub fn restore(&self) {
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(stdin(), OptionalActions::Now, modes);
        }
    }
}

/// Returns whether standard output is a pipe that nobody reads any more.
pub fn output_is_closed() -> bool {
    let output = stdout();
    let mut polled = [PollFd::new(&output, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut polled, Some(&at_once)).is_ok() && polled[0].revents().contains(PollFlags::ERR)
}
