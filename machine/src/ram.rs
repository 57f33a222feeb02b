//! RAM: every byte has one owner at a time. [`Ram`] lends out regions that do not overlap, so that
//! what is loaded cannot write over the stack, the device tree, or anything else that is in use.

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use arrayvec::ArrayVec;
use phys_range::PhysRange;
use zerocopy::FromBytes;

use crate::page_tables::early::Spaces;
use crate::page_tables::tables::{self, MapError, Table, Tables};
use crate::page_tables::{self, Kind};
use crate::stack;

/// At most this many regions are lent out at a time.
const REGIONS_MAX: usize = 8;

/// RAM that the page tables map, and which parts of it are lent out.
pub struct Ram {
    mapped: PhysRange,
    stack: PhysRange,
    taken: ArrayVec<PhysRange, REGIONS_MAX>,
}

impl Ram {
    /// Takes charge of the RAM in `mapped`, of which `stack` is in use: by page tables and the
    /// stack above them.
    ///
    /// # Safety
    /// `mapped` is mapped read-write to itself for as long as the value lives, its RAM holds no
    /// Rust object outside `stack`, and no other [`Ram`] has any of it.
    pub unsafe fn new(mapped: PhysRange, stack: PhysRange) -> Self {
        Self {
            mapped,
            stack,
            taken: ArrayVec::new(),
        }
    }

    /// Hands out the RAM at `range`. Its contents are whatever they were.
    ///
    /// # Panics
    /// Part of the range is taken already or not mapped: a bug, since a plan has no overlaps.
    pub fn take(&mut self, range: PhysRange) -> Region {
        self.assert_free(range);
        self.taken.push(range);
        Region(range)
    }

    /// Takes `region` back.
    pub fn give_back(&mut self, region: Region) {
        self.taken.retain(|range| *range != region.0);
    }

    /// Goes on in `next` with `value`, on a stack in the region `stack`, with page tables of the
    /// same `spaces` at its start, which leave out the page below the stack. The old stack and the
    /// old page tables are free memory from then on. Not at EL3.
    ///
    /// # Panics
    /// As [`Self::take`], or `stack` is no region that [`stack::REGION_BYTES`] describes.
    pub fn continue_on<T: 'static>(mut self, spaces: &Spaces, stack: PhysRange, value: T, next: fn(Self, T) -> !) -> ! {
        self.assert_free(stack);
        self.stack = stack;
        assert!(
            stack.start().is_multiple_of(page_tables::PAGE_BYTES) && stack.len() == stack::REGION_BYTES,
            "{stack} cannot hold a stack"
        );
        let mut memory = Region(stack);
        let tables = memory.bytes_mut().get_mut(..stack::TABLES_BYTES as usize);
        let tables = tables.and_then(|bytes| <[Table]>::mut_from_bytes(bytes).ok());
        let tables = tables.and_then(|tables| Tables::new(tables, stack.start()));
        let Some(mut tables) = tables else {
            unreachable!("the start of a page holds a table");
        };
        assert!(
            map(&mut tables, spaces, stack).is_ok(),
            "the tables of {stack} have no room"
        );
        // SAFETY: what is used from here on is mapped as before: flash, devices, and RAM but for
        // the guard page, where nothing is; the memory of the tables stays taken as the stack does.
        unsafe { tables::switch_to(&tables) };
        // SAFETY: the region is mapped RAM that nobody else has; neither the value, being 'static,
        // nor `self` borrows from the old stack.
        unsafe { stack::continue_on(stack, (self, value, next), |(ram, value, next)| next(ram, value)) }
    }

    fn assert_free(&self, range: PhysRange) {
        assert!(self.mapped.contains(&range), "{range} is not mapped");
        assert!(
            !self
                .taken
                .iter()
                .chain([&self.stack])
                .any(|other| other.overlaps(&range)),
            "{range} is in use"
        );
    }
}

/// Maps all spaces but the guard page of the region `stack`.
fn map(tables: &mut Tables<'_>, spaces: &Spaces, stack: PhysRange) -> Result<(), MapError> {
    tables.map(spaces.flash, Kind::Code)?;
    tables.map(spaces.devices, Kind::Device)?;
    let guard = stack::guard_below(stack.end()).ok_or(MapError::Range)?;
    let below = PhysRange::from_bounds(spaces.ram.start(), guard.start());
    let above = PhysRange::from_bounds(guard.end(), spaces.ram.end());
    let mut around = below.into_iter().chain(above);
    around.try_for_each(|ram| tables.map(ram, Kind::Ram))
}

/// RAM that nothing else reads or writes.
pub struct Region(PhysRange);

impl Region {
    /// Its place.
    pub fn range(&self) -> PhysRange {
        self.0
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        let start = with_exposed_provenance(self.0.start() as usize);
        // SAFETY: the range is mapped RAM, which holds bytes of some value or other, and `self`
        // owns it.
        unsafe { core::slice::from_raw_parts(start, self.0.len() as usize) }
    }

    /// Its bytes, for good: the region stays taken.
    pub fn into_bytes(mut self) -> &'static mut [u8] {
        let bytes: *mut [u8] = self.bytes_mut();
        // SAFETY: nobody can take the region again, as `self` is gone and can never be given back.
        unsafe { &mut *bytes }
    }

    /// Its start as the place of `value`, for good; `None` where that would not fit or not be
    /// aligned.
    pub fn into_place<T>(self, value: T) -> Option<&'static mut T> {
        let (start, bytes) = (self.0.start() as usize, size_of::<T>() as u64);
        if !start.is_multiple_of(align_of::<T>()) || self.0.len() < bytes {
            return None;
        }
        let place = with_exposed_provenance_mut::<T>(start);
        // SAFETY: the place is aligned, mapped RAM, large enough, and `self` owns it.
        unsafe { place.write(value) };
        // SAFETY: it holds a value now, and nobody can take the region again, as `self` is gone and
        // can never be given back.
        Some(unsafe { &mut *place })
    }

    /// Its bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let start = with_exposed_provenance_mut(self.0.start() as usize);
        // SAFETY: as in `bytes`, and `self` is borrowed for writing.
        unsafe { core::slice::from_raw_parts_mut(start, self.0.len() as usize) }
    }
}

/// The bytes of the flash at `range`.
///
/// # Safety
/// `range` is flash in read mode, mapped to itself, and nothing writes or erases it while the
/// program runs.
///
/// # Panics
/// The range starts at address 0, where no Rust slice can.
pub unsafe fn flash(range: PhysRange) -> &'static [u8] {
    assert!(range.start() > 0, "{range} cannot be borrowed");
    // SAFETY: the caller vouches for the range; it is never written, so the bytes live for ever.
    unsafe { core::slice::from_raw_parts(with_exposed_provenance(range.start() as usize), range.len() as usize) }
}
