//! A second opinion on a device tree: that of `dtc`, the device tree compiler.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use boot_protocol::Verdict;

use super::finding::{Finding, Witness};
use crate::Error;
use crate::child::{ChildProcess, Waited};

const PROGRAM: &str = "dtc";
/// The time limit for it. It needs milliseconds.
const LIMIT: Duration = Duration::from_secs(20);
/// The result that is expected of `dtc`.
const EXPECTED: &str = "a device tree that dtc reads";

/// Returns what `dtc` says of a device tree; nothing of none.
///
/// # Errors
/// It is there and cannot be asked, or a signal asks this program to end.
pub fn check(tree: &[u8]) -> Result<Option<Finding>, Error> {
    if tree.is_empty() {
        return Ok(None);
    }
    opinion(Command::new(PROGRAM), tree, LIMIT).map(Some)
}

/// The opinion of a program that is called like `dtc`.
fn opinion(program: Command, tree: &[u8], limit: Duration) -> Result<Finding, Error> {
    let none = |why: String| Finding::none("G1", 0, Verdict::NotObservable, why, Witness::Host);
    let said = |is_kept, found| Finding::new("G1", 0, is_kept, EXPECTED, found, Witness::Host);
    match ask(program, tree, limit) {
        Ok((Waited::Exited(status), _)) if status.success() => Ok(said(true, "one that it does".into())),
        Ok((Waited::Exited(status), complaints)) => Ok(said(false, words(status, &complaints))),
        Ok((Waited::TimedOut, _)) => Ok(none(format!("dtc had no answer after {} s", limit.as_secs()))),
        Ok((Waited::Interrupted, _)) => Err(Error::new("interrupted")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(none(
            "dtc is not installed; it is in Debian's package device-tree-compiler".into(),
        )),
        Err(error) => Err(Error::new(format!("cannot ask {PROGRAM}: {error}"))),
    }
}

/// Returns how it ended, and what it said.
fn ask(mut program: Command, tree: &[u8], limit: Duration) -> io::Result<(Waited, String)> {
    // Files, as a program that hangs empties no pipe.
    let (input, mut complaints) = (holding(tree)?, tempfile::tempfile()?);
    program
        .args(["-q", "-q", "-I", "dtb", "-O", "dtb", "-o", "/dev/null", "-"])
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(complaints.try_clone()?);
    let waited = ChildProcess::spawn(&mut program)?.wait_until(Some(Instant::now() + limit))?;
    let mut said = Vec::new();
    complaints.rewind()?;
    complaints.read_to_end(&mut said)?;
    Ok((waited, String::from_utf8_lossy(&said).trim().into()))
}

/// A file with these bytes, to be read from the start.
fn holding(bytes: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

fn words(status: ExitStatus, complaints: &str) -> String {
    match complaints {
        "" => format!("dtc ended with {status}"),
        complaints => complaints.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The opinion of a shell script, on more than a pipe takes.
    fn opinion_of(script: &str, limit: Duration) -> Finding {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        opinion(shell, &[0; 1 << 20], limit).unwrap()
    }

    #[test]
    fn says_nothing_of_nothing_and_refuses_what_is_damaged() {
        assert_eq!(check(&[]).unwrap(), None);
        let finding = check(b"\xd0\x0d\xfe\xed\0\0\0\x10and so on").unwrap().unwrap();
        assert_ne!(finding.verdict, Verdict::Pass, "{finding:?}");
    }

    #[test]
    fn takes_its_word_for_it_as_long_as_there_is_one() {
        let good = opinion_of("test $(wc -c) = 1048576", LIMIT);
        assert_eq!((good.verdict, good.found.as_str()), (Verdict::Pass, "one that it does"));
        let bad = opinion_of("echo no tree >&2; exit 1", LIMIT);
        assert_eq!((bad.verdict, bad.found.as_str()), (Verdict::Fail, "no tree"));
        let mute = opinion_of("exit 1", LIMIT);
        assert_eq!(mute.found, "dtc ended with exit status: 1");
    }

    #[test]
    fn one_that_hangs_is_ended() {
        let started = Instant::now();
        let finding = opinion_of("exec sleep 600", Duration::from_secs(1));
        assert_eq!(finding.verdict, Verdict::NotObservable);
        assert_eq!(finding.expected, "dtc had no answer after 1 s");
        assert!(started.elapsed() < LIMIT);
    }
}
