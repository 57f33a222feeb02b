//! The simplest heap: addresses in rising order, and nothing is given back.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{null_mut, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::{OUTPUT, OUTPUT_ROOM};

/// Its first address, up to the end of RAM.
const START: usize = OUTPUT + OUTPUT_ROOM;

struct Heap {
    next: AtomicUsize,
}

#[global_allocator]
static HEAP: Heap = Heap {
    next: AtomicUsize::new(START),
};

// SAFETY: hands out addresses of RAM in rising order, each aligned and behind all before it.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let next = self.next.load(Ordering::Relaxed);
        let Some(block) = next.checked_next_multiple_of(layout.align()) else {
            return null_mut();
        };
        self.next.store(block + layout.size(), Ordering::Relaxed);
        with_exposed_provenance_mut(block)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
