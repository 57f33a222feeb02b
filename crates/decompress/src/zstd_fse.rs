//! [`Fse`]: tables of finite state entropy, by RFC 8878 4.1.

use crate::zstd_bits::{BackwardBits, Bits};

/// More than there are codes of any kind.
const SYMBOLS_MAX: usize = 64;
/// The greatest accuracy that RFC 8878 knows, that of literal and match lengths.
const ACCURACY_MAX: u32 = 9;
const STATES_MAX: usize = 1 << ACCURACY_MAX;

/// A state: the symbol that it stands for, and how to get to the next one.
#[derive(Clone, Copy)]
struct State {
    base: u16,
    bits: u8,
    symbol: u8,
}

/// A table of states.
pub(crate) struct Fse {
    states: [State; STATES_MAX],
    /// `None` where there is no table yet.
    accuracy: Option<u8>,
}

impl Fse {
    /// No table.
    pub const fn new() -> Self {
        const NONE: State = State {
            base: 0,
            bits: 0,
            symbol: 0,
        };
        Self {
            states: [NONE; STATES_MAX],
            accuracy: None,
        }
    }

    /// Forgets the table.
    pub fn clear(&mut self) {
        self.accuracy = None;
    }

    /// The table of one symbol.
    pub fn repeat(&mut self, symbol: u8) {
        self.accuracy = Some(0);
        if let Some(state) = self.states.first_mut() {
            *state = State {
                base: 0,
                bits: 0,
                symbol,
            };
        }
    }

    /// Reads a table of up to `symbols_max` symbols and returns what is behind it.
    pub fn read<'a>(&mut self, bytes: &'a [u8], symbols_max: usize, accuracy_max: u32) -> Option<&'a [u8]> {
        let mut bits = Bits::new(bytes);
        let accuracy = bits.read(4)?.wrapping_add(5);
        if accuracy > accuracy_max {
            return None;
        }
        let mut probabilities = [0_i16; SYMBOLS_MAX];
        let mut places = probabilities.get_mut(..symbols_max)?.iter_mut();
        let mut remaining = 1_u32 << accuracy;
        while remaining > 0 {
            work_counter::add(1);
            let value = bits.read_up_to(remaining.wrapping_add(1))?;
            // 0 is "less than 1", which takes the place of 1.
            let probability = (value as i16).wrapping_sub(1);
            *places.next()? = probability;
            remaining = remaining.checked_sub(probability.unsigned_abs().into())?;
            if probability == 0 {
                // How many more have a probability of 0: pairs of bits, of which 3 says that another follows.
                loop {
                    work_counter::add(1);
                    let more = bits.read(2)?;
                    for _ in 0..more {
                        places.next()?;
                    }
                    if more != 3 {
                        break;
                    }
                }
            }
        }
        self.build(&probabilities, accuracy);
        bits.rest()
    }

    /// Makes the table of these probabilities, whose sum is 2 to the power of `accuracy`, which is 5 at least.
    pub fn build(&mut self, probabilities: &[i16], accuracy: u32) {
        let size = 1_usize << accuracy;
        // Each state gets a symbol and a successor.
        work_counter::add(size.saturating_mul(2));
        let mask = size.wrapping_sub(1);
        let mut high = size;
        for (symbol, probability) in probabilities.iter().enumerate() {
            if *probability < 0 {
                high = high.wrapping_sub(1);
                self.set_symbol(high, symbol);
            }
        }
        let step = (size >> 1).wrapping_add(size >> 3).wrapping_add(3);
        let mut place = 0_usize;
        for (symbol, probability) in probabilities.iter().enumerate() {
            for _ in 0..*probability {
                self.set_symbol(place, symbol);
                // Odd steps come by every place; those from `high` on are taken.
                for _ in 0..size {
                    place = place.wrapping_add(step) & mask;
                    if place < high {
                        break;
                    }
                }
            }
        }
        let mut next = [0_u16; SYMBOLS_MAX];
        for (next, probability) in next.iter_mut().zip(probabilities) {
            *next = probability.unsigned_abs();
        }
        for state in self.states.iter_mut().take(size) {
            if let Some(next) = next.get_mut(usize::from(state.symbol)) {
                let bits = accuracy.saturating_sub(next.checked_ilog2().unwrap_or(0));
                state.bits = bits as u8;
                state.base = (*next << bits).wrapping_sub(size as u16);
                *next = next.wrapping_add(1);
            }
        }
        self.accuracy = Some(accuracy as u8);
    }

    fn set_symbol(&mut self, place: usize, symbol: usize) {
        if let Some(state) = self.states.get_mut(place) {
            state.symbol = symbol as u8;
        }
    }

    /// The state to begin with.
    pub fn start(&self, bits: &mut BackwardBits<'_>) -> Option<usize> {
        Some(bits.read(self.accuracy?.into())? as usize)
    }

    /// The symbol of a state.
    #[inline]
    pub fn symbol(&self, state: usize) -> u8 {
        self.state(state).symbol
    }

    /// The state after this one.
    #[inline]
    pub fn next(&self, state: usize, bits: &mut BackwardBits<'_>) -> Option<usize> {
        let state = self.state(state);
        let added = bits.read(state.bits.into())?;
        Some(usize::from(state.base).wrapping_add(added as usize))
    }

    #[inline]
    fn state(&self, state: usize) -> State {
        let [first, ..] = self.states;
        self.states.get(state % STATES_MAX).copied().unwrap_or(first)
    }
}
