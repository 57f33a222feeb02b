//! The heap, for the one decompressor that needs one: memory that is given to it, and allocations from its free list.
//!
//! The bootloader has no variables, so the list lies at the start of that memory, and `TPIDRRO_EL0` says where that is.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::asm;
use core::ptr::{self, NonNull, with_exposed_provenance_mut};

use linked_list_allocator::Heap as FreeList;

use crate::ram::Region;

/// The allocator of a program without variables, that runs on one CPU. Without memory it has none to give.
pub struct Heap;

impl Heap {
    /// The least memory that makes a heap, in bytes.
    pub const SIZE_MIN: usize = size_of::<FreeList>() + 64;

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
        let (list, rest) = bytes.split_at_mut(size_of::<FreeList>());
        let list: *mut FreeList = list.as_mut_ptr().cast();
        // SAFETY: the rest belongs to nobody else, as the caller promises.
        let free = unsafe { FreeList::new(rest.as_mut_ptr(), rest.len()) };
        // SAFETY: the memory starts at a page, and its start was split off for the list.
        unsafe { list.write(free) };
        // SAFETY: TPIDRRO_EL0 is free for software, and nothing but this module uses it here.
        unsafe { asm!("msr tpidrro_el0, {}", in(reg) list.expose_provenance(), options(nostack, preserves_flags)) };
    }

    /// Takes its memory away from the heap.
    ///
    /// # Safety
    /// Nothing that was allocated is used any more.
    pub unsafe fn clear() {
        // SAFETY: as in `give`.
        unsafe { asm!("msr tpidrro_el0, xzr", options(nostack, preserves_flags)) };
    }

    fn free_list<'a>() -> Option<&'a mut FreeList> {
        let address: usize;
        // SAFETY: reads a register that every CPU has.
        unsafe { asm!("mrs {}, tpidrro_el0", out(reg) address, options(nomem, nostack, preserves_flags)) };
        let list: *mut FreeList = with_exposed_provenance_mut(address);
        // SAFETY: the register is 0 or names the list that `give` wrote; one CPU runs, and no call of the allocator is made inside another.
        unsafe { list.as_mut() }
    }
}

// SAFETY: the free list hands out memory that is its own and in nobody's use, aligned and as large as asked for, or nothing.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let place = Self::free_list().and_then(|list| list.allocate_first_fit(layout).ok());
        place.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if let (Some(list), Some(place)) = (Self::free_list(), NonNull::new(place)) {
            // SAFETY: the caller got the place from `alloc` with this layout, of this list.
            unsafe { list.deallocate(place, layout) };
        }
    }
}
