//! [`Machine`]: the memory that a plan is made for, and what of it the bootloader needs itself.

use phys_range::{KIB, PhysRange};

use crate::free::FreeMemory;
use crate::{PageSizes, PlanError, WORK_AREA_SIZE_BYTES};

/// What the bootloader keeps for itself starts at a multiple of this: no line of the caches is
/// shared with anything else.
const OWN_ALIGN: u64 = 4 * KIB;

/// The memory map of a device tree.
#[derive(Clone, Copy, Debug)]
pub struct MemoryMap<'a> {
    /// The RAM banks, sorted by address.
    pub ram: &'a [PhysRange],
    /// Memory inside the banks that is not to be used.
    pub reserved: &'a [PhysRange],
}

/// The machine that the plan is for.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// The memory that there is.
    pub hardware: MemoryMap<'a>,
    /// The memory that the kernel is told about: the same, unless it comes with a device tree of
    /// its own. What is handed to the kernel goes there.
    pub told: MemoryMap<'a>,
    /// The RAM that the bootloader can reach through its page tables.
    pub mapped: PhysRange,
    /// What the bootloader still reads or stands on when it places the first parts: the machine's
    /// own device tree, the early stack. The kernel may go there, since it is loaded last; nothing
    /// else may.
    pub in_use: &'a [PhysRange],
    /// What the bootloader keeps until the kernel runs, besides its work area: what
    /// [`Self::scratch`] gave it.
    pub held: &'a [PhysRange],
    /// The page sizes that the CPU implements.
    pub page_sizes: PageSizes,
}

impl Machine<'_> {
    /// Returns what is free for the kernel besides `taken`, while the parts in `in_use` are still
    /// needed.
    pub(crate) fn free_for_kernel<'a>(&'a self, taken: &'a [PhysRange], in_use: &'a [PhysRange]) -> FreeMemory<'a> {
        FreeMemory {
            machine: self,
            ram: self.told.ram,
            reserved: self.told.reserved,
            held: self.held,
            in_use,
            taken,
        }
    }

    /// Returns what is free for the bootloader besides `taken` and `held`.
    fn free_for_itself<'a>(&'a self, taken: &'a [PhysRange], held: &'a [PhysRange]) -> FreeMemory<'a> {
        FreeMemory {
            machine: self,
            ram: self.hardware.ram,
            reserved: &[],
            held,
            in_use: self.in_use,
            taken,
        }
    }

    /// The highest place in RAM for [`WORK_AREA_SIZE_BYTES`], away from the kernel, which goes low.
    ///
    /// # Errors
    /// [`PlanError::NoRoomForWorkArea`]: all mapped RAM is reserved, or there is too little of it.
    pub fn work_area(&self) -> Result<PhysRange, PlanError> {
        self.free_for_itself(&[], &[])
            .highest(WORK_AREA_SIZE_BYTES, OWN_ALIGN, self.mapped)
            .ok_or(PlanError::NoRoomForWorkArea {
                size_bytes: WORK_AREA_SIZE_BYTES,
            })
    }

    /// Memory for a payload that must be somewhere before it is unpacked, below the work area and
    /// what is held already.
    ///
    /// # Errors
    /// [`PlanError::NoRoomForScratch`], and as [`Self::work_area`].
    pub fn scratch(&self, size_bytes: u64) -> Result<PhysRange, PlanError> {
        let work_area = self.work_area()?;
        self.free_for_itself(&[work_area], self.held)
            .highest(size_bytes, OWN_ALIGN, self.mapped)
            .ok_or_else(|| PlanError::NoRoomForScratch {
                size_bytes,
                largest_bank_bytes: self.hardware.largest_bank(),
            })
    }
}

impl MemoryMap<'_> {
    /// The size of the largest bank, in bytes.
    #[cold]
    #[inline(never)]
    pub(crate) fn largest_bank(&self) -> u64 {
        self.ram.iter().fold(0, |largest, bank| largest.max(bank.len()))
    }
}
