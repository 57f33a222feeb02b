//! The reference machine: QEMU's `virt` with a cortex-a53, as the bootloader finds it.

use boot_plan::{Machine, PageSizes, Plan, PlanError};
use linux_image::ImageHeader;
use phys_range::{GIB, KIB, MIB, PhysRange};

/// Its CPU.
pub const CPU: &str = "cortex-a53";
/// Where its RAM begins.
pub const RAM_BASE: u64 = 0x4000_0000;
/// How much RAM it has unless told otherwise.
pub const MEMORY_SIZE_BYTES: u64 = 128 * MIB;

/// The end of what the bootloader's page tables map.
const MAPPED_END: u64 = 256 * GIB;
/// What the bootloader keeps in use at the start of RAM until the kernel is loaded: 2 MiB for the machine's device tree, then
/// its early stack.
const IN_USE_SIZES_BYTES: [u64; 2] = [2 * MIB, 64 * KIB];
/// About what is left of it once it is packed; the exact size depends on the machine's options.
const PACKED_TREE_SIZE_BYTES: u64 = 8 * KIB;
/// A cortex-a53 has no pages of 16 KiB.
const PAGE_SIZES: PageSizes = PageSizes {
    kib4: true,
    kib16: false,
    kib64: true,
};

/// The machine's RAM, with `memory_bytes` of it; `None` where that passes the end of the address space or is nothing.
pub fn ram(memory_bytes: u64) -> Option<PhysRange> {
    PhysRange::new(RAM_BASE, memory_bytes)
}

/// What the bootloader will plan on the machine with this `ram` for a kernel of which `kernel_bytes` are loaded, and which
/// gets this command line.
///
/// # Errors
/// As [`Plan::new`]: what the bootloader would say.
pub fn plan(
    ram: PhysRange,
    header: &ImageHeader,
    kernel_bytes: u64,
    command_line: Option<&str>,
) -> Result<Plan, PlanError> {
    let mapped = PhysRange::from_bounds(RAM_BASE, MAPPED_END).unwrap_or(ram);
    let in_use = IN_USE_SIZES_BYTES.iter().scan(RAM_BASE, |start, size_bytes| {
        let range = PhysRange::new(*start, *size_bytes);
        *start += size_bytes;
        range
    });
    let in_use: Vec<PhysRange> = in_use.collect();
    let machine = Machine {
        ram: &[ram],
        reserved: &[],
        mapped,
        in_use: &in_use,
        page_sizes: PAGE_SIZES,
    };
    let tree_bytes = PACKED_TREE_SIZE_BYTES + command_line.map_or(0, |text| text.len() as u64);
    Plan::new(&machine, header, kernel_bytes, tree_bytes)
}
