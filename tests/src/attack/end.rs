//! [`End`]: how a boot by a hostile tree ended, by the console; and [`Expected`]: how it must end.

use std::thread;
use std::time::{Duration, Instant};

use flint_cli::qemu::{Ended, Session};
use phys_range::{MIB, PhysRange};

use crate::page_table_attack::MARKER;

/// The time limit for a boot, on a machine that is busy with many others.
const LIMIT: Duration = Duration::from_secs(40);
/// The polling interval of the console.
const GLANCE: Duration = Duration::from_millis(40);
/// The time for which the console must be silent before the machine is stopped: CPUs may still be
/// on their way to where they are parked.
const SILENCE: Duration = Duration::from_millis(400);
/// The last line of our kernel, where nothing tells it to power off.
const WAITING: &str = "Waiting. ";
/// A refusal by the bootloader.
const REFUSAL: &str = " ms] error ";
/// Any other word from EL3 about its end.
const FAILURE: &str = "error: ";

/// The required end of a boot. In each case EL3 must be as if the tree were harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The kernel runs.
    Boots,
    /// The bootloader refuses the tree with this code, and `flint inspect` predicts its words.
    Refused(&'static str),
}

/// The end of a boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The kernel runs, and waits.
    Booted,
    /// The bootloader has refused it with this line.
    Refused(String),
    /// The code that came with a page table runs.
    Taken(String),
    /// EL3 has stopped with this line.
    Stopped(String),
    /// Nothing more came.
    Silent,
    /// QEMU has ended.
    Exited,
}

impl Expected {
    /// Returns whether a boot may end so.
    pub fn allows(self, end: &End) -> bool {
        let is_refused_with = |code: &str| matches!(end, End::Refused(line) if line.ends_with(&format!("[{code}]")));
        match self {
            Self::Boots => *end == End::Booted,
            Self::Refused(code) => is_refused_with(code),
        }
    }
}

/// Waits until nothing more comes.
pub fn wait(session: &mut Session) -> anyhow::Result<End> {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Ended::Exited(_) = session.wait_for(&[], GLANCE)? {
            return Ok(End::Exited);
        }
        if end(&session.console()).is_some() {
            break;
        }
        if Instant::now() >= deadline {
            return Ok(End::Silent);
        }
    }
    let mut seen = String::new();
    while seen != session.console() {
        seen = session.console();
        thread::sleep(SILENCE);
    }
    Ok(end(&seen).unwrap_or(End::Silent))
}

/// Returns what the console says about the end. Where several lines say something, that of the
/// worst counts.
fn end(console: &str) -> Option<End> {
    let complete = || console.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    let first = |text| complete().find(|line| line.contains(text)).map(String::from);
    let worst = first(MARKER)
        .map(End::Taken)
        .or_else(|| first(FAILURE).map(End::Stopped));
    let refused = worst.or_else(|| first(REFUSAL).map(End::Refused));
    refused.or_else(|| first(WAITING).map(|_| End::Booted))
}

/// The block that the kernel's device tree is in (boot-protocol B2), where the boot log names it.
pub fn tree_of_kernel(console: &str) -> Option<PhysRange> {
    let mut lines = console.lines().filter(|line| line.contains(" ms] enter "));
    let (_, address) = lines.next()?.split_once(", x0 = 0x")?;
    let address = u64::from_str_radix(address.trim_end(), 16).ok()?;
    PhysRange::new(address, 2 * MIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_line_says_how_a_boot_ended() {
        let booted = "[  1.0 ms] enter    EL2\nHello\nWaiting. Put\n";
        assert_eq!(end(booted), Some(End::Booted));
        assert_eq!(end("[  1.0 ms] enter    EL2\nHello\nWaiting. Pu"), None);
        let stopped = format!("{booted}error: the monitor cannot serve CPU 0x1 [monitor-gic]\n");
        assert!(matches!(end(&stopped), Some(End::Stopped(line)) if line.ends_with("[monitor-gic]")));
        assert!(matches!(end(&format!("{stopped}{MARKER}3\n")), Some(End::Taken(_))));
    }

    #[test]
    fn a_refusal_is_known_by_its_code() {
        let refused = end("[  1.0 ms] error    tree: the GIC is elsewhere [tree-gic-address]\n").unwrap();
        assert!(Expected::Refused("tree-gic-address").allows(&refused));
        assert!(!Expected::Refused("tree-gic-kind").allows(&refused));
        assert!(!Expected::Boots.allows(&refused));
    }
}
