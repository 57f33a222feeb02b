//! Is what was loaded the Image, as its header asks (groups C and D)?

use boot_protocol::Verdict;
use linux_image::Placement;

use super::Case;
use super::entry::BIG_ENDIAN;
use crate::conformance::finding::{Finding, Witness};
use crate::conformance::observation::CpuState;
use crate::conformance::payload::Variant;

/// The place where the base of an Image may be.
const BASE_ALIGN: u64 = 2 << 20;
/// The end of physical addresses of 48 bits.
const ADDRESSES_END: u64 = 1 << 48;

/// The place where an Image is whose `text_offset` was not looked at.
const IGNORED_OFFSETS: [u64; 2] = [0, 0x8_0000];
/// The reason why nothing more is said of an Image that is where no Image may be.
pub(super) const MISPLACED: &str = "the Image is not where its header asks (E1)";

/// Returns what is to be said of the Image.
pub(super) fn of(case: &Case<'_>, first: &CpuState) -> Vec<Finding> {
    let payload = case.expected.payload;
    let loaded = &case.seen.memory.image;
    let header = payload.header;
    let start = case.seen.image_at;
    let on = |clause: &str, is_kept: bool, expected: String, found: String| {
        Finding::new(clause, case.affinity(first), is_kept, expected, found, Witness::Host)
    };
    let none = |clause, verdict, why| Finding::none(clause, case.affinity(first), verdict, why, Witness::Host);
    let difference = payload.difference(loaded);
    let compared = match difference {
        None => format!("{} bytes, all the same", loaded.len()),
        Some(offset) => format!("another byte at offset {offset:#x}"),
    };
    let is_whole = difference.is_none() && loaded.len() == payload.image.len();
    let is_placed = start.wrapping_sub(header.text_offset()).is_multiple_of(BASE_ALIGN);
    let placed = format!("the Image at {start:#x}, text_offset {:#x}", header.text_offset());
    let place = format!("the Image {:#x} above a multiple of 2 MiB", header.text_offset());
    let pages = format!("an Image with {} to be started", header.page_size());
    let mut findings = vec![
        on("C1", is_whole, "in memory what is in the file".into(), compared),
        on(
            "D1",
            true,
            "an Image with the magic number to be started".into(),
            "it was".into(),
        ),
        on("D8", true, pages, "it was".into()),
        on("E1", is_placed, place.clone(), placed.clone()),
        byte_order(case, first),
    ];
    findings.extend(
        OF_VARIANTS.map(|(clause, variant, what)| match payload.variant == variant {
            true => on(clause, true, format!("an Image {what} to be started"), "it was".into()),
            false => other_header(case, first, clause, variant),
        }),
    );
    findings.push(match payload.variant {
        Variant::NoSize => on("D5", is_placed, place.clone(), placed.clone()),
        _ => other_header(case, first, "D5", Variant::NoSize),
    });
    let is_ignored = !is_placed && IGNORED_OFFSETS.contains(&(start % BASE_ALIGN));
    findings.push(match payload.variant {
        Variant::NoSize => none("D6", Verdict::NotApplicable, "the header tells no size"),
        _ if is_placed || is_ignored => on("D6", is_placed, place, placed.clone()),
        _ => none("D6", Verdict::NotObservable, MISPLACED),
    });
    findings.push(match is_placed {
        true => on("D2", true, "text_offset read as little endian".into(), placed),
        false => none("D2", Verdict::NotObservable, MISPLACED),
    });
    findings.push(match header.placement() {
        Placement::Anywhere => {
            let end = start.saturating_add(header.image_size);
            let found = format!("its end at {end:#x}");
            on(
                "D10",
                end <= ADDRESSES_END,
                "all of the Image below 48 bits of address".into(),
                found,
            )
        }
        Placement::NearRamBase => other_header(case, first, "D10", Variant::Plain),
    });
    findings
}

/// The clauses that a variant of the header is there for, where the loader has nothing to do but to
/// start it.
const OF_VARIANTS: [(&str, Variant, &str); 2] = [
    ("D4", Variant::Efi, "whose first bytes are MZ"),
    ("D11", Variant::Reserved, "with reserved bits set"),
];

/// The clause is about another header than this boot's.
pub(super) fn other_header(case: &Case<'_>, first: &CpuState, clause: &str, variant: Variant) -> Finding {
    let why = format!("it is about another header: --header {}", variant.name());
    Finding::none(clause, case.affinity(first), Verdict::NotApplicable, why, Witness::Host)
}

/// The kernel is entered in little endian, whatever its header says of itself.
fn byte_order(case: &Case<'_>, first: &CpuState) -> Finding {
    if case.expected.payload.variant != Variant::BigEndian {
        return other_header(case, first, "D7", Variant::BigEndian);
    }
    let name = if first.level() == 2 { "SCTLR_EL2" } else { "SCTLR_EL1" };
    let sctlr = first.get(name).unwrap_or_default();
    let expected = "the entry in little endian, as the kernel turns to big endian by itself";
    case.on(
        first,
        "D7",
        sctlr & BIG_ENDIAN == 0,
        expected,
        format!("{name} {sctlr:#x}"),
    )
}
