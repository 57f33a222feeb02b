//! [`Huffman`]: the code of literals, by RFC 8878 4.2.

use crate::zstd_bits::{BackwardBits, Window};
use crate::zstd_fse::{Fse, Kind};

/// The longest code, in bits.
const CODE_MAX: u32 = 11;
const CODES: usize = 1 << CODE_MAX;
const WEIGHTS_MAX: usize = 256;
/// The number of symbols that can be decoded between two refills.
const SYMBOLS_PER_REFILL: usize = (Window::BITS / CODE_MAX) as usize;

/// The weights: packed, one takes half a byte.
const WEIGHTS: Kind = Kind {
    codes: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    accuracy_max: 6,
    default: &[],
    default_accuracy: 0,
};

/// A Huffman code.
pub(crate) struct Huffman {
    /// For each value of the next 11 bits the length of the code that they begin with and, times
    /// 256, its symbol.
    codes: [u16; CODES],
    /// Set if there is a code.
    is_there: bool,
}

impl Huffman {
    /// No code.
    pub const fn new() -> Self {
        Self {
            codes: [0; CODES],
            is_there: false,
        }
    }

    /// Forgets the code.
    pub fn clear(&mut self) {
        self.is_there = false;
    }

    /// Returns whether there is a code.
    pub const fn is_there(&self) -> bool {
        self.is_there
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
        let bits = sum.checked_ilog2()?.wrapping_add(1);
        // The last weight takes what the others leave of a power of two.
        let left = (1_u32 << bits).wrapping_sub(sum);
        if bits > CODE_MAX || !left.is_power_of_two() {
            return None;
        }
        *weights.get_mut(count)? = left.ilog2().wrapping_add(1) as u8;
        // The longest codes have weight 1. Without them all weights could be less.
        if !weights.contains(&1) {
            return None;
        }
        self.build(&weights, bits);
        Some(rest)
    }

    /// Fills the table. Symbols of small weights, which have long codes, come first.
    fn build(&mut self, weights: &[u8; WEIGHTS_MAX], bits: u32) {
        // The places of each weight begin behind those of all smaller ones.
        let mut starts = [0_usize; CODE_MAX as usize + 2];
        let places = |weight: u8| 1_usize << weight >> 1 << CODE_MAX.saturating_sub(bits);
        work_counter::add(WEIGHTS_MAX.saturating_add(CODES));
        for weight in weights.iter().filter(|weight| **weight > 0) {
            if let Some(next) = starts.get_mut(usize::from(*weight).wrapping_add(1)) {
                *next = next.wrapping_add(places(*weight));
            }
        }
        let mut end = 0_usize;
        for start in &mut starts {
            end = end.wrapping_add(*start);
            *start = end;
        }
        for (symbol, weight) in (0_u16..).zip(weights).filter(|(_, weight)| **weight > 0) {
            let length = bits.wrapping_add(1).wrapping_sub((*weight).into()) as u16;
            if let Some(start) = starts.get_mut(usize::from(*weight))
                && let Some(places) = self.codes.get_mut(*start..start.wrapping_add(places(*weight)))
            {
                *start = start.wrapping_add(places.len());
                places.fill(symbol << 8 | length);
            }
        }
        self.is_there = true;
    }

    /// Decodes as many symbols as fill `to`; `None` where the bits end before.
    #[inline(never)]
    pub fn decode(&self, bits: &mut BackwardBits<'_>, to: &mut [u8]) -> Option<()> {
        let mut window = Window::new(*bits);
        let (runs, rest) = to.as_chunks_mut::<SYMBOLS_PER_REFILL>();
        let mut runs = runs.iter_mut();
        while window.refill() {
            let Some(run) = runs.next() else { break };
            let mut aligned = window.aligned();
            for symbol in run {
                let code = self.code((aligned >> (u64::BITS - CODE_MAX)) as usize);
                aligned = aligned.wrapping_shl(code.into());
                *symbol = (code >> 8) as u8;
            }
            window.skip_shifted(aligned);
        }
        *bits = window.bits();
        for symbol in runs.into_slice().as_flattened_mut().iter_mut().chain(rest) {
            let code = self.code(bits.peek(CODE_MAX) as usize);
            bits.skip((code & 0xff).into())?;
            *symbol = (code >> 8) as u8;
        }
        Some(())
    }

    #[inline(always)]
    fn code(&self, bits: usize) -> u16 {
        let [first, ..] = self.codes;
        self.codes.get(bits % CODES).copied().unwrap_or(first)
    }
}

/// Decodes weights (RFC 8878 4.2.1.2) and returns how many.
fn read_weights(compressed: &[u8], weights: &mut [u8; WEIGHTS_MAX]) -> Option<usize> {
    let mut table = Fse::new();
    let mut bits = BackwardBits::new(table.read(&WEIGHTS, compressed)?)?;
    let mut state = table.start(&mut bits)?;
    let mut other = table.start(&mut bits)?;
    // One place is left for the last weight.
    for count in 1..WEIGHTS_MAX {
        work_counter::add(1);
        let this = table.state(state);
        *weights.get_mut(count.wrapping_sub(1))? = this.value() as u8;
        // The states take turns; where there are no bits left for one, the other has the last word.
        let Some(next) = Fse::next(this, &mut bits) else {
            *weights.get_mut(count)? = table.state(other).value() as u8;
            return Some(count.wrapping_add(1));
        };
        state = other;
        other = next;
    }
    None
}
