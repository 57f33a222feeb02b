//! [`Node`]: one node, its place and its properties.

use crate::memory::Cells;
use crate::properties::Properties;

/// The current node of a [`crate::walk::Walk`].
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) place: Place,
    /// The place where the node is; [`Place::Other`] for the root.
    pub(crate) parent: Place,
    /// How the node's own `reg` is written.
    pub(crate) cells: Cells,
    pub(crate) properties: Properties<'a>,
    /// Its offset in the structure block.
    pub(crate) start: usize,
    /// The offset of its properties there.
    pub(crate) properties_start: usize,
}

impl Node<'_> {
    /// The root, without anything in it.
    pub(crate) const ROOT: Self = Self {
        name: &[],
        place: Place::Root,
        parent: Place::Other,
        cells: Cells::DEFAULT,
        properties: Properties::NONE,
        start: 0,
        properties_start: 0,
    };
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

/// The children of the root that are known.
const PLACES: [(&[u8], Place); 3] = [
    (b"chosen", Place::Chosen),
    (b"cpus", Place::Cpus),
    (b"reserved-memory", Place::ReservedMemory),
];

impl Place {
    /// The place of a child of this name.
    pub(crate) fn child(self, name: &[u8]) -> Self {
        let known = PLACES.iter().find(|(known, _)| self == Self::Root && *known == name);
        known.map_or(Self::Other, |(_, place)| *place)
    }
}
