//! [`Instruction`]: what a CPU is asked to execute, to see whether it does.

use core::fmt;

/// One instruction. Its operands are x0 to x3; what it gives is x0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// How the CPU reads it.
    pub word: u32,
    /// What it is called in the evidence.
    pub name: &'static str,
}

/// A system register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Its name in DDI0487.
    pub name: &'static str,
    /// The fields of its encoding, where they are in `MRS` and `MSR`.
    fields: u32,
}

impl Register {
    /// The register `name`, `S<op0>_<op1>_<CRn>_<CRm>_<op2>`; `op0` is 2 or 3.
    pub(crate) const fn new(name: &'static str, [op0, op1, crn, crm, op2]: [u32; 5]) -> Self {
        let fields = (op0 & 1) << 19 | (op1 & 7) << 16 | (crn & 15) << 12 | (crm & 15) << 8 | (op2 & 7) << 5;
        Self { name, fields }
    }

    /// `MRS x0, register`.
    pub const fn read(self) -> Instruction {
        Instruction::new(self.name, 0xd530_0000 | self.fields)
    }

    /// `MSR register, x0`.
    pub const fn write(self) -> Instruction {
        Instruction::new(self.name, 0xd510_0000 | self.fields)
    }
}

impl Instruction {
    const fn new(name: &'static str, word: u32) -> Self {
        Self { word, name }
    }

    /// Reads the 32 bits at x0.
    pub const LOAD_32: Self = Self::new("ldr w0, [x0]", 0xb940_0000);
    /// Writes 32 bits of x1 to x0.
    pub const STORE_32: Self = Self::new("str w1, [x0]", 0xb900_0001);
    /// Reads the 64 bits at x0.
    pub const LOAD_64: Self = Self::new("ldr x0, [x0]", 0xf940_0000);
    /// Writes x1 to x0.
    pub const STORE_64: Self = Self::new("str x1, [x0]", 0xf900_0001);
    /// Calls EL2.
    pub const HVC: Self = Self::new("hvc #0", 0xd400_0002);
    /// Calls EL3.
    pub const SMC: Self = Self::new("smc #0", 0xd400_0003);
    pub(crate) const FMOV: Self = Self::new("fmov d0, xzr", 0x9e67_03e0);
    pub(crate) const PACIA: Self = Self::new("pacia x0, x1", 0xdac1_0020);
    pub(crate) const RDVL: Self = Self::new("rdvl x0, #1", 0x04bf_5020);
    pub(crate) const RDSVL: Self = Self::new("rdsvl x0, #1", 0x04bf_5820);
    pub(crate) const START_STREAMING: Self = Self::new("smstart sm", 0xd503_437f);
    pub(crate) const STOP_STREAMING: Self = Self::new("smstop sm", 0xd503_427f);
    pub(crate) const START_ZA: Self = Self::new("smstart za", 0xd503_457f);
    pub(crate) const STOP_ZA: Self = Self::new("smstop za", 0xd503_447f);
    /// Not legal in streaming mode without FEAT_SME_FA64.
    pub(crate) const ADD_VECTORS: Self = Self::new("add v0.16b, v0.16b, v0.16b", 0x4e20_8400);
    pub(crate) const ZERO_ZT0: Self = Self::new("zero {zt0}", 0xc048_0001);
    /// Copies x2 bytes: none, if that is 0.
    pub(crate) const COPY_FORWARD: Self = Self::new("cpyfp [x0]!, [x1]!, x2!", 0x1901_0440);
}

/// The exception that an instruction caused: `ESR_ELx` of the level that took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap(pub u64);

impl Trap {
    /// A call to EL2.
    pub const HVC_CLASS: u64 = 0x16;
    /// A data abort at the level that runs.
    pub const DATA_ABORT_CLASS: u64 = 0x25;

    /// The exception class, bits 31:26.
    pub const fn class(self) -> u64 {
        self.0 >> 26 & 0x3f
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an exception, ESR {:#x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::register::HCRX_EL2;

    #[test]
    fn registers_are_read_and_written_as_the_assembler_does() {
        assert_eq!(HCRX_EL2.read().word, 0xd53c_1240);
        assert_eq!(HCRX_EL2.write().word, 0xd51c_1240);
        assert_eq!(crate::register::MDSCR_EL1.read().word, 0xd530_0240);
    }
}
