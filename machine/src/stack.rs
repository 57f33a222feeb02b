//! Stacks: how the memory of one is divided, and moving to another one for good.
//!
//! The bootloader's stacks lie in regions of [`REGION_BYTES`]: page tables at the start, behind
//! them a page that those do not map, then the stack, and at the end the stack for reports of
//! exceptions.

use core::arch::asm;

use phys_range::{KIB, PhysRange, align_down};

use crate::page_tables::PAGE_BYTES;
use crate::page_tables::early;

/// The size of a region with a stack in it, in bytes.
pub const REGION_BYTES: u64 = 128 * KIB;
/// The size of the stack for reports, in bytes. A report takes less than 2 KiB.
pub const REPORT_BYTES: u64 = PAGE_BYTES;
/// The memory at the start of a region that page tables may take, in bytes.
pub const TABLES_BYTES: u64 = early::SIZE_BYTES;

/// AAPCS64, 6.4.5: the stack pointer is a multiple of this many bytes.
const STACK_ALIGN: u64 = 16;
/// The bits of `TPIDRRO_EL0` beside the top of the stack for reports.
const FLAGS: u64 = 0xf;
/// `TPIDRRO_EL0` where there is no stack for reports: it says that one is under way, so that an
/// exception is answered by a line that registers suffice for.
pub const NO_STACK: u64 = 1;
/// The bit of `TPIDRRO_EL0` that says that the stack for reports is the end of a region.
pub const IN_REGION: u64 = 1 << 1;

/// The top of the stack in a region that ends at `end`.
pub const fn top(end: u64) -> u64 {
    end - REPORT_BYTES
}

/// The guard page of a region that ends at `end`.
pub const fn guard_below(end: u64) -> Option<PhysRange> {
    match end.checked_sub(REGION_BYTES) {
        Some(start) => PhysRange::new(start + TABLES_BYTES, PAGE_BYTES),
        None => None,
    }
}

/// The guard page of the stack in use, where that lies in a region.
pub(crate) fn guard() -> Option<PhysRange> {
    let report: u64;
    // SAFETY: reads a register that holds what `report_on` wrote.
    unsafe { asm!("mrs {}, tpidrro_el0", out(reg) report, options(nomem, nostack, preserves_flags)) };
    if report & IN_REGION == 0 {
        return None;
    }
    guard_below(report & !FLAGS)
}

/// Has exceptions reported on the stack below `top`, a multiple of 16; flags may be added.
///
/// # Safety
/// The memory below is RAM that nothing else uses.
pub(crate) unsafe fn report_on(top: u64) {
    // SAFETY: nothing but the vectors uses the register, and the caller vouches for the memory.
    unsafe { asm!("msr tpidrro_el0, {}", in(reg) top, options(nomem, nostack, preserves_flags)) };
}

/// The load of the new stack: a value, and the function that takes it.
struct Parcel<T> {
    value: T,
    next: fn(T) -> !,
}

/// Goes on in `next` with `value`, on the stack in `region`; the old stack is not used any more.
///
/// # Safety
/// `region` is mapped RAM of [`REGION_BYTES`] but for its guard page, nothing else uses it, and its
/// stack is large enough for `next`; `value` does not borrow from the old stack.
pub(crate) unsafe fn continue_on<T>(region: PhysRange, value: T, next: fn(T) -> !) -> ! {
    let align = STACK_ALIGN.max(align_of::<Parcel<T>>() as u64);
    let start = align_down(top(region.end()) - size_of::<Parcel<T>>() as u64, align);
    let parcel = core::ptr::with_exposed_provenance_mut::<Parcel<T>>(start as usize);
    // SAFETY: the place is aligned, inside the new stack, and nobody else's.
    unsafe { parcel.write(Parcel { value, next }) };
    // SAFETY: the end of the region is for nothing else.
    unsafe { report_on(region.end() | IN_REGION) };
    // SAFETY: the new stack grows down from the parcel; the frame chain ends here, so a backtrace
    // does; control never comes back.
    unsafe {
        asm!(
            "mov sp, x0",
            "mov x29, xzr",
            "mov x30, xzr",
            "br x1",
            in("x0") parcel,
            in("x1") unpack::<T> as extern "C" fn(*mut Parcel<T>) -> !,
            options(noreturn),
        )
    }
}

/// Takes the parcel from the top of the new stack, where its bytes stay behind, dead, above all
/// that runs from here on.
extern "C" fn unpack<T>(parcel: *mut Parcel<T>) -> ! {
    // SAFETY: `continue_on` has just written the parcel, and gives the pointer to nobody else.
    let Parcel { value, next } = unsafe { parcel.read() };
    next(value)
}
