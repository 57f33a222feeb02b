//! [`Structure`] and [`Cursor`]: the tokens of the structure block
//! (Devicetree Specification v0.4, 5.4).

use crate::Defect;
use crate::header::{Header, block, word};
use crate::name::Name;

pub(crate) const BEGIN_NODE: u32 = 1;
pub(crate) const END_NODE: u32 = 2;
pub(crate) const PROPERTY: u32 = 3;
const NOP: u32 = 4;
const END: u32 = 9;
/// The size of a token, in bytes; whatever follows one is padded to it.
pub(crate) const TOKEN_BYTES: usize = 4;
/// The bytes before the value of a property: token, length, offset of the name.
const PROPERTY_HEADER_BYTES: usize = 3 * TOKEN_BYTES;

/// The structure block, and the strings block that it refers to. Offsets count from the start of
/// the structure block; they are sums of sizes of at most 32 bits and cannot wrap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Structure<'a> {
    block: &'a [u8],
    pub(crate) strings: &'a [u8],
}

/// A token, and what comes with it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    /// A node begins. Its name comes next, to be taken by [`Cursor::name`] or
    /// [`Cursor::accepted_name`].
    Node,
    Property(Property<'a>),
    NodeEnd,
    End,
    /// A token that no valid tree has.
    Broken(Defect),
}

/// A property.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property<'a> {
    /// The place where its name is in the strings block.
    pub(crate) name_offset: u32,
    pub(crate) value: &'a [u8],
}

/// A reader of one token after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    block: &'a [u8],
    /// The place where the token is that was read last.
    pub(crate) start: usize,
    /// The place where the one after it is.
    pub(crate) next: usize,
}

impl<'a> Structure<'a> {
    pub(crate) fn new(header: &Header, blob: &'a [u8]) -> Self {
        Self {
            block: block(blob, header.structure_offset, header.structure_size),
            strings: block(blob, header.strings_offset, header.strings_size),
        }
    }

    /// Reads from this offset on.
    pub(crate) fn at(&self, offset: usize) -> Cursor<'a> {
        Cursor {
            block: self.block,
            start: offset,
            next: offset,
        }
    }

    /// Returns the name of a property of an accepted tree.
    pub(crate) fn property_name(&self, property: &Property<'_>) -> &'a [u8] {
        let found = self.strings.get(property.name_offset as usize..);
        until_nul(found.unwrap_or_default()).unwrap_or_default()
    }

    /// Returns whether a property of an accepted tree has this name.
    pub(crate) fn is_named(&self, property: &Property<'_>, name: &[u8]) -> bool {
        work_counter::add(1);
        let found = self.strings.get(property.name_offset as usize..);
        // The end first, as it tells most names apart.
        found.is_some_and(|found| found.get(name.len()) == Some(&0) && found.starts_with(name))
    }

    /// Returns the name of what begins with the token at this offset: a node or a property of an
    /// accepted tree.
    pub(crate) fn name_at(&self, offset: usize) -> Option<&'a [u8]> {
        let mut cursor = self.at(offset);
        match cursor.read() {
            Token::Node => Some(cursor.accepted_name()),
            Token::Property(property) => Some(self.property_name(&property)),
            _ => None,
        }
    }
}

impl<'a> Cursor<'a> {
    /// The next token that is no NOP. What is broken is not passed.
    pub(crate) fn read(&mut self) -> Token<'a> {
        loop {
            work_counter::add(1);
            let start = self.next;
            self.start = start;
            self.next = start.wrapping_add(TOKEN_BYTES);
            return match word(self.block, start) {
                Some(NOP) => continue,
                Some(BEGIN_NODE) => Token::Node,
                Some(END_NODE) => Token::NodeEnd,
                Some(PROPERTY) => self.rest_of_property(),
                Some(END) => Token::End,
                Some(_) => Token::Broken(Defect::Token),
                None => Token::Broken(Defect::StructureEnd),
            };
        }
    }

    /// The property that comes next. What is none is not passed.
    pub(crate) fn property(&mut self) -> Option<Property<'a>> {
        if let Token::Property(property) = self.read() {
            return Some(property);
        }
        self.next = self.start;
        None
    }

    /// Checks the name that follows [`Token::Node`], and passes it; `None` if it is none.
    pub(crate) fn name(&mut self) -> Option<Name<'a>> {
        let name = self.block.get(self.next..).and_then(Name::until_nul)?;
        self.pass(name.text());
        Some(name)
    }

    /// Passes the name that follows [`Token::Node`] in an accepted tree.
    pub(crate) fn accepted_name(&mut self) -> &'a [u8] {
        let rest = self.block.get(self.next..);
        let name = until_nul(rest.unwrap_or_default()).unwrap_or_default();
        self.pass(name);
        name
    }

    fn pass(&mut self, name: &[u8]) {
        self.next = padded(self.next.wrapping_add(name.len()).wrapping_add(1));
    }

    fn rest_of_property(&mut self) -> Token<'a> {
        let rest = self.block.get(self.next..).unwrap_or_default();
        if let Some((words, rest)) = rest.split_first_chunk()
            && let (length, name_offset) = halves(u64::from_be_bytes(*words))
            && let Some(value) = rest.get(..length as usize)
        {
            let value_offset = self.start.wrapping_add(PROPERTY_HEADER_BYTES);
            self.next = padded(value_offset.wrapping_add(value.len()));
            return Token::Property(Property { name_offset, value });
        }
        Token::Broken(Defect::StructureEnd)
    }
}

/// Returns what comes before the first NUL.
fn until_nul(bytes: &[u8]) -> Option<&[u8]> {
    let length = bytes.iter().position(|byte| *byte == 0)?;
    work_counter::add(length);
    bytes.get(..length)
}

/// Two words, the first one first.
const fn halves(words: u64) -> (u32, u32) {
    ((words >> 32) as u32, words as u32)
}

/// The next multiple of a token's size.
pub(crate) const fn padded(length: usize) -> usize {
    length.wrapping_add(TOKEN_BYTES - 1) & !(TOKEN_BYTES - 1)
}
