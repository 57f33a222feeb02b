//! Where am I in the tree? [`Node`]: one node, its place and its properties.

use crate::memory::Cells;
use crate::properties::Properties;

/// The current node of a [`crate::walk::Walk`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'w, 'a> {
    pub(crate) name: &'a [u8],
    pub(crate) place: Place,
    /// Where the node is; [`Place::Other`] for the root.
    pub(crate) parent: Place,
    /// How the node's own `reg` is written.
    pub(crate) cells: Cells,
    pub(crate) properties: &'w Properties<'a>,
    /// Where one more property would go in the structure block.
    pub(crate) properties_end: usize,
}

/// The nodes that are known by their path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Root,
    Chosen,
    Cpus,
    ReservedMemory,
    Other,
}

impl Place {
    /// The place of a child of this name.
    pub(crate) fn child(self, name: &[u8]) -> Self {
        match (self, name) {
            (Self::Root, b"chosen") => Self::Chosen,
            (Self::Root, b"cpus") => Self::Cpus,
            (Self::Root, b"reserved-memory") => Self::ReservedMemory,
            _ => Self::Other,
        }
    }
}
