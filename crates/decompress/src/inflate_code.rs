//! [`Code`]: Huffman codes as tables, by RFC 1951 3.2.2.

/// The longest code, in bits.
const CODE_MAX: usize = 15;
/// The most symbols of a code: literals and lengths.
const SYMBOLS_MAX: usize = 288;
/// The first symbol that is no literal, and the one that ends a block.
pub(crate) const END: u32 = 256;
/// Length symbols and distance symbols that RFC 1951 3.2.6 says never occur, and all after them.
const LENGTH_RESERVED: u32 = 286;
const DISTANCE_RESERVED: u32 = 30;

/// The meaning of the bits of a code.
///
/// | bits | content |
/// | --- | --- |
/// | 0 to 7 | the number of bits to skip: those of the code and the extra bits behind it |
/// | 8 to 13 | the number of bits of the code |
/// | 14 | special: neither a literal, a length without extra bits, nor a distance |
/// | 15 | a literal |
/// | 16 to 30 | the literal, the symbol, or the least length or distance |
///
/// A special entry is a length with extra bits, or has one more bit set: 29 at the end of a block,
/// 30 where a symbol or bits may not occur, 31 where the code goes on in a subtable. The subtable
/// begins at the entry that bits 16 to 28 have the number of, and bits 8 to 13 have the number of
/// bits that select one of its entries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry(u32);

impl Entry {
    const VALUE_SHIFT: u32 = 16;
    const CODE_SHIFT: u32 = 8;
    const SPECIAL: u32 = 1 << 14;
    const LITERAL: u32 = 1 << 15;
    const END: u32 = 1 << 29;
    const INVALID: u32 = 1 << 30;
    const SUBTABLE: u32 = 1 << 31;
    /// Adds one bit of a code, which is to be skipped, too.
    const ONE_BIT: u32 = 1 << Self::CODE_SHIFT | 1;

    /// Bits that no code begins with. One of them is read.
    pub const NONE: Self = Self(Self::SPECIAL | Self::INVALID | Self::ONE_BIT);

    const fn literal_or_length(symbol: u32) -> Self {
        match symbol {
            ..END => Self(Self::LITERAL | symbol << Self::VALUE_SHIFT),
            END => Self(Self::SPECIAL | Self::END),
            // The longest match has a symbol of its own, without extra bits.
            285 => Self(258 << Self::VALUE_SHIFT),
            LENGTH_RESERVED.. => Self(Self::SPECIAL | Self::INVALID),
            _ => {
                let entry = Self::range(symbol.wrapping_sub(END).wrapping_sub(1), 2, 3);
                if entry.skipped() > 0 {
                    Self(entry.0 | Self::SPECIAL)
                } else {
                    entry
                }
            }
        }
    }

    const fn distance(symbol: u32) -> Self {
        match symbol {
            DISTANCE_RESERVED.. => Self(Self::SPECIAL | Self::INVALID),
            _ => Self::range(symbol, 1, 1),
        }
    }

    const fn symbol(symbol: u32) -> Self {
        Self(symbol << Self::VALUE_SHIFT)
    }

    /// One of the ranges of lengths or distances (RFC 1951 3.2.5): each size occurs
    /// `1 << same_size` times, the smallest twice as often, and the first one begins at `least`.
    const fn range(index: u32, same_size: u32, least: u32) -> Self {
        let extra = (index >> same_size).saturating_sub(1);
        let first = index.wrapping_sub(extra << same_size) << extra;
        Self(first.wrapping_add(least) << Self::VALUE_SHIFT | extra)
    }

    /// The subtable of a code that goes on after `skipped` bits: `bits` more select one of the
    /// entries from `start` on.
    const fn subtable(start: usize, bits: usize, skipped: usize) -> Self {
        let (start, bits, skipped) = (start as u32, bits as u32, skipped as u32);
        Self(Self::SUBTABLE | start << Self::VALUE_SHIFT | Self::SPECIAL | bits << Self::CODE_SHIFT | skipped)
    }

    /// The entry of a code of so many bits.
    const fn of_code(self, bits: usize) -> Self {
        Self(self.0.wrapping_add(Self::ONE_BIT.wrapping_mul(bits as u32)))
    }

    /// Returns whether this is a literal.
    #[inline(always)]
    pub const fn is_literal(self) -> bool {
        self.0 & Self::LITERAL != 0
    }

