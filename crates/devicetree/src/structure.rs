//! What stands at this offset? [`Structure`]: the tokens of the structure block (Devicetree Specification v0.4, 5.4).

use crate::header::{Header, word};
use crate::name::Name;
use crate::{Defect, TreeError};

pub(crate) const BEGIN_NODE: u32 = 1;
pub(crate) const END_NODE: u32 = 2;
pub(crate) const PROPERTY: u32 = 3;
pub(crate) const NOP: u32 = 4;
pub(crate) const END: u32 = 9;
/// The size of a token, in bytes; whatever follows one is padded to it.
pub(crate) const TOKEN_BYTES: usize = 4;
/// What stands before the value of a property: token, length, offset of the name.
pub(crate) const PROPERTY_HEADER_BYTES: usize = 3 * TOKEN_BYTES;

/// The structure block, and the strings block that it refers to. Offsets count from the start of the structure block,
/// except in errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Structure<'a> {
    block: &'a [u8],
    pub(crate) strings: &'a [u8],
    pub(crate) header: Header,
}

/// A property, the offset of its token and that of the token after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property<'a> {
    /// Where its name is in the strings block.
    name_offset: u32,
    pub(crate) value: &'a [u8],
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Structure<'a> {
    pub(crate) fn new(header: Header, blob: &'a [u8]) -> Result<Self, TreeError> {
        Ok(Self {
            block: header.structure(blob)?,
            strings: header.strings(blob)?,
            header,
        })
    }

    /// The strings block must be whole strings, so that an edit can add one after them.
    pub(crate) fn check_strings(&self) -> Result<(), TreeError> {
        if self.strings.last().is_none_or(|byte| *byte == 0) {
            return Ok(());
        }
        Err(TreeError::Corrupt {
            defect: Defect::Strings,
            offset_bytes: self.header.strings_offset,
        })
    }

    /// The error for what is wrong at this offset.
    #[cold]
    pub(crate) fn corrupt(&self, defect: Defect, offset: usize) -> TreeError {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        TreeError::Corrupt {
            defect,
            offset_bytes: self.header.structure_offset.saturating_add(offset),
        }
    }

    /// The token at this offset.
    pub(crate) fn token(&self, offset: usize) -> Result<u32, TreeError> {
        self.token_inside(offset)
            .ok_or_else(|| self.corrupt(Defect::StructureEnd, offset))
    }

    /// The same; `None` if it passes the end of the block, which it does not in a valid tree.
    pub(crate) fn token_inside(&self, offset: usize) -> Option<u32> {
        word(self.block, offset)
    }

    /// The name of the node whose token is at this offset, and the offset of the token after it.
    pub(crate) fn node_name(&self, offset: usize) -> Result<(Name<'a>, usize), TreeError> {
        let start = offset.saturating_add(TOKEN_BYTES);
        let name = self.block.get(start..).and_then(Name::until_nul);
        let name = name.ok_or_else(|| self.corrupt(Defect::Name, offset))?;
        Ok((name, padded(start.saturating_add(name.size_bytes()))))
    }

    /// The same in a valid tree, where the name need not be looked at.
    pub(crate) fn unchecked_node_name(&self, offset: usize) -> Option<(&'a [u8], usize)> {
        let start = offset.saturating_add(TOKEN_BYTES);
        let rest = self.block.get(start..)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        Some((
            rest.get(..length)?,
            padded(start.saturating_add(length).saturating_add(1)),
        ))
    }

    /// The property whose token is at this offset.
    pub(crate) fn property(&self, offset: usize) -> Result<Property<'a>, TreeError> {
        self.property_inside(offset)
            .ok_or_else(|| self.corrupt(Defect::StructureEnd, offset))
    }

    /// The same; `None` if it passes the end of the block, which it does not in a valid tree.
    pub(crate) fn property_inside(&self, offset: usize) -> Option<Property<'a>> {
        let (_token, rest) = split_word(self.block.get(offset..)?)?;
        let (length, rest) = split_word(rest)?;
        let (name_offset, rest) = split_word(rest)?;
        let value = rest.get(..length as usize)?;
        let value_offset = offset.saturating_add(PROPERTY_HEADER_BYTES);
        Some(Property {
            name_offset,
            value,
            start: offset,
            end: padded(value_offset.saturating_add(value.len())),
        })
    }

    /// Where the property ends whose token is at this offset, in a valid tree.
    pub(crate) fn property_end(&self, offset: usize) -> Option<usize> {
        let length = word(self.block, offset.saturating_add(TOKEN_BYTES))? as usize;
        Some(padded(
            offset.saturating_add(PROPERTY_HEADER_BYTES).saturating_add(length),
        ))
    }

    /// The name of a property.
    pub(crate) fn property_name(&self, property: &Property<'_>) -> Result<Name<'a>, TreeError> {
        let name = self.strings.get(property.name_offset as usize..);
        name.and_then(Name::until_nul)
            .ok_or_else(|| self.corrupt(Defect::Name, property.start))
    }

    /// Whether a property has this name, which comes with its NUL.
    pub(crate) fn is_named(&self, property: &Property<'_>, name: &[u8]) -> bool {
        let found = self.strings.get(property.name_offset as usize..);
        found.is_some_and(|found| found.starts_with(name))
    }
}

fn split_word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*word), rest))
}

/// The next multiple of a token's size.
pub(crate) const fn padded(length: usize) -> usize {
    length.saturating_add(TOKEN_BYTES - 1) & !(TOKEN_BYTES - 1)
}
