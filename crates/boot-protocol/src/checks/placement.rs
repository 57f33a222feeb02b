//! The place of the image (D9, D10, E1), and the memory that it was promised (E3, E6).

use linux_image::Placement;
use phys_range::{MIB, PhysRange};

use crate::facts::Initrd;
use crate::subject::Subject;
use crate::{Facts, Image, Judgement};

/// The alignment of an image's base.
const BASE_ALIGN: u64 = 2 * MIB;
/// The end of the addresses of 48 bits.
const END_OF_48_BITS: u64 = 1 << 48;

pub(super) fn e1(subject: &mut Subject<'_>) -> Judgement {
    let (facts, image) = (subject.facts, subject.image);
    let (start, text_offset) = (image.start, image.header.text_offset());
    let expected = format_args!("the image in RAM, {text_offset:#x} behind a multiple of 2 MiB");
    let off_grid = distance_from_grid(image);
    if off_grid != 0 {
        return Judgement::of(false, expected, format_args!("{start:#x}, {off_grid:#x} off"));
    }
    let is_usable = image
        .range()
        .is_some_and(|range| facts.is_ram(&range) && facts.reservation_in(&range).is_none());
    let place = if is_usable { "" } else { ", not in RAM that is free" };
    Judgement::of(is_usable, expected, format_args!("{start:#x}{place}"))
}

/// Returns how far the image is from `text_offset` behind a multiple of 2 MiB.
fn distance_from_grid(image: &Image) -> u64 {
    image.start.wrapping_sub(image.header.text_offset()) % BASE_ALIGN
}

/// The lowest place for the image, as if nothing but what is reserved were in its way.
fn lowest_place(facts: &Facts, image: &Image) -> Option<u64> {
    let size_bytes = image.range()?.len();
    let in_bank = |bank: &PhysRange| {
        let mut base = phys_range::align_up(bank.start(), BASE_ALIGN)?;
        loop {
            let place = PhysRange::new(base.checked_add(image.header.text_offset())?, size_bytes)?;
            if !bank.contains(&place) {
                return None;
            }
            let Some(reserved) = facts.reservation_in(&place) else {
                return Some(place.start());
            };
            base = base
                .max(phys_range::align_down(reserved.end(), BASE_ALIGN))
                .checked_add(BASE_ALIGN)?;
        }
    };
    facts.ram.iter().find_map(in_bank)
}

pub(super) fn d9(subject: &mut Subject<'_>) -> Judgement {
    if subject.image.header.placement() == Placement::Anywhere {
        return Judgement::not_applicable("of a kernel that may be anywhere (flags, bit 3)", "bit 3 set");
    }
    let start = subject.image.start;
    if distance_from_grid(subject.image) != 0 {
        return Judgement::not_observable("an image where its header asks for one (E1)");
    }
    let lowest = lowest_place(subject.facts, subject.image);
    Judgement::of(
        lowest == Some(start),
        format_args!("the image as low as it can be, at {:#x}", lowest.unwrap_or_default()),
        format_args!("{start:#x}"),
    )
}

pub(super) fn d10(subject: &mut Subject<'_>) -> Judgement {
    if subject.image.header.placement() != Placement::Anywhere {
        return Judgement::not_applicable("of a kernel that has to be low (flags, bit 3)", "bit 3 clear");
    }
    let expected = "all of the image in 48 bits of address";
    match subject.image.range() {
        Some(range) => Judgement::of(range.end() <= END_OF_48_BITS, expected, range),
        None => Judgement::of(false, expected, format_args!("{:#x}", subject.image.start)),
    }
}

/// The result of filling memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The number of bytes that were filled.
    pub size_bytes: u64,
    /// The first word that did not keep what was written.
    pub changed: Option<u64>,
    /// True if the device tree is what it was.
    pub tree_is_intact: bool,
    /// True if the initrd is, too.
    pub initrd_is_intact: bool,
}

/// The image's own memory, after all of it behind the file was filled.
pub fn e3(facts: &Facts, image: &Image, filled: &Filled) -> Judgement {
    let expected = "image_size bytes for the image alone";
    let Some(range) = image.range() else {
        return Judgement::of(false, expected, format_args!("{:#x}", image.start));
    };
    let initrd = match facts.initrd {
        Initrd::At(initrd) => Some(("the initrd", initrd)),
        _ => None,
    };
    let reserved = facts.reserved.iter().map(|range| ("a reservation", *range));
    let others = [("the device tree", facts.tree)]
        .into_iter()
        .chain(initrd)
        .chain(reserved);
    for (name, other) in others {
        if other.overlaps(&range) {
            return Judgement::of(false, expected, format_args!("{range}, with {name} in it, {other}"));
        }
    }
    filled.judge(expected)
}

/// All that is described and not reserved, after it was filled.
pub fn e6(filled: &Filled) -> Judgement {
    filled.judge("all memory that is described and not reserved for the kernel alone")
}

impl Filled {
    fn judge(&self, expected: &str) -> Judgement {
        let size_bytes = self.size_bytes;
        if let Some(address) = self.changed {
            return Judgement::of(
                false,
                expected,
                format_args!("what was written to {address:#x} is gone"),
            );
        }
        let found = match (self.tree_is_intact, self.initrd_is_intact) {
            (true, true) => format_args!("{size_bytes:#x} bytes filled, device tree and initrd intact"),
            (false, _) => format_args!("{size_bytes:#x} bytes filled, and the device tree is broken"),
            (true, false) => format_args!("{size_bytes:#x} bytes filled, and the initrd is broken"),
        };
        Judgement::of(self.tree_is_intact && self.initrd_is_intact, expected, found)
    }
}