    /// Returns whether this is neither a literal, a length without extra bits, nor a distance.
    #[inline(always)]
    pub const fn is_special(self) -> bool {
        self.0 & Self::SPECIAL != 0
    }

    /// Returns whether this is special and the end of a block.
    #[inline(always)]
    pub const fn is_end(self) -> bool {
        self.0 & Self::END != 0
    }

    /// Returns whether this is special and stands for no symbol.
    #[inline(always)]
    pub const fn is_invalid(self) -> bool {
        self.0 & Self::INVALID != 0
    }

    /// Returns whether this is special, and neither a literal nor a length.
    #[inline(always)]
    pub const fn is_end_or_invalid(self) -> bool {
        self.0 & (Self::END | Self::INVALID) != 0
    }

    /// Returns whether this is special and the code goes on in a subtable.
    #[inline(always)]
    pub const fn goes_on(self) -> bool {
        self.0 & Self::SUBTABLE != 0
    }

    /// Returns how many bits are to be skipped.
    #[inline(always)]
    pub const fn skipped(self) -> u32 {
        self.0 & 0xff
    }

    /// Returns `bits`, which begin with the code, without it and its extra bits.
    #[inline(always)]
    pub const fn skip(self, bits: u64) -> u64 {
        bits.wrapping_shr(self.0)
    }

    /// Returns the literal.
    #[inline(always)]
    pub const fn byte(self) -> u8 {
        (self.0 >> Self::VALUE_SHIFT) as u8
    }

    /// Returns the length without extra bits, or the symbol.
    #[inline(always)]
    pub const fn value(self) -> usize {
        (self.0 >> Self::VALUE_SHIFT) as usize
    }

    /// Returns the length or distance that `bits`, which begin with the code, make.
    #[inline(always)]
    pub const fn value_with(self, bits: u64) -> usize {
        let extra = (bits & !u64::MAX.wrapping_shl(self.0)).wrapping_shr(self.0 >> Self::CODE_SHIFT);
        (self.0 >> Self::VALUE_SHIFT).wrapping_add(extra as u32) as usize
    }
}

/// The symbols that a code stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// The lengths of the codes of the others.
    CodeLengths,
    /// Literals, lengths, and the end of a block.
    LiteralsAndLengths,
    /// Distances.
    Distances,
}

/// A Huffman code: `SIZE` entries, of which the next `BITS` bits select one; longer codes go on in
/// subtables behind those.
pub(crate) struct Code<const BITS: u32, const SIZE: usize>([Entry; SIZE]);

impl<const BITS: u32, const SIZE: usize> Code<BITS, SIZE> {
    const BITS_SELECT: usize = (1 << BITS) - 1;

    /// A code without symbols.
    pub const fn new() -> Self {
        assert!(Self::BITS_SELECT < SIZE);
        Self([Entry::NONE; SIZE])
    }

    /// Makes the code that has a code of so many bits for each symbol, none where that is 0.
    /// `None` where there is no such code.
    pub fn build(&mut self, alphabet: Alphabet, lengths: &[u8]) -> Option<()> {
        build(&mut self.0, BITS as usize, alphabet, lengths)
    }

    /// Returns the entry for the next bits.
    #[inline(always)]
    pub fn entry(&self, bits: u64) -> Entry {
        let entry = self.0.get(bits as usize & Self::BITS_SELECT);
        entry.copied().unwrap_or(Entry::NONE)
    }

    /// Returns the entry of a subtable for the next bits, those before skipped.
    #[inline(always)]
    pub fn entry_in(&self, subtable: Entry, bits: u64) -> Entry {
        let start = (subtable.0 & !Entry::SUBTABLE) >> Entry::VALUE_SHIFT;
        let selected = bits as u32 & !u32::MAX.wrapping_shl(subtable.0 >> Entry::CODE_SHIFT);
        let entry = self.0.get(start.wrapping_add(selected) as usize);
        entry.copied().unwrap_or(Entry::NONE)
    }
}

