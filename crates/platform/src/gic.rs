//! The interrupt controller that EL3 drives: [`GicRegisters`].

use boards::GicSpaces;
use devicetree::{Devicetree, Gic, GicKind};
use phys_range::PhysRange;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{PlatformError, Range};

/// The largest number of regions of redistributors that EL3 looks at.
pub const REDISTRIBUTOR_REGIONS_MAX: usize = 8;

/// Frames of a redistributor begin at multiples of this (IHI0069, 12.10).
const FRAME_BYTES: u64 = 0x1_0000;
/// The distance from one redistributor to the next, each of which has two frames.
const REDISTRIBUTOR_BYTES: u64 = 2 * FRAME_BYTES;

/// The registers of the interrupt controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GicRegisters {
    /// A GICv2.
    V2 {
        /// The address of the distributor.
        distributor: u64,
        /// The address of the CPU interface.
        cpu_interface: u64,
    },
    /// A GICv3 or GICv4. [`crate::Platform::redistributors`] has the rest.
    V3 {
        /// The address of the distributor.
        distributor: u64,
    },
}

/// The same as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Stored {
    /// 2 or 3.
    architecture: u64,
    distributor: u64,
    /// 0 for a GICv3.
    cpu_interface: u64,
    redistributors: [Range; REDISTRIBUTOR_REGIONS_MAX],
}

impl Stored {
    /// Takes the GIC that the tree has where the board has its own. `architecture` is what the
    /// hardware says.
    pub(crate) fn new(spaces: &GicSpaces, tree: &Devicetree<'_>, architecture: u8) -> Result<Self, PlatformError> {
        let gics = tree.gics()?;
        let first = gics.first().ok_or(PlatformError::NoGic)?;
        let distributor = spaces.distributor;
        let of_board = gics.iter().find(|gic| starts_in(gic.blocks.first(), &distributor));
        let gic = of_board.ok_or(PlatformError::GicAddress {
            role: "distributor",
            block: first.blocks.first().copied(),
            board: distributor,
        })?;
        let is_as_found = match gic.kind {
            GicKind::V2 => matches!(architecture, 1 | 2),
            GicKind::V3 => matches!(architecture, 3 | 4),
            GicKind::V5 | GicKind::Unknown => false,
        };
        if !is_as_found {
            return Err(PlatformError::GicKind {
                described: gic.kind,
                architecture,
            });
        }
        let mut stored = Self {
            architecture: 2,
            distributor: distributor.start(),
            cpu_interface: 0,
            redistributors: [Range::EMPTY; REDISTRIBUTOR_REGIONS_MAX],
        };
        if gic.kind == GicKind::V2 {
            stored.cpu_interface = cpu_interface(gic, spaces)?;
        } else {
            stored.architecture = 3;
            stored.take_redistributors(gic, spaces)?;
        }
        Ok(stored)
    }

    /// Takes the regions that the board reaches: whole frames, each once, as EL3 maps all of them.
    /// The CPUs whose redistributors are elsewhere stay off.
    fn take_redistributors(&mut self, gic: &Gic, spaces: &GicSpaces) -> Result<(), PlatformError> {
        let board = spaces.redistributors;
        let refused = |block: Option<&PhysRange>| PlatformError::GicAddress {
            role: "redistributors",
            block: block.copied(),
            board,
        };
        let reached = gic.redistributors().iter().filter(|region| board.contains(region));
        for (place, region) in self.redistributors.iter_mut().zip(reached.clone()) {
            let is_whole = region.start().is_multiple_of(FRAME_BYTES) && region.len().is_multiple_of(FRAME_BYTES);
            let is_alone = reached.clone().filter(|other| other.overlaps(region)).count() == 1;
            if !is_whole || !is_alone {
                return Err(refused(Some(region)));
            }
            *place = Range::of(Some(*region));
        }
        // CPUs that wait for the first one look where the board's regions begin.
        if !self.redistributors().any(|region| region.start() == board.start()) {
            return Err(refused(gic.redistributors().first()));
        }
        // From one to the next EL3 goes by what the redistributors say themselves.
        if let Some(stride) = gic.redistributor_stride.filter(|stride| *stride != REDISTRIBUTOR_BYTES) {
            return Err(PlatformError::GicStride { stride });
        }
        Ok(())
    }

    pub(crate) fn registers(&self) -> Option<GicRegisters> {
        let distributor = self.distributor;
        match self.architecture {
            2 => Some(GicRegisters::V2 {
                distributor,
                cpu_interface: self.cpu_interface,
            }),
            3 => Some(GicRegisters::V3 { distributor }),
            _ => None,
        }
    }

    pub(crate) fn redistributors(&self) -> impl Iterator<Item = PhysRange> {
        self.redistributors.iter().filter_map(Range::get)
    }
}

fn cpu_interface(gic: &Gic, spaces: &GicSpaces) -> Result<u64, PlatformError> {
    let block = gic.blocks.get(1);
    if starts_in(block, &spaces.cpu_interface) {
        return Ok(spaces.cpu_interface.start());
    }
    Err(PlatformError::GicAddress {
        role: "CPU interface",
        block: block.copied(),
        board: spaces.cpu_interface,
    })
}

/// Returns whether a block begins where the board's does, and lies in it.
fn starts_in(block: Option<&PhysRange>, board: &PhysRange) -> bool {
    block.is_some_and(|block| block.start() == board.start() && board.contains(block))
}
