//! Where does everything go? [`Plan::new`] decides it once, as a value, before a single byte of RAM is written.
//!
//! The rules are those of booting.rst ("Setup the device tree", "Call the kernel image"; clauses B1 to B5, D5 to D12 and E1 to
//! E6), and a few that any loader has: nothing overlaps, everything lies in RAM and outside what is reserved.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod error;
mod free;
mod page_sizes;
#[cfg(test)]
mod tests;

use linux_image::ImageHeader;
use phys_range::{KIB, MIB, PhysRange};

pub use error::{CODES, PlanError};
use free::FreeMemory;
pub use page_sizes::PageSizes;

/// What the bootloader keeps for itself while it loads, in bytes: its stack. Free memory again once the kernel runs.
pub const WORK_AREA_SIZE_BYTES: u64 = 128 * KIB;

/// The kernel's base address is a multiple of this many bytes (booting.rst "Call the kernel image", E1).
pub const KERNEL_BASE_ALIGN: u64 = 2 * MIB;

/// The kernel maps the device tree with blocks of this many bytes, so the whole block is given to it (B3); it is the largest
/// device tree as well (B2).
pub const DEVICETREE_BLOCK: u64 = 2 * MIB;

/// Kernels before v4.2 find the device tree only within this many bytes from the kernel's base on (B4).
const DEVICETREE_REACH: u64 = 512 * MIB;

/// An arm64 instruction is this long, and the entry point is one (E1).
const INSTRUCTION_ALIGN: u64 = 4;

/// The machine that the plan is for.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// The RAM banks, sorted by address.
    pub ram: &'a [PhysRange],
    /// Memory inside the banks that is not to be used.
    pub reserved: &'a [PhysRange],
    /// The RAM that the bootloader can reach through its page tables.
    pub mapped: PhysRange,
    /// What the bootloader still reads or stands on when it places the first parts: the machine's own device tree, the early
    /// stack. The kernel may go there, since it is loaded last; nothing else may.
    pub in_use: &'a [PhysRange],
    /// The page sizes that the CPU implements.
    pub page_sizes: PageSizes,
}

impl Machine<'_> {
    fn free_memory<'a>(&'a self, taken: &'a [PhysRange], in_use: &'a [PhysRange]) -> FreeMemory<'a> {
        FreeMemory {
            ram: self.ram,
            mapped: self.mapped,
            obstacles: [self.reserved, taken, in_use],
        }
    }

    /// The highest place in RAM for [`WORK_AREA_SIZE_BYTES`], away from the kernel, which goes low.
    ///
    /// # Errors
    /// [`PlanError::NoRoomForWorkArea`]: all mapped RAM is reserved, or there is too little of it.
    pub fn work_area(&self) -> Result<PhysRange, PlanError> {
        self.free_memory(&[], self.in_use)
            .highest(WORK_AREA_SIZE_BYTES, 4 * KIB, self.mapped)
            .ok_or(PlanError::NoRoomForWorkArea {
                size_bytes: WORK_AREA_SIZE_BYTES,
            })
    }
}

/// Where everything goes: what may be written, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The 2 MiB aligned base that the kernel counts its `text_offset` from.
    pub kernel_base: u64,
    /// What the kernel owns from its first instruction on: `image_size` bytes, the entry point first (E1, E3).
    pub kernel: PhysRange,
    /// The device tree that the kernel gets (B1 to B5).
    pub devicetree: PhysRange,
    /// The bootloader's own memory while it loads.
    pub work_area: PhysRange,
}

impl Plan {
    /// Plans for a kernel with this `header` of which `kernel_size_bytes` are to be loaded, and a device tree of
    /// `devicetree_size_bytes`.
    ///
    /// # Errors
    /// The rule that the machine or the kernel breaks, with its numbers.
    pub fn new(
        machine: &Machine<'_>,
        header: &ImageHeader,
        kernel_size_bytes: u64,
        devicetree_size_bytes: u64,
    ) -> Result<Self, PlanError> {
        machine.page_sizes.require(header.page_size())?;
        let work_area = machine.work_area()?;
        let kernel = place_kernel(machine, header, kernel_size_bytes, work_area)?;
        let kernel_base = kernel.start().saturating_sub(header.text_offset());
        let devicetree = place_devicetree(machine, kernel_base, kernel, work_area, devicetree_size_bytes)?;
        Ok(Self {
            kernel_base,
            kernel,
            devicetree,
            work_area,
        })
    }

    /// The address of the kernel's first instruction (E1, O1).
    pub fn entry(&self) -> u64 {
        self.kernel.start()
    }
}

/// As low as the machine allows: a kernel with flag bit 3 clear must be near the start of RAM (D9, E4), one with the bit set may be
/// anywhere (D10), and low is somewhere.
fn place_kernel(
    machine: &Machine<'_>,
    header: &ImageHeader,
    size_bytes: u64,
    work_area: PhysRange,
) -> Result<PhysRange, PlanError> {
    let text_offset = header.text_offset();
    if !text_offset.is_multiple_of(INSTRUCTION_ALIGN) {
        return Err(PlanError::EntryUnaligned { text_offset });
    }
    let reserved_bytes = header.reserved_size().unwrap_or(size_bytes).max(size_bytes);
    machine
        .free_memory(&[work_area], &[])
        .lowest(reserved_bytes, KERNEL_BASE_ALIGN, text_offset)
        .ok_or(PlanError::NoRoomForKernel {
            size_bytes: reserved_bytes,
            text_offset,
            largest_bank_bytes: machine.ram.iter().fold(0, |largest, bank| largest.max(bank.len())),
        })
}

/// At the start of a 2 MiB block of its own that is plain RAM (B1, B3, B5), as high as kernels before v4.2 can still see it (B4), and so
/// that the room behind the kernel stays whole (D12).
fn place_devicetree(
    machine: &Machine<'_>,
    kernel_base: u64,
    kernel: PhysRange,
    work_area: PhysRange,
    size_bytes: u64,
) -> Result<PhysRange, PlanError> {
    if size_bytes > DEVICETREE_BLOCK {
        return Err(PlanError::DevicetreeTooLarge { size_bytes });
    }
    let no_room = PlanError::NoRoomForDevicetree;
    let taken = [kernel, work_area];
    let free = machine.free_memory(&taken, machine.in_use);
    let seen_by_old_kernels = PhysRange::new(kernel_base, DEVICETREE_REACH).ok_or(no_room)?;
    let block = [seen_by_old_kernels, machine.mapped]
        .iter()
        .find_map(|within| free.highest(DEVICETREE_BLOCK, DEVICETREE_BLOCK, *within))
        .ok_or(no_room)?;
    PhysRange::new(block.start(), size_bytes).ok_or(no_room)
}
