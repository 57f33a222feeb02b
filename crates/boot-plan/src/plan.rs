//! [`Plan`]: where everything goes, by the rules of booting.rst.

use linux_image::{ImageHeader, Placement};
use phys_range::{GIB, KIB, MIB, PhysRange, align_down, align_up};

use crate::free::FreeMemory;
use crate::{DEVICETREE_BLOCK, KERNEL_BASE_ALIGN, Machine, PlanError};

/// Kernels before v4.2 find the device tree only within this many bytes from the kernel's base on
/// (B4).
const DEVICETREE_REACH: u64 = 512 * MIB;

/// An arm64 instruction is this long, and the entry point is one (E1).
const INSTRUCTION_ALIGN: u64 = 4;

/// The window that holds kernel and initrd starts at a multiple of this (E5) ...
const INITRD_WINDOW_ALIGN: u64 = GIB;
/// ... and is at most so large.
const INITRD_WINDOW: u64 = 32 * GIB;

/// The largest page of a kernel. It frees the pages of the initrd once that is unpacked, so they
/// hold nothing else.
const INITRD_ALIGN: u64 = 64 * KIB;

/// The parts to be placed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The kernel's header.
    pub header: &'a ImageHeader,
    /// How many bytes of the kernel are loaded; what its header reserves where that is not known
    /// before.
    pub kernel_size_bytes: u64,
    /// The place where somebody would like the kernel's first byte to be. Only a wish: what breaks
    /// a rule is not granted.
    pub kernel_address: Option<u64>,
    /// The size of the device tree, with all edits.
    pub devicetree_size_bytes: u64,
    /// The initrd, where there is one.
    pub initrd: Option<InitrdRequest>,
}

/// An initrd that is to be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitrdRequest {
    /// Its size.
    pub size_bytes: u64,
    /// The place where somebody would like its first byte to be; as [`Request::kernel_address`].
    pub address: Option<u64>,
}

/// The place where everything goes: what may be written, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The 2 MiB aligned base that the kernel counts its `text_offset` from.
    pub kernel_base: u64,
    /// What the kernel owns from its first instruction on: `image_size` bytes, the entry point
    /// first (E1, E3).
    pub kernel: PhysRange,
    /// The initrd (E5).
    pub initrd: Option<PhysRange>,
    /// The device tree that the kernel gets (B1 to B5).
    pub devicetree: PhysRange,
    /// The bootloader's own memory while it loads.
    pub work_area: PhysRange,
}

impl Plan {
    /// Plans for what is requested.
    ///
    /// # Errors
    /// The rule that the machine or the kernel breaks, with its numbers.
    pub fn new(machine: &Machine<'_>, request: &Request<'_>) -> Result<Self, PlanError> {
        machine.page_sizes.require(request.header.page_size())?;
        let work_area = machine.work_area()?;
        let kernel = place_kernel(machine, request, work_area)?;
        let kernel_base = kernel.start().saturating_sub(request.header.text_offset());
        let devicetree = place_devicetree(machine, kernel_base, [kernel, work_area], request.devicetree_size_bytes)?;
        let devicetree_block = devicetree.widened_to(DEVICETREE_BLOCK).unwrap_or(devicetree);
        let initrd = match request.initrd {
            Some(initrd) => Some(place_initrd(machine, [kernel, work_area, devicetree_block], initrd)?),
            None => None,
        };
        Ok(Self {
            kernel_base,
            kernel,
            initrd,
            devicetree,
            work_area,
        })
    }

    /// The address of the kernel's first instruction (E1, O1).
    pub fn entry(&self) -> u64 {
        self.kernel.start()
    }
}

