//! The place of the kernel.

use core::ptr::with_exposed_provenance_mut;

use crate::{Exit, mutations};

/// The place where the Image header has these two.
pub const IMAGE_SIZE: u64 = 16;
pub const FLAGS: u64 = 24;
/// How much more memory than its file has the payload's header asks for.
const BEHIND_FILE: u64 = 1 << 20;

/// The field of the kernel's header at this offset.
pub fn field(exit: &Exit, offset: u64) -> &'static mut u64 {
    // SAFETY: the kernel does not run yet, and it is in RAM, at a multiple of its fields' size.
    unsafe { &mut *with_exposed_provenance_mut((exit.pc + offset) as usize) }
}

/// The kernel, all `image_size` bytes of it, to there.
fn move_to(exit: &mut Exit, to: u64) {
    let size = *field(exit, IMAGE_SIZE) as usize;
    let start = with_exposed_provenance_mut::<u8>(exit.pc as usize);
    let moved = with_exposed_provenance_mut::<u8>(to as usize);
    // SAFETY: there is RAM that is nobody's before and behind the kernel, which does not run yet.
    unsafe { start.copy_to(moved, size) };
    exit.pc = to;
}

/// The kernel up by so much.
pub fn move_up(exit: &mut Exit, distance: u64) {
    move_to(exit, exit.pc + distance);
}

/// The kernel down by so much.
pub fn move_down(exit: &mut Exit, distance: u64) {
    move_to(exit, exit.pc - distance);
}

/// The end of the memory that the kernel's header asks for.
pub fn end(exit: &Exit) -> u64 {
    exit.pc + *field(exit, IMAGE_SIZE)
}

mutations! {
    /// What is in memory is not what is in the file, by a bit that is never looked at.
    fn c1_bit(exit) { *field(exit, *field(exit, IMAGE_SIZE) - BEHIND_FILE - 8) ^= 1 }
    /// The kernel is not where it wants to be, by a page.
    fn e1_page(exit) { move_up(exit, 0x1000) }
    /// A kernel that wants to be low is not as low as it can be.
    fn d9_high(exit) { move_up(exit, 2 << 20) }
}
