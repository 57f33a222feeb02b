//! The checksums of lz4 and zstd: [`Xxh32`] and [`Xxh64`] (xxHash specification 0.1.1), over
//! content that stays where it is.
//!
//! The library for them loads byte by byte where the compiler makes no unaligned accesses, which
//! takes longer than unpacking lz4 does. As the content stays, nothing of it has to be kept here: a
//! hash takes whole stripes as they come out, and the rest when it ends.

use unaligned::{load_u32, load_u64};

const P32: [u32; 5] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1];
const P64: [u64; 5] = [
    0x9e37_79b1_85eb_ca87,
    0xc2b2_ae3d_27d4_eb4f,
    0x1656_67b1_9e37_79f9,
    0x85eb_ca77_c2b2_ae63,
    0x27d4_eb2f_1656_67c5,
];
/// The numbers of bits by which the four lanes are turned when they are put together.
const TURNS: [u32; 4] = [1, 7, 12, 18];

/// Both hashes take stripes of four words, one into each lane.
trait Word<const BYTES: usize>: Copy {
    /// The lanes before the first stripe.
    const START: [Self; 4];

    /// Returns the lane with the next word taken into it.
    fn round(self, word: &[u8; BYTES]) -> Self;
}

/// The part of a hash that takes stripes.
struct Lanes<W, const BYTES: usize> {
    lanes: [W; 4],
    stripes: usize,
}

impl<W: Word<BYTES>, const BYTES: usize> Lanes<W, BYTES> {
    const fn new() -> Self {
        Self {
            lanes: W::START,
            stripes: 0,
        }
    }

    /// Takes the next whole stripes; returns how many bytes they are.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let (stripes, _) = bytes.as_chunks::<BYTES>().0.as_chunks::<4>();
        let mut lanes = self.lanes;
        for stripe in stripes {
            for (lane, word) in lanes.iter_mut().zip(stripe) {
                *lane = lane.round(word);
            }
        }
        self.lanes = lanes;
        self.stripes = self.stripes.wrapping_add(stripes.len());
        stripes.as_flattened().as_flattened().len()
    }

    /// Returns the size of all stripes, and of `rest` behind them.
    const fn size(&self, rest: &[u8]) -> usize {
        self.stripes
            .wrapping_mul(BYTES)
            .wrapping_mul(4)
            .wrapping_add(rest.len())
    }
}

/// XXH32 with the seed 0.
pub(crate) struct Xxh32(Lanes<u32, 4>);

impl Xxh32 {
    /// The hash of nothing so far.
    pub const fn new() -> Self {
        Self(Lanes::new())
    }

    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> u32 {
        let mut hash = Self::new();
        let taken = hash.take(bytes);
        hash.finish(bytes.get(taken..).unwrap_or_default())
    }

    /// Takes the next whole stripes; returns how many bytes they are.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        self.0.take(bytes)
    }

    /// The hash of all that was taken, and of `rest`, which is less than a stripe.
    pub fn finish(&self, rest: &[u8]) -> u32 {
        let [p1, p2, p3, p4, p5] = P32;
        let mut hash = match self.0.stripes {
            0 => p5,
            _ => (self.0.lanes.iter().zip(TURNS)).fold(0, |sum, (lane, turn)| lane.rotate_left(turn).wrapping_add(sum)),
        };
        // The size modulo 2^32, says the specification.
        hash = hash.wrapping_add(self.0.size(rest) as u32);
        let (words, bytes) = rest.as_chunks();
        for word in words {
            hash = hash.wrapping_add(load_u32(word).wrapping_mul(p3));
            hash = hash.rotate_left(17).wrapping_mul(p4);
        }
        for byte in bytes {
            hash = hash.wrapping_add(u32::from(*byte).wrapping_mul(p5));
            hash = hash.rotate_left(11).wrapping_mul(p1);
        }
        hash = (hash ^ hash >> 15).wrapping_mul(p2);
        hash = (hash ^ hash >> 13).wrapping_mul(p3);
        hash ^ hash >> 16
    }
}

impl Word<4> for u32 {
    const START: [Self; 4] = [P32[0].wrapping_add(P32[1]), P32[1], 0, P32[0].wrapping_neg()];

    #[inline(always)]
    fn round(self, word: &[u8; 4]) -> Self {
        let [p1, p2, ..] = P32;
        self.wrapping_add(load_u32(word).wrapping_mul(p2))
            .rotate_left(13)
            .wrapping_mul(p1)
    }
}

/// XXH64 with the seed 0.
pub(crate) struct Xxh64(Lanes<u64, 8>);

impl Xxh64 {
    /// The hash of nothing so far.
    pub const fn new() -> Self {
        Self(Lanes::new())
    }

    /// Takes the next whole stripes; returns how many bytes they are.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        self.0.take(bytes)
    }

    /// The hash of all that was taken, and of `rest`, which is less than a stripe.
    pub fn finish(&self, rest: &[u8]) -> u64 {
        let [p1, p2, p3, p4, p5] = P64;
        let mut hash = p5;
        if self.0.stripes > 0 {
            hash =
                (self.0.lanes.iter().zip(TURNS)).fold(0, |sum, (lane, turn)| lane.rotate_left(turn).wrapping_add(sum));
            for lane in self.0.lanes {
                hash = (hash ^ 0.round(&lane.to_le_bytes())).wrapping_mul(p1).wrapping_add(p4);
            }
        }
        hash = hash.wrapping_add(self.0.size(rest) as u64);
        let (words, rest) = rest.as_chunks();
        for word in words {
            hash ^= 0.round(word);
            hash = hash.rotate_left(27).wrapping_mul(p1).wrapping_add(p4);
        }
        let (halves, bytes) = rest.as_chunks();
        for half in halves {
            hash ^= u64::from(load_u32(half)).wrapping_mul(p1);
            hash = hash.rotate_left(23).wrapping_mul(p2).wrapping_add(p3);
        }
        for byte in bytes {
            hash ^= u64::from(*byte).wrapping_mul(p5);
            hash = hash.rotate_left(11).wrapping_mul(p1);
        }
        hash = (hash ^ hash >> 33).wrapping_mul(p2);
        hash = (hash ^ hash >> 29).wrapping_mul(p3);
        hash ^ hash >> 32
    }
}

impl Word<8> for u64 {
    const START: [Self; 4] = [P64[0].wrapping_add(P64[1]), P64[1], 0, P64[0].wrapping_neg()];

    #[inline(always)]
    fn round(self, word: &[u8; 8]) -> Self {
        let [p1, p2, ..] = P64;
        self.wrapping_add(load_u64(word).wrapping_mul(p2))
            .rotate_left(31)
            .wrapping_mul(p1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use twox_hash::{XxHash32, XxHash64};

    use super::*;

    proptest! {
        #[test]
        fn finds_what_the_library_does(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..200_usize) {
            let cut = cut.min(bytes.len());
            prop_assert_eq!(Xxh32::of(&bytes), XxHash32::oneshot(0, &bytes));
            let (mut hash32, mut hash64) = (Xxh32::new(), Xxh64::new());
            let taken = hash32.take(&bytes[..cut]);
            let taken = taken + hash32.take(&bytes[taken..]);
            prop_assert_eq!(hash32.finish(&bytes[taken..]), XxHash32::oneshot(0, &bytes));
            let taken = hash64.take(&bytes[..cut]);
            let taken = taken + hash64.take(&bytes[taken..]);
            prop_assert_eq!(hash64.finish(&bytes[taken..]), XxHash64::oneshot(0, &bytes));
        }
    }
}
