//! The reference machine: QEMU's `virt` with a cortex-a53, as the bootloader finds it.

use boards::QEMU_VIRT;
use boot_plan::{Machine, PageSizes, Plan, PlanError};
use linux_image::ImageHeader;
use phys_range::{KIB, MIB, PhysRange, Size};

use crate::Error;

/// Its CPU.
pub const CPU: &str = "cortex-a53";
/// How much RAM it has unless told otherwise.
pub const MEMORY_SIZE_BYTES: u64 = 128 * MIB;

/// The least RAM that the bootloader can say anything with: below is no room for its first stack.
pub const LEAST_MEMORY_SIZE_BYTES: u64 = 3 * MIB;
const _: () = assert!(QEMU_VIRT.early_stack.end() <= QEMU_VIRT.ram.start() + LEAST_MEMORY_SIZE_BYTES);

/// About the size of its device tree once it is packed; the exact size depends on the machine's options.
const PACKED_TREE_SIZE_BYTES: u64 = 8 * KIB;
/// A cortex-a53 has no pages of 16 KiB.
const PAGE_SIZES: PageSizes = PageSizes {
    kib4: true,
    kib16: false,
    kib64: true,
};

/// The machine's RAM, with `memory_bytes` of it.
///
/// # Errors
/// So much passes the end of the address space, or is less than [`LEAST_MEMORY_SIZE_BYTES`].
pub fn ram(memory_bytes: u64) -> Result<PhysRange, Error> {
    check_memory(memory_bytes)?;
    PhysRange::new(QEMU_VIRT.ram.start(), memory_bytes).ok_or_else(|| {
        Error::usage("so much RAM passes the end of the address space").help("use a size such as 64M or 3G")
    })
}

/// Refuses less RAM than [`LEAST_MEMORY_SIZE_BYTES`].
///
/// # Errors
/// That.
pub fn check_memory(memory_bytes: u64) -> Result<(), Error> {
    if memory_bytes >= LEAST_MEMORY_SIZE_BYTES {
        return Ok(());
    }
    let (has, needs) = (Size(memory_bytes), Size(LEAST_MEMORY_SIZE_BYTES));
    let message = format!("{has} of RAM are too little: the bootloader needs at least {needs} to start");
    Err(Error::usage(message).help("use a size such as 64M; a number without a letter counts mebibytes"))
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
    let machine = Machine {
        ram: &[ram],
        reserved: &[],
        mapped: QEMU_VIRT.ram,
        in_use: &QEMU_VIRT.in_use(),
        page_sizes: PAGE_SIZES,
    };
    let tree_bytes = PACKED_TREE_SIZE_BYTES + command_line.map_or(0, |text| text.len() as u64);
    Plan::new(&machine, header, kernel_bytes, tree_bytes)
}
