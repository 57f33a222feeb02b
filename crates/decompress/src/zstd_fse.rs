//! [`Fse`]: tables of finite state entropy, by RFC 8878 4.1.

use crate::zstd_bits::{BackwardBits, Bits};

/// The number of codes that a kind may have.
const CODES_MAX: usize = 64;
/// The number of states for the greatest accuracy, that of literal and match lengths.
const STATES_MAX: usize = 1 << 9;

/// A kind of codes: their values, and the limits and the default of its tables.
pub(crate) struct Kind {
    /// For each code its value, below 2^24, and, times 2^24, the number of bits that are added to
    /// it. There are 64 codes at most.
    pub codes: &'static [u32],
    /// The greatest accuracy of a table.
    pub accuracy_max: u32,
    /// The probabilities of the default table.
    pub default: &'static [i16],
    /// The accuracy of the default table.
    pub default_accuracy: u32,
}

/// A state: the value of its code, and the way to the next state. One load gets all of it.
///
/// From the lowest bit on: the number of bits that choose the next state (8 bits), the number of
/// bits that are added to the value (8), the value (32), and the first of the next states (16).
#[derive(Clone, Copy)]
pub(crate) struct State(u64);

impl State {
    const ADDED_SHIFT: u32 = 8;
    const VALUE_SHIFT: u32 = 16;
    const NEXT_SHIFT: u32 = 48;

    /// Returns the state of a code of [`Kind::codes`].
    const fn new(code: u32, next: u64) -> Self {
        let (added, value) = (code >> 24, code & 0xff_ffff);
        Self((added as u64) << Self::ADDED_SHIFT | (value as u64) << Self::VALUE_SHIFT | next << Self::NEXT_SHIFT)
    }

    /// The number of bits that choose the next state, in the lowest six bits. The bits above are
    /// garbage.
    #[inline(always)]
    pub const fn count(self) -> u32 {
        self.0 as u32
    }

    /// The first of the next states.
    #[inline(always)]
    pub const fn next(self) -> u64 {
        self.0 >> Self::NEXT_SHIFT
    }

    /// The number of bits that are added to the value.
    #[inline(always)]
    pub const fn added(self) -> u32 {
        (self.0 >> Self::ADDED_SHIFT) as u32 & 0xff
    }

    /// The value of the code.
    #[inline(always)]
    pub const fn value(self) -> u32 {
        (self.0 >> Self::VALUE_SHIFT) as u32
    }
}

impl core::ops::BitOr for State {
    type Output = Self;

    /// Returns a state of which a field is 0 only where it is 0 in both.
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
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
        Self {
            states: [State(0); STATES_MAX],
            accuracy: None,
        }
    }

    /// Forgets the table.
    pub fn clear(&mut self) {
        self.accuracy = None;
    }

    /// Makes the table that the lowest two bits of `mode` name (RFC 8878 3.1.1.3.2.1), and returns
    /// what is behind it in `bytes`.
    #[inline(never)]
    pub fn read_by_mode<'a>(&mut self, kind: &Kind, mode: u8, bytes: &'a [u8]) -> Option<&'a [u8]> {
        match mode & 0b11 {
            0 => self.build(kind, kind.default, kind.default_accuracy),
            1 => {
                let (code, rest) = bytes.split_first()?;
                *self.states.first_mut()? = State::new(*kind.codes.get(usize::from(*code))?, 0);
                self.accuracy = Some(0);
                return Some(rest);
            }
            2 => return self.read(kind, bytes),
            _ => {}
        }
        Some(bytes)
    }

    /// Reads a table and returns what is behind it.
    pub fn read<'a>(&mut self, kind: &Kind, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let mut bits = Bits::new(bytes);
        let accuracy = bits.read(4)?.wrapping_add(5);
        if accuracy > kind.accuracy_max {
            return None;
        }
        let mut probabilities = [0_i16; CODES_MAX];
        let mut places = probabilities.get_mut(..kind.codes.len())?.iter_mut();
        let mut remaining = 1_u32 << accuracy;
        while remaining > 0 {
            work_counter::add(1);
            let value = bits.read_up_to(remaining.wrapping_add(1))?;
            // 0 is "less than 1", which takes the place of 1.
            let probability = (value as i16).wrapping_sub(1);
            *places.next()? = probability;
            remaining = remaining.checked_sub(probability.unsigned_abs().into())?;
            if probability == 0 {
                // How many more have a probability of 0: pairs of bits, of which 3 says that
                // another follows.
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
        self.build(kind, &probabilities, accuracy);
        bits.rest()
    }

    /// Makes the table of these probabilities, whose sum is 2 to the power of `accuracy`, which is
    /// 5 at least.
    #[inline(never)]
    fn build(&mut self, kind: &Kind, probabilities: &[i16], accuracy: u32) {
        let size = 1_usize << accuracy;
        // Each state gets a code and a successor.
        work_counter::add(size.saturating_mul(2));
        let mask = size.wrapping_sub(1);
        // For now, the code is where the next state belongs.
        let states = (0..).zip(kind.codes).map(|(code, value)| State::new(*value, code));
        let mut high = size;
        for (state, probability) in states.clone().zip(probabilities) {
            if *probability < 0 {
                high = high.wrapping_sub(1);
                self.set(high, state);
            }
        }
        let step = (size >> 1).wrapping_add(size >> 3).wrapping_add(3);
        let mut place = 0_usize;
        for (state, probability) in states.zip(probabilities) {
            for _ in 0..*probability {
                self.set(place, state);
                // Odd steps come by every place; those from `high` on are taken.
                for _ in 0..size {
                    place = place.wrapping_add(step) & mask;
                    if place < high {
                        break;
                    }
                }
            }
        }
        let mut next = [0_u16; CODES_MAX];
        for (next, probability) in next.iter_mut().zip(probabilities) {
            *next = probability.unsigned_abs();
        }
        for state in self.states.iter_mut().take(size) {
            if let Some(next) = next.get_mut(state.next() as usize) {
                let count = accuracy.saturating_sub(next.checked_ilog2().unwrap_or(0));
                let first = (u64::from(*next) << count).wrapping_sub(size as u64);
                let code = state.0 & !(u64::MAX << State::NEXT_SHIFT);
                *state = State(code | first << State::NEXT_SHIFT | u64::from(count));
                *next = next.wrapping_add(1);
            }
        }
        self.accuracy = Some(accuracy as u8);
    }

    #[inline(always)]
    fn set(&mut self, place: usize, state: State) {
        if let Some(place) = self.states.get_mut(place) {
            *place = state;
        }
    }

    /// Reads the state to begin with.
    pub fn start(&self, bits: &mut BackwardBits<'_>) -> Option<u64> {
        Some(bits.read(self.accuracy?.into())?.into())
    }

    /// Reads the state after this one.
    pub fn next(state: State, bits: &mut BackwardBits<'_>) -> Option<u64> {
        let added = bits.read(state.count() % 64)?;
        Some(state.next().wrapping_add(added.into()))
    }

    /// Returns a state by its number.
    #[inline(always)]
    pub fn state(&self, number: u64) -> State {
        let [first, ..] = self.states;
        self.states.get(number as usize % STATES_MAX).copied().unwrap_or(first)
    }
}
