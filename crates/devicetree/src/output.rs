//! [`Output`]: a copy of a tree in which properties and nodes are put in or
//! left out on the way.

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::checked::Checked;
use crate::header::{STRINGS_OFFSET, STRINGS_SIZE, STRUCTURE_OFFSET, STRUCTURE_SIZE, TOTAL_SIZE};
use crate::structure::{BEGIN_NODE, END_NODE, PROPERTY, TOKEN_BYTES, padded};

/// More than there are names in this crate that an edit can put in.
const NAMES_MAX: usize = 24;

/// A copy under way. It counts the bytes; those that have no room are dropped, so that without room
/// it tells the size of the copy.
pub(crate) struct Output<'t, 'd> {
    tree: &'t Checked<'t>,
    /// The offset in the blob up to which all is copied or left out.
    done: usize,
    room: &'d mut [u8],
    size: usize,
    names: &'d mut Names,
    /// The number of bytes of reservations that were put in.
    reserved_size: u32,
}

/// The names of properties put in so far.
#[derive(Clone)]
pub(crate) struct Names {
    /// The names, and where each is in the strings block, or will be.
    places: ArrayVec<(&'static [u8], u32), NAMES_MAX>,
    /// The size of the strings block with those that it lacks.
    strings_size: u32,
}

impl Names {
    /// None so far, of properties put into this tree.
    pub(crate) fn new(tree: &Checked<'_>) -> Self {
        Self {
            places: ArrayVec::new_const(),
            strings_size: tree.header.strings_size,
        }
    }

    /// Returns the offset of a name in the strings block; one that is not there goes to its end.
    fn offset(&mut self, strings: &[u8], name: &'static [u8]) -> u32 {
        if let Some((_, offset)) = self.places.iter().find(|(known, _)| *known == name) {
            return *offset;
        }
        let offset = match find(strings, name) {
            Some((_, offset)) => offset,
            None => {
                let end = self.strings_size;
                self.strings_size = end.wrapping_add(name.len() as u32).wrapping_add(1);
                end
            }
        };
        // There is room for all the names there are; see the constant.
        let _ = self.places.try_push((name, offset));
        offset
    }
}

/// The change to the property of this name.
#[derive(Clone, Copy)]
pub(crate) struct Change<'v> {
    pub(crate) name: &'static [u8],
    pub(crate) action: Action,
    pub(crate) value: Value<'v>,
}

/// The action on a property.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing.
    Keep,
    /// It gets the value, where the node has none of this name.
    Add,
    /// It gets the value.
    Set,
    /// It is left out.
    Remove,
}

/// The value of a property.
#[derive(Clone, Copy)]
pub(crate) struct Value<'v> {
    bytes: &'v [u8],
    /// The size of the value: with the NUL after a text.
    size: usize,
}

impl<'v> Value<'v> {
    pub(crate) const NONE: Self = Self::bytes(&[]);

    pub(crate) const fn bytes(bytes: &'v [u8]) -> Self {
        Self {
            bytes,
            size: bytes.len(),
        }
    }

    pub(crate) const fn text(text: &'v str) -> Self {
        Self {
            bytes: text.as_bytes(),
            size: text.len().wrapping_add(1),
        }
    }
}

impl<'v> Change<'v> {
    /// Sets the property, or takes it out.
    pub(crate) const fn to(name: &'static [u8], value: Option<Value<'v>>) -> Self {
        let (action, value) = match value {
            Some(value) => (Action::Set, value),
            None => (Action::Remove, Value::NONE),
        };
        Self { name, action, value }
    }
}

impl Change<'_> {
    /// Returns whether there is a property of its after it.
    pub(crate) fn puts(&self) -> bool {
        matches!(self.action, Action::Add | Action::Set)
    }
}

impl<'t, 'd> Output<'t, 'd> {
    pub(crate) fn new(tree: &'t Checked<'t>, names: &'d mut Names, room: &'d mut [u8]) -> Self {
        Self {
            tree,
            done: 0,
            room,
            size: 0,
            names,
            reserved_size: 0,
        }
    }

    /// Reserves these ranges as well, in the memory reservation block. It comes before all that is
    /// changed.
    pub(crate) fn reserve(&mut self, ranges: &[PhysRange]) {
        let start = self.tree.header.reservations_offset as usize;
        self.copy_blob_to(start);
        for range in ranges {
            for number in [range.start(), range.len()] {
                self.put(&number.to_be_bytes());
            }
        }
        self.reserved_size = self.size.wrapping_sub(start) as u32;
    }

