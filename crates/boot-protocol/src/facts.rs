//! [`Facts`]: what the payload is told about the machine, by its device tree, and about itself, by
//! its header.

#[cfg(test)]
mod tests;
mod tree;

use arrayvec::ArrayVec;
use devicetree::{PsciConduit, Ranges};
use linux_image::ImageHeader;
use phys_range::PhysRange;

use crate::Text;

/// The most CPUs that are asked: as many as the virt machine can have.
pub const CPUS_MAX: usize = 512;
/// The most devices of a kind that are asked.
const DEVICES_MAX: usize = 64;

/// The payload, where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    /// Its header, as it is in memory.
    pub header: ImageHeader,
    /// Its first byte.
    pub start: u64,
    /// The end of its file: of what it needs for itself.
    pub file_end: u64,
}

impl Image {
    /// Returns what the header asks for: `image_size` from the start on; the file alone, where it
    /// leaves that open.
    pub fn range(&self) -> Option<PhysRange> {
        PhysRange::new(self.start, self.header.image_size).or(PhysRange::from_bounds(self.start, self.file_end))
    }

    /// The file.
    pub const fn file(&self) -> Option<PhysRange> {
        PhysRange::from_bounds(self.start, self.file_end)
    }

    /// Returns what the loader left free behind the file (E3).
    pub fn tail(&self) -> Option<PhysRange> {
        PhysRange::from_bounds(self.file_end, self.range()?.end())
    }
}

/// The `enable-method` of a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnableMethod {
    /// There is none.
    Missing,
    /// By PSCI.
    Psci,
    /// By an address written to this place (`cpu-release-addr`), where the tree has it.
    SpinTable(Option<u64>),
    /// By another method.
    Other,
}

/// A CPU of the device tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// Its `reg`: the affinity fields of its `MPIDR_EL1`.
    pub affinity: u64,
    /// How it is brought in.
    pub method: EnableMethod,
}

/// `linux,initrd-start` and `linux,initrd-end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initrd {
    /// Neither is there.
    None,
    /// Both are.
    At(PhysRange),
    /// One is missing, or the end is not after the start.
    Malformed,
}

/// An interrupt controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gic {
    /// A GICv2: its distributor and CPU interface.
    V2 {
        /// The distributor.
        distributor: u64,
        /// The CPU interface.
        cpu_interface: u64,
    },
    /// A GICv3 or v4.
    V3 {
        /// The distributor.
        distributor: u64,
        /// The regions of redistributors.
        redistributors: ArrayVec<PhysRange, 8>,
        /// From one redistributor to the next, where the tree says so.
        stride: Option<u64>,
    },
    /// None, or one that is not known here.
    Unknown,
}

/// A UART.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uart {
    /// Its registers.
    pub base: u64,
    /// The number of its interrupt.
    pub interrupt: Option<u64>,
}

/// The facts about the machine.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The place where the device tree is.
    pub tree: PhysRange,
    /// The banks of RAM.
    pub ram: Ranges,
    /// What of it is reserved.
    pub reserved: Ranges,
    /// True if a tree reserves more than there is room for; then none of it is in `reserved`.
    pub is_reserved_unknown: bool,
    /// What of it must not even be mapped (`no-map`).
    pub not_mapped: ArrayVec<PhysRange, DEVICES_MAX>,
    /// The CPUs.
    pub cpus: ArrayVec<Cpu, CPUS_MAX>,
    /// How PSCI is called.
    pub psci: Option<PsciConduit>,
    /// The initrd.
    pub initrd: Initrd,
    /// True if `/chosen/bootargs` is text, or not there.
    pub has_sound_bootargs: bool,
    /// The clauses that the command line says not to look at, such as `M18,Z6`: because that was
    /// tried before, and the CPU did not come back.
    pub skipped: Text,
    /// The interrupt controller.
    pub gic: Gic,
    /// The registers of transports of virtio.
    pub virtio: ArrayVec<u64, DEVICES_MAX>,
    /// The configuration space of PCI.
    pub pci: Option<PhysRange>,
    /// The console.
    pub uart: Option<Uart>,
    /// Memory that only the secure world may reach, or a device.
    pub secure_memory: Option<u64>,
}

impl Facts {
    /// Returns whether the command line says not to look at this clause.
    pub fn is_skipped(&self, clause: &str) -> bool {
        self.skipped.split(',').any(|skipped| skipped == clause)
    }

    /// Returns whether `range` lies in one bank of RAM.
    pub fn is_ram(&self, range: &PhysRange) -> bool {
        self.ram.iter().any(|bank| bank.contains(range))
    }

    /// The first reservation that `range` meets.
    pub fn reservation_in(&self, range: &PhysRange) -> Option<&PhysRange> {
        self.reserved.iter().find(|reserved| reserved.overlaps(range))
    }

    /// Calls `free` with all RAM that is described and not reserved, without the payload's file,
    /// device tree and initrd: what a kernel may write to (E6).
    pub fn for_each_free(&self, image: &Image, mut free: impl FnMut(PhysRange)) {
        let initrd = match self.initrd {
            Initrd::At(range) => Some(range),
            _ => None,
        };
        let kept = || {
            let own = [image.file(), Some(self.tree), initrd];
            own.into_iter().flatten().chain(self.reserved.iter().copied())
        };
        for bank in &self.ram {
            let mut from = bank.start();
            while from < bank.end() {
                // What is kept here, or else the nearest above.
                let end_of_kept = kept()
                    .filter(|kept| kept.start() <= from && from < kept.end())
                    .map(|kept| kept.end());
                if let Some(end) = end_of_kept.max() {
                    from = end;
                    continue;
                }
                let next = kept().map(|kept| kept.start()).filter(|start| *start > from).min();
                let end = next.unwrap_or(u64::MAX).min(bank.end());
                if let Some(range) = PhysRange::from_bounds(from, end) {
                    free(range);
                }
                from = end;
            }
        }
    }
}
