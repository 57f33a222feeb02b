//! The monitor's stacks: each CPU has two, with a page below each that is not mapped.

use phys_range::PhysRange;

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

/// The distance from the stacks of one CPU to those of the next, in bytes: the page below the first
/// stack, that stack, the page below the second one, and that.
pub const STRIDE: u64 = 4 * PAGE;
/// The top of the stack for calls, from the start of a CPU's stacks.
pub const CALL_TOP: u64 = 2 * PAGE;
/// The top of the stack for reports of exceptions.
pub const REPORT_TOP: u64 = 4 * PAGE;

/// The memory of the two stacks of the CPU at this place among all, whose stacks begin at `base`;
/// `None` past the end of the address space.
pub fn of_cpu(base: u64, place: u64) -> Option<[PhysRange; 2]> {
    let start = place.checked_mul(STRIDE)?.checked_add(base)?;
    let stack = |top: u64| PhysRange::new(start.checked_add(top)?.checked_sub(PAGE)?, PAGE);
    Some([stack(CALL_TOP)?, stack(REPORT_TOP)?])
}

/// The pages below them.
pub fn guards_of_cpu(base: u64, place: u64) -> Option<[PhysRange; 2]> {
    let below = |stack: PhysRange| PhysRange::new(stack.start().checked_sub(PAGE)?, PAGE);
    let [calls, reports] = of_cpu(base, place)?;
    Some([below(calls)?, below(reports)?])
}
