//! CPUs that wait for an address in memory (P).

use phys_range::PhysRange;

use crate::{Facts, Judgement};

/// What was seen of a CPU whose `enable-method` is `spin-table`.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// `cpu-release-addr`.
    pub release: Option<u64>,
    /// What was there at first; `None` where it cannot be read.
    pub at_first: Option<u64>,
}

/// Each such CPU has a `cpu-release-addr`.
pub fn p1(waiting: &Waiting) -> Judgement {
    match waiting.release {
        Some(address) => Judgement::of(true, "cpu-release-addr", format_args!("{address:#x}")),
        None => Judgement::of(false, "cpu-release-addr", "none"),
    }
}

/// It is that of a 64-bit word, aligned, and 0 at first.
pub fn p2(waiting: &Waiting) -> Judgement {
    let expected = "a word of 64 bits at a multiple of 8 that is 0";
    let (Some(address), Some(value)) = (waiting.release, waiting.at_first) else {
        return Judgement::of(false, expected, "none that can be read");
    };
    let kept = address.is_multiple_of(8) && value == 0;
    Judgement::of(kept, expected, format_args!("{value:#x} at {address:#x}"))
}

/// It lies in reserved memory.
pub fn p4(facts: &Facts, waiting: &Waiting) -> Judgement {
    let expected = "cpu-release-addr in memory that is reserved";
    let word = waiting.release.and_then(|address| PhysRange::new(address, 8));
    match word.map(|word| facts.reserved.iter().find(|reserved| reserved.contains(&word))) {
        Some(Some(reserved)) => Judgement::of(true, expected, reserved),
        _ => Judgement::of(false, expected, "not there"),
    }
}

/// It waited in reserved memory: all other was overwritten before it was released.
pub fn p3(came: bool) -> Judgement {
    let found = if came { "it came" } else { "it did not come" };
    Judgement::of(came, "the CPU to wait where no kernel writes to", found)
}

/// It went to where the word sent it.
pub fn p6(came: bool) -> Judgement {
    let found = if came { "it came" } else { "it did not come" };
    Judgement::of(came, "the CPU to jump to what is written to its word", found)
}
