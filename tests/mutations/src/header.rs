//! What a loader makes of the Image header: kernels that it does not start, and places that are not
//! what a header asks for.

use core::arch::asm;

use crate::image::{FLAGS, IMAGE_SIZE, field, move_down};
use crate::tree::has_tree;
use crate::{Exit, mutations};

/// The place where the Image header has these.
const CODE: u64 = 0;
const TEXT_OFFSET: u64 = 8;
const RES2: u64 = 32;
/// The distance that a branch goes, in instructions.
const BRANCH_DISTANCE: u64 = (1 << 26) - 1;
/// The first bytes of a PE file.
const MZ: u64 = 0x5a4d;
/// Flags: byte order, page size (64 KiB), anywhere in RAM.
const BIG_ENDIAN: u64 = 1;
const PAGES: u64 = 0b110;
const ANYWHERE: u64 = 1 << 3;
/// What `text_offset` is where a header does not tell a size.
const OLD_TEXT_OFFSET: u64 = 0x8_0000;
/// No kernel is as large as this, but for the one that is to be refused for its size.
const LARGE: u64 = 16 << 20;

/// `SYSTEM_OFF` (DEN0022).
const SYSTEM_OFF: u64 = 0x8400_0008;

/// Does not start such a kernel: turns the machine off.
fn refuse(is_refused: bool) {
    if is_refused {
        // SAFETY: below EL3, where QEMU answers; it does not come back.
        unsafe { asm!("smc #0", in("x0") SYSTEM_OFF, options(noreturn)) };
    }
}

/// A field of the header.
fn read(exit: &Exit, offset: u64) -> u64 {
    *field(exit, offset)
}

mutations! {
    /// No Image is started.
    fn d1_refused(_) { refuse(true) }
    /// A `text_offset` that is not 0 is taken for something else.
    fn d2_refused(exit) { refuse(read(exit, TEXT_OFFSET) != 0) }
    /// The kernel is entered where its first instruction branches to.
    fn d3_skipped(exit) { exit.pc += 4 * (read(exit, CODE) & BRANCH_DISTANCE) }
    /// An Image that begins as a PE file is not started.
    fn d4_refused(exit) { refuse(read(exit, CODE) & 0xffff == MZ) }
    /// An Image without a size is put where others are.
    fn d5_ignored(exit) { move_down(exit, OLD_TEXT_OFFSET) }
    /// A large Image is not started.
    fn d6_refused(exit) { refuse(read(exit, IMAGE_SIZE) > LARGE) }
    /// `text_offset` is not looked at.
    fn d6_ignored(exit) { move_down(exit, OLD_TEXT_OFFSET) }
    /// A big-endian kernel is not started.
    fn d7_refused(exit) { refuse(read(exit, FLAGS) & BIG_ENDIAN != 0) }
    /// A big-endian kernel is entered in big endian.
    fn d7_switched(exit) { if has_tree(exit) && read(exit, FLAGS) & BIG_ENDIAN != 0 { set!("sctlr_el2", 25) } }
    /// A kernel with pages of 64 KiB is not started.
    fn d8_refused(exit) { refuse(read(exit, FLAGS) & PAGES == PAGES) }
    /// A kernel that wants to be low is not started.
    fn d9_refused(exit) { refuse(read(exit, FLAGS) & ANYWHERE == 0) }
    /// A kernel that may be anywhere is not started.
    fn d10_refused(exit) { refuse(read(exit, FLAGS) & ANYWHERE != 0) }
    /// A kernel that sets reserved fields is not started.
    fn d11_refused(exit) { refuse(read(exit, RES2) != 0) }
}
