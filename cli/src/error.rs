//! [`Error`]: what went wrong, and what the person at the keyboard can do about it.

use std::fmt;
use std::process::ExitCode;

/// An error with the remedy. It travels inside an [`anyhow::Error`] to the edge of
/// the program.
#[derive(Debug)]
pub struct Error {
    message: String,
    help: Option<String>,
    is_usage: bool,
}

impl Error {
    /// The thing asked for failed (exit code 1). The message has no capital at its start and no
    /// full stop at its end.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            is_usage: false,
        }
    }

    /// It was asked for in the wrong way (exit code 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            is_usage: true,
            ..Self::new(message)
        }
    }

    /// The same error, with a line that says what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Returns what went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns what to do about it.
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Prints `error: …` and `help: …` to stderr and says which exit code goes with them.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if is_broken_pipe(error) {
        // Whoever read our output has seen enough.
        return ExitCode::SUCCESS;
    }
    let with_help = error.chain().find_map(|cause| cause.downcast_ref::<Error>());
    eprintln!("error: {error:#}");
    if let Some(help) = with_help.and_then(Error::help_text) {
        eprintln!("help: {help}");
    }
    if with_help.is_some_and(|error| error.is_usage) {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io_errors = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io_errors
        .into_iter()
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
