//! [`Blob`] and [`BlobNode`]: any flattened tree, such as
//! a FIT, node by node.
//!
//! A FIT keeps kernels in its properties, so a blob may be far larger than a kernel's device tree,
//! and nothing here looks at the bytes of a value: the checks and the look-ups go from token to
//! token.

use crate::TreeError;
use crate::checked::Checked;
use crate::scan::Spot;
use crate::structure::Structure;

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
    /// Reads the tree at the start of `memory`, which may go on after it. It may have any size that
    /// fits there.
    ///
    /// # Errors
    /// What [`TreeError`] says about the blob's header and its format. Its memory reservations are
    /// not looked at.
    pub fn parse(memory: &'a [u8]) -> Result<Self, TreeError> {
        let Checked { header, structure, .. } = Checked::read(memory, u64::MAX, None)?;
        Ok(Self {
            total_size: header.total_size,
            root: BlobNode {
                structure,
                // The root is first, and has no name.
                spot: structure.root().unwrap_or_default(),
            },
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
    #[inline(never)]
    pub fn name(&self) -> &'a str {
        core::str::from_utf8(self.spot.name).unwrap_or_default()
    }

    /// The value of the property of this name.
    #[inline(never)]
    pub fn property(&self, name: &str) -> Option<&'a [u8]> {
        self.structure.value(self.spot.properties, name.as_bytes())
    }

    /// The child of exactly this name: `kernel` does not find `kernel@1`.
    #[inline(never)]
    pub fn child(&self, name: &str) -> Option<Self> {
        self.children().find(|child| child.spot.name == name.as_bytes())
    }

    /// The children, in their order.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        let structure = self.structure;
        structure
            .children(self.spot.properties)
            .map(move |spot| Self { structure, spot })
    }
}
