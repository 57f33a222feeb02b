//! [`Fault`]: what of a [`TreeError`] fits into a register, so that handing
//! it on costs nothing.

use crate::{Defect, TreeError};

/// The largest number of nodes inside each other, the root among them.
pub(crate) const LEVELS_MAX: usize = 32;
/// The largest number of nodes remembered at once: the earlier siblings of the current node and of
/// all nodes around it.
pub(crate) const SIBLINGS_MAX: usize = 768;
/// The largest number of properties in one node: `/__symbols__` has one for each label of a tree
/// made by `dtc -@`, and there are trees with more than a thousand.
pub(crate) const PROPERTIES_MAX: usize = 256;

/// The largest number of nodes and properties in a tree. The largest trees of Linux have some
/// 20,000. A FIT may be as large as the flash, and one that is all nodes and properties would have
/// five million.
pub(crate) const ENTRIES_MAX: usize = 1 << 17;
/// The largest number of times that a name is compared with one beside it that has the same hash
/// and is another. Of two names that happen to collide, each node of a tree may have both; a tree
/// that is made of such names would take a thousand times as long as others of its size.
pub(crate) const COLLISIONS_MAX: usize = 4096;

/// A fault of a blob.
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
    /// More than [`ENTRIES_MAX`].
    Entries,
    /// More than [`COLLISIONS_MAX`].
    Collisions,
}

impl From<Fault> for TreeError {
    #[cold]
    fn from(fault: Fault) -> Self {
        let (what, limit) = match fault {
            Fault::Corrupt(defect, offset_bytes) => return Self::Corrupt { defect, offset_bytes },
            Fault::Levels => ("levels of nodes", LEVELS_MAX),
            Fault::Siblings => ("nodes beside each other", SIBLINGS_MAX),
            Fault::Properties => ("properties in one node", PROPERTIES_MAX),
            Fault::Entries => ("nodes and properties", ENTRIES_MAX),
            Fault::Collisions => ("names whose hash is that of another name", COLLISIONS_MAX),
        };
        Self::Limit { what, limit }
    }
}
