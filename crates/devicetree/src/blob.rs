//! Which nodes and properties has this blob? [`Blob`] and [`BlobNode`]: any flattened tree, such as a FIT, node by node.
//!
//! A FIT keeps kernels in its properties, so a blob may be far larger than a kernel's device tree, and nothing here looks at the
//! bytes of a value: the checks and the look-ups go from token to token.

use crate::header::Header;
use crate::scan::Spot;
use crate::structure::{Property, Structure};
use crate::walk::Walk;
use crate::{Defect, TreeError};

/// A flattened tree that keeps the rules of its format.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'a> {
    total_size: u32,
    root: BlobNode<'a>,
}

/// A node of a [`Blob`].
#[derive(Clone, Copy, Debug)]
pub struct BlobNode<'a> {
    structure: Structure<'a>,
    spot: Spot<'a>,
}

impl<'a> Blob<'a> {
    /// Reads the tree at the start of `memory`, which may go on after it. It may have any size that fits there.
    ///
    /// # Errors
    /// What [`TreeError`] says about the blob's header and its format. Its memory reservations are not looked at.
    pub fn parse(memory: &'a [u8]) -> Result<Self, TreeError> {
        let header = Header::read(memory, u64::MAX)?;
        let blob = memory.get(..header.total_size as usize).unwrap_or(memory);
        let structure = Structure::new(header, blob)?;
        let mut walk = Walk::new(structure);
        while walk.next_node()?.is_some() {}
        let root = structure.root().ok_or_else(|| structure.corrupt(Defect::Token, 0))?;
        Ok(Self {
            total_size: header.total_size,
            root: BlobNode { structure, spot: root },
        })
    }

    /// The size that the header claims (`totalsize`), in bytes.
    pub fn total_size(&self) -> u64 {
        self.total_size.into()
    }

    /// The node that all others are in. It has no name.
    pub const fn root(&self) -> BlobNode<'a> {
        self.root
    }
}

impl<'a> BlobNode<'a> {
    /// The node's name, with its unit address if it has one.
    pub fn name(&self) -> &'a str {
        core::str::from_utf8(self.spot.name).unwrap_or_default()
    }

    /// The value of the property of this name.
    pub fn property(&self, name: &str) -> Option<&'a [u8]> {
        let structure = self.structure;
        let is_meant = |property: &Property<'_>| {
            let found = structure.property_name(property);
            found.is_ok_and(|found| found.text() == name.as_bytes())
        };
        let mut properties = structure.properties(self.spot.properties);
        properties.find(is_meant).map(|property| property.value)
    }

    /// The child of exactly this name: `kernel` does not find `kernel@1`.
    pub fn child(&self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The children, in their order.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        let structure = self.structure;
        structure
            .children(self.spot.properties)
            .map(move |spot| Self { structure, spot })
    }
}
