//! [`Spot`]s of a tree that a [`crate::walk::Walk`] has accepted, found by going from
//! token to token.

use crate::Devicetree;
use crate::properties::Known;
use crate::structure::{Cursor, Property, Structure, Token};
use crate::value;

/// A node, and where it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spot<'a> {
    pub(crate) name: &'a [u8],
    /// The offset of its token in the structure block.
    pub(crate) start: usize,
    /// The place where its properties begin in the structure block.
    pub(crate) properties: usize,
}

/// The children of a node, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Children<'a> {
    cursor: Cursor<'a>,
    /// How many nodes inside the parent have begun and not ended.
    depth: usize,
}

/// The properties of a node, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    /// It has just read the last property; at the end, the token after that one.
    pub(crate) cursor: Cursor<'a>,
}

impl<'a> Structure<'a> {
    /// The root node.
    pub(crate) fn root(&self) -> Option<Spot<'a>> {
        self.children(0).next()
    }

    /// The children of the node whose properties begin at this offset. Where a child begins there,
    /// that one and those after it.
    pub(crate) fn children(&self, offset: usize) -> Children<'a> {
        Children {
            cursor: self.at(offset),
            depth: 0,
        }
    }

    /// The properties of a node, which begin at this offset.
    pub(crate) fn properties(&self, offset: usize) -> Entries<'a> {
        Entries {
            cursor: self.at(offset),
        }
    }

    /// The value of the property of this name, of a node whose properties begin at this offset.
    #[inline(never)]
    pub(crate) fn value(&self, properties: usize, name: &[u8]) -> Option<&'a [u8]> {
        let mut properties = self.properties(properties);
        let property = properties.find(|property| self.is_named(property, name))?;
        Some(property.value)
    }

    /// The value of a property that this crate understands, of a node whose properties begin at
    /// this offset.
    pub(crate) fn known(&self, properties: usize, property: Known) -> Option<&'a [u8]> {
        self.value(properties, property.name())
    }

    /// Returns whether the device whose properties begin at this offset may be used.
    pub(crate) fn is_okay(&self, properties: usize) -> bool {
        value::is_okay(self.known(properties, Known::Status))
    }
}

/// The children of the root, one after the other: the first ones where the walk has found them.
#[derive(Clone, Debug)]
pub(crate) struct RootChildren<'t, 'a> {
    noted: core::slice::Iter<'t, u32>,
    structure: Structure<'a>,
    /// Those from the one that came last.
    others: Children<'a>,
}

impl<'a> Devicetree<'a> {
    /// The children of the root.
    pub(crate) fn root_children(&self) -> RootChildren<'_, 'a> {
        RootChildren {
            noted: self.facts.root_children.iter(),
            structure: self.checked.structure,
            others: self.checked.structure.children(self.checked.root_end),
        }
    }
}

impl<'a> Iterator for RootChildren<'_, 'a> {
    type Item = Spot<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Spot<'a>> {
        if let Some(start) = self.noted.next() {
            self.others = self.structure.children(*start as usize);
        }
        self.others.next()
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Spot<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Spot<'a>> {
        loop {
            match self.cursor.read() {
                Token::Node => {
                    let start = self.cursor.start;
                    let name = self.cursor.accepted_name();
                    self.depth = self.depth.wrapping_add(1);
                    if self.depth == 1 {
                        return Some(Spot {
                            name,
                            start,
                            properties: self.cursor.next,
                        });
                    }
                }
                Token::NodeEnd if self.depth > 0 => self.depth = self.depth.wrapping_sub(1),
                Token::Property(_) => {}
                Token::NodeEnd | Token::End | Token::Broken(_) => {
                    self.cursor.next = self.cursor.start;
                    return None;
                }
            }
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Property<'a>;

    fn next(&mut self) -> Option<Property<'a>> {
        self.cursor.property()
    }
}
