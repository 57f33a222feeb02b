//! [`Walk`]: every node once, in order; checks on the way that the tree
//! keeps the rules of its format.

use arrayvec::ArrayVec;

use phys_range::PhysRange;

use crate::bus::Bus;
use crate::fault::Fault;
use crate::memory::Cells;
use crate::name::Name;
use crate::node::{Node, Place};
use crate::properties::{Known, PropertyName, PropertyNames};
use crate::structure::{Cursor, Structure, Token};
use crate::{Defect, fault};

/// One pass over a structure block. It takes 11 KiB of stack.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    pub(crate) structure: Structure<'a>,
    /// The place where the block is in the blob.
    block_offset: u32,
    cursor: Cursor<'a>,
    /// The offset of the token that ends the root node; 0 before the walk got there.
    pub(crate) root_end: usize,
    /// The node that the walk came to last.
    pub(crate) node: Node<'a>,
    levels: ArrayVec<Level<'a>, { fault::LEVELS_MAX }>,
    siblings: ArrayVec<Seen, { fault::SIBLINGS_MAX }>,
    property_names: PropertyNames<'a>,
    /// The names of the properties of the current node.
    properties: ArrayVec<Seen, { fault::PROPERTIES_MAX }>,
    property_hashes: Hashes,
    /// The number of nodes and properties that there were.
    entries: usize,
    /// The number of times that a name had the hash of another one beside it.
    collisions: usize,
}

/// A name that has been seen: its hash, and the offset of the token that it belongs to.
#[derive(Clone, Copy, Debug)]
struct Seen {
    hash: u32,
    offset: u32,
}

/// The hashes so far: a bit for all of those that have the same remainder. Most names differ from
/// all others beside them by it.
#[derive(Clone, Copy, Debug)]
struct Hashes(u64);

