//! The reference machine: QEMU's `virt` with a cortex-a53, as the bootloader finds it; or another
//! machine, by its device tree.

mod facts;

use boards::QEMU_VIRT;
use boot_plan::{Machine, MemoryMap, PageSizes};
use devicetree::{Devicetree, PsciConduit, TreeError};
use phys_range::{MIB, PhysRange, Size};

use crate::Error;
use crate::qemu::{self, StartLevel};
use facts::Facts;

/// The CPU of the reference machine.
pub const CPU: &str = "cortex-a53";
/// The RAM of the reference machine, in bytes.
pub const MEMORY_SIZE_BYTES: u64 = 128 * MIB;

/// The least RAM that the bootloader can say anything with: below is no room for its first stack.
pub const LEAST_MEMORY_SIZE_BYTES: u64 = 3 * MIB;
const _: () = assert!(QEMU_VIRT.early_stack.end() <= QEMU_VIRT.ram.start() + LEAST_MEMORY_SIZE_BYTES);

/// A cortex-a53 has no pages of 16 KiB.
const PAGE_SIZES: PageSizes = PageSizes {
    kib4: true,
    kib16: false,
    kib64: true,
};

/// A machine to predict a boot on.
#[derive(Clone, Debug)]
pub struct ReferenceMachine {
    /// A description in a few words.
    pub name: String,
    /// The device tree of the machine, as the bootloader finds it.
    pub tree: Vec<u8>,
    /// True if the machine resets at EL3.
    pub resets_at_el3: bool,
    /// The sizes of pages that its CPU knows.
    pub page_sizes: PageSizes,
    /// The assumptions that `tree` is made of; `None` where every fact of the machine is known.
    assumed: Option<Assumed>,
}

/// A machine of which only some facts are known.
#[derive(Clone, Copy, Debug)]
struct Assumed {
    facts: Facts,
    /// True if the RAM is known.
    is_ram_known: bool,
    /// True if the PSCI conduit is known, because the level that the machine resets to is.
    is_psci_known: bool,
}

impl ReferenceMachine {
    /// Returns a machine with so much RAM; nothing else is known about it.
    ///
    /// # Errors
    /// So much passes the end of the address space, or is less than [`LEAST_MEMORY_SIZE_BYTES`].
    pub fn with_memory(memory_bytes: u64) -> Result<Self, Error> {
        Self::assumed(memory_bytes, true)
    }

    /// Returns a machine of which nothing is known, with so much RAM as a start.
    ///
    /// # Errors
    /// See [`Self::with_memory`].
    pub fn with_memory_or_more(memory_bytes: u64) -> Result<Self, Error> {
        Self::assumed(memory_bytes, false)
    }

    fn assumed(memory_bytes: u64, is_ram_known: bool) -> Result<Self, Error> {
        let facts = Facts {
            ram: ram(memory_bytes)?,
            ..Facts::REFERENCE
        };
        let assumed = Assumed {
            facts,
            is_ram_known,
            is_psci_known: false,
        };
        Ok(Self {
            name: format!("a machine with a {CPU}"),
            assumed: Some(assumed),
            ..Self::made_of(facts, String::new())
        })
    }

    /// Returns the machine that QEMU is told to be, every fact of which is known.
    ///
    /// # Errors
    /// See [`Self::with_memory`].
    pub fn of(machine: &qemu::Machine) -> Result<Self, Error> {
        let facts = Facts {
            ram: ram(machine.memory_bytes)?,
            gic: machine.gic,
            cpus: machine.smp,
            psci: psci_of(machine.el),
        };
        let made = Self::made_of(facts, machine.to_string());
        Ok(Self {
            resets_at_el3: machine.el.has_el3(),
            ..made
        })
    }

    fn made_of(facts: Facts, name: String) -> Self {
        Self {
            name,
            tree: facts.tree(),
            resets_at_el3: false,
            page_sizes: PAGE_SIZES,
            assumed: None,
        }
    }

    /// Returns the machine with this device tree, otherwise like the reference machine; `file` is
    /// the name of the tree's file.
    pub fn described_by(tree: Vec<u8>, file: &str) -> Self {
        Self {
            name: format!("the machine of {file}"),
            tree,
            resets_at_el3: false,
            page_sizes: PAGE_SIZES,
            assumed: None,
        }
    }

    /// Returns the same machine with a CPU that knows pages of every size.
    #[must_use]
    pub fn with_all_page_sizes(self) -> Self {
        let page_sizes = PageSizes {
            kib4: true,
            kib16: true,
            kib64: true,
        };
        Self { page_sizes, ..self }
    }

    /// Returns the same machine, resetting at this level. A level says who answers PSCI, but for a
    /// machine that its own device tree describes.
    #[must_use]
    pub fn resetting_at(mut self, level: StartLevel) -> Self {
        self.resets_at_el3 = level.has_el3();
        if let Some(assumed) = &mut self.assumed {
            assumed.facts.psci = psci_of(level);
            assumed.is_psci_known = true;
            self.tree = assumed.facts.tree();
        }
        self
    }

