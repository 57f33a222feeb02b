//! [`Instruction`]: as much of the A64 instruction set as the errata are about.
//!
//! Source: DDI0487, C4.1 "A64 instruction set encoding".

/// An A64 instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction(u32);

impl Instruction {
    /// The instruction in these bytes; instructions are little endian whatever data is.
    pub fn from_le_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(bytes))
    }

    /// The bits `high` to `low`.
    fn bits(self, high: u32, low: u32) -> u32 {
        (self.0 >> low) & (u32::MAX >> (31 - (high - low)))
    }

    fn is_set(self, bit: u32) -> bool {
        self.bits(bit, bit) == 1
    }

    /// Rt, or Rd where it is no memory access.
    fn target(self) -> u32 {
        self.bits(4, 0)
    }

    /// Rn.
    fn base(self) -> u32 {
        self.bits(9, 5)
    }

    /// Returns whether the instruction is in the group "Loads and stores", which holds the
    /// prefetches, too.
    pub fn is_memory_access(self) -> bool {
        self.is_set(27) && !self.is_set(25)
    }

    /// The class of a memory access by bits 29 and 28.
    fn class(self) -> Option<Class> {
        self.is_memory_access()
            .then(|| match (self.bits(29, 28), self.is_set(26)) {
                (0, false) => Class::Exclusive,
                (0, true) => Class::Structure,
                (1, _) if self.is_set(24) => Class::Unaligned,
                (1, _) => Class::Literal,
                (2, _) => Class::Pair,
                _ => Class::Single,
            })
    }

    /// Returns whether the instruction is a `madd`, `msub`, `smaddl`, `smsubl`, `umaddl` or
    /// `umsubl` that writes 64 bits and adds something: with XZR as Ra it is a plain
    /// multiplication.
    pub fn is_multiply_accumulate(self) -> bool {
        let adds_to = self.bits(14, 10);
        self.bits(31, 24) == 0x9b && matches!(self.bits(23, 21), 0b000 | 0b001 | 0b101) && adds_to != 31
    }

    /// The register that an `adrp` writes; `None` for other instructions.
    pub fn adrp_destination(self) -> Option<u32> {
        (self.is_set(31) && self.bits(28, 24) == 0b1_0000).then(|| self.target())
    }

    /// Returns whether the instruction is a memory access that can be the second one of erratum
    /// 843419: any of one register, a store of a pair, or an `st1`.
    pub fn is_access_of_843419(self) -> bool {
        let is_store = !self.is_set(22);
        match self.class() {
            Some(Class::Exclusive | Class::Literal | Class::Single) => true,
            Some(Class::Pair) => is_store,
            Some(Class::Structure) => is_store && self.is_of_one_structure_element(),
            Some(Class::Unaligned) | None => false,
        }
    }

    /// Returns whether an access of [`Class::Structure`] is an `ld1` or `st1`.
    fn is_of_one_structure_element(self) -> bool {
        let is_of_one_lane = self.is_set(24);
        if is_of_one_lane {
            // R = 1 is for two and four elements.
            !self.is_set(21) && matches!(self.bits(15, 13), 0b000 | 0b010 | 0b100)
        } else {
            // Four, three, one and two registers.
            matches!(self.bits(15, 12), 0b0010 | 0b0110 | 0b0111 | 0b1010)
        }
    }

    /// Returns whether a memory access surely writes the general-purpose register `register`, by
    /// loading it or by writing its base back. Status registers of exclusive stores and second
    /// registers of pairs are left out, as lld leaves them.
    pub fn writes(self, register: u32) -> bool {
        (self.loads_general_register() && self.target() == register)
            || (self.writes_base_back() && self.base() == register)
    }

    fn loads_general_register(self) -> bool {
        let is_general = !self.is_set(26);
        match self.class() {
            Some(Class::Exclusive) => self.is_set(22),
            // opc 3 is a prefetch.
            Some(Class::Literal) => is_general && self.bits(31, 30) != 3,
            Some(Class::Single) => {
                let (size, opc) = (self.bits(31, 30), self.bits(23, 22));
                let is_prefetch = size == 3 && opc == 2;
                is_general && opc != 0 && !is_prefetch
            }
            _ => false,
        }
    }

    fn writes_base_back(self) -> bool {
        match self.class() {
            // After or before the access.
            Some(Class::Structure | Class::Pair) => self.is_set(23),
            Some(Class::Single) => !self.is_set(24) && !self.is_set(21) && self.is_set(10),
            _ => false,
        }
    }

    /// The base register of a load or store of one register with an unsigned offset; `None` for
    /// other instructions.
    pub fn base_of_unsigned_offset_access(self) -> Option<u32> {
        (self.class()? == Class::Single && self.is_set(24)).then(|| self.base())
    }

    /// Returns whether the instruction is a branch, a call or a return.
    pub fn is_branch(self) -> bool {
        let is_immediate = self.bits(30, 26) == 0b0_0101;
        let is_compare_or_test = self.bits(30, 26) == 0b0_1101;
        let is_conditional = self.bits(31, 25) == 0b010_1010;
        let is_register = self.bits(31, 25) == 0b110_1011;
        is_immediate || is_compare_or_test || is_conditional || is_register
    }
}

/// A class of memory accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Exclusive, ordered, compare and swap.
    Exclusive,
    /// `ld1` to `ld4`, `st1` to `st4`.
    Structure,
    /// Relative to the program counter.
    Literal,
    /// Ordered with an offset, and tags of memory; Cortex-A53 has none of these.
    Unaligned,
    /// Two registers.
    Pair,
    /// One register, by all other addressing modes; atomics.
    Single,
}
