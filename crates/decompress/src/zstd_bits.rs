//! Bits of a zstd block (RFC 8878 4.1 and 4.2.1): [`Bits`] from its start on, [`BackwardBits`] from
//! its end, and [`Window`] for long runs of those.

use unaligned::load_u64;

/// Bits, lowest first.
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Bits<'a> {
    /// Starts at the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Returns the bytes behind the last one that was begun.
    pub fn rest(&self) -> Option<&'a [u8]> {
        self.bytes.get(self.position.div_ceil(8)..)
    }

    /// Reads the next `count` bits, 16 at most.
    #[inline(never)]
    pub fn read(&mut self, count: u32) -> Option<u32> {
        let bits = little_endian(self.bytes.get(self.position / 8..)?, 3) >> (self.position % 8);
        self.position = self.position.checked_add(count as usize)?;
        (self.position <= self.bytes.len().checked_mul(8)?).then_some(bits as u32 & !(u32::MAX << count))
    }

    /// Reads a number from 0 to `largest`; small ones have one bit less.
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

/// Returns the first `size` bytes as a little-endian number; missing ones are 0.
#[inline(never)]
pub(crate) fn little_endian(bytes: &[u8], size: usize) -> u64 {
    let bytes = bytes.get(..size).unwrap_or(bytes);
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Bits from the end of some bytes to their start, highest first. This reader is exact to the bit,
/// and slow: [`Window`] reads all but the ends of streams.
#[derive(Clone, Copy, Default)]
pub(crate) struct BackwardBits<'a> {
    bytes: &'a [u8],
    /// The number of bits that have not been read: those at the start of `bytes`.
    left: u32,
}

impl<'a> BackwardBits<'a> {
    /// Starts behind the highest bit that is set in the last byte: that marks the end. Returns
    /// `None` where there is none, or where there are 512 MiB or more; a block has 128 KiB at most.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (last, before) = bytes.split_last()?;
        let bits = u32::try_from(before.len()).ok()?.checked_mul(8)?;
        Some(Self {
            bytes,
            left: bits.wrapping_add(last.checked_ilog2()?),
        })
    }

    /// Returns the next `count` bits, 32 at most, without reading them. Before the start there are
    /// zeros.
    pub fn peek(&self, count: u32) -> u32 {
        let start = self.left.saturating_sub(count);
        let bytes = self.bytes.get(start as usize / 8..).unwrap_or_default();
        let bits = little_endian(bytes, 8) >> (start % 8) & !(u64::MAX << self.left.wrapping_sub(start));
        (bits << count.saturating_sub(self.left)) as u32
    }

    /// Skips `count` bits; `None` where there are not as many.
    pub fn skip(&mut self, count: u32) -> Option<()> {
        self.left = self.left.checked_sub(count)?;
        Some(())
    }

    /// Reads the next `count` bits, 32 at most.
    #[inline(never)]
    pub fn read(&mut self, count: u32) -> Option<u32> {
        let bits = self.peek(count);
        self.skip(count)?;
        Some(bits)
    }

    /// Returns whether everything has been read.
    pub const fn is_at_end(&self) -> bool {
        self.left == 0
    }
}

/// Eight bytes of [`BackwardBits`]. After each [`Window::refill`], [`Window::BITS`] bits can be
/// read without a check.
///
/// Shifts by a register look at its lowest six bits only (Arm DDI 0487, LSLV and LSRV), and so does
/// everything here: counts may have garbage in the bits above, so that a caller can hand over a
/// whole table entry whose lowest field is the count.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    bytes: &'a [u8],
    /// The index in `bytes` at which the window begins.
    start: u32,
    window: u64,
    /// The number of bits of the window that have not been read, in the lowest six bits.
    left: u32,
}

impl<'a> Window<'a> {
    /// The number of bits that can be read after each refill.
    pub const BITS: u32 = 56;

    /// Starts where `bits` is. The caller must refill before the first read.
    pub const fn new(bits: BackwardBits<'a>) -> Self {
        Self {
            bytes: bits.bytes,
            start: bits.left / 8,
            window: 0,
            left: bits.left % 8,
        }
    }

    /// Returns a reader that goes on from here.
    pub const fn bits(&self) -> BackwardBits<'a> {
        BackwardBits {
            bytes: self.bytes,
            left: self.start.wrapping_mul(8).wrapping_add(self.left % 64),
        }
    }

    /// Moves the window so that the next bits are at its end. Returns false, and moves nothing,
    /// where the window would begin before the first byte.
    #[inline(always)]
    pub fn refill(&mut self) -> bool {
        // A start before the first byte wraps to one far behind the last.
        let start = self.start.wrapping_add(self.left / 8 % 8).wrapping_sub(7) as usize;
        let Some(bytes) = self.bytes.get(start..start.wrapping_add(8)) else {
            return false;
        };
        let Some(bytes) = bytes.first_chunk() else { return false };
        self.start = start as u32;
        self.window = load_u64(bytes);
        self.left |= Self::BITS;
        true
    }

    /// Reads `count` bits, 32 at most.
    #[inline(always)]
    pub const fn read(&mut self, count: u32) -> u64 {
        self.left = self.left.wrapping_sub(count);
        self.window.wrapping_shr(self.left) & !(u64::MAX.wrapping_shl(count))
    }

    /// Returns a word whose highest bits are the next ones. Requires that nothing was read since
    /// the refill. The lowest bit is set: however far the caller shifts the word to the left, the
    /// zeros below that bit tell [`Window::skip_shifted`] how far.
    #[inline(always)]
    pub const fn aligned(&self) -> u64 {
        self.window.wrapping_shl(self.left.wrapping_neg()) | 1
    }

    /// Skips as many bits as the caller has shifted `aligned` to the left.
    #[inline(always)]
    pub const fn skip_shifted(&mut self, aligned: u64) {
        self.left = self.left.wrapping_sub(aligned.trailing_zeros());
    }
}
