//! Where the kernel is.

use core::ptr::with_exposed_provenance_mut;

use crate::{Exit, mutations};

/// Where the Image header has these two.
const IMAGE_SIZE: u64 = 16;
const FLAGS: u64 = 24;
/// Bit 3 of the flags: anywhere in RAM.
const ANYWHERE: u64 = 1 << 3;

/// The field of the kernel's header at this offset.
pub fn field(exit: &Exit, offset: u64) -> &'static mut u64 {
    // SAFETY: the kernel does not run yet, and it is in RAM, at a multiple of its fields' size.
    unsafe { &mut *with_exposed_provenance_mut((exit.pc + offset) as usize) }
}

/// The kernel, all `image_size` bytes of it, up by so much.
fn move_up(exit: &mut Exit, distance: u64) {
    let size = *field(exit, IMAGE_SIZE) as usize;
    let start = with_exposed_provenance_mut::<u8>(exit.pc as usize);
    let moved = with_exposed_provenance_mut::<u8>((exit.pc + distance) as usize);
    // SAFETY: there is RAM that is nobody's behind the kernel, which does not run yet.
    unsafe { start.copy_to(moved, size) };
    exit.pc += distance;
}

/// The end of the memory that the kernel's header asks for.
pub fn end(exit: &Exit) -> u64 {
    exit.pc + *field(exit, IMAGE_SIZE)
}

mutations! {
    /// The kernel is not where it wants to be, by a page.
    fn e1_page(exit) { move_up(exit, 0x1000) }
    /// A kernel that wants to be low is not as low as it can be.
    fn d9_high(exit) {
        *field(exit, FLAGS) &= !ANYWHERE;
        move_up(exit, 2 << 20);
    }
}
