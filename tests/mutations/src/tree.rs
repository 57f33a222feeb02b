//! The device tree: where it is, and what it says.

use core::ptr::with_exposed_provenance_mut;

use crate::property::{TOTAL_SIZE, put_word, replace, tree, value};
use crate::{Exit, image, mutations};

/// The RAM of the reference machine: address and size, as in its `reg`.
const RAM_BASE: u64 = 0x4000_0000;
const RAM_SIZE: u64 = 128 << 20;
const INITRD_START: &[u8] = b"\0linux,initrd-start\0";
const INITRD_END: &[u8] = b"\0linux,initrd-end\0";
/// How far from their base kernels before v4.2 reach.
const TREE_REACH: u64 = 512 << 20;

/// Tells the kernel of less RAM than there is, or of more.
fn tell_of_ram(exit: &Exit, size: u64) {
    let reg = |size: u64| (u128::from(RAM_BASE) << 64 | u128::from(size)).to_be_bytes();
    replace(tree(exit), &reg(RAM_SIZE), &reg(size));
}

/// The address that a property of `/chosen` tells.
fn address<'a>(tree: &'a mut [u8], name: &[u8]) -> Option<&'a mut [u8; 8]> {
    value(tree, name)?.try_into().ok()
}

/// Tells the kernel that the initrd is from `start` to `end`.
fn tell_of_initrd(exit: &Exit, start: u64, end: u64) {
    for (name, told) in [(INITRD_START, start), (INITRD_END, end)] {
        if let Some(address) = address(tree(exit), name) {
            *address = told.to_be_bytes();
        }
    }
}

/// Puts the initrd there, and tells the kernel so.
fn move_initrd(exit: &Exit, to: u64) {
    let told = [INITRD_START, INITRD_END].map(|name| address(tree(exit), name).map(|told| u64::from_be_bytes(*told)));
    let [Some(start), Some(end)] = told else { return };
    let (from, to_bytes) = [start, to]
        .map(|at| with_exposed_provenance_mut::<u8>(at as usize))
        .into();
    // SAFETY: RAM that is nobody's, but for the initrd's own.
    unsafe { from.copy_to(to_bytes, (end - start) as usize) };
    tell_of_initrd(exit, to, to + (end - start));
}

/// Tells the kernel that RAM ends there, and that the initrd, which is above, is in the middle of
/// it.
fn tell_of_ram_up_to(exit: &Exit, end: u64) {
    tell_of_ram(exit, end - RAM_BASE);
    move_initrd(exit, RAM_BASE + RAM_SIZE / 2);
}

/// Puts the device tree elsewhere, behind the end of where it was or before it.
fn move_tree(exit: &mut Exit, to: u64) {
    let tree = tree(exit);
    let to_bytes = with_exposed_provenance_mut(to as usize);
    // SAFETY: RAM that is nobody's, but for the tree's own.
    unsafe { tree.as_ptr().copy_to(to_bytes, tree.len()) };
    exit.x[0] = to;
}

/// Returns whether this is the CPU that gets the device tree.
pub fn has_tree(exit: &Exit) -> bool {
    exit.x[0] != 0
}

mutations! {
    /// There is less RAM than the tree says.
    fn a1_too_much(exit) { tell_of_ram(exit, 2 * RAM_SIZE) }
    /// There is more RAM than the tree says.
    fn a1_lost(exit) { tell_of_ram_up_to(exit, RAM_BASE + RAM_SIZE - (2 << 20)) }
    /// The tree is not aligned.
    fn b1_alignment(exit) { move_tree(exit, exit.x[0] + 4) }
    /// The tree is too large.
    fn b2_size(exit) { put_word(tree(exit), TOTAL_SIZE, (2 << 20) + 8) }
    /// The tree is further away than kernels before v4.2 reach.
    fn b4_far(exit) { move_tree(exit, exit.pc + TREE_REACH) }
    /// What a kernel maps to read the tree is not all RAM.
    fn b3_block(exit) {
        if !has_tree(exit) {
            return;
        }
        let end = exit.x[0] + tree(exit).len() as u64;
        tell_of_ram_up_to(exit, end.next_multiple_of(8));
    }
    /// The tree is not in RAM that it tells of.
    fn b5_not_ram(exit) { if has_tree(exit) { tell_of_ram_up_to(exit, exit.x[0]) } }
    /// The tree is where a kernel that does not tell its size may have some of its own.
    fn d12_close(exit) { move_tree(exit, image::end(exit) + 0x1_0000) }
    /// The device tree is in the kernel's memory.
    fn e3_tree(exit) { move_tree(exit, image::end(exit) - 0x1_0000) }
    /// The initrd is in the kernel's memory.
    fn e3_initrd(exit) { move_initrd(exit, image::end(exit) - 0x8_0000) }
    /// The initrd is more than 32 GiB away.
    fn e5_far(exit) { tell_of_initrd(exit, 64 << 30, (64 << 30) + 0x1000) }
    /// The GICv3 is described as something else.
    fn m10_unknown(exit) { if has_tree(exit) { replace(tree(exit), b"arm,gic-v3\0", b"arm,gic-v9\0") } }
    /// No CPU says how it is started.
    fn o2_method(exit) { if has_tree(exit) { replace(tree(exit), b"\0enable-method\0", b"\0enable-mothod\0") } }
    /// Nothing says what PSCI is like.
    fn q3_node(exit) { if has_tree(exit) { replace(tree(exit), b"arm,psci", b"arm,pony") } }
    /// The command line is no text.
    fn z9_bootargs(exit) { if let Some([first, ..]) = value(tree(exit), b"\0bootargs\0") { *first = 0xff } }
    /// The initrd ends before it begins.
    fn z9_initrd(exit) { tell_of_initrd(exit, RAM_BASE + RAM_SIZE / 2, RAM_BASE) }
}