/// Fills a table whose entries the first `bits_select` bits of a code select.
#[inline(never)]
fn build(table: &mut [Entry], bits_select: usize, alphabet: Alphabet, lengths: &[u8]) -> Option<()> {
    let entry = match alphabet {
        Alphabet::CodeLengths => Entry::symbol,
        Alphabet::LiteralsAndLengths => Entry::literal_or_length,
        Alphabet::Distances => Entry::distance,
    };
    let mut counts = [0_usize; CODE_MAX + 1];
    for length in lengths {
        let count = counts.get_mut(usize::from(*length))?;
        *count = count.wrapping_add(1);
    }
    check(&counts, alphabet)?;
    let mut sorted = [0_u16; SYMBOLS_MAX];
    sort(&counts, lengths, &mut sorted)?;
    let mut symbols = sorted.iter();
    let mut next_entry = |length| Some(entry(u32::from(*symbols.next()?)).of_code(length));

    table.first_chunk_mut::<2>()?.fill(Entry::NONE);
    let mut code = 0_u32;
    let mut lengths = (1..).zip(counts.iter().skip(1));
    for (length, count) in lengths.by_ref().take(bits_select) {
        // The entries for one bit less do for both of what the new bit may be.
        if length > 1 {
            let size = 1 << length >> 1;
            let (done, more) = table.split_at_mut_checked(size)?;
            more.get_mut(..size)?.copy_from_slice(done);
            work_counter::add(size);
        }
        code = code.wrapping_shl(1);
        for _ in 0..*count {
            *table.get_mut(reversed(code, length))? = next_entry(length)?;
            code = code.wrapping_add(1);
        }
    }

    let size = 1_usize << bits_select;
    let (mut prefix, mut start, mut end) = (size, size, size);
    for (length, count) in lengths {
        code = code.wrapping_shl(1);
        let bits = length.wrapping_sub(bits_select);
        for left in (1..=*count).rev() {
            let reversed = reversed(code, length);
            let select = reversed & size.wrapping_sub(1);
            if select != prefix {
                prefix = select;
                start = end;
                let bits = subtable_bits(left, bits, counts.get(length..)?)?;
                end = start.wrapping_add(1 << bits);
                work_counter::add(1 << bits);
                *table.get_mut(prefix)? = Entry::subtable(start, bits, bits_select);
            }
            let entry = next_entry(bits)?;
            let first = reversed >> bits_select;
            let same = table.get_mut(start..end)?.iter_mut().skip(first).step_by(1 << bits);
            same.for_each(|place| *place = entry);
            code = code.wrapping_add(1);
        }
    }
    Some(())
}

/// Checks that the codes, as many of each length as counted, fit beside each other, and that no
/// bits are left that no code begins with. Such bits may be left where there is no code or only one
/// of one bit, and not in the code of code lengths: what zlib allows.
fn check(counts: &[usize; CODE_MAX + 1], alphabet: Alphabet) -> Option<()> {
    let (mut free, mut longest) = (1_usize, 0);
    for (length, count) in counts.iter().enumerate().skip(1) {
        free = free.wrapping_shl(1).checked_sub(*count)?;
        if *count > 0 {
            longest = length;
        }
    }
    let is_complete = free == 0;
    (is_complete || longest <= 1 && alphabet != Alphabet::CodeLengths).then_some(())
}

/// Sorts the symbols that have a code by its length.
fn sort(counts: &[usize; CODE_MAX + 1], lengths: &[u8], sorted: &mut [u16; SYMBOLS_MAX]) -> Option<()> {
    let mut places = [0_usize; CODE_MAX + 1];
    let mut end = 0_usize;
    for (place, count) in places.iter_mut().zip(counts).skip(1) {
        *place = end;
        end = end.wrapping_add(*count);
    }
    work_counter::add(lengths.len());
    for (symbol, length) in (0..).zip(lengths).filter(|(_, length)| **length > 0) {
        let place = places.get_mut(usize::from(*length))?;
        *sorted.get_mut(*place)? = symbol;
        *place = place.wrapping_add(1);
    }
    Some(())
}

/// The number of bits that select an entry of a subtable, which begins with a code of `bits` there.
/// Codes follow each other by length: there are `left` of this one, and of the later ones as many
/// as `counts` has behind its first.
fn subtable_bits(left: usize, bits: usize, counts: &[usize]) -> Option<usize> {
    let mut bits = bits;
    let mut used = left;
    let mut counts = counts.iter().skip(1);
    while used < 1 << bits {
        bits = bits.wrapping_add(1);
        used = used.wrapping_shl(1).wrapping_add(*counts.next()?);
    }
    Some(bits)
}

/// A code in the order in which its bits come: the first one is the lowest.
const fn reversed(code: u32, length: usize) -> usize {
    code.reverse_bits().wrapping_shr(32_u32.wrapping_sub(length as u32)) as usize
}
