//! Why does the walk stop? [`Fault`]: what of a [`TreeError`] fits into a register, so that handing it on costs nothing.

use crate::header::Header;
use crate::{Defect, TreeError};

/// The largest number of nodes inside each other, the root among them.
pub(crate) const LEVELS_MAX: usize = 32;
/// The largest number of nodes remembered at once: the earlier siblings of the current node and of all nodes around it.
pub(crate) const SIBLINGS_MAX: usize = 768;
/// The largest number of properties in one node.
pub(crate) const PROPERTIES_MAX: usize = 256;

/// What is wrong with a structure block.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// This, at this offset in the block.
    Corrupt(Defect, u32),
    /// More than [`LEVELS_MAX`].
    Levels,
    /// More than [`SIBLINGS_MAX`].
    Siblings,
    /// More than [`PROPERTIES_MAX`].
    Properties,
}

impl Fault {
    pub(crate) fn corrupt(defect: Defect, offset: usize) -> Self {
        // The sizes in a header have 32 bits.
        Self::Corrupt(defect, offset as u32)
    }

    /// The error that it is in a blob with this header.
    #[cold]
    pub(crate) fn in_blob(self, header: &Header) -> TreeError {
        let (what, limit) = match self {
            Self::Corrupt(defect, offset) => {
                return TreeError::Corrupt {
                    defect,
                    offset_bytes: header.structure_offset.saturating_add(offset),
                };
            }
            Self::Levels => ("levels of nodes", LEVELS_MAX),
            Self::Siblings => ("nodes beside each other", SIBLINGS_MAX),
            Self::Properties => ("properties in one node", PROPERTIES_MAX),
        };
        TreeError::Limit { what, limit }
    }
}
