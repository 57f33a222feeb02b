//! [`Entries`] and [`Fields`]: reading and writing the body of a settings block, byte by byte.

use core::mem;

/// Tag and length, in bytes, before the value of every entry.
pub(crate) const ENTRY_HEADER_SIZE_BYTES: usize = 8;
/// Every entry starts at a multiple of this.
const ENTRY_ALIGN_BYTES: usize = 8;

/// One entry of the body.
pub(crate) struct Entry<'a> {
    /// What the value is; 0, which is none, where the body ends before it.
    pub(crate) tag: u32,
    /// The value, without its padding; `None` where the body ends before that.
    pub(crate) value: Option<&'a [u8]>,
    /// The place where the entry starts, in bytes from the start of the block.
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
    pub(crate) fn next(&mut self) -> Option<Entry<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let offset = self.offset;
        let tag = u32_at(self.rest, 0);
        let value = self.take_value();
        Some(Entry { tag, value, offset })
    }

    /// `None` where the body ends before the value's padding does.
    fn take_value(&mut self) -> Option<&'a [u8]> {
        let length = u32_at(self.rest, ENTRY_HEADER_SIZE_BYTES / 2) as usize;
        let size = entry_size(length);
        let (entry, rest) = self.rest.split_at_checked(size)?;
        self.rest = rest;
        self.offset = self.offset.saturating_add(size);
        entry.get(ENTRY_HEADER_SIZE_BYTES..)?.get(..length)
    }
}

/// Returns how many bytes an entry with a value of `value_bytes` takes, padding included.
pub(crate) const fn entry_size(value_bytes: usize) -> usize {
    let value_end = value_bytes.saturating_add(ENTRY_HEADER_SIZE_BYTES);
    match value_end.checked_next_multiple_of(ENTRY_ALIGN_BYTES) {
        Some(size) => size,
        None => usize::MAX,
    }
}

/// The little-endian word at this offset; 0 where the bytes end before it.
#[inline(never)]
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    let word = bytes.get(offset..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

/// The same of two words.
pub(crate) fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    let (low, high) = (u32_at(bytes, offset), u32_at(bytes, offset.saturating_add(4)));
    u64::from(low) | u64::from(high) << 32
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
