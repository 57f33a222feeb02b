//! Why does the walk stop? [`Fault`]: what of a [`TreeError`] fits into a register, so that handing it on costs nothing.

use crate::{Defect, TreeError};

/// The largest number of nodes inside each other, the root among them.
pub(crate) const LEVELS_MAX: usize = 32;
/// The largest number of nodes remembered at once: the earlier siblings of the current node and of all nodes around it.
pub(crate) const SIBLINGS_MAX: usize = 768;
/// The largest number of properties in one node: `/__symbols__` has one for each label of a tree made by `dtc -@`, and there are
/// trees with more than a thousand.
pub(crate) const PROPERTIES_MAX: usize = 256;

/// What is wrong with a blob.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// This, at this offset in the blob.
    Corrupt(Defect, u32),
    /// More than [`LEVELS_MAX`].
    Levels,
    /// More than [`SIBLINGS_MAX`].
    Siblings,
    /// More than [`PROPERTIES_MAX`].
    Properties,
}

impl From<Fault> for TreeError {
    #[cold]
    fn from(fault: Fault) -> Self {
        let (what, limit) = match fault {
            Fault::Corrupt(defect, offset_bytes) => return Self::Corrupt { defect, offset_bytes },
            Fault::Levels => ("levels of nodes", LEVELS_MAX),
            Fault::Siblings => ("nodes beside each other", SIBLINGS_MAX),
            Fault::Properties => ("properties in one node", PROPERTIES_MAX),
        };
        Self::Limit { what, limit }
    }
}
