//! Bits of a zstd block: [`Bits`] from its start on, [`BackwardBits`] from its end (RFC 8878 4.1 and 4.2.1).

/// Bits, lowest first.
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Bits<'a> {
    /// At the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// The bytes behind the last one that was begun.
    pub fn rest(&self) -> Option<&'a [u8]> {
        self.bytes.get(self.position.div_ceil(8)..)
    }

    /// The next `count` bits, 16 at most.
    pub fn read(&mut self, count: u32) -> Option<u32> {
        let bits = little_endian(self.bytes.get(self.position / 8..)?, 3) >> (self.position % 8);
        self.position = self.position.checked_add(count as usize)?;
        (self.position <= self.bytes.len().checked_mul(8)?).then_some(bits as u32 & !(u32::MAX << count))
    }

    /// A number from 0 to `largest`; small ones have one bit less.
    pub fn read_up_to(&mut self, largest: u32) -> Option<u32> {
        let count = u32::BITS.saturating_sub(largest.leading_zeros());
        let start = self.position;
        let value = self.read(count)?;
        let half = 1_u32 << count.saturating_sub(1);
        let short_values = half.saturating_mul(2).saturating_sub(1).saturating_sub(largest);
        let low = value & half.saturating_sub(1);
        if low < short_values {
            self.position = start.checked_add(count.saturating_sub(1) as usize)?;
            return Some(low);
        }
        Some(if value >= half {
            value.saturating_sub(short_values)
        } else {
            value
        })
    }
}

/// The first `size` bytes as a little-endian number; missing ones are 0.
pub(crate) fn little_endian(bytes: &[u8], size: usize) -> u64 {
    let bytes = bytes.get(..size).unwrap_or(bytes);
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Bits from the end of some bytes to their start, highest first. Before the start there are zeros to look at.
#[derive(Default)]
pub(crate) struct BackwardBits<'a> {
    bytes: &'a [u8],
    /// Taken off `bytes`; the lowest `available` bits are still to be read.
    taken: u64,
    available: u32,
}

impl<'a> BackwardBits<'a> {
    /// Behind the highest bit that is set in the last byte: that marks the end.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (last, bytes) = bytes.split_last()?;
        Some(Self {
            bytes,
            taken: (*last).into(),
            available: last.checked_ilog2()?,
        })
    }

    /// The next `count` bits, 32 at most, without reading them.
    #[inline]
    pub fn peek(&mut self, count: u32) -> u32 {
        if self.available < count {
            self.refill();
        }
        let bits = match self.available.checked_sub(count) {
            Some(behind) => self.taken >> behind,
            None => self.taken << count.wrapping_sub(self.available),
        };
        (bits & !(u64::MAX << count)) as u32
    }

    fn refill(&mut self) {
        while self.available <= 48
            && let Some((last, rest)) = self.bytes.split_last()
        {
            self.bytes = rest;
            self.taken = self.taken << 8 | u64::from(*last);
            self.available = self.available.wrapping_add(8);
        }
    }

    /// Goes on by `count` bits that have been looked at; `None` where there are not as many.
    #[inline]
    pub fn skip(&mut self, count: u32) -> Option<()> {
        self.available = self.available.checked_sub(count)?;
        Some(())
    }

    /// The next `count` bits, 32 at most.
    #[inline]
    pub fn read(&mut self, count: u32) -> Option<u32> {
        let bits = self.peek(count);
        self.skip(count)?;
        Some(bits)
    }

    /// Whether everything has been read.
    pub const fn is_at_end(&self) -> bool {
        self.available == 0 && self.bytes.is_empty()
    }
}
