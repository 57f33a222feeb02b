//! The places of Image, device tree and initrd (groups B, D and E).

use boot_protocol::checks::{OF_RESERVED, TOO_MANY_RESERVATIONS};
use boot_protocol::{Facts, Verdict};
use devicetree::Devicetree;
use linux_image::Placement;
use phys_range::{GIB, MIB, PhysRange, Size, align_down, align_up};

use super::Case;
use super::image::{MISPLACED, other_header};
use crate::conformance::finding::{Finding, Witness};
use crate::conformance::initrd;
use crate::conformance::observation::CpuState;
use crate::conformance::payload::Variant;

/// The blocks that a kernel maps the device tree in, and that its base is a multiple of.
const BLOCK: u64 = 2 * MIB;
/// Kernels before v4.2 find the device tree so far from their base on.
const TREE_REACH: u64 = 512 * MIB;
/// The window that an initrd shares with the Image.
const INITRD_WINDOW: u64 = 32 * GIB;

/// The room for a kernel that tells no size, as U-Boot assumes it.
const ENOUGH_ROOM: u64 = 16 * MIB;

/// The places of the parts of a boot.
struct Places<'a> {
    image: PhysRange,
    tree: PhysRange,
    initrd: Option<PhysRange>,
    ram: &'a [PhysRange],
    reserved: &'a [PhysRange],
    not_mapped: &'a [PhysRange],
}

/// Returns what is to be said of all places. Without a device tree that can be read there are none.
pub(super) fn of(case: &Case<'_>, first: &CpuState) -> Vec<Finding> {
    let x0 = first.get("x0").unwrap_or_default();
    let (Some(tree), Ok(facts)) = (&case.tree, Facts::read(&case.seen.memory.tree, x0)) else {
        return Vec::new();
    };
    let Some(places) = places(case, first, tree, &facts.not_mapped) else {
        return Vec::new();
    };
    let on = |clause: &str, is_kept: bool, expected: &str, found: String| {
        Finding::new(clause, case.affinity(first), is_kept, expected, found, Witness::Host)
    };
    let tree = places.tree;
    let where_it_is = format!("the device tree at {tree}");
    let base = places
        .image
        .start()
        .saturating_sub(case.expected.payload.header.text_offset());
    let blocks = tree.widened_to(BLOCK);
    let reach = PhysRange::new(base, TREE_REACH);
    let mut findings = vec![
        on(
            "B1",
            tree.start().is_multiple_of(8),
            "a multiple of 8",
            where_it_is.clone(),
        ),
        on(
            "B2",
            tree.len() <= devicetree::MAX_SIZE_BYTES,
            "at most 2 MiB",
            where_it_is.clone(),
        ),
        on(
            "B3",
            blocks.is_some_and(|blocks| places.is_plain_ram(blocks)),
            "blocks of 2 MiB that are RAM without no-map",
            where_it_is.clone(),
        ),
        on(
            "B4",
            reach.is_some_and(|reach| reach.contains(&tree)),
            "within 512 MiB from the kernel's base on",
            where_it_is.clone(),
        ),
        on("B5", places.is_ram(tree), "RAM", where_it_is),
        on(
            "E3",
            places.overlap().is_none(),
            "the memory of the Image to be free of everything else",
            places.described_overlap(),
        ),
    ];
    findings.extend(
        ["D9", "E4"].map(|clause| match case.expected.payload.header.placement() {
            Placement::Anywhere => other_header(case, first, clause, Variant::Low),
            Placement::NearRamBase => match lowest(case, &places, base) {
                Some(lowest) => {
                    let found = format!("base {base:#x}, the lowest free one {lowest:#x}");
                    on(clause, base == lowest, "the lowest base that is free", found)
                }
                None => Finding::none(
                    clause,
                    case.affinity(first),
                    Verdict::NotObservable,
                    MISPLACED,
                    Witness::Host,
                ),
            },
        }),
    );
    findings.push(match places.initrd {
        Some(initrd) => {
            let is_kept = shares_a_window(places.image, initrd);
            on(
                "E5",
                is_kept,
                "initrd and Image in one window of 32 GiB",
                format!("initrd {initrd}, Image {}", places.image),
            )
        }
        None => Finding::none(
            "E5",
            case.affinity(first),
            Verdict::NotApplicable,
            "there is no initrd",
            Witness::Host,
        ),
    });
    findings.push(match case.expected.payload.variant {
        Variant::NoSize => {
            let room = places.room();
            on(
                "D12",
                room >= ENOUGH_ROOM,
                "at least 16 MiB free behind the Image",
                format!("{} free", Size(room)),
            )
        }
        _ => other_header(case, first, "D12", Variant::NoSize),
    });
    if facts.is_reserved_unknown {
        findings.iter_mut().for_each(take_back);
    }
    findings
}

/// Takes back what cannot be said without knowing what is reserved.
fn take_back(finding: &mut Finding) {
    let is_untold =
        |(clause, untold): &(&str, &[Verdict])| *clause == finding.clause && untold.contains(&finding.verdict);
    if OF_RESERVED.iter().any(is_untold) {
        let why = TOO_MANY_RESERVATIONS;
        *finding = Finding::none(&finding.clause, finding.cpu, Verdict::NotObservable, why, Witness::Host);
    }
}

