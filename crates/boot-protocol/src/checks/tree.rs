//! The device tree: where it lies (B, G1), and what it says (A1, O2, Q3, Z9).

use devicetree::{MAX_SIZE_BYTES, PsciConduit};
use phys_range::{MIB, PhysRange};

use crate::facts::{EnableMethod, Initrd};
use crate::instruction::{Instruction, Trap};
use crate::subject::Subject;
use crate::{Facts, Judgement};

/// The distance between the words of RAM that are tried.
const STRIDE: u64 = 2 * MIB;
/// The size of the block by which a kernel maps its device tree.
const MAPPED: u64 = 2 * MIB;

/// The expectation of x0.
const G1: &str = "x0 at a device tree";
const B2: &str = "a device tree of at most 2 MiB";

/// x0 is at a device tree.
pub fn g1(x0: u64, facts: &Facts) -> Judgement {
    Judgement::of(true, G1, format_args!("x0 {x0:#x}, {} bytes", facts.tree.len()))
}

/// x0 is not, and why.
pub fn no_tree(x0: u64, why: &dyn core::fmt::Display) -> Judgement {
    Judgement::of(false, G1, format_args!("x0 {x0:#x}: {why}"))
}

/// x0 is at a device tree of which no kernel would read the end.
pub fn too_large(total_bytes: u64) -> Judgement {
    Judgement::of(false, B2, format_args!("{total_bytes:#x} bytes"))
}

pub(super) fn b1(subject: &mut Subject<'_>) -> Judgement {
    let start = subject.facts.tree.start();
    let kept = start.is_multiple_of(8);
    Judgement::of(kept, "the device tree at a multiple of 8", format_args!("{start:#x}"))
}

pub(super) fn b2(subject: &mut Subject<'_>) -> Judgement {
    let size = subject.facts.tree.len();
    Judgement::of(size <= MAX_SIZE_BYTES, B2, format_args!("{size:#x} bytes"))
}

pub(super) fn b3(subject: &mut Subject<'_>) -> Judgement {
    let facts = subject.facts;
    let expected = "RAM without no-map in the 2 MiB blocks that hold the device tree";
    let Some(mapped) = facts.tree.widened_to(MAPPED) else {
        return Judgement::of(false, expected, facts.tree);
    };
    if let Some(reserved) = facts.not_mapped.iter().find(|reserved| reserved.overlaps(&mapped)) {
        return Judgement::of(false, expected, format_args!("{mapped} with {reserved}"));
    }
    Judgement::of(facts.is_ram(&mapped), expected, mapped)
}

pub(super) fn b5(subject: &mut Subject<'_>) -> Judgement {
    let tree = subject.facts.tree;
    Judgement::of(subject.facts.is_ram(&tree), "the device tree in RAM", tree)
}

/// Every word that a kernel may write to, here and there: it keeps what is written, and gets back
/// what it had.
pub(super) fn a1(subject: &mut Subject<'_>) -> Judgement {
    let expected = "all RAM that is described to keep what is written";
    let (facts, image) = (subject.facts, subject.image);
    let (mut tried, mut broken) = (0_u32, None);
    facts.for_each_free(image, |range| {
        let last = range.end().saturating_sub(8) & !7;
        let mut next = range.start().next_multiple_of(8);
        while next <= last && broken.is_none() {
            tried = tried.saturating_add(1);
            if keeps_what_is_written(subject, next) != Ok(true) {
                broken = Some(next);
            }
            // The last word is tried, too.
            next = match next.saturating_add(STRIDE) {
                after if next < last && after > last => last,
                after => after,
            };
        }
    });
    match broken {
        Some(address) => {
            subject.common.bad_ram = Some(address);
            Judgement::of(false, expected, format_args!("none at {address:#x}"))
        }
        None => Judgement::of(tried > 0, expected, format_args!("{tried} words do")),
    }
}

fn keeps_what_is_written(subject: &mut Subject<'_>, address: u64) -> Result<bool, Trap> {
    let load = |subject: &mut Subject<'_>| subject.cpu.execute(Instruction::LOAD_64, [address, 0, 0, 0]);
    let had = load(subject)?;
    for value in [!had, had] {
        subject.cpu.execute(Instruction::STORE_64, [address, value, 0, 0])?;
        if load(subject)? != value {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Each CPU's `enable-method`.
pub fn o2(method: EnableMethod) -> Judgement {
    let found = match method {
        EnableMethod::Missing => "none",
        EnableMethod::Psci => "psci",
        EnableMethod::SpinTable(_) => "spin-table",
        EnableMethod::Other => "another one",
    };
    Judgement::of(
        matches!(method, EnableMethod::Psci | EnableMethod::SpinTable(_)),
        "enable-method psci or spin-table",
        found,
    )
}

pub(super) fn q3(subject: &mut Subject<'_>) -> Judgement {
    let facts = subject.facts;
    let expected = "a node of PSCI 0.2 or later with a method";
    let is_asked_for = facts.cpus.iter().any(|cpu| cpu.method == EnableMethod::Psci);
    match facts.psci {
        Some(PsciConduit::Smc) => Judgement::of(true, expected, "method smc"),
        Some(PsciConduit::Hvc) => Judgement::of(true, expected, "method hvc"),
        None if is_asked_for => Judgement::of(false, expected, "none"),
        None => Judgement::not_applicable("of a tree whose CPUs do not use PSCI", "no node"),
    }
}

pub(super) fn z9(subject: &mut Subject<'_>) -> Judgement {
    let facts = subject.facts;
    let expected = "RAM, and a command line and initrd that can be read";
    let initrd: &dyn core::fmt::Display = match &facts.initrd {
        Initrd::None => &"none",
        Initrd::Malformed => &"malformed",
        Initrd::At(range) => range,
    };
    let kept = facts.has_sound_bootargs && facts.initrd != Initrd::Malformed;
    let bootargs = if facts.has_sound_bootargs { "sound" } else { "broken" };
    let ram: u64 = facts.ram.iter().map(PhysRange::len).sum();
    Judgement::of(
        kept,
        expected,
        format_args!("{ram:#x} bytes of RAM, bootargs {bootargs}, initrd {initrd}"),
    )
}

pub(super) fn e5(subject: &mut Subject<'_>) -> Judgement {
    let expected = "image and initrd in one window of 32 GiB from a multiple of 1 GiB on";
    let initrd = match subject.facts.initrd {
        Initrd::None => return Judgement::not_applicable("of a kernel without an initrd", "none"),
        Initrd::Malformed => return Judgement::not_observable("an initrd that has a place (Z9)"),
        Initrd::At(range) => range,
    };
    let Some(image) = subject.image.range() else {
        return Judgement::of(false, expected, "an image that has no place");
    };
    let window_start = phys_range::align_down(initrd.start().min(image.start()), phys_range::GIB);
    let end = initrd.end().max(image.end());
    let kept = end.saturating_sub(window_start) <= 32 * phys_range::GIB && subject.facts.is_ram(&initrd);
    Judgement::of(kept, expected, initrd)
}
