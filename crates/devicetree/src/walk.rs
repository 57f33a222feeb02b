//! Which nodes are there? [`Walk`]: every node once, in order; checks on the way that the tree keeps the rules of its format.

use arrayvec::ArrayVec;

use crate::memory::Cells;
use crate::name::Name;
use crate::node::{Node, Place};
use crate::properties::Properties;
use crate::structure::{BEGIN_NODE, END, END_NODE, NOP, PROPERTY, Structure, TOKEN_BYTES};
use crate::{Defect, TreeError};

/// The largest number of nodes inside each other, the root among them.
const LEVELS_MAX: usize = 32;
/// The largest number of nodes remembered at once: the earlier siblings of the current node and of all nodes around it.
const SIBLINGS_MAX: usize = 768;
/// The largest number of properties in one node.
const PROPERTIES_MAX: usize = 256;

/// One pass over a structure block. It takes 9 KiB of stack.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    structure: Structure<'a>,
    offset: usize,
    root_end: usize,
    levels: ArrayVec<Level, LEVELS_MAX>,
    siblings: ArrayVec<Seen, SIBLINGS_MAX>,
    names: ArrayVec<Seen, PROPERTIES_MAX>,
    properties: Properties<'a>,
}

/// A name that has been seen: its hash, and the offset of the token that it belongs to.
#[derive(Clone, Copy, Debug)]
struct Seen {
    hash: u32,
    offset: u32,
}

/// A node that has begun and not ended yet.
#[derive(Clone, Copy, Debug)]
struct Level {
    place: Place,
    cells: Cells,
    has_cpu_addresses: bool,
    first_child: usize,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(structure: Structure<'a>) -> Self {
        Self {
            structure,
            offset: 0,
            root_end: 0,
            levels: ArrayVec::new_const(),
            siblings: ArrayVec::new_const(),
            names: ArrayVec::new_const(),
            properties: Properties::default(),
        }
    }

    /// The next node; `None` after the last one, once the block has ended as it should.
    pub(crate) fn next_node(&mut self) -> Result<Option<Node<'_, 'a>>, TreeError> {
        loop {
            let offset = self.offset;
            match self.structure.token(offset)? {
                BEGIN_NODE if self.root_end == 0 => return self.enter(offset).map(Some),
                END_NODE => self.leave(offset)?,
                NOP => self.offset = offset.saturating_add(TOKEN_BYTES),
                END if self.root_end > 0 => return Ok(None),
                _ => return Err(self.structure.corrupt(Defect::Token, offset)),
            }
        }
    }

    /// The offset of the token that ends the root node, in the structure block; 0 before the walk got there.
    pub(crate) fn root_end(&self) -> usize {
        self.root_end
    }

    fn enter(&mut self, offset: usize) -> Result<Node<'_, 'a>, TreeError> {
        let (name, end) = self.structure.node_name(offset)?;
        self.offset = end;
        let parent = self.levels.last().copied();
        // The root has no name, every other node has one (2.2.1).
        if name.text().is_empty() != parent.is_none() {
            return Err(self.structure.corrupt(Defect::Name, offset));
        }
        if let Some(parent) = parent {
            self.note_sibling(parent, name, offset)?;
        }
        self.read_properties()?;
        let place = parent.map_or(Place::Root, |parent| parent.place.child(name.text()));
        let has_cpu_addresses = parent.is_none_or(|parent| parent.has_cpu_addresses);
        let level = Level {
            place,
            cells: self.properties.child_cells(),
            has_cpu_addresses: parent.is_none() || has_cpu_addresses && self.properties.is_transparent_bus(),
            first_child: self.siblings.len(),
        };
        self.levels
            .try_push(level)
            .map_err(|_| limit("levels of nodes", LEVELS_MAX))?;
        Ok(Node {
            name: name.text(),
            place,
            parent: parent.map_or(Place::Other, |parent| parent.place),
            cells: parent.map_or(Cells::DEFAULT, |parent| parent.cells),
            has_cpu_addresses,
            properties: &self.properties,
            properties_start: end,
        })
    }

    fn leave(&mut self, offset: usize) -> Result<(), TreeError> {
        let level = self
            .levels
            .pop()
            .ok_or_else(|| self.structure.corrupt(Defect::Token, offset))?;
        self.siblings.truncate(level.first_child);
        if self.levels.is_empty() {
            self.root_end = offset;
        }
        self.offset = offset.saturating_add(TOKEN_BYTES);
        Ok(())
    }

    /// Two children of a node must not have the same name (Devicetree Specification v0.4, 2.2.1): which one would a
    /// path mean?
    fn note_sibling(&mut self, parent: Level, name: Name<'a>, offset: usize) -> Result<(), TreeError> {
        let earlier = self.siblings.get(parent.first_child..).unwrap_or_default();
        let same = |other: usize| self.structure.node_name(other).is_ok_and(|(other, _)| other == name);
        if earlier
            .iter()
            .any(|seen| seen.hash == name.hash() && same(seen.offset as usize))
        {
            return Err(self.structure.corrupt(Defect::DuplicateNode, offset));
        }
        self.siblings
            .try_push(Seen::new(name, offset))
            .map_err(|_| limit("nodes beside each other", SIBLINGS_MAX))
    }

    fn read_properties(&mut self) -> Result<(), TreeError> {
        self.names.clear();
        self.properties = Properties::default();
        loop {
            let offset = self.offset;
            match self.structure.token(offset)? {
                PROPERTY => {
                    let property = self.structure.property(offset)?;
                    let name = self.structure.property_name(&property)?;
                    if name.text().is_empty() {
                        return Err(self.structure.corrupt(Defect::Name, offset));
                    }
                    self.note_property_name(name, offset)?;
                    self.properties.note(name, property.value);
                    self.offset = property.end;
                }
                NOP => self.offset = offset.saturating_add(TOKEN_BYTES),
                _ => return Ok(()),
            }
        }
    }

    /// Two properties of a node must not have the same name: which one would be meant?
    fn note_property_name(&mut self, name: Name<'a>, offset: usize) -> Result<(), TreeError> {
        let other_name = |other| self.structure.property_name(&self.structure.property(other)?);
        let same = |other: usize| other_name(other).is_ok_and(|other| other == name);
        if self
            .names
            .iter()
            .any(|seen| seen.hash == name.hash() && same(seen.offset as usize))
        {
            return Err(self.structure.corrupt(Defect::DuplicateProperty, offset));
        }
        self.names
            .try_push(Seen::new(name, offset))
            .map_err(|_| limit("properties in one node", PROPERTIES_MAX))
    }
}

impl Seen {
    fn new(name: Name<'_>, offset: usize) -> Self {
        // The sizes in a header have 32 bits.
        Self {
            hash: name.hash(),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
        }
    }
}

#[cold]
fn limit(what: &'static str, limit: usize) -> TreeError {
    TreeError::Limit { what, limit }
}
