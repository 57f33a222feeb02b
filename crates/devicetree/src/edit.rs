//! What does the kernel get told? [`Edits`], and the packed tree with them applied.
//!
//! An edit replaces one piece of the structure block while the tree is copied. dtoolkit's edits in place are not
//! used: they search the tree again, move all that follows, cannot add a node, and leave gaps that must be closed
//! afterwards.

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

/// A new value of `bootargs`, and what of the blob makes way for it.
#[derive(Debug)]
struct Splice<'e> {
    value: &'e str,
    /// The bytes of the blob that are replaced.
    replaced: Range<usize>,
    /// Whether there is no `/chosen` yet, so that the property comes with its node.
    with_node: bool,
    /// Where the property's name is in the strings block.
    name_offset: u32,
    /// Whether the name is not there yet.
    with_name: bool,
}

impl Devicetree<'_> {
    /// The number of bytes that [`Self::write_edited`] needs and, if it succeeds, writes.
    pub fn edited_size_max(&self, edits: &Edits<'_>) -> u64 {
        self.size_with(self.splice(edits).as_ref())
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
        let total_bytes = self.size_with(splice.as_ref());
        if total_bytes > MAX_SIZE_BYTES {
            return Err(TreeError::TooLarge { total_bytes });
        }
        let no_room = TreeError::NoRoom {
            needed_bytes: total_bytes,
            available_bytes: destination.len() as u64,
        };
        let tree = destination.get_mut(..total_bytes as usize).ok_or(no_room)?;
        self.fill(tree, splice).ok_or(no_room)?;
        Ok(total_bytes as usize)
    }

    fn splice<'e>(&self, edits: &Edits<'e>) -> Option<Splice<'e>> {
        let value = edits.bootargs?;
        let root_end = self.root_end..self.root_end;
        let place = self.facts.bootargs_place.clone().unwrap_or(root_end);
        let in_blob = |offset: usize| offset.saturating_add(self.header.structure_offset as usize);
        let name_offset = self
            .header
            .strings(self.blob)
            .ok()
            .and_then(|strings| offset_of(BOOTARGS, strings));
        Some(Splice {
            value,
            replaced: in_blob(place.start)..in_blob(place.end),
            with_node: self.facts.bootargs_place.is_none(),
            name_offset: name_offset.unwrap_or(self.header.strings_size),
            with_name: name_offset.is_none(),
        })
    }

    fn size_with(&self, splice: Option<&Splice<'_>>) -> u64 {
        let used = self.used_size();
        splice.map_or(used, |splice| {
            let added = splice.structure_bytes().saturating_add(splice.name_bytes());
            used.saturating_sub(splice.replaced.len() as u64)
                .saturating_add(added as u64)
        })
    }

    /// Fills `tree`, which has just the size that the edited tree needs; `None` if it has not.
    fn fill(&self, tree: &mut [u8], splice: Option<Splice<'_>>) -> Option<()> {
        let used = self.blob.get(..self.used_size() as usize)?;
        if let Some(splice) = splice {
            let rest = put(tree, used.get(..splice.replaced.start)?)?;
            let rest = splice.write(rest)?;
            let rest = put(rest, used.get(splice.replaced.end..)?)?;
            put(rest, BOOTARGS.get(..splice.name_bytes())?)?;
            let grown = |size: u32| {
                size.checked_add(splice.structure_bytes() as u32)?
                    .checked_sub(splice.replaced.len() as u32)
            };
            set_word(tree, STRUCTURE_SIZE, grown(self.header.structure_size)?)?;
            set_word(tree, STRINGS_OFFSET, grown(self.header.strings_offset)?)?;
            set_word(
                tree,
                STRINGS_SIZE,
                self.header.strings_size.checked_add(splice.name_bytes() as u32)?,
            )?;
        } else {
            put(tree, used)?;
        }
        set_word(tree, TOTAL_SIZE, u32::try_from(tree.len()).ok()?)
    }
}

impl Splice<'_> {
    /// What is added to the structure block, in bytes.
    fn structure_bytes(&self) -> usize {
        let node = if self.with_node {
            CHOSEN.len().saturating_add(2 * TOKEN_BYTES)
        } else {
            0
        };
        padded(self.value_bytes())
            .saturating_add(PROPERTY_HEADER_BYTES)
            .saturating_add(node)
    }

    /// What is added to the strings block, in bytes.
    fn name_bytes(&self) -> usize {
        if self.with_name { BOOTARGS.len() } else { 0 }
    }

    /// The value with its NUL.
    fn value_bytes(&self) -> usize {
        self.value.len().saturating_add(1)
    }

    /// Writes what is added to the structure block, and returns what is left of `out`.
    fn write<'d>(&self, mut out: &'d mut [u8]) -> Option<&'d mut [u8]> {
        if self.with_node {
            out = put_word(out, BEGIN_NODE)?;
            out = put(out, CHOSEN)?;
        }
        for word in [PROPERTY, u32::try_from(self.value_bytes()).ok()?, self.name_offset] {
            out = put_word(out, word)?;
        }
        out = put(out, self.value.as_bytes())?;
        let nul_and_padding = padded(self.value_bytes()).saturating_sub(self.value.len());
        out = put(out, [0; TOKEN_BYTES].get(..nul_and_padding)?)?;
        if self.with_node {
            out = put_word(out, END_NODE)?;
        }
        Some(out)
    }
}

/// Copies `bytes` to the start of `out`, and returns what is left of `out`.
fn put<'d>(out: &'d mut [u8], bytes: &[u8]) -> Option<&'d mut [u8]> {
    let (place, rest) = out.split_at_mut_checked(bytes.len())?;
    place.copy_from_slice(bytes);
    Some(rest)
}

fn put_word(out: &mut [u8], word: u32) -> Option<&mut [u8]> {
    put(out, &word.to_be_bytes())
}

/// Where a string, with its NUL, is in a strings block.
fn offset_of(string: &[u8], strings: &[u8]) -> Option<u32> {
    let mut offset = 0_u32;
    for candidate in strings.split_inclusive(|byte| *byte == 0) {
        if candidate == string {
            return Some(offset);
        }
        offset = offset.checked_add(u32::try_from(candidate.len()).ok()?)?;
    }
    None
}
