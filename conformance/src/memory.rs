//! Memory that is the payload's to overwrite.

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use boot_protocol::checks::Filled;
use boot_protocol::facts::Initrd;
use boot_protocol::{Facts, Image, psci};
use machine::{cpu, crc32};
use phys_range::{PhysRange, align_down, align_up};

use crate::hands::Hands;

const WORD_BYTES: u64 = size_of::<u64>() as u64;
/// What is written differs from the address that it is written to, and from memory that was never
/// written.
const PATTERN: u64 = 0x5a5a_a5a5_c3c3_3c3c;

/// The checksums of device tree and initrd, which must survive.
struct Kept {
    tree: u32,
    initrd: Option<u32>,
}

impl Kept {
    /// As they are now.
    fn now(facts: &Facts) -> Self {
        let initrd = match facts.initrd {
            Initrd::At(range) if facts.is_ram(&range) => Some(checksum(range)),
            _ => None,
        };
        Self {
            tree: checksum(facts.tree),
            initrd,
        }
    }
}

/// Fills what the image has behind its file (E3).
pub fn fill_tail(facts: &Facts, image: &Image) -> Filled {
    // What is not RAM, or somebody else's, is told without this.
    let tail = image.tail().filter(|tail| facts.is_ram(tail));
    let tail = tail.filter(|tail| !tail.overlaps(&facts.tree) && facts.reservation_in(tail).is_none());
    fill(facts, |each| tail.into_iter().for_each(each))
}

/// Fills all memory that is described and not reserved (E6).
pub fn fill_all(facts: &Facts, image: &Image) -> Filled {
    fill(facts, |each| facts.for_each_free(image, each))
}

/// Fills memory, piece by piece, then looks whether it is filled, and at what should not be. In
/// between, PSCI is called: whoever answers has no business there either.
fn fill(facts: &Facts, for_each: impl Fn(&mut dyn FnMut(PhysRange))) -> Filled {
    let before = Kept::now(facts);
    let mut filled = Filled::default();
    for_each(&mut |range| {
        let words = words(range);
        let addresses = (words.as_ptr().addr() as u64..).step_by(WORD_BYTES as usize);
        words
            .iter_mut()
            .zip(addresses)
            .for_each(|(word, address)| *word = address ^ PATTERN);
        filled.size_bytes += range.len();
    });
    // What was written is looked at, and not remembered.
    cpu::complete();
    if let Some(conduit) = facts.psci {
        // What it answers is another clause.
        let _ = psci::call(&mut Hands, conduit, psci::VERSION, [0; 3]);
    }
    for_each(&mut |range| {
        let words = words(range);
        let addresses = (words.as_ptr().addr() as u64..).step_by(WORD_BYTES as usize);
        let changed = words
            .iter()
            .zip(addresses)
            .find(|(word, address)| **word != address ^ PATTERN);
        filled.changed = filled.changed.or(changed.map(|(_, address)| address));
    });
    let after = Kept::now(facts);
    filled.tree_is_intact = after.tree == before.tree;
    filled.initrd_is_intact = after.initrd == before.initrd;
    filled
}

/// The whole words in a range of free memory.
fn words<'a>(range: PhysRange) -> &'a mut [u64] {
    let start = align_up(range.start(), WORD_BYTES).unwrap_or(range.end());
    let count = align_down(range.end(), WORD_BYTES).saturating_sub(start) / WORD_BYTES;
    // SAFETY: RAM that is described, and neither reserved nor part of the payload's file; each
    // caller has it for a moment, one after the other.
    unsafe { core::slice::from_raw_parts_mut(with_exposed_provenance_mut(start as usize), count as usize) }
}

fn checksum(range: PhysRange) -> u32 {
    let start = with_exposed_provenance(range.start() as usize);
    // SAFETY: RAM that holds device tree or initrd, which nobody writes to while this borrow lasts.
    crc32::update()(0, unsafe { core::slice::from_raw_parts(start, range.len() as usize) })
}
