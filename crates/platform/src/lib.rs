//! The machine as EL3 sees it: [`Platform`], which the bootloader makes and the monitor reads.
//!
//! Everything in it comes from the machine's own device tree, read before any payload is, and is
//! held against the facts of the board. A kernel's device tree has no part in it. So no payload can
//! choose an address, a size or a count that EL3 uses. The structure consists of plain numbers: it
//! lies in secure RAM between two binaries.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod cpus;
mod error;
mod gic;
mod power;
pub mod stacks;

use boards::Board;
use devicetree::{Devicetree, RANGES_MAX};
use phys_range::PhysRange;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

pub use cpus::{CPUS_MAX, CpuList};
pub use error::{CODES, PlatformError};
pub use gic::{GicRegisters, REDISTRIBUTOR_REGIONS_MAX};

/// The start of every [`Platform`]; its last byte is the version of the layout.
const MAGIC: u64 = u64::from_be_bytes(*b"FLINTEL\x01");

/// The machine as EL3 sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Platform {
    magic: u64,
    /// The address of the PL011 that EL3 reports to.
    pub console: u64,
    gic: gic::Stored,
    power: power::Stored,
    normal_ram: [Range; RANGES_MAX],
    /// The affinity fields of all CPUs.
    pub cpus: CpuList,
}

/// A range of addresses as two numbers; empty where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Range {
    start: u64,
    end: u64,
}

/// The facts of the machine that the CPU that boots finds out by itself.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The affinity fields of its `MPIDR_EL1`.
    pub affinity: u64,
    /// The architecture of the GIC by `GICD_PIDR2.ArchRev` (IHI0048 4.3.19, IHI0069 12.1.13).
    pub gic_architecture: u8,
    /// The address of the PL011 that is the console.
    pub console: u64,
}

impl Platform {
    /// Describes the machine whose own device tree is `tree`, for a `board`.
    ///
    /// # Errors
    /// [`PlatformError`]: the tree lacks what EL3 needs, or contradicts the board or the hardware.
    #[inline(never)]
    pub fn new(board: &Board, tree: &Devicetree<'_>, found: &Found) -> Result<Self, PlatformError> {
        let mut normal_ram = [Range::EMPTY; RANGES_MAX];
        for (place, bank) in normal_ram.iter_mut().zip(tree.ram()?) {
            // RAM outside what the board can have is used by nobody.
            *place = Range::of(bank.intersection(&board.ram));
        }
        let secure = board.secure.all();
        if let Some(described) = tree.secure_ram().find(|described| *described != secure) {
            return Err(PlatformError::SecureRam { described, secure });
        }
        if !board.consoles.contains(&found.console) {
            return Err(PlatformError::Console { address: found.console });
        }
        Ok(Self {
            magic: MAGIC,
            console: found.console,
            gic: gic::Stored::new(&board.gic, tree, found.gic_architecture)?,
            power: power::Stored::new(&board.power, tree)?,
            normal_ram,
            cpus: CpuList::new(tree, found.affinity)?,
        })
    }

    /// The description at the start of `bytes`; `None` if there is none, or one of another layout.
    pub fn read(bytes: &[u8]) -> Option<&Self> {
        let (platform, _) = Self::ref_from_prefix(bytes).ok()?;
        (platform.magic == MAGIC).then_some(platform)
    }

    /// The RAM of the normal world, where kernels may be entered.
    pub fn normal_ram(&self) -> impl Iterator<Item = PhysRange> {
        self.normal_ram.iter().filter_map(Range::get)
    }

    /// The registers of the GIC; `None` where the memory does not hold what [`Self::new`] made.
    pub fn gic(&self) -> Option<GicRegisters> {
        self.gic.registers()
    }

    /// The regions of redistributors of a GICv3.
    pub fn redistributors(&self) -> impl Iterator<Item = PhysRange> {
        self.gic.redistributors()
    }

    /// Returns whether the board's power control can turn this machine off.
    pub fn can_power_off(&self) -> bool {
        self.power.off != 0
    }

    /// Returns whether the board's power control can reset this machine.
    pub fn can_reset(&self) -> bool {
        self.power.reset != 0
    }
}

impl Range {
    const EMPTY: Self = Self { start: 0, end: 0 };

    fn of(range: Option<PhysRange>) -> Self {
        range.map_or(Self::EMPTY, |range| Self {
            start: range.start(),
            end: range.end(),
        })
    }

    fn get(&self) -> Option<PhysRange> {
        PhysRange::from_bounds(self.start, self.end)
    }
}
