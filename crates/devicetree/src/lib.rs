//! [`Devicetree`]: what the hardware's tree says, and the tree that
//! the kernel gets.
//!
//! The format is that of the Devicetree Specification v0.4, chapter 5, version 17. One walk over
//! the tree checks it and collects what the boot path wants to know. Nothing here allocates;
//! [`Devicetree::parse`] takes about 14 KiB of stack. The tests hold it against the `dtoolkit`
//! crate, which would take a tenth of the bootloader's flash.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod blob;
mod bus;
mod checked;
mod console;
mod contradiction;
mod defect;
pub mod edit;
mod error;
mod facts;
mod fault;
mod firmware;
mod gic;
mod graft;
mod hardware;
mod header;
mod memory;
mod name;
mod node;
mod output;
mod path;
mod properties;
mod reservations;
mod scan;
mod secure;
mod seeds;
mod structure;
mod value;
mod walk;

use core::fmt;

use arrayvec::ArrayVec;
use phys_range::{MIB, PhysRange};

pub use blob::{Blob, BlobNode};
pub use console::Console;
pub use defect::{Defect, RegDefect};
pub use error::{CODES, TreeError};
pub use firmware::{GicKind, PsciConduit};
pub use gic::{GIC_BLOCKS_MAX, Gic};
pub use secure::GpioLine;
pub use seeds::Seeds;

use crate::checked::Checked;
use crate::facts::Facts;

/// The largest device tree that a kernel accepts, in bytes (boot-protocol B2).
pub const MAX_SIZE_BYTES: u64 = 2 * MIB;

/// The largest number of ranges in a [`Ranges`].
pub const RANGES_MAX: usize = 64;

/// Ranges of physical addresses, sorted by address.
pub type Ranges = ArrayVec<PhysRange, RANGES_MAX>;

/// A valid flattened device tree, and what it says about the machine.
pub struct Devicetree<'a> {
    checked: Checked<'a>,
    facts: Facts<'a>,
}

/// Without the blob, which has the seeds of the kernel's random numbers in it.
impl fmt::Debug for Devicetree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Devicetree")
            .field("header", &self.checked.header)
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

impl<'a> Devicetree<'a> {
    /// Reads the device tree at the start of `memory`, which may go on after it: a window of RAM
    /// will do.
    ///
    /// # Errors
    /// What [`TreeError`] says about the blob's size (boot-protocol B2) and its format. Names are
    /// checked too: by the characters that the specification allows, and that no node has two
    /// children or two properties of the same name. What is wrong with a single value, such as the
    /// `reg` of a memory node, is told by the method that reads it.
    pub fn parse(memory: &'a [u8]) -> Result<Self, TreeError> {
        let mut facts = Facts::new();
        let checked = Checked::read(memory, MAX_SIZE_BYTES, Some(&mut facts))?;
        Ok(Self { checked, facts })
    }

    /// The size that the header claims (`totalsize`), in bytes. QEMU claims 1 MiB for 8 KiB.
    pub fn total_size(&self) -> u64 {
        self.checked.header.total_size.into()
    }

    /// The end of the last block: what of [`Self::total_size`] is in use, in bytes.
    pub fn used_size(&self) -> u64 {
        self.checked.header.used_size().into()
    }

    /// The machine's `model`.
    pub fn model(&self) -> Option<&'a str> {
        self.facts.model
    }

    /// The first and most specific string in the machine's `compatible`.
    pub fn compatible(&self) -> Option<&'a str> {
        self.facts.compatible
    }

    /// The banks of RAM, as described but sorted by address: every `reg` entry of every child of
    /// the root whose `device_type` is `memory` and whose `status`, if it has one, is `okay`
    /// (Devicetree Specification v0.4, 3.4; boot-protocol A1). Secure RAM is not among them: its
    /// `status` is `disabled`, whatever its `secure-status` says.
    ///
    /// # Errors
    /// [`TreeError::NoRam`], [`TreeError::RamOverlap`], [`TreeError::Reg`], and
    /// [`TreeError::Limit`] for more than [`RANGES_MAX`] banks.
    pub fn ram(&self) -> Result<&Ranges, TreeError> {
        let banks = self.facts.ram.ranges()?;
        if banks.is_empty() {
            Err(TreeError::NoRam)
        } else {
            Ok(banks)
        }
    }

    /// Returns what must not be used though it may be RAM, sorted by address: the memory
    /// reservation block and the children of `/reserved-memory` that have a `reg` (Devicetree
    /// Specification v0.4, 5.3 and 3.5). Ranges may overlap.
    ///
    /// # Errors
    /// [`TreeError::Reg`], and [`TreeError::Limit`] for more than [`RANGES_MAX`] ranges.
    pub fn reservations(&self) -> Result<&Ranges, TreeError> {
        self.facts.reservations.ranges()
    }

    /// The device that `/chosen/stdout-path` names, by path or alias; `None` if the tree names
    /// none.
    pub fn console(&self) -> Option<Console> {
        let path = value::first_string(self.facts.stdout_path?)?;
        Some(Console::find(self, path.as_bytes()))
    }

    /// The number of CPUs that can be used: the children `cpu` or `cpu@…` of `/cpus` whose
    /// `device_type` is `cpu` and whose `status` is neither `disabled` nor `fail` (Devicetree
    /// Specification v0.4, 3.8).
    pub fn cpu_count(&self) -> usize {
        self.facts.cpu_count
    }

    /// Returns how the kernel calls PSCI (boot-protocol Q3); `None` if no node describes it.
    pub fn psci(&self) -> Option<PsciConduit> {
        self.facts.psci
    }

    /// The architecture of the [`Self::main_gic`]; `None` if no node describes a GIC.
    pub fn gic(&self) -> Option<GicKind> {
        self.main_gic().map(|gic| gic.kind)
    }

    /// The GIC that the tree describes: of several the first of an architecture that is known.
    pub fn main_gic(&self) -> Option<&Gic> {
        self.facts.gics.main()
    }

    /// Every GIC that the tree describes and that may be used.
    ///
    /// # Errors
    /// [`TreeError::Reg`] for the first whose `reg` does not say where it is, and
    /// [`TreeError::Limit`] for too many.
    pub fn gics(&self) -> Result<&[Gic], TreeError> {
        self.facts.gics.all()
    }

    /// The registers of QEMU's fw_cfg (`compatible` with `qemu,fw-cfg-mmio`); `None` if the tree
    /// describes none that the CPU can reach and may use.
    pub fn fw_cfg(&self) -> Option<PhysRange> {
        self.facts.fw_cfg
    }

    /// Returns whether `/chosen` has no `kaslr-seed` or no `rng-seed`; one that is empty or all
    /// zeros is none.
    pub fn lacks_seeds(&self) -> bool {
        seeds::SEEDS.iter().any(|name| self.seed(name).is_none())
    }

    /// The kernel's command line, `/chosen/bootargs`; `None` if the tree has none.
    ///
    /// # Errors
    /// [`TreeError::Text`].
    pub fn bootargs(&self) -> Result<Option<&'a str>, TreeError> {
        match self.facts.bootargs {
            Some(value) => value::string(value, "/chosen/bootargs").map(Some),
            None => Ok(None),
        }
    }
}
