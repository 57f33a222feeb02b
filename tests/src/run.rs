//! Running a scenario: boot, wait, judge.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use flint_cli::qemu::{Ended, Session};
use flint_cli::{Error, interrupt};

use crate::packing::Packing;
use crate::preparation::Preparation;
use crate::{End, Scenario, Start, TestBed, Verdict, boot_log, console, linux, tree, u_boot, userspace};

/// The polling interval of the console.
const GLANCE: Duration = Duration::from_millis(40);
/// How long a machine that stopped must stay silent.
const SILENCE: Duration = Duration::from_secs(1);
/// The time limit for the rest of the output after a line that says that nothing good will come.
const TROUBLE_GRACE: Duration = Duration::from_secs(3);
/// The texts of lines after which nothing good comes.
const TROUBLE: [&str; 4] = [" ms] error ", "error: ", "Kernel panic", "Waiting. "];
/// How many lines of the console are shown where it is not as it should be.
const EXCERPT_LINES: usize = 20;

/// Runs `scenario`.
pub fn run(bed: &TestBed, scenario: &Scenario) -> Verdict {
    if interrupt::pending().is_some() {
        return Verdict::Failed("interrupted before it was run".into());
    }
    if let Some(why) = missing(scenario) {
        return Verdict::Skipped(why);
    }
    let started = Instant::now();
    let log = bed.log_path(&scenario.name);
    // The log of an earlier run says nothing about this one.
    let _ = fs::remove_file(&log);
    let verdict = match boot_and_judge(bed, scenario) {
        Ok(()) => Verdict::Passed,
        Err(why) => Verdict::Failed(why),
    };
    note(&log, &verdict, started.elapsed());
    verdict
}

/// Adds to the log what came of it.
fn note(log: &Path, verdict: &Verdict, elapsed: Duration) {
    let word = if *verdict == Verdict::Passed {
        "passed"
    } else {
        "failed"
    };
    if let Ok(mut file) = OpenOptions::new().append(true).open(log) {
        // The verdict stands whether or not the log can be written to.
        let _ = writeln!(file, "\n# {word} after {:.1} s", elapsed.as_secs_f64());
    }
}

/// Returns why something that the scenario starts cannot be had.
fn missing(scenario: &Scenario) -> Option<String> {
    let started = match &scenario.start {
        Start::Flash(flash) => flash.linux().and_then(|linux| linux.fetch().err()),
        Start::Linux(boot) => boot
            .linux
            .fetch()
            .and_then(|()| linux::fetch_busybox())
            .err()
            .or_else(|| boot.packing.missing()),
        Start::UBoot(_) => u_boot::missing(),
        Start::FwCfg(_) | Start::QemuKernel(_) => None,
    };
    started.or_else(|| tree::missing(scenario.tree_edits()?))
}

/// Says what is wrong, with the last lines of the console.
fn boot_and_judge(bed: &TestBed, scenario: &Scenario) -> Result<(), String> {
    let log = bed.log_path(&scenario.name);
    let preparation = Preparation::new(bed, scenario).map_err(|error| format!("cannot prepare: {error:#}"))?;
    let mut session = bed
        .qemu
        .spawn(&preparation.machine, preparation.flash_path().as_deref(), Some(&log))
        .map_err(|error| error.to_string())?;
    let ended = boot(scenario, &preparation, &mut session);
    // Before QEMU is ended, as it then has something to say as well.
    let console = session.console();
    drop(session);
    let judged = ended.and_then(|ended| judge(scenario, &preparation, ended, &console));
    judged.map_err(|why| {
        let excerpt = console::excerpt(&console, EXCERPT_LINES);
        format!("{why}\n  console log: {}\n  it ends with:\n{excerpt}", log.display())
    })
}

/// Lets the machine run until there is nothing more to wait for.
fn boot(scenario: &Scenario, preparation: &Preparation, session: &mut Session) -> Result<Ended, String> {
    let deadline = Instant::now() + scenario.limit;
    preparation.release().map_err(|error| format!("{error:#}"))?;
    let waited = match scenario.start {
        Start::UBoot(ref commands) => u_boot::type_commands(session, commands, deadline),
        _ => Ok(()),
    };
    waited
        .and_then(|()| wait(scenario, session, deadline))
        .map_err(|error| error.to_string())
}

