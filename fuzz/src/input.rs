//! [`Input`]: numbers and bytes out of what a fuzzer makes.

/// The rest of the bytes. At their end come zeros.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// The next `count` bytes, or as many as there are.
    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// The next two bytes as a number.
    pub fn half(&mut self) -> usize {
        usize::from(self.byte()) | usize::from(self.byte()) << 8
    }

    /// A number of any size in four bytes: as the numbers of a machine are, with few digits that
    /// count. The first byte says how many zero bits come after them; its highest bit, that it is
    /// one less.
    pub fn number(&mut self) -> u64 {
        let first = self.byte();
        let digits = self.half() as u64 | u64::from(self.byte()) << 16;
        (digits << (first & 63)).wrapping_sub(u64::from(first >> 7))
    }
}
