//! The stack: moving to another one, for good.

use core::arch::asm;

use phys_range::{PhysRange, align_down};

/// AAPCS64, 6.4.5: the stack pointer is a multiple of this many bytes.
const STACK_ALIGN: u64 = 16;

/// What goes to the new stack: a value, and who takes it.
struct Parcel<T> {
    value: T,
    next: fn(T) -> !,
}

/// Goes on in `next` with `value`, on the stack at `stack`; the old stack is not used any more.
///
/// # Safety
/// `stack` is mapped RAM that nothing else uses and is large enough for `next`; `value` does not borrow from the old stack.
pub(crate) unsafe fn continue_on<T>(stack: PhysRange, value: T, next: fn(T) -> !) -> ! {
    let align = STACK_ALIGN.max(align_of::<Parcel<T>>() as u64);
    let top = align_down(stack.end() - size_of::<Parcel<T>>() as u64, align);
    let parcel = core::ptr::with_exposed_provenance_mut::<Parcel<T>>(top as usize);
    // SAFETY: the place is aligned, inside the new stack, and nobody else's.
    unsafe { parcel.write(Parcel { value, next }) };
    // SAFETY: the new stack grows down from the parcel; the frame chain ends here, so a backtrace does; control never comes back.
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

/// Takes the parcel from the top of the new stack, where its bytes stay behind, dead, above all that runs from here on.
extern "C" fn unpack<T>(parcel: *mut Parcel<T>) -> ! {
    // SAFETY: `continue_on` has just written the parcel, and gives the pointer to nobody else.
    let Parcel { value, next } = unsafe { parcel.read() };
    next(value)
}
