//! The interrupt controllers that a tree describes: [`Gic`].

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::firmware::GicKind;
use crate::memory::{self, entry_bytes};
use crate::properties::Known;
use crate::walk::Walk;
use crate::{RegDefect, TreeError};

/// The largest number of blocks of registers of one GIC: the distributor's and eight others, which
/// is more than any machine has.
pub const GIC_BLOCKS_MAX: usize = 9;
/// The largest number of GICs in one tree.
const GICS_MAX: usize = 4;
const PLACE: &str = "an interrupt controller";

/// A GIC that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gic {
    /// The architecture.
    pub kind: GicKind,
    /// The blocks of registers as the CPU sees them, in the order of the binding: the distributor
    /// first, then the CPU interface of a GICv2, or the regions of redistributors of a GICv3, which
    /// other blocks follow.
    pub blocks: ArrayVec<PhysRange, GIC_BLOCKS_MAX>,
    /// How many blocks after the first one are regions of redistributors (binding
    /// `arm,gic-v3.yaml`).
    redistributor_regions: usize,
    /// The distance from one redistributor to the next in bytes, where the tree names it (binding
    /// `arm,gic-v3.yaml`).
    pub redistributor_stride: Option<u64>,
}

impl Gic {
    /// The regions of redistributors of a GICv3.
    pub fn redistributors(&self) -> &[PhysRange] {
        let regions = self.blocks.get(1..).unwrap_or_default();
        regions.get(..self.redistributor_regions).unwrap_or(regions)
    }
}

/// The GICs of a tree, or the defect of the first one that has any.
#[derive(Debug)]
pub(crate) struct Gics {
    gics: ArrayVec<Gic, GICS_MAX>,
    error: Option<TreeError>,
}

impl Gics {
    /// None so far.
    pub(crate) const fn new() -> Self {
        Self {
            gics: ArrayVec::new_const(),
            error: None,
        }
    }

    pub(crate) fn all(&self) -> Result<&[Gic], TreeError> {
        match self.error {
            None => Ok(&self.gics),
            Some(error) => Err(error),
        }
    }

    /// The first one, of a known architecture where there is such a one.
    pub(crate) fn main(&self) -> Option<&Gic> {
        let known = self.gics.iter().find(|gic| gic.kind != GicKind::Unknown);
        known.or(self.gics.first())
    }

    /// Takes the current node of `walk`, an interrupt controller that may be used, if it is a GIC.
    #[inline(never)]
    pub(crate) fn note(&mut self, walk: &Walk<'_>, compatible: &[u8]) {
        let Some(kind) = GicKind::read(compatible) else {
            return;
        };
        let number = |name| {
            walk.structure
                .value(walk.node.properties_start, name)
                .map(memory::number)
        };
        let mut gic = Gic {
            kind,
            blocks: ArrayVec::new_const(),
            redistributor_regions: number(b"#redistributor-regions").map_or(1, |count| count as usize),
            redistributor_stride: number(b"redistributor-stride"),
        };
        if let Err(defect) = read_blocks(walk, &mut gic.blocks) {
            self.error.get_or_insert(TreeError::Reg { place: PLACE, defect });
        }
        if self.gics.try_push(gic).is_err() {
            self.error.get_or_insert(TreeError::Limit {
                what: "interrupt controllers",
                limit: GICS_MAX,
            });
        }
    }
}

/// Reads the `reg` of the current node up to its first defect. Blocks past the room for them are
/// ignored.
fn read_blocks(walk: &Walk<'_>, blocks: &mut ArrayVec<PhysRange, GIC_BLOCKS_MAX>) -> Result<(), RegDefect> {
    let reg = walk.node.properties.get(Known::Reg).unwrap_or_default();
    let cells = walk.node.cells;
    for entry in reg.chunks_exact(entry_bytes(reg, cells)?).take(GIC_BLOCKS_MAX) {
        let (start, size_bytes) = memory::numbers(entry, cells);
        let block = PhysRange::new(start, size_bytes).ok_or(match size_bytes {
            0 => RegDefect::Empty { start },
            _ => RegDefect::Wraps { start, size_bytes },
        })?;
        let block = walk.cpu_range(block).ok_or(RegDefect::Bus { start, size_bytes })?;
        // As many as there is room for.
        let _ = blocks.try_push(block);
    }
    if blocks.is_empty() {
        return Err(RegDefect::Missing);
    }
    Ok(())
}
