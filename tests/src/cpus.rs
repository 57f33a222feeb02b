//! The 64-bit CPUs that QEMU's `virt` machine offers, by asking QEMU.

use std::thread;
use std::time::Duration;

use flint_cli::Error;
use flint_cli::qemu::{Ended, Machine, Qemu};

/// The time limit for QEMU to answer.
const LIMIT: Duration = Duration::from_secs(20);
/// Ctrl-A X, which ends QEMU.
const QUIT: &str = "\x01x";

/// CPUs that every version offers: where they are not found, the search is broken.
pub const ALWAYS_OFFERED: [&str; 4] = ["cortex-a53", "cortex-a57", "cortex-a72", "max"];

/// The names of the 64-bit CPUs that the machine `virt` starts with, in QEMU's order.
///
/// # Errors
/// QEMU does not list its CPUs.
pub fn offered(qemu: &Qemu) -> Result<Vec<String>, Error> {
    let machine = |cpu: &str| Machine {
        cpu: cpu.into(),
        ..Machine::default()
    };
    let listed = qemu.run_until(&machine("help"), None, None, &[], LIMIT)?;
    let names: Vec<String> = names(&listed.console).map(String::from).collect();
    if names.is_empty() {
        return Err(Error::new("QEMU lists no CPUs (-cpu help)"));
    }
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let is_offered = |name: &String| is_offered(qemu, machine(name));
    thread::scope(|scope| {
        let chunks = names.chunks(names.len().div_ceil(workers));
        let chunks: Vec<_> = chunks
            .map(|names| {
                scope.spawn(move || {
                    names
                        .iter()
                        .filter(|name| is_offered(name))
                        .cloned()
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let found = chunks.into_iter().flat_map(|chunk| chunk.join().unwrap_or_default());
        Ok(found.collect())
    })
}

/// The indented lines of `-cpu help`.
fn names(help: &str) -> impl Iterator<Item = &str> {
    let indented = help.lines().filter(|line| line.starts_with(' '));
    indented.filter_map(|line| line.split_whitespace().next())
}

/// Returns whether the machine starts and the CPU has 64 bits: 32-bit ones do not know the property
/// `aarch64`.
fn is_offered(qemu: &Qemu, mut machine: Machine) -> bool {
    machine.cpu.push_str(",aarch64=on");
    machine.extra.push("-S".into());
    let Ok(mut session) = qemu.spawn(&machine, None, None) else {
        return false;
    };
    // A machine that does not start does not listen either.
    let _ = session.send(QUIT);
    matches!(session.wait_for(&[], LIMIT), Ok(Ended::Exited(status)) if status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_names_in_qemus_help() {
        let help = "Available CPUs:\n  a64fx\n  cortex-a53 \n\n  max  (all features)\n";
        assert_eq!(names(help).collect::<Vec<_>>(), ["a64fx", "cortex-a53", "max"]);
    }
}
