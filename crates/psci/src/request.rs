//! [`Request`]: an SMC as its registers have it.

/// Bit 30 of a function id: SMC64 (DEN0028, "Function Identifiers").
const SMC64: u32 = 1 << 30;
/// Bit 16 of a function id: the caller's SVE registers hold nothing to preserve (SMCCC 1.3). The
/// monitor never touches these registers, so it ignores the hint.
const SVE_HINT: u32 = 1 << 16;
/// The half of a register that SMC32 is about.
const LOW: u64 = 0xffff_ffff;

/// A call: the function and its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// w0.
    pub function_id: u32,
    /// x1 to x3. No function that is served has more.
    pub arguments: [u64; 3],
    /// Data accesses at the caller's exception level are big-endian (`SCTLR_ELx.EE`).
    pub is_big_endian: bool,
}

impl Request {
    /// The call that x0 to x3 make. The upper half of x0 is not part of the function id.
    pub const fn of([x0, x1, x2, x3]: [u64; 4], is_big_endian: bool) -> Self {
        Self {
            function_id: low(x0),
            arguments: [x1, x2, x3],
            is_big_endian,
        }
    }

    /// The function's number.
    pub(crate) const fn function_id(&self) -> u32 {
        self.function_id & !SVE_HINT
    }

    /// The arguments: w1 to w3 for SMC32, whose callers may leave anything in the upper halves.
    pub(crate) fn arguments(&self) -> [u64; 3] {
        let mask = if self.is_smc64() { u64::MAX } else { LOW };
        let [first, second, third] = self.arguments;
        [first & mask, second & mask, third & mask]
    }

    /// `value` as the result of this call: 32 bits of it for SMC32.
    pub(crate) const fn result(&self, value: u64) -> u64 {
        if self.is_smc64() { value } else { value & LOW }
    }

    /// True if the call is by the 64-bit convention.
    pub(crate) const fn is_smc64(&self) -> bool {
        self.function_id & SMC64 != 0
    }
}

/// A parameter that is 32 bits wide in SMC64 calls as well.
pub(crate) const fn low(argument: u64) -> u32 {
    (argument & LOW) as u32
}
