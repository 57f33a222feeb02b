//! Which nodes and properties has this blob? [`Blob`] and [`BlobNode`]: any flattened tree, such as a FIT, node by node.
//!
//! A FIT keeps kernels in its properties, so a blob may be far larger than a kernel's device tree, and nothing here looks at the
//! bytes of a value: the checks and the look-ups go from token to token.

use crate::header::Header;
use crate::structure::{BEGIN_NODE, END_NODE, NOP, PROPERTY, Structure, TOKEN_BYTES};
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
    name: &'a str,
    /// The offset of the token after the node's name.
    inside: usize,
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
        let everything = Children {
            structure,
            offset: 0,
            depth: 0,
        };
        let root = { everything }.next();
        Ok(Self {
            total_size: header.total_size,
            root: root.ok_or_else(|| structure.corrupt(Defect::Token, 0))?,
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
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The value of the property of this name.
    pub fn property(&self, name: &str) -> Option<&'a [u8]> {
        let mut offset = self.inside;
        loop {
            match self.structure.token(offset).ok()? {
                PROPERTY => {
                    let property = self.structure.property(offset).ok()?;
                    if property.name.text() == name.as_bytes() {
                        return Some(property.value);
                    }
                    offset = property.end;
                }
                NOP => offset = offset.saturating_add(TOKEN_BYTES),
                _ => return None,
            }
        }
    }

    /// The child of exactly this name: `kernel` does not find `kernel@1`.
    pub fn child(&self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name == name)
    }

    /// The children, in their order.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        Children {
            structure: self.structure,
            offset: self.inside,
            depth: 0,
        }
    }
}

/// The nodes from an offset on, without what is inside them, up to the end of the node around them.
#[derive(Clone, Debug)]
struct Children<'a> {
    structure: Structure<'a>,
    offset: usize,
    /// How many nodes have begun since the start and not ended yet.
    depth: usize,
}

impl<'a> Iterator for Children<'a> {
    type Item = BlobNode<'a>;

    /// The blob has been checked, so that nothing here fails, and every turn gets further.
    fn next(&mut self) -> Option<BlobNode<'a>> {
        loop {
            let offset = self.offset;
            self.offset = offset.saturating_add(TOKEN_BYTES);
            match self.structure.token(offset).ok()? {
                BEGIN_NODE => {
                    let (name, inside) = self.structure.node_name(offset).ok()?;
                    self.offset = inside;
                    self.depth = self.depth.saturating_add(1);
                    if self.depth == 1 {
                        return Some(BlobNode {
                            structure: self.structure,
                            name: core::str::from_utf8(name.text()).unwrap_or_default(),
                            inside,
                        });
                    }
                }
                END_NODE if self.depth == 0 => {
                    // An iterator at its end stays there.
                    self.offset = offset;
                    return None;
                }
                END_NODE => self.depth = self.depth.saturating_sub(1),
                PROPERTY => self.offset = self.structure.property(offset).ok()?.end,
                NOP => {}
                _ => return None,
            }
        }
    }
}
