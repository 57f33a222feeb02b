//! The device tree as bytes: what can be changed in it without moving anything.

use core::ptr::with_exposed_provenance_mut;

use crate::Exit;

/// The place where the header has these (Devicetree Specification v0.4, 5.2).
pub const TOTAL_SIZE: usize = 4;
const STRINGS: usize = 12;
/// The token of a property, before its length and the place of its name.
const PROPERTY: u32 = 3;

/// The bytes of the device tree that the kernel will get.
pub fn tree(exit: &Exit) -> &'static mut [u8] {
    let start = with_exposed_provenance_mut::<u8>(exit.x[0] as usize);
    // SAFETY: the header of a device tree in RAM, which nobody reads yet.
    let header = unsafe { core::slice::from_raw_parts_mut(start, 40) };
    let size = word(header, TOTAL_SIZE) as usize;
    // SAFETY: all of that device tree.
    unsafe { core::slice::from_raw_parts_mut(start, size) }
}

/// The big-endian word at this offset.
pub fn word(bytes: &[u8], offset: usize) -> u32 {
    bytes[offset..][..4]
        .iter()
        .fold(0, |word, byte| word << 8 | u32::from(*byte))
}

/// Puts a big-endian word at this offset.
pub fn put_word(bytes: &mut [u8], offset: usize, value: u32) {
    bytes[offset..][..4].copy_from_slice(&value.to_be_bytes());
}

/// Returns where `wanted` is for the first time.
pub fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// Puts `new` wherever `old` is; both are of one length.
pub fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    let mut from = 0;
    while let Some(found) = find(&bytes[from..], old) {
        bytes[from + found..][..new.len()].copy_from_slice(new);
        from += found + new.len();
    }
}

/// The value of the first property with this name. Both `name` and what is before it in the tree
/// end with a NUL.
pub fn value<'a>(tree: &'a mut [u8], name: &[u8]) -> Option<&'a mut [u8]> {
    let strings = word(tree, STRINGS) as usize;
    let name_offset = find(&tree[strings - 1..], name)? as u32;
    let words = (0..strings).step_by(4);
    let is_property = |at: &usize| word(tree, *at) == PROPERTY && word(tree, at + 8) == name_offset;
    let at = words.take_while(|at| at + 12 <= strings).find(is_property)?;
    let length = word(tree, at + 4) as usize;
    tree.get_mut(at + 12..at + 12 + length)
}
