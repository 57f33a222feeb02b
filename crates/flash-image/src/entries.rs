//! [`Entries`] and [`Fields`]: reading and writing the body of a settings block, byte by byte.

use core::mem;

use crate::SettingsError;

/// Tag and length, in bytes, before the value of every entry.
pub(crate) const ENTRY_HEADER_SIZE_BYTES: usize = 8;
/// Every entry starts at a multiple of this.
const ENTRY_ALIGN_BYTES: usize = 8;

/// One entry of the body.
pub(crate) struct Entry<'a> {
    /// What the value is.
    pub(crate) tag: u32,
    /// The value, without its padding.
    pub(crate) value: &'a [u8],
    /// Where the entry starts, in bytes from the start of the block.
    pub(crate) offset: usize,
}

/// The entries of a body that are still to be read.
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Entries<'a> {
    /// The entries of `body`, which starts `offset` bytes into the block.
    pub(crate) const fn new(body: &'a [u8], offset: usize) -> Self {
        Self { rest: body, offset }
    }

    /// The next entry; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Entry<'a>>, SettingsError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let offset = self.offset;
        let mut fields = self.rest;
        let tag = take_u32(&mut fields).unwrap_or(0);
        let malformed = SettingsError::Entry {
            offset,
            tag: tag.into(),
        };
        let length = take_u32(&mut fields).ok_or(malformed)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let size = entry_size(length);

        let rest = self.rest.get(size..).ok_or(malformed)?;
        let value = fields.get(..length).ok_or(malformed)?;
        self.rest = rest;
        self.offset = offset.saturating_add(size);
        Ok(Some(Entry { tag, value, offset }))
    }
}

/// How many bytes an entry with a value of `value_bytes` takes, padding included.
pub(crate) const fn entry_size(value_bytes: usize) -> usize {
    let value_end = value_bytes.saturating_add(ENTRY_HEADER_SIZE_BYTES);
    match value_end.checked_next_multiple_of(ENTRY_ALIGN_BYTES) {
        Some(size) => size,
        None => usize::MAX,
    }
}

/// The little-endian word that `rest` begins with; `rest` goes on after it.
pub(crate) fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_le_bytes)
}

/// The bytes that `rest` begins with; `rest` goes on after them.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}

/// Room that is filled from its start on; what does not fit any more is dropped.
pub(crate) struct Fields<'a>(pub(crate) &'a mut [u8]);

impl Fields<'_> {
    /// An entry with its padding, which is left as it is.
    pub(crate) fn put_entry(&mut self, tag: u32, value: &[u8]) {
        self.put(&tag.to_le_bytes());
        self.put(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.put(value);
        let padding = entry_size(value.len())
            .saturating_sub(ENTRY_HEADER_SIZE_BYTES)
            .saturating_sub(value.len());
        self.skip(padding);
    }

    /// Plain bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        for (slot, byte) in self.0.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        self.skip(bytes.len());
    }

    /// Leaves bytes as they are.
    fn skip(&mut self, count: usize) {
        self.0 = mem::take(&mut self.0).get_mut(count..).unwrap_or_default();
    }
}
