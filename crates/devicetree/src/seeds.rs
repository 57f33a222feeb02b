//! [`Seeds`] of the kernel's randomness: `kaslr-seed` and `rng-seed` of `/chosen`, which
//! nobody else may know.

use core::fmt;

use crate::Devicetree;

pub(crate) const KASLR_SEED: &[u8] = b"kaslr-seed";
pub(crate) const RNG_SEED: &[u8] = b"rng-seed";
/// The properties of `/chosen` that are seeds.
pub(crate) const SEEDS: [&[u8]; 2] = [KASLR_SEED, RNG_SEED];

/// Fresh random numbers, for a tree that has none.
pub struct Seeds {
    pub(crate) kaslr: [u8; 8],
    pub(crate) rng: [u8; 32],
}

impl Seeds {
    /// Of numbers that a random number generator made for this boot, such as FEAT_RNG's `RNDR`.
    pub fn new([kaslr, rng @ ..]: [u64; 5]) -> Self {
        Self {
            kaslr: kaslr.to_le_bytes(),
            rng: zerocopy::transmute!(rng),
        }
    }
}

/// Without the numbers: a log is no place for them.
impl fmt::Debug for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seeds")
    }
}

impl<'a> Devicetree<'a> {
    /// The seed of this name. One that is empty or all zeros is none: a kernel overwrites what it
    /// has used. Nor is a `kaslr-seed` that is no 64-bit number, which Linux does not look at.
    pub(crate) fn seed(&self, name: &[u8]) -> Option<&'a [u8]> {
        let value = self.checked.structure.value(self.facts.chosen?, name)?;
        let has_size = name != KASLR_SEED || value.len() == size_of::<u64>();
        (has_size && value.iter().any(|byte| *byte != 0)).then_some(value)
    }
}
