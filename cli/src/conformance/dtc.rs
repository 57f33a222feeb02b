//! A second opinion on a device tree: that of `dtc`, the device tree compiler.

use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};

use boot_protocol::Verdict;

use super::finding::{Finding, Witness};
use crate::Error;

const PROGRAM: &str = "dtc";
/// What it is to find.
const EXPECTED: &str = "a device tree that dtc reads";

/// What `dtc` says of a device tree; nothing of none.
///
/// # Errors
/// It is there and cannot be asked.
pub fn check(tree: &[u8]) -> Result<Option<Finding>, Error> {
    if tree.is_empty() {
        return Ok(None);
    }
    Ok(Some(match output(tree) {
        Ok(output) if output.status.success() => {
            Finding::new("G1", 0, true, EXPECTED, "one that it does", Witness::Host)
        }
        Ok(output) => {
            let complaints = String::from_utf8_lossy(&output.stderr).trim().to_string();
            Finding::new("G1", 0, false, EXPECTED, complaints, Witness::Host)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let why = "dtc is not installed; it is in Debian's package device-tree-compiler";
            Finding::none("G1", 0, Verdict::NotObservable, why, Witness::Host)
        }
        Err(error) => return Err(Error::new(format!("cannot ask {PROGRAM}: {error}"))),
    }))
}

fn output(tree: &[u8]) -> std::io::Result<Output> {
    let mut child = Command::new(PROGRAM)
        .args(["-q", "-q", "-I", "dtb", "-O", "dtb", "-o", "/dev/null", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // It may have seen enough before it has read all.
        let _ = input.write_all(tree);
    }
    child.wait_with_output()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_nothing_of_nothing_and_refuses_what_is_damaged() {
        assert_eq!(check(&[]).unwrap(), None);
        let finding = check(b"\xd0\x0d\xfe\xed\0\0\0\x10and so on").unwrap().unwrap();
        assert_ne!(finding.verdict, Verdict::Pass, "{finding:?}");
    }
}