/// A node that has begun and not ended yet.
#[derive(Clone, Copy, Debug)]
struct Level<'a> {
    place: Place,
    cells: Cells,
    /// `ranges`: how the addresses of its children become its own.
    ranges: Option<&'a [u8]>,
    first_child: usize,
    child_hashes: Hashes,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(structure: Structure<'a>, block_offset: u32) -> Self {
        Self {
            structure,
            block_offset,
            cursor: structure.at(0),
            root_end: 0,
            node: Node::ROOT,
            levels: ArrayVec::new_const(),
            siblings: ArrayVec::new_const(),
            property_names: PropertyNames::of(structure.strings),
            properties: ArrayVec::new_const(),
            property_hashes: Hashes::NONE,
            entries: 0,
            collisions: 0,
        }
    }

    /// Goes to the next node; `false` after the last one, once the block has ended as it should.
    pub(crate) fn next_node(&mut self) -> Result<bool, Fault> {
        loop {
            match self.cursor.read() {
                Token::Node => return self.enter().map(|()| true),
                Token::NodeEnd => self.leave()?,
                Token::End if self.root_end > 0 => return Ok(false),
                Token::Broken(defect) => return Err(self.fault(defect)),
                _ => return Err(self.fault(Defect::Token)),
            }
        }
    }

    /// Translates a range in the current node's own `reg` to the addresses of the CPU, bus by bus;
    /// `None` where a bus on the way does not lead to the CPU.
    pub(crate) fn cpu_range(&self, range: PhysRange) -> Option<PhysRange> {
        let outer = self.levels.iter();
        let buses = self.levels.iter().skip(1).zip(outer);
        // The last level is the node itself, which translates for its children only.
        let around = self.levels.len().saturating_sub(2);
        buses.take(around).rev().try_fold(range, |range, (bus, parent)| {
            let bus = Bus {
                ranges: bus.ranges?,
                children: bus.cells,
                parent: parent.cells,
            };
            bus.translate(range)
        })
    }

    fn fault(&self, defect: Defect) -> Fault {
        // The sizes in a header have 32 bits.
        Fault::Corrupt(defect, self.block_offset.wrapping_add(self.cursor.start as u32))
    }

    fn enter(&mut self) -> Result<(), Fault> {
        let start = self.cursor.start;
        let name = self.cursor.name().ok_or_else(|| self.fault(Defect::Name))?;
        if self.root_end > 0 {
            return Err(self.fault(Defect::Token));
        }
        let parent = self.levels.last_mut();
        // The root has no name, every other node has one (2.2.1).
        if name.text().is_empty() != parent.is_none() {
            return Err(self.fault(Defect::Name));
        }
        if let Some(parent) = parent {
            self.node.place = parent.place.child(name.text());
            self.node.parent = parent.place;
            self.node.cells = parent.cells;
            let may_be_known = parent.child_hashes.add(name.hash());
            let first = parent.first_child;
            self.note_sibling(first, name, may_be_known)?;
        }
        self.node.name = name.text();
        self.node.start = start;
        self.node.properties_start = self.cursor.next;
        self.read_properties()?;
        let Node { properties, .. } = &self.node;
        let level = Level {
            place: self.node.place,
            cells: properties.child_cells(),
            ranges: properties.get(Known::Ranges),
            first_child: self.siblings.len(),
            child_hashes: Hashes::NONE,
        };
        self.levels.try_push(level).map_err(|_| Fault::Levels)
    }

    fn leave(&mut self) -> Result<(), Fault> {
        let Some(level) = self.levels.pop() else {
            return Err(self.fault(Defect::Token));
        };
        self.siblings.truncate(level.first_child);
        if self.levels.is_empty() {
            self.root_end = self.cursor.start;
        }
        Ok(())
    }

    /// Two children of a node must not have the same name (Devicetree Specification v0.4, 2.2.1):
    /// which one would a path mean? `first` is the place of the first of them, and `may_be_known`
    /// set where an earlier one may have the name's hash.
    fn note_sibling(&mut self, first: usize, name: Name<'a>, may_be_known: bool) -> Result<(), Fault> {
        let seen = Seen::new(name.hash(), self.cursor.start);
        if may_be_known {
            let earlier = self.siblings.get(first..).unwrap_or_default();
            let collisions = self.structure.collisions(earlier, seen);
            self.note_collisions(collisions, Defect::DuplicateNode)?;
        }
        self.note_entry()?;
        self.siblings.try_push(seen).map_err(|_| Fault::Siblings)
    }

    /// Counts a node or a property.
    fn note_entry(&mut self) -> Result<(), Fault> {
        self.entries = self.entries.saturating_add(1);
        if self.entries > fault::ENTRIES_MAX {
            return Err(Fault::Entries);
        }
        Ok(())
    }

    /// Counts what [`Structure::collisions`] found.
    fn note_collisions(&mut self, collisions: Option<usize>, duplicate: Defect) -> Result<(), Fault> {
        let collisions = collisions.ok_or_else(|| self.fault(duplicate))?;
        self.collisions = self.collisions.saturating_add(collisions);
        if self.collisions > fault::COLLISIONS_MAX {
            return Err(Fault::Collisions);
        }
        Ok(())
    }

    /// Two properties of a node must not have the same name: which one would be meant?
    fn read_properties(&mut self) -> Result<(), Fault> {
        self.properties.clear();
        self.property_hashes = Hashes::NONE;
        self.node.properties.clear();
        while let Some(property) = self.cursor.property() {
            let Some(PropertyName { hash, known }) = self.property_names.at(property.name_offset) else {
                return Err(self.fault(Defect::Name));
            };
            let seen = Seen::new(hash, self.cursor.start);
            if self.property_hashes.add(hash) {
                let collisions = self.structure.collisions(&self.properties, seen);
                self.note_collisions(collisions, Defect::DuplicateProperty)?;
            }
            self.note_entry()?;
            self.properties.try_push(seen).map_err(|_| Fault::Properties)?;
            if let Some(known) = known {
                self.node.properties.note(known, property.value);
            }
        }
        Ok(())
    }
}

impl Structure<'_> {
    /// The number of these whose name has the hash of this one and is another; `None` if one has
    /// this name.
    fn collisions(&self, earlier: &[Seen], this: Seen) -> Option<usize> {
        work_counter::add(earlier.len());
        let mut count = 0_usize;
        for other in earlier.iter().filter(|other| other.hash == this.hash) {
            if self.name_at(other.offset as usize) == self.name_at(this.offset as usize) {
                return None;
            }
            count = count.saturating_add(1);
        }
        Some(count)
    }
}

impl Hashes {
    const NONE: Self = Self(0);

    /// Adds one. Returns whether it may have been there.
    fn add(&mut self, hash: u32) -> bool {
        let bit = 1 << (hash % u64::BITS);
        let may_be_known = self.0 & bit != 0;
        self.0 |= bit;
        may_be_known
    }
}

impl Seen {
    fn new(hash: u32, offset: usize) -> Self {
        // The sizes in a header have 32 bits.
        Self {
            hash,
            offset: offset as u32,
        }
    }
}
