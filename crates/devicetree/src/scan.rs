//! Where is it? [`Spot`]s of a tree that a [`crate::walk::Walk`] has accepted, found by going from token to token: what has been
//! checked is not checked again.

use crate::properties::Properties;
use crate::structure::{BEGIN_NODE, END_NODE, NOP, PROPERTY, Property, Structure, TOKEN_BYTES};

/// A node, and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<'a> {
    pub(crate) name: &'a [u8],
    /// The offset of its token in the structure block.
    pub(crate) start: usize,
    /// Where its properties begin in the structure block.
    pub(crate) properties: usize,
}

/// The children of a node, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Children<'a> {
    tree: Structure<'a>,
    offset: usize,
    /// How many nodes inside the parent have begun and not ended.
    depth: usize,
}

/// The properties of a node, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    tree: Structure<'a>,
    /// Once there are no more properties: where one more would go.
    pub(crate) offset: usize,
}

impl<'a> Structure<'a> {
    /// The root node.
    pub(crate) fn root(self) -> Option<Spot<'a>> {
        self.children(0).next()
    }

    /// The children of the root.
    pub(crate) fn root_children(self) -> Children<'a> {
        let mut children = self.children(0);
        let _root = children.next();
        children.depth = 0;
        children
    }

    /// The children of the node whose properties begin at this offset.
    pub(crate) fn children(self, properties: usize) -> Children<'a> {
        Children {
            tree: self,
            offset: properties,
            depth: 0,
        }
    }

    /// The properties of a node, which begin at this offset.
    pub(crate) fn properties(self, offset: usize) -> Entries<'a> {
        Entries { tree: self, offset }
    }

    /// The properties of a node that this crate understands.
    pub(crate) fn known(self, node: Spot<'_>) -> Properties<'a> {
        let mut known = Properties::default();
        for property in self.properties(node.properties) {
            if let Ok(name) = self.property_name(&property) {
                known.note(name, property.value);
            }
        }
        known
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Spot<'a>;

    fn next(&mut self) -> Option<Spot<'a>> {
        loop {
            let start = self.offset;
            let after_token = start.saturating_add(TOKEN_BYTES);
            match self.tree.token_inside(start)? {
                BEGIN_NODE => {
                    let (name, properties) = self.tree.unchecked_node_name(start)?;
                    self.offset = properties;
                    self.depth = self.depth.saturating_add(1);
                    if self.depth == 1 {
                        return Some(Spot {
                            name,
                            start,
                            properties,
                        });
                    }
                }
                END_NODE => {
                    self.depth = self.depth.checked_sub(1)?;
                    self.offset = after_token;
                }
                PROPERTY => self.offset = self.tree.property_end(start)?,
                NOP => self.offset = after_token,
                _ => return None,
            }
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Property<'a>;

    fn next(&mut self) -> Option<Property<'a>> {
        loop {
            match self.tree.token_inside(self.offset)? {
                PROPERTY => {
                    let property = self.tree.property_inside(self.offset)?;
                    self.offset = property.end;
                    return Some(property);
                }
                NOP => self.offset = self.offset.saturating_add(TOKEN_BYTES),
                _ => return None,
            }
        }
    }
}
