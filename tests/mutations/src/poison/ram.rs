//! RAM.

use core::ptr::with_exposed_provenance_mut;

use super::{SECURE_STACKS_END, STACKS_BYTES, STACKS_END};
use crate::property::{TOTAL_SIZE, find, word};

/// The place where RAM begins, and where QEMU puts the device tree.
const RAM: u64 = 0x4000_0000;
/// The RAM of the secure world.
const SECURE_RAM: u64 = 0x0e00_0000;
const SECURE_RAM_BYTES: u64 = 16 << 20;
/// The name of RAM in the device tree.
const NODE: &[u8] = b"\0memory@40000000\0";
/// The size of a device tree's header (Devicetree Specification v0.4, 5.2).
const HEADER_BYTES: usize = 40;

/// Fills all RAM but the device tree and the stacks; the secure world's too.
pub fn fill(garbage: u64, has_secure_ram: bool) {
    let start = with_exposed_provenance_mut::<u8>(RAM as usize);
    // SAFETY: QEMU has put a device tree there.
    let header = unsafe { core::slice::from_raw_parts(start, HEADER_BYTES) };
    let tree_bytes = u64::from(word(header, TOTAL_SIZE));
    // SAFETY: all of that tree, which nobody writes to.
    let tree = unsafe { core::slice::from_raw_parts(start, tree_bytes as usize) };
    fill_around_stacks(RAM + tree_bytes, RAM + ram_bytes(tree), STACKS_END, garbage);
    if has_secure_ram {
        fill_around_stacks(SECURE_RAM, SECURE_RAM + SECURE_RAM_BYTES, SECURE_STACKS_END, garbage);
    }
}

/// Returns how much RAM the device tree tells of: `reg` of its node has two cells for the address,
/// which is `RAM`, and two for the size.
fn ram_bytes(tree: &[u8]) -> u64 {
    let node = find(tree, NODE).map_or(0, |node| node + NODE.len());
    let rest = &tree[node..];
    let size = find(rest, &RAM.to_be_bytes()).map_or(0, |address| address + 8);
    u64::from(word(rest, size)) << 32 | u64::from(word(rest, size + 4))
}

fn fill_around_stacks(start: u64, end: u64, stacks_end: u64, garbage: u64) {
    let two = u128::from(garbage) << 64 | u128::from(garbage);
    for range in [start..stacks_end - STACKS_BYTES, stacks_end..end] {
        for address in range.step_by(16) {
            // SAFETY: RAM that holds nothing at reset; the stacks of this code are elsewhere.
            unsafe { with_exposed_provenance_mut::<u128>(address as usize).write_volatile(two) };
        }
    }
}