fn wait(scenario: &Scenario, session: &mut Session, mut deadline: Instant) -> Result<Ended, Error> {
    let trouble = TROUBLE.map(String::from);
    let mut is_in_trouble = false;
    loop {
        let ended = session.wait_for(&[], GLANCE)?;
        if ended != Ended::TimedOut {
            return Ok(ended);
        }
        let console = session.console();
        let is_complete = console::first_missing(&console, &scenario.lines).is_none();
        match scenario.end {
            End::LastLine if is_complete => return Ok(Ended::Matched),
            End::Stop if is_complete => return session.wait_for(&[], SILENCE),
            _ => {}
        }
        if !is_in_trouble && console::first_forbidden(&console, &trouble).is_some() {
            is_in_trouble = true;
            deadline = deadline.min(Instant::now() + TROUBLE_GRACE);
        }
        if Instant::now() >= deadline {
            return Ok(Ended::TimedOut);
        }
    }
}

fn judge(scenario: &Scenario, preparation: &Preparation, ended: Ended, console: &str) -> Result<(), String> {
    if let Some(pattern) = console::first_missing(console, &scenario.lines) {
        return Err(format!("this line did not come, or not in its turn: {pattern}"));
    }
    if let Some((line, pattern)) = console::first_forbidden(console, &scenario.never) {
        return Err(format!("this line must not come, because of \"{pattern}\": {line}"));
    }
    let has_log = scenario.lines.iter().any(|line| line.contains(" ms] "));
    if matches!(scenario.start, Start::Flash(_) | Start::FwCfg(_)) && has_log {
        boot_log::check(console, scenario.boots)?;
        if console.contains("Hello, from Rust!") {
            boot_log::check_hand_over(console)?;
        }
    }
    judge_end(scenario, ended, console)?;
    if let Start::Linux(boot) = &scenario.start {
        if boot.packing != Packing::QemuLoader {
            boot_log::check(console, scenario.boots)?;
        }
        userspace::check(console, &scenario.machine, &preparation.command_line)?;
    }
    if let Some(predicted) = &preparation.prediction {
        judge_prediction(predicted, console)?;
    }
    let complaints = preparation.complaints();
    if complaints.is_empty() {
        return Ok(());
    }
    Err(format!("QEMU complains about what the guest does:\n{complaints}"))
}

fn judge_end(scenario: &Scenario, ended: Ended, console: &str) -> Result<(), String> {
    let last = console::last_line(console);
    let last_expected = scenario.lines.last().map_or("", String::as_str);
    match (scenario.end, ended) {
        (End::LastLine, Ended::Matched) => Ok(()),
        (End::PowerOff, Ended::Exited(status)) if status.success() => Ok(()),
        (End::Stop, Ended::TimedOut) if console::matches(last, last_expected) => Ok(()),
        (End::Stop, Ended::TimedOut) => Err(format!("the machine should have stopped, but then came: {last}")),
        (End::PowerOff, Ended::TimedOut) => Err("the machine did not power off".into()),
        (expected, Ended::Exited(status)) => Err(format!("QEMU ended with {status}; expected: {expected:?}")),
        (expected, ended) => Err(format!("it ended with {ended:?}; expected: {expected:?}")),
    }
}

/// The bootloader's error line ends with what `flint inspect` says, after the stage.
fn judge_prediction(predicted: &str, console: &str) -> Result<(), String> {
    let mut errors = console.lines().filter(|line| line.contains(" ms] error "));
    match errors.next() {
        Some(line) if line.ends_with(&format!(": {predicted}")) => Ok(()),
        Some(line) => Err(format!(
            "flint inspect predicts \"{predicted}\", the bootloader prints: {line}"
        )),
        None => Err(format!(
            "flint inspect predicts \"{predicted}\", the bootloader prints no error"
        )),
    }
}
