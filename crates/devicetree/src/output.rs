//! Where do the bytes go? [`Output`]: a copy of a tree in which properties and nodes are put in or left out on the way.

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::header::{STRINGS_OFFSET, STRINGS_SIZE, STRUCTURE_SIZE, TOTAL_SIZE, set_word};
use crate::memory::Cells;
use crate::structure::{BEGIN_NODE, END_NODE, PROPERTY, Structure, TOKEN_BYTES, padded};

/// More than there are names in this crate that an edit can put in.
const NAMES_MAX: usize = 24;

/// A copy under way. It counts the bytes; those that have no room are dropped, so that without room it tells the size of the copy.
pub(crate) struct Output<'t, 'd> {
    tree: Structure<'t>,
    blob: &'t [u8],
    /// The offset in the blob up to which all is copied or left out.
    done: usize,
    room: &'d mut [u8],
    size: usize,
    /// The names of properties put in so far, and where each is in the strings block, or will be.
    names: ArrayVec<(&'static [u8], u32), NAMES_MAX>,
    strings_size: u32,
}

/// The value of a property that is put in.
#[derive(Clone, Copy)]
pub(crate) enum Value<'v> {
    Bytes(&'v [u8]),
    /// With a NUL after it.
    Text(&'v str),
    /// In two cells.
    Number(u64),
    /// A `reg`.
    Ranges(&'v [PhysRange], Cells),
}

/// What becomes of the property of this name, which comes with its NUL.
#[derive(Clone, Copy)]
pub(crate) struct Change<'v> {
    pub(crate) name: &'static [u8],
    /// Its new value; `None` leaves it out.
    pub(crate) value: Option<Value<'v>>,
    /// Whether the property stays as it is where there is one.
    pub(crate) is_default: bool,
}

impl<'t, 'd> Output<'t, 'd> {
    pub(crate) fn new(tree: Structure<'t>, blob: &'t [u8], room: &'d mut [u8]) -> Self {
        Self {
            tree,
            blob,
            done: 0,
            room,
            size: 0,
            names: ArrayVec::new_const(),
            strings_size: tree.header.strings_size,
        }
    }

    /// Copies what comes before this offset in the structure block.
    pub(crate) fn copy_to(&mut self, offset: usize) {
        self.copy_blob_to(self.in_blob(offset));
    }

    /// Changes a node: what there is keeps its place, what there is not comes after the last property. `properties` is where
    /// they begin.
    pub(crate) fn change(&mut self, properties: usize, changes: &mut [Option<Change<'_>>]) {
        let tree = self.tree;
        let mut properties = tree.properties(properties);
        for property in properties.by_ref() {
            let mut is_meant = |change: &mut Change<'_>| tree.is_named(&property, change.name);
            if let Some(change) = changes.iter_mut().find_map(|change| change.take_if(&mut is_meant))
                && !change.is_default
            {
                self.copy_to(property.start);
                self.done = self.done.max(self.in_blob(property.end));
                self.put_change(change);
            }
        }
        self.copy_to(properties.offset);
        self.put_changes(changes);
    }

    /// Puts in what these changes put in.
    pub(crate) fn put_changes(&mut self, changes: &[Option<Change<'_>>]) {
        for change in changes.iter().flatten() {
            self.put_change(*change);
        }
    }

    fn put_change(&mut self, change: Change<'_>) {
        if let Some(value) = change.value {
            self.put_property(change.name, value);
        }
    }

    pub(crate) fn put_property(&mut self, name: &'static [u8], value: Value<'_>) {
        let size = value.size_bytes();
        let name_offset = self.name_offset(name);
        self.put_word(PROPERTY);
        self.put_word(size as u32);
        self.put_word(name_offset);
        match value {
            Value::Bytes(bytes) => self.put(bytes),
            Value::Text(text) => {
                self.put(text.as_bytes());
                self.put(&[0]);
            }
            Value::Number(number) => self.put_number(number, 2),
            Value::Ranges(ranges, cells) => {
                for range in ranges {
                    self.put_number(range.start(), cells.address);
                    self.put_number(range.len(), cells.size);
                }
            }
        }
        self.pad(size);
    }

    #[inline(never)]
    pub(crate) fn begin_node(&mut self, name: &[u8]) {
        self.put_word(BEGIN_NODE);
        self.put(name);
        self.put(&[0]);
        self.pad(name.len().saturating_add(1));
    }

    pub(crate) fn end_node(&mut self) {
        self.put_word(END_NODE);
    }

    /// Copies the rest, and makes the header fit. The number of bytes in the copy.
    pub(crate) fn finish(mut self) -> usize {
        let header = self.tree.header;
        self.copy_blob_to(header.used_size() as usize);
        let grown = |size: u32, copied: usize| size.wrapping_add(copied as u32).wrapping_sub(header.used_size());
        let (structure_size, strings_offset) = (
            grown(header.structure_size, self.size),
            grown(header.strings_offset, self.size),
        );
        for (name, offset) in self.names.take() {
            if offset >= header.strings_size {
                self.put(name);
            }
        }
        let fields = [
            (TOTAL_SIZE, self.size as u32),
            (STRUCTURE_SIZE, structure_size),
            (STRINGS_OFFSET, strings_offset),
            (STRINGS_SIZE, self.strings_size),
        ];
        for (field, value) in fields {
            set_word(self.room, field, value);
        }
        self.size
    }

    /// Where a name is in the strings block; one that is not there goes to its end.
    fn name_offset(&mut self, name: &'static [u8]) -> u32 {
        if let Some((_, offset)) = self.names.iter().find(|(known, _)| *known == name) {
            return *offset;
        }
        let offset = offset_of(name, self.tree.strings).unwrap_or_else(|| {
            let end = self.strings_size;
            self.strings_size = end.saturating_add(name.len() as u32);
            end
        });
        // There is room for all the names there are; see the constant.
        let _ = self.names.try_push((name, offset));
        offset
    }

    fn in_blob(&self, offset: usize) -> usize {
        offset.saturating_add(self.tree.header.structure_offset as usize)
    }

    #[inline(never)]
    fn copy_blob_to(&mut self, end: usize) {
        let bytes = self.blob.get(self.done..end).unwrap_or_default();
        self.done = self.done.max(end);
        self.put(bytes);
    }

    /// The zeros after a value or a name of this size, up to the next token.
    fn pad(&mut self, size: usize) {
        let zeros = padded(size).saturating_sub(size);
        self.put([0; TOKEN_BYTES].get(..zeros).unwrap_or_default());
    }

    fn put_number(&mut self, number: u64, cells: u32) {
        if cells > 1 {
            self.put_word((number >> 32) as u32);
        }
        self.put_word(number as u32);
    }

    #[inline(never)]
    fn put_word(&mut self, word: u32) {
        self.put(&word.to_be_bytes());
    }

    #[inline(never)]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.size.saturating_add(bytes.len());
        if let Some(place) = self.room.get_mut(self.size..end) {
            place.copy_from_slice(bytes);
        }
        self.size = end;
    }
}

impl Value<'_> {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) => text.len().saturating_add(1),
            Self::Number(_) => size_of::<u64>(),
            Self::Ranges(ranges, cells) => {
                let cells = cells.address.saturating_add(cells.size) as usize;
                ranges.len().saturating_mul(cells).saturating_mul(TOKEN_BYTES)
            }
        }
    }
}

/// Where a string, with its NUL, is in a strings block.
fn offset_of(string: &[u8], strings: &[u8]) -> Option<u32> {
    let mut offset = 0_u32;
    for candidate in strings.split_inclusive(|byte| *byte == 0) {
        if candidate == string {
            return Some(offset);
        }
        offset = offset.saturating_add(candidate.len() as u32);
    }
    None
}
