//! CPUs that wait for an address in memory (P).

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::checks::TOO_MANY_RESERVATIONS;
use crate::facts::{CPUS_MAX, EnableMethod, Initrd};
use crate::{Facts, Image, Judgement};

/// The observation of a CPU whose `enable-method` is `spin-table`.
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
    let Some(address) = waiting.release else {
        return without_address();
    };
    let Some(value) = waiting.at_first else {
        return Judgement::of(false, expected, format_args!("none that can be read at {address:#x}"));
    };
    let kept = address.is_multiple_of(8) && value == 0;
    Judgement::of(kept, expected, format_args!("{value:#x} at {address:#x}"))
}

/// It lies in reserved memory.
pub fn p4(facts: &Facts, waiting: &Waiting) -> Judgement {
    let expected = "cpu-release-addr in memory that is reserved";
    if facts.is_reserved_unknown {
        return Judgement::not_observable(TOO_MANY_RESERVATIONS);
    }
    let Some(address) = waiting.release else {
        return without_address();
    };
    match reservation_of(facts, address) {
        Some(reserved) => Judgement::of(true, expected, reserved),
        None => Judgement::of(false, expected, format_args!("{address:#x}, which is not")),
    }
}

/// The time when a CPU was let in, and whether it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetIn {
    /// True if there was a word to write to.
    pub has_word: bool,
    /// True if all memory had been overwritten that is not reserved.
    pub is_memory_overwritten: bool,
    /// True if another CPU had come before that.
    pub has_another_come: bool,
    /// True if it came.
    pub came: bool,
}

/// It waited in reserved memory: all other was overwritten before it was let in.
pub fn p3(let_in: &LetIn) -> Judgement {
    let expected = "the CPU to wait where no kernel writes to";
    match *let_in {
        LetIn { has_word: false, .. } => without_word(),
        LetIn {
            is_memory_overwritten: false,
            ..
        } => Judgement::not_observable("a CPU that is let in after memory was overwritten"),
        LetIn { came: true, .. } => Judgement::of(true, expected, "it came"),
        LetIn {
            has_another_come: true, ..
        } => Judgement::of(false, expected, "it did not come, and one that was let in earlier did"),
        LetIn { .. } => Judgement::not_observable("a CPU that jumps to what is written to its word (P6)"),
    }
}

/// It went to where the word sent it.
pub fn p6(let_in: &LetIn) -> Judgement {
    let expected = "the CPU to jump to what is written to its word";
    match *let_in {
        LetIn { has_word: false, .. } => without_word(),
        LetIn { came: true, .. } => Judgement::of(true, expected, "it came"),
        LetIn {
            is_memory_overwritten: true,
            has_another_come: true,
            ..
        } => Judgement::not_observable("a CPU that waits where no kernel writes to (P3)"),
        LetIn { .. } => Judgement::of(false, expected, "it did not come"),
    }
}

/// A CPU that waits in memory: its affinity, and its `cpu-release-addr`.
pub type Waiter = (u64, Option<u64>);

/// The CPUs that wait in memory, but for the one that runs, whose affinity is `own`.
pub fn waiters(facts: &Facts, own: u64) -> ArrayVec<Waiter, CPUS_MAX> {
    let others = facts.cpus.iter().filter(|cpu| cpu.affinity != own);
    let waiters = others.filter_map(|cpu| match cpu.method {
        EnableMethod::SpinTable(release) => Some((cpu.affinity, release)),
        _ => None,
    });
    waiters.collect()
}

/// Returns whether the word there may be written to: it is aligned, and lies in nothing of the
/// payload's own.
pub fn is_writable(facts: &Facts, image: &Image, address: u64) -> bool {
    let initrd = match facts.initrd {
        Initrd::At(initrd) => Some(initrd),
        _ => None,
    };
    let mut own = [image.file(), Some(facts.tree), initrd].into_iter().flatten();
    let word = PhysRange::new(address, 8).filter(|_| address.is_multiple_of(8));
    word.is_some_and(|word| !own.any(|own| own.overlaps(&word)))
}

/// Those that are to be let in before memory is overwritten: all, if nobody asks where they wait
/// (P3); whose word would be overwritten (P4); and the first one, if there are others and it has a
/// word of its own: it shows that CPUs jump at all (P6), before it is seen whether the others
/// survive (P3).
pub fn early(facts: &Facts, own: u64) -> ArrayVec<Waiter, CPUS_MAX> {
    let all = waiters(facts, own);
    let is_alone = |release| all.iter().filter(|(_, other)| *other == release).count() == 1;
    let shows_the_way = |waiter: &Waiter| all.len() > 1 && all.first() == Some(waiter) && is_alone(waiter.1);
    let would_be_lost = |release: Option<u64>| release.is_some_and(|address| reservation_of(facts, address).is_none());
    let is_any = facts.is_skipped("P3");
    let chosen = all
        .iter()
        .filter(|waiter| is_any || would_be_lost(waiter.1) || shows_the_way(waiter));
    chosen.copied().collect()
}

/// Nothing more can be said.
fn without_address() -> Judgement {
    Judgement::not_observable("a CPU that has a cpu-release-addr (P1)")
}

fn without_word() -> Judgement {
    Judgement::not_observable("a CPU with a word that can be written to (P1, P2)")
}

fn reservation_of(facts: &Facts, address: u64) -> Option<&PhysRange> {
    let word = PhysRange::new(address, 8)?;
    facts.reserved.iter().find(|reserved| reserved.contains(&word))
}