    /// Changes a node: what there is keeps its place, what there is not comes after the last
    /// property. `properties` is where they begin.
    #[inline(never)]
    pub(crate) fn change(&mut self, properties: usize, changes: &mut [Change<'_>]) {
        let tree = &self.tree.structure;
        let mut properties = tree.properties(properties);
        while let Some(property) = properties.next() {
            let is_meant = |change: &&mut Change<'_>| tree.is_named(&property, change.name);
            let Some(change) = changes.iter_mut().find(is_meant) else {
                continue;
            };
            if matches!(change.action, Action::Set | Action::Remove) {
                self.copy_to(properties.cursor.start);
                self.done = self.in_blob(properties.cursor.next);
                self.put_change(change);
            }
            change.action = Action::Keep;
        }
        self.copy_to(properties.cursor.start);
        self.put_changes(changes);
    }

    /// Puts in what these changes put in.
    #[inline(never)]
    pub(crate) fn put_changes(&mut self, changes: &[Change<'_>]) {
        for change in changes {
            self.put_change(change);
        }
    }

    fn put_change(&mut self, change: &Change<'_>) {
        if change.puts() {
            self.put_property(change.name, change.value);
        }
    }

    #[inline(never)]
    pub(crate) fn put_property(&mut self, name: &'static [u8], value: Value<'_>) {
        let name_offset = self.names.offset(self.tree.structure.strings, name);
        for word in [PROPERTY, value.size as u32, name_offset] {
            self.put_word(word);
        }
        self.put_padded(value.bytes, value.size);
    }

    #[inline(never)]
    pub(crate) fn begin_node(&mut self, name: &[u8]) {
        self.put_word(BEGIN_NODE);
        self.put_padded(name, name.len().wrapping_add(1));
    }

    pub(crate) fn end_node(&mut self) {
        self.put_word(END_NODE);
    }

    /// Copies the rest, and makes the header fit. The number of bytes in the copy.
    pub(crate) fn finish(mut self) -> usize {
        let header = &self.tree.header;
        self.copy_blob_to(header.used_size() as usize);
        let grown_by = (self.size as u32).wrapping_sub(header.used_size());
        let strings_offset = header.strings_offset.wrapping_add(grown_by);
        let structure_offset = header.structure_offset.wrapping_add(self.reserved_size);
        let structure_size = header
            .structure_size
            .wrapping_add(grown_by)
            .wrapping_sub(self.reserved_size);
        let mut names = 0;
        while let Some(&(name, offset)) = self.names.places.get(names) {
            if offset >= header.strings_size {
                self.put(name);
                self.put(&[0]);
            }
            names = names.wrapping_add(1);
        }
        let size = self.size;
        self.set_word(TOTAL_SIZE, size as u32);
        self.set_word(STRUCTURE_OFFSET, structure_offset);
        self.set_word(STRUCTURE_SIZE, structure_size);
        self.set_word(STRINGS_OFFSET, strings_offset);
        self.set_word(STRINGS_SIZE, self.names.strings_size);
        size
    }

    /// Goes back to this offset, and puts the word there.
    fn set_word(&mut self, offset: usize, word: u32) {
        self.size = offset;
        self.put_word(word);
    }

    fn in_blob(&self, offset: usize) -> usize {
        offset.wrapping_add(self.tree.header.structure_offset as usize)
    }

    /// Copies what comes before this offset in the structure block.
    pub(crate) fn copy_to(&mut self, offset: usize) {
        self.copy_blob_to(self.in_blob(offset));
    }

    #[inline(never)]
    fn copy_blob_to(&mut self, end: usize) {
        let bytes = self.tree.blob.get(self.done..end).unwrap_or_default();
        self.done = self.done.max(end);
        self.put(bytes);
    }

    /// A value or a name of this size, and zeros up to the next token.
    fn put_padded(&mut self, bytes: &[u8], size: usize) {
        let zeros = padded(size).wrapping_sub(bytes.len());
        self.put(bytes);
        self.put([0; TOKEN_BYTES].get(..zeros).unwrap_or_default());
    }

    #[inline(never)]
    fn put_word(&mut self, word: u32) {
        self.put(&word.to_be_bytes());
    }

    #[inline(never)]
    fn put(&mut self, bytes: &[u8]) {
        work_counter::add(bytes.len());
        let end = self.size.wrapping_add(bytes.len());
        if let Some(place) = self.room.get_mut(self.size..end) {
            place.copy_from_slice(bytes);
        }
        self.size = end;
    }
}

/// The string in a block of strings that end with NULs, and where it is.
#[inline(never)]
pub(crate) fn find<'s>(strings: &'s [u8], string: &[u8]) -> Option<(&'s [u8], u32)> {
    let mut offset = 0_u32;
    for candidate in strings.split(|byte| *byte == 0) {
        work_counter::add(candidate.len().saturating_add(1));
        if candidate == string {
            return Some((candidate, offset));
        }
        offset = offset.wrapping_add(candidate.len() as u32).wrapping_add(1);
    }
    None
}
