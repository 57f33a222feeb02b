//! What does the kernel get told? [`Edits`], and the packed tree with them applied.
//!
//! An edit replaces one piece of the structure block while the tree is copied, so nothing is moved afterwards and no gap is left.

use core::ops::Range;

use crate::header::{STRINGS_OFFSET, STRINGS_SIZE, STRUCTURE_SIZE, TOTAL_SIZE, set_word};
use crate::structure::{BEGIN_NODE, END_NODE, PROPERTY, PROPERTY_HEADER_BYTES, TOKEN_BYTES, padded};
use crate::{Devicetree, MAX_SIZE_BYTES, TreeError};

/// What to change in a device tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edits<'a> {
    /// The kernel's command line (`/chosen/bootargs`), without a NUL byte; `None` leaves it as it is.
    pub bootargs: Option<&'a str>,
}

const BOOTARGS: &[u8] = b"bootargs\0";
const CHOSEN: &[u8; 8] = b"chosen\0\0";
/// An empty `/chosen`: two tokens and the name.
const NODE_BYTES: usize = 2 * TOKEN_BYTES + CHOSEN.len();

/// What is put into the tree, and what of the blob makes way for it.
#[derive(Debug)]
struct Splice<'e> {
    value: Option<&'e str>,
    /// The bytes of the blob that are replaced.
    replaced: Range<usize>,
    /// Whether there is no `/chosen` yet, so that the property comes with its node.
    with_node: bool,
    /// Where the property's name is in the strings block, or will be.
    name_offset: u32,
    /// The property's name, where it is not in the strings block yet.
    added_name: &'static [u8],
}

impl Devicetree<'_> {
    /// The number of bytes that [`Self::write_edited`] needs and, if it succeeds, writes.
    pub fn edited_size_max(&self, edits: &Edits<'_>) -> u64 {
        self.size_with(&self.splice(edits))
    }

    /// Writes the tree with these edits to the start of `destination`, and returns the number of bytes written: no
    /// more than a kernel accepts (boot-protocol B2), and none at the end that are not in use. Nodes and properties
    /// keep their order, and all but the edited ones their bytes (boot-protocol Z9). A missing `/chosen` is added as
    /// the last node.
    ///
    /// # Errors
    /// [`TreeError::NoRoom`] if `destination` has fewer than [`Self::edited_size_max`] bytes, [`TreeError::TooLarge`],
    /// and [`TreeError::BootargsNul`]. Nothing is written then.
    pub fn write_edited(&self, edits: &Edits<'_>, destination: &mut [u8]) -> Result<usize, TreeError> {
        if let Some(offset_bytes) = edits.bootargs.and_then(|text| text.bytes().position(|byte| byte == 0)) {
            return Err(TreeError::BootargsNul { offset_bytes });
        }
        let splice = self.splice(edits);
        let total_bytes = self.size_with(&splice);
        if total_bytes > MAX_SIZE_BYTES {
            return Err(TreeError::TooLarge { total_bytes });
        }
        let available_bytes = destination.len() as u64;
        let tree = destination.get_mut(..total_bytes as usize).ok_or(TreeError::NoRoom {
            needed_bytes: total_bytes,
            available_bytes,
        })?;
        self.fill(tree, &splice);
        Ok(total_bytes as usize)
    }

    fn splice<'e>(&self, edits: &Edits<'e>) -> Splice<'e> {
        let used = self.used_size() as usize;
        if edits.bootargs.is_none() {
            return Splice {
                value: None,
                replaced: used..used,
                with_node: false,
                name_offset: 0,
                added_name: &[],
            };
        }
        let place = self.facts.bootargs_place.clone();
        let with_node = place.is_none();
        let place = place.unwrap_or(self.root_end..self.root_end);
        let in_blob = |offset: usize| offset.saturating_add(self.header.structure_offset as usize);
        let name_offset = offset_of(BOOTARGS, self.header.strings(self.blob).unwrap_or_default());
        Splice {
            value: edits.bootargs,
            replaced: in_blob(place.start)..in_blob(place.end),
            with_node,
            name_offset: name_offset.unwrap_or(self.header.strings_size),
            added_name: if name_offset.is_none() { BOOTARGS } else { &[] },
        }
    }

    fn size_with(&self, splice: &Splice<'_>) -> u64 {
        let added = splice.structure_bytes().saturating_add(splice.added_name.len());
        self.used_size()
            .saturating_sub(splice.replaced.len() as u64)
            .saturating_add(added as u64)
    }

    /// Fills `tree`, which has just the size that the edited tree needs.
    fn fill(&self, tree: &mut [u8], splice: &Splice<'_>) {
        let total_size = tree.len() as u32;
        let grown = |size: u32| {
            size.saturating_add(splice.structure_bytes() as u32)
                .saturating_sub(splice.replaced.len() as u32)
        };
        let (before, rest) = self.blob.split_at_checked(splice.replaced.start).unwrap_or_default();
        let replaced_end = self.used_size() as usize;
        let after = rest
            .get(splice.replaced.len()..replaced_end.saturating_sub(before.len()))
            .unwrap_or_default();

        let mut out = Writer(&mut *tree);
        out.put(before);
        splice.write(&mut out);
        out.put(after);
        out.put(splice.added_name);
        set_word(tree, TOTAL_SIZE, total_size);
        if splice.value.is_some() {
            set_word(tree, STRUCTURE_SIZE, grown(self.header.structure_size));
            set_word(tree, STRINGS_OFFSET, grown(self.header.strings_offset));
            let strings_size = self.header.strings_size;
            set_word(
                tree,
                STRINGS_SIZE,
                strings_size.saturating_add(splice.added_name.len() as u32),
            );
        }
    }
}

impl Splice<'_> {
    /// What is added to the structure block, in bytes.
    fn structure_bytes(&self) -> usize {
        let Some(value) = self.value else { return 0 };
        let node = if self.with_node { NODE_BYTES } else { 0 };
        padded(value.len().saturating_add(1))
            .saturating_add(PROPERTY_HEADER_BYTES)
            .saturating_add(node)
    }

    /// Writes what is added to the structure block.
    fn write(&self, out: &mut Writer<'_>) {
        let Some(value) = self.value else { return };
        let size_bytes = value.len().saturating_add(1);
        if self.with_node {
            out.put_word(BEGIN_NODE);
            out.put(CHOSEN);
        }
        out.put_word(PROPERTY);
        out.put_word(size_bytes as u32);
        out.put_word(self.name_offset);
        out.put(value.as_bytes());
        // The NUL, and the padding up to the next token.
        let zeros = padded(size_bytes).saturating_sub(value.len());
        out.put([0; TOKEN_BYTES].get(..zeros).unwrap_or_default());
        if self.with_node {
            out.put_word(END_NODE);
        }
    }
}

/// Room that is filled from its start on. Its size was counted before, so all fits; what did not would be dropped.
struct Writer<'d>(&'d mut [u8]);

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let (place, rest) = core::mem::take(&mut self.0)
            .split_at_mut_checked(bytes.len())
            .unwrap_or_default();
        if place.len() == bytes.len() {
            place.copy_from_slice(bytes);
        }
        self.0 = rest;
    }

    fn put_word(&mut self, word: u32) {
        self.put(&word.to_be_bytes());
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