/// As low as the machine allows: a kernel with flag bit 3 clear must be near the start of RAM (D9,
/// E4), one with the bit set may be anywhere (D10), and low is somewhere.
fn place_kernel(machine: &Machine<'_>, request: &Request<'_>, work_area: PhysRange) -> Result<PhysRange, PlanError> {
    let Request {
        header,
        kernel_size_bytes,
        ..
    } = *request;
    let text_offset = header.text_offset();
    if !text_offset.is_multiple_of(INSTRUCTION_ALIGN) {
        return Err(PlanError::EntryUnaligned { text_offset });
    }
    let size_bytes = header
        .reserved_size()
        .unwrap_or(kernel_size_bytes)
        .max(kernel_size_bytes);
    let taken = [work_area];
    let free = machine.free_for_kernel(&taken, &[]);
    let is_allowed = |address: &u64| {
        let base = address.checked_sub(text_offset);
        header.placement() == Placement::Anywhere && base.is_some_and(|base| base.is_multiple_of(KERNEL_BASE_ALIGN))
    };
    let wished = request.kernel_address.filter(is_allowed);
    wished
        .and_then(|address| free.at(address, size_bytes, text_offset))
        .or_else(|| free.lowest(size_bytes, KERNEL_BASE_ALIGN, text_offset))
        .ok_or_else(|| PlanError::NoRoomForKernel {
            size_bytes,
            text_offset,
            largest_bank_bytes: machine.told.largest_bank(),
        })
}

/// At the start of a 2 MiB block of its own that is plain RAM (B1, B3, B5), as high as kernels
/// before v4.2 can still see it (B4), and so that the room behind the kernel stays whole (D12).
fn place_devicetree(
    machine: &Machine<'_>,
    kernel_base: u64,
    taken: [PhysRange; 2],
    size_bytes: u64,
) -> Result<PhysRange, PlanError> {
    if size_bytes > DEVICETREE_BLOCK {
        return Err(PlanError::DevicetreeTooLarge { size_bytes });
    }
    let free = machine.free_for_kernel(&taken, machine.in_use);
    devicetree_place(&free, kernel_base, size_bytes).ok_or(PlanError::NoRoomForDevicetree)
}

fn devicetree_place(free: &FreeMemory<'_>, kernel_base: u64, size_bytes: u64) -> Option<PhysRange> {
    let seen_by_old_kernels = PhysRange::new(kernel_base, DEVICETREE_REACH)?;
    let block = [seen_by_old_kernels, free.machine.mapped]
        .iter()
        .find_map(|within| free.highest(DEVICETREE_BLOCK, DEVICETREE_BLOCK, *within))?;
    PhysRange::new(block.start(), size_bytes)
}

/// As high as the window allows that also covers the kernel (E5), in pages of its own.
fn place_initrd(machine: &Machine<'_>, taken: [PhysRange; 3], initrd: InitrdRequest) -> Result<PhysRange, PlanError> {
    let [kernel, ..] = taken;
    let free = machine.free_for_kernel(&taken, machine.in_use);
    initrd_place(&free, kernel, initrd).ok_or_else(|| PlanError::NoRoomForInitrd {
        size_bytes: initrd.size_bytes,
        largest_bank_bytes: machine.told.largest_bank(),
    })
}

fn initrd_place(free: &FreeMemory<'_>, kernel: PhysRange, initrd: InitrdRequest) -> Option<PhysRange> {
    let size_bytes = initrd.size_bytes;
    let window = initrd_window(kernel)?;
    let is_allowed = |range: &PhysRange| {
        let pages = range.widened_to(INITRD_ALIGN);
        window.contains(range) && pages.is_some_and(|pages| free.at(pages.start(), pages.len(), 0).is_some())
    };
    let wished = initrd.address.and_then(|address| PhysRange::new(address, size_bytes));
    if let Some(range) = wished.filter(is_allowed) {
        return Some(range);
    }
    let pages = align_up(size_bytes, INITRD_ALIGN)?;
    let block = free.highest(pages, INITRD_ALIGN, window)?;
    PhysRange::new(block.start(), size_bytes)
}

/// Returns where an initrd may be: what lies in some window of 32 GiB that starts at a multiple of
/// 1 GiB and covers the kernel. Whatever is above the kernel shares the lowest such window with it,
/// whatever is below the highest.
fn initrd_window(kernel: PhysRange) -> Option<PhysRange> {
    let above_end = align_down(kernel.start(), INITRD_WINDOW_ALIGN).saturating_add(INITRD_WINDOW);
    let below_start = align_up(kernel.end(), INITRD_WINDOW_ALIGN)?.saturating_sub(INITRD_WINDOW);
    PhysRange::from_bounds(below_start, above_end)
}