    /// Returns the machine that a kernel with this device tree is meant for: what is known stays,
    /// and what is only assumed is as the tree says. So no tree is rejected for a machine that its
    /// user may not have.
    #[must_use]
    pub fn suited_to(&self, kernel_tree: &Devicetree<'_>) -> Self {
        let Some(assumed) = self.assumed else {
            return self.clone();
        };
        let described = Facts::described_by(kernel_tree, &assumed.facts);
        let facts = Facts {
            ram: if assumed.is_ram_known {
                assumed.facts.ram
            } else {
                described.ram
            },
            psci: if assumed.is_psci_known {
                assumed.facts.psci
            } else {
                described.psci
            },
            ..described
        };
        if facts == assumed.facts {
            return self.clone();
        }
        Self {
            name: format!("a machine for the kernel's device tree, with {facts}"),
            tree: facts.tree(),
            ..self.clone()
        }
    }
}

/// The way to PSCI on QEMU's `virt`: at EL1 and EL2 QEMU answers, at EL3 nobody does but a monitor.
const fn psci_of(level: StartLevel) -> Option<PsciConduit> {
    match level {
        StartLevel::El1 => Some(PsciConduit::Hvc),
        StartLevel::El2 => Some(PsciConduit::Smc),
        StartLevel::El3 | StartLevel::El3WithoutEl2 => None,
    }
}

/// Returns what the planner may know about the machine with this device tree.
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
    use devicetree::GicKind;

    use super::*;
    use crate::qemu::Gic;

    #[test]
    fn the_reference_machine_has_the_ram_that_is_asked_for() {
        for memory_bytes in [3 * MIB, MEMORY_SIZE_BYTES, 3 << 30] {
            let machine = ReferenceMachine::with_memory(memory_bytes).unwrap();
            let tree = Devicetree::parse(&machine.tree).unwrap();
            let expected = PhysRange::new(0x4000_0000, memory_bytes).unwrap();
            assert_eq!(tree.ram().unwrap().as_slice(), [expected]);
        }
        assert!(ReferenceMachine::with_memory_or_more(2 * MIB).is_err());
        assert!(ReferenceMachine::with_memory(2 * MIB).is_err());
        assert!(ReferenceMachine::with_memory(u64::MAX).is_err());
    }

    fn suited(machine: &ReferenceMachine, kernel_tree: &[u8]) -> ReferenceMachine {
        machine.suited_to(&Devicetree::parse(kernel_tree).unwrap())
    }

    fn qemu(el: StartLevel, gic: Gic, smp: u32, memory_bytes: u64) -> qemu::Machine {
        qemu::Machine {
            el,
            gic,
            smp,
            memory_bytes,
            ..qemu::Machine::default()
        }
    }

    #[test]
    fn what_is_assumed_is_as_the_kernels_tree_says() {
        let assumed = ReferenceMachine::with_memory_or_more(MEMORY_SIZE_BYTES).unwrap();
        for (el, gic, smp, memory_bytes) in [
            (StartLevel::El1, Gic::V2, 8, 4 << 30),
            (StartLevel::El2, Gic::V3, 17, 256 * MIB),
            (StartLevel::El2, Gic::V3, 512, 300 * MIB),
        ] {
            let wanted = ReferenceMachine::of(&qemu(el, gic, smp, memory_bytes)).unwrap();
            let machine = suited(&assumed, &wanted.tree);
            assert_eq!(machine.tree, wanted.tree, "{}", machine.name);
            assert!(
                machine.name.contains(&format!("{smp} CPUs, {}", gic.name())),
                "{}",
                machine.name
            );
        }
        let reference = ReferenceMachine::of(&qemu::Machine::default()).unwrap();
        assert_eq!(suited(&assumed, &reference.tree).name, "a machine with a cortex-a53");
    }

    #[test]
    fn what_is_known_stays_whatever_the_kernels_tree_says() {
        let other = ReferenceMachine::of(&qemu(StartLevel::El1, Gic::V2, 8, 4 << 30)).unwrap();
        let of_qemu = ReferenceMachine::of(&qemu::Machine::default()).unwrap();
        assert_eq!(suited(&of_qemu, &other.tree).tree, of_qemu.tree);
        let described = ReferenceMachine::described_by(of_qemu.tree, "virt.dtb");
        assert_eq!(suited(&described, &other.tree).tree, described.tree);

        let named = ReferenceMachine::with_memory(MEMORY_SIZE_BYTES).unwrap();
        let machine = suited(&named.resetting_at(StartLevel::El3), &other.tree);
        let tree = Devicetree::parse(&machine.tree).unwrap();
        assert!(machine.resets_at_el3);
        assert_eq!(
            tree.ram().unwrap().iter().map(PhysRange::len).sum::<u64>(),
            MEMORY_SIZE_BYTES
        );
        assert_eq!(tree.psci(), None);
        assert_eq!((tree.gic(), tree.cpu_count()), (Some(GicKind::V2), 8));
    }
}
