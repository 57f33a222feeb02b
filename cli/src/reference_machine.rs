//! The reference machine: QEMU's `virt` with a cortex-a53, as the bootloader finds it; or another machine, by its device tree.

use boards::QEMU_VIRT;
use boot_plan::{Machine, MemoryMap, PageSizes};
use devicetree::{Devicetree, TreeError};
use phys_range::{MIB, PhysRange, Size};

use crate::Error;

/// Its CPU.
pub const CPU: &str = "cortex-a53";
/// How much RAM it has unless told otherwise.
pub const MEMORY_SIZE_BYTES: u64 = 128 * MIB;

/// The least RAM that the bootloader can say anything with: below is no room for its first stack.
pub const LEAST_MEMORY_SIZE_BYTES: u64 = 3 * MIB;
const _: () = assert!(QEMU_VIRT.early_stack.end() <= QEMU_VIRT.ram.start() + LEAST_MEMORY_SIZE_BYTES);

/// Its device tree, as QEMU 7.2.22 makes it for `-M virt,virtualization=on,gic-version=3 -cpu cortex-a53 -m 128M
/// -drive if=pflash,format=raw,file=flash.bin` (without a drive it describes more devices), but for the unused room at its end. The
/// random seeds in it are replaced by as many bytes of 1.
const TREE: &[u8] = include_bytes!("reference_machine.dtb");

/// A cortex-a53 has no pages of 16 KiB.
const PAGE_SIZES: PageSizes = PageSizes {
    kib4: true,
    kib16: false,
    kib64: true,
};

/// A machine to predict a boot on.
#[derive(Clone, Debug)]
pub struct ReferenceMachine {
    /// What it is, in a few words.
    pub name: String,
    /// Its device tree, as the bootloader finds it.
    pub tree: Vec<u8>,
    /// Whether it resets at EL3.
    pub resets_at_el3: bool,
    /// The sizes of pages that its CPU knows.
    pub page_sizes: PageSizes,
}

impl ReferenceMachine {
    /// The reference machine with so much RAM.
    ///
    /// # Errors
    /// So much passes the end of the address space, or is less than [`LEAST_MEMORY_SIZE_BYTES`].
    pub fn with_memory(memory_bytes: u64) -> Result<Self, Error> {
        let ram = ram(memory_bytes)?;
        let reg = |size_bytes: u64| [ram.start().to_be_bytes(), size_bytes.to_be_bytes()].concat();
        let mut tree = TREE.to_vec();
        let found = tree.windows(16).position(|window| window == reg(MEMORY_SIZE_BYTES));
        let place = found.ok_or_else(|| Error::new("the reference machine's device tree has no RAM"))?;
        tree[place..place + 16].copy_from_slice(&reg(ram.len()));
        Ok(Self {
            name: format!("a machine with a {CPU}"),
            tree,
            resets_at_el3: false,
            page_sizes: PAGE_SIZES,
        })
    }

    /// The machine with this device tree, otherwise like the reference machine; `file` is where the tree comes from.
    pub fn described_by(tree: Vec<u8>, file: &str) -> Self {
        Self {
            name: format!("the machine of {file}"),
            tree,
            resets_at_el3: false,
            page_sizes: PAGE_SIZES,
        }
    }

    /// The same machine with a CPU that knows pages of every size.
    #[must_use]
    pub fn with_all_page_sizes(self) -> Self {
        let page_sizes = PageSizes {
            kib4: true,
            kib16: true,
            kib64: true,
        };
        Self { page_sizes, ..self }
    }

    /// The same machine, if it resets at EL3.
    #[must_use]
    pub fn resetting_at_el3(self, resets_at_el3: bool) -> Self {
        Self { resets_at_el3, ..self }
    }
}

/// What the planner may know about the machine with this device tree.
///
/// # Errors
/// What is wrong with its RAM or its reservations.
pub fn memory<'a>(tree: &'a Devicetree<'_>, in_use: &'a [PhysRange]) -> Result<Machine<'a>, TreeError> {
    let hardware = MemoryMap {
        ram: tree.ram()?,
        reserved: tree.reservations()?,
    };
    Ok(Machine {
        hardware,
        told: hardware,
        mapped: QEMU_VIRT.ram,
        in_use,
        held: &[],
        page_sizes: PAGE_SIZES,
    })
}

fn ram(memory_bytes: u64) -> Result<PhysRange, Error> {
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
    let message = format!("{has} is too little RAM: the bootloader needs at least {needs} to start");
    Err(Error::usage(message).help("use a size such as 64M; a number without a letter counts mebibytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_machine_has_the_ram_that_is_asked_for() {
        for memory_bytes in [3 * MIB, MEMORY_SIZE_BYTES, 3 << 30] {
            let machine = ReferenceMachine::with_memory(memory_bytes).unwrap();
            let tree = Devicetree::parse(&machine.tree).unwrap();
            let expected = PhysRange::new(0x4000_0000, memory_bytes).unwrap();
            assert_eq!(tree.ram().unwrap().as_slice(), [expected]);
        }
        assert!(ReferenceMachine::with_memory(2 * MIB).is_err());
        assert!(ReferenceMachine::with_memory(u64::MAX).is_err());
    }
}
