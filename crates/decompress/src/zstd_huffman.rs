//! [`Huffman`]: the code of literals, by RFC 8878 4.2.

use crate::zstd_bits::BackwardBits;
use crate::zstd_fse::Fse;

/// The longest code, in bits.
const CODE_MAX: u32 = 11;
const CODES: usize = 1 << CODE_MAX;
const WEIGHTS_MAX: usize = 256;
/// Weights that are packed take half a byte.
const WEIGHT_VALUES: usize = 16;
/// The greatest accuracy of a table of weights.
const WEIGHTS_ACCURACY_MAX: u32 = 6;

/// A Huffman code.
pub(crate) struct Huffman {
    /// For all that the next bits may be, a symbol and, times 256, the length of its code.
    codes: [u16; CODES],
    /// The length of the longest code; 0 where there is no code yet.
    bits: u32,
}

impl Huffman {
    /// No code.
    pub const fn new() -> Self {
        Self {
            codes: [0; CODES],
            bits: 0,
        }
    }

    /// Forgets the code.
    pub fn clear(&mut self) {
        self.bits = 0;
    }

    /// Whether there is a code.
    pub const fn is_there(&self) -> bool {
        self.bits > 0
    }

    /// Reads a code and returns what is behind it.
    pub fn read<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (header, rest) = bytes.split_first()?;
        let mut weights = [0; WEIGHTS_MAX];
        let (count, rest) = match usize::from(*header).checked_sub(127) {
            Some(count) => {
                let (packed, rest) = rest.split_at_checked(count.div_ceil(2))?;
                for (pair, byte) in weights.get_mut(..count)?.chunks_mut(2).zip(packed) {
                    for (weight, half) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                        *weight = half;
                    }
                }
                (count, rest)
            }
            None => {
                let (compressed, rest) = rest.split_at_checked((*header).into())?;
                (read_weights(compressed, &mut weights)?, rest)
            }
        };
        let sum = weights
            .iter()
            .fold(0_u32, |sum, weight| sum.wrapping_add(1 << *weight >> 1));
        self.bits = sum.checked_ilog2()?.wrapping_add(1);
        // The last weight takes what the others leave of a power of two.
        let left = (1_u32 << self.bits).wrapping_sub(sum);
        if self.bits > CODE_MAX || !left.is_power_of_two() {
            return None;
        }
        *weights.get_mut(count)? = left.ilog2().wrapping_add(1) as u8;
        self.build(&weights);
        Some(rest)
    }

    /// Symbols of small weights, which have long codes, come first.
    fn build(&mut self, weights: &[u8; WEIGHTS_MAX]) {
        let mut codes = self.codes.iter_mut();
        for weight in 1..=self.bits {
            work_counter::add(WEIGHTS_MAX);
            let length = self.bits.wrapping_add(1).wrapping_sub(weight) as u16;
            let symbols = (0_u16..).zip(weights).filter(|(_, found)| u32::from(**found) == weight);
            for (symbol, _) in symbols {
                work_counter::add(1 << weight >> 1);
                for code in codes.by_ref().take(1 << weight >> 1) {
                    *code = length << 8 | symbol;
                }
            }
        }
    }

    /// The next symbol.
    #[inline]
    pub fn next(&self, bits: &mut BackwardBits<'_>) -> Option<u8> {
        let code = self.codes.get(bits.peek(self.bits) as usize % CODES)?;
        bits.skip((code >> 8).into())?;
        Some(*code as u8)
    }
}

/// Decodes weights (RFC 8878 4.2.1.2) and returns how many.
fn read_weights(compressed: &[u8], weights: &mut [u8; WEIGHTS_MAX]) -> Option<usize> {
    let mut table = Fse::new();
    let mut bits = BackwardBits::new(table.read(compressed, WEIGHT_VALUES, WEIGHTS_ACCURACY_MAX)?)?;
    let mut state = table.start(&mut bits)?;
    let mut other = table.start(&mut bits)?;
    // One place is left for the last weight.
    for count in 1..WEIGHTS_MAX {
        work_counter::add(1);
        *weights.get_mut(count.wrapping_sub(1))? = table.symbol(state);
        // The states take turns; where there are no bits left for one, the other has the last word.
        let Some(next) = table.next(state, &mut bits) else {
            *weights.get_mut(count)? = table.symbol(other);
            return Some(count.wrapping_add(1));
        };
        state = other;
        other = next;
    }
    None
}
