//! Checks that hold for every error.

use std::error::Error;

/// An error has a code that is known, and a message of one line that a console can show.
pub fn error(error: &impl Error, code: &str, codes: &[&[&str]]) {
    assert!(codes.iter().any(|codes| codes.contains(&code)), "{code} is not listed");
    let message = error.to_string();
    assert!(!message.is_empty() && message.len() < 400, "{message}");
    assert!(!message.contains(|c: char| c.is_control()), "{message:?}");
}