/// Without a device tree, what can be told is only whether x0 points into the Image.
pub(super) fn without_tree(case: &Case<'_>, first: &CpuState) -> Finding {
    let payload = case.expected.payload;
    let image = PhysRange::new(case.seen.image_at, payload.header.image_size);
    let x0 = first.get("x0").unwrap_or_default();
    let is_inside = image.is_some_and(|image| (image.start()..image.end()).contains(&x0));
    if !is_inside {
        let why = "x0 points to no device tree, so that nobody can tell what lies where";
        return Finding::none("E3", case.affinity(first), Verdict::NotObservable, why, Witness::Host);
    }
    let found = format!("x0 {x0:#x}, where the device tree should be, is in the Image");
    Finding::new(
        "E3",
        case.affinity(first),
        false,
        "the memory of the Image to be free of everything else",
        found,
        Witness::Host,
    )
}

fn places<'a>(
    case: &Case<'_>,
    first: &CpuState,
    tree: &'a Devicetree<'_>,
    not_mapped: &'a [PhysRange],
) -> Option<Places<'a>> {
    let header = case.expected.payload.header;
    let size_bytes = header.image_size.max(case.expected.payload.image.len() as u64);
    Some(Places {
        image: PhysRange::new(case.seen.image_at, size_bytes)?,
        tree: PhysRange::new(first.get("x0")?, tree.total_size())?,
        initrd: initrd::range(&case.seen.memory.tree),
        ram: tree.ram().ok()?,
        // Where they are unknown, nothing is said that goes by them.
        reserved: tree.reservations().map_or(&[][..], |reserved| reserved),
        not_mapped,
    })
}

impl Places<'_> {
    fn is_ram(&self, range: PhysRange) -> bool {
        self.ram.iter().any(|bank| bank.contains(&range))
    }

    /// RAM that may be mapped: what is only reserved may.
    fn is_plain_ram(&self, range: PhysRange) -> bool {
        self.is_ram(range) && !self.not_mapped.iter().any(|not_mapped| not_mapped.overlaps(&range))
    }

    /// Returns what lies in the memory of the Image that should not.
    fn overlap(&self) -> Option<(&'static str, PhysRange)> {
        let mut others = [("the device tree", Some(self.tree)), ("the initrd", self.initrd)].into_iter();
        let ours = others.find_map(|(name, range)| Some((name, range.filter(|range| range.overlaps(&self.image))?)));
        let reserved = self.reserved.iter().find(|reserved| reserved.overlaps(&self.image));
        ours.or_else(|| Some(("what is reserved", *reserved?)))
    }

    fn described_overlap(&self) -> String {
        let image = self.image;
        match self.overlap() {
            Some((name, range)) => format!("{name} {range} overlaps the Image {image}"),
            None => format!("nothing else in {image}"),
        }
    }

    /// Returns how many bytes are free from the Image's end on.
    fn room(&self) -> u64 {
        let end = self.image.end();
        let bank = self.ram.iter().find(|bank| bank.contains(&self.image));
        let others = [Some(self.tree), self.initrd]
            .into_iter()
            .flatten()
            .chain(self.reserved.iter().copied());
        let next = others.map(|other| other.start()).filter(|start| *start >= end).min();
        let limit = bank.map_or(end, PhysRange::end);
        next.unwrap_or(limit).min(limit) - end
    }

    /// Returns whether a range is RAM with nothing of anybody's in it; the tree may move, so it
    /// does not count.
    fn is_free(&self, range: PhysRange) -> bool {
        self.is_ram(range) && !self.reserved.iter().any(|reserved| reserved.overlaps(&range))
    }
}

/// The lowest base that is free, up to the one that the Image has; none if that is none.
fn lowest(case: &Case<'_>, places: &Places<'_>, base: u64) -> Option<u64> {
    let header = case.expected.payload.header;
    let start = align_up(places.ram.first()?.start(), BLOCK)?;
    let mut bases = (start..=base).step_by(BLOCK as usize);
    bases.find(|base| {
        let range = PhysRange::new(base + header.text_offset(), places.image.len());
        range.is_some_and(|range| places.is_free(range))
    })
}

/// Returns whether some window of 32 GiB that starts at a multiple of 1 GiB has both in it.
fn shares_a_window(image: PhysRange, initrd: PhysRange) -> bool {
    let start = align_down(image.start().min(initrd.start()), GIB);
    image.end().max(initrd.end()) - start <= INITRD_WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u64, size_bytes: u64) -> PhysRange {
        PhysRange::new(start, size_bytes).unwrap()
    }

    #[test]
    fn an_initrd_shares_a_window_with_the_image() {
        let image = range(GIB, MIB);
        assert!(shares_a_window(image, range(32 * GIB, GIB)));
        assert!(!shares_a_window(image, range(33 * GIB - MIB, 2 * MIB)));
        assert!(shares_a_window(range(40 * GIB, MIB), range(9 * GIB, MIB)));
        assert!(!shares_a_window(range(41 * GIB, MIB), range(9 * GIB, MIB)));
    }

    #[test]
    fn sees_what_lies_in_the_memory_of_the_image() {
        let places = Places {
            image: range(GIB + 0x8_0000, MIB),
            tree: range(GIB, MIB),
            initrd: None,
            ram: &[range(GIB, 128 * MIB)],
            reserved: &[range(GIB, MIB)],
            not_mapped: &[range(GIB + BLOCK, MIB)],
        };
        assert!(
            places.described_overlap().starts_with("the device tree 0x40000000"),
            "{}",
            places.described_overlap()
        );
        let apart = Places {
            tree: range(GIB + 64 * MIB, MIB),
            ..places
        };
        assert!(apart.is_plain_ram(range(GIB, BLOCK)) && !apart.is_plain_ram(range(GIB - BLOCK, BLOCK)));
        assert!(!apart.is_plain_ram(range(GIB + BLOCK, BLOCK)));
        let alone = Places { reserved: &[], ..apart };
        assert_eq!(alone.overlap(), None);
    }
}
