//! The heap, for the one decompressor that needs one: memory that is given to it, used up from its start on, and used again.
//!
//! A freed block goes to a list of blocks of its size, a power of two, and is never split or merged: what a decompressor takes again
//! and again is found at once, and how much a heap must have can be told beforehand (`decompress::Stream::heap_bytes`).
//!
//! The bootloader has no variables, so the heap's own state lies at the start of that memory, and `TPIDRRO_EL0` says where that is.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::asm;
use core::ptr::{self, with_exposed_provenance_mut};

use crate::ram::Region;

/// Blocks of at most this many bytes are rounded up to a power of two, and kept when they are freed. Larger ones are as large as they are
/// asked for, and gone when they are freed.
const REUSED_MAX_BYTES: usize = 2 << 20;
/// As many lists as there are powers of two up to that.
const LISTS: usize = REUSED_MAX_BYTES.ilog2() as usize + 1;
/// Every block starts at a multiple of this, and has room for the link of a list.
const BLOCK_ALIGN: usize = 16;

/// The allocator of a program without variables, that runs on one CPU. Without memory it has none to give.
pub struct Heap;

struct State {
    /// The first address that was never used.
    next: usize,
    /// Where the memory ends.
    end: usize,
    /// The freed blocks of each size: each begins with the address of the one after it, or 0.
    free: [usize; LISTS],
}

impl Heap {
    /// The least memory that makes a heap, in bytes.
    pub const SIZE_MIN: usize = size_of::<State>();

    /// Gives this memory to the heap, in place of what it had before.
    ///
    /// # Safety
    /// Nothing that was allocated before is used any more, and nobody else uses the memory until [`Self::clear`].
    ///
    /// # Panics
    /// It is smaller than [`Self::SIZE_MIN`].
    pub unsafe fn give(memory: &mut Region) {
        let bytes = memory.bytes_mut();
        assert!(bytes.len() >= Self::SIZE_MIN, "too little memory for a heap");
        let start = bytes.as_mut_ptr().expose_provenance();
        let state: *mut State = bytes.as_mut_ptr().cast();
        let empty = State {
            next: (start + Self::SIZE_MIN).next_multiple_of(BLOCK_ALIGN),
            end: start + bytes.len(),
            free: [0; LISTS],
        };
        // SAFETY: the memory starts at a page, has room for the state, and belongs to nobody else, as the caller promises.
        unsafe { state.write(empty) };
        // SAFETY: TPIDRRO_EL0 is free for software, and nothing but this module uses it here.
        unsafe { asm!("msr tpidrro_el0, {}", in(reg) start, options(nostack, preserves_flags)) };
    }

    /// Takes its memory away from the heap.
    ///
    /// # Safety
    /// Nothing that was allocated is used any more.
    pub unsafe fn clear() {
        // SAFETY: as in `give`.
        unsafe { asm!("msr tpidrro_el0, xzr", options(nostack, preserves_flags)) };
    }

    fn state<'a>() -> Option<&'a mut State> {
        let address: usize;
        // SAFETY: reads a register that every CPU has.
        unsafe { asm!("mrs {}, tpidrro_el0", out(reg) address, options(nomem, nostack, preserves_flags)) };
        let state: *mut State = with_exposed_provenance_mut(address);
        // SAFETY: the register is 0 or names the state that `give` wrote; one CPU runs, and no call of the allocator is made inside another.
        unsafe { state.as_mut() }
    }
}

impl State {
    /// The list of freed blocks of this size; `None` for those that are not kept.
    fn list(&mut self, size: usize) -> Option<&mut usize> {
        if size > REUSED_MAX_BYTES {
            return None;
        }
        self.free.get_mut(size.ilog2() as usize)
    }

    fn take(&mut self, size: usize) -> Option<usize> {
        if let Some(first) = self.list(size).filter(|first| **first != 0) {
            let block = *first;
            let link: *const usize = with_exposed_provenance_mut(block);
            // SAFETY: a block in a list begins with the address of the next, and nobody uses it.
            *first = unsafe { link.read() };
            return Some(block);
        }
        let block = self.next;
        let next = block.checked_add(size)?.checked_next_multiple_of(BLOCK_ALIGN)?;
        if next > self.end {
            return None;
        }
        self.next = next;
        Some(block)
    }

    fn give_back(&mut self, block: usize, size: usize) {
        if let Some(first) = self.list(size) {
            let link: *mut usize = with_exposed_provenance_mut(block);
            // SAFETY: the block was taken, has at least [`BLOCK_ALIGN`] bytes, and nobody uses it any more.
            unsafe { link.write(*first) };
            *first = block;
        }
    }
}

/// The size that a block has; `None` where its alignment is greater than any that is needed here.
fn block_size(layout: Layout) -> Option<usize> {
    if layout.align() > BLOCK_ALIGN {
        return None;
    }
    let size = layout.size().max(BLOCK_ALIGN);
    Some(if size > REUSED_MAX_BYTES {
        size
    } else {
        size.next_power_of_two()
    })
}

// SAFETY: the state hands out blocks of its memory that are in nobody's use, aligned and as large as asked for, or none.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = block_size(layout).and_then(|size| Self::state()?.take(size));
        block.map_or(ptr::null_mut(), with_exposed_provenance_mut)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let (Some(state), Some(size)) = (Self::state(), block_size(layout)) {
            state.give_back(block.expose_provenance(), size);
        }
    }
}
