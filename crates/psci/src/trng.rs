//! Random numbers for the normal world (DEN0098, "TRNG Firmware Interface").

use crate::function::Function;
use crate::request::low;
use crate::{Error, Request};

/// The answer of TRNG_VERSION: 1.0.
pub(crate) const TRNG_VERSION: u64 = 0x1_0000;
/// The answer of TRNG_GET_UUID in w0 to w3: 6f7c90e6-5f3a-4c37-9d0b-7a3ce1d50b42. It names the
/// source, the CPU's own generator.
pub const TRNG_UUID: [u64; 4] = [0xe690_7c6f, 0x374c_3a5f, 0x3c7a_0b9d, 0x420b_d5e1];

/// A question for random numbers, by TRNG_RND.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Random {
    bits: u32,
    is_smc64: bool,
}

impl Random {
    /// As many bits as `request` asks for: up to 96 for SMC32, 192 for SMC64.
    pub(crate) fn asked_for(request: &Request) -> Result<Self, Error> {
        let [bits, ..] = request.arguments();
        let is_smc64 = request.is_smc64();
        let most = if is_smc64 { 192 } else { 96 };
        match low(bits) {
            bits if (1..=most).contains(&bits) => Ok(Self { bits, is_smc64 }),
            _ => Err(Error::InvalidParameters),
        }
    }

    /// x0 to x3, of `numbers` that nobody has seen before; `None` where the source has none at the
    /// moment. The requested bits are at the low end of x1 to x3, of which the last is the lowest;
    /// the rest is zeros.
    pub fn results(self, numbers: Option<[u64; 3]>) -> [u64; 4] {
        let Some([first, second, third]) = numbers else {
            return [Error::NO_ENTROPY, 0, 0, 0];
        };
        let width = if self.is_smc64 { 64 } else { 32 };
        let kept = |below: u32, number: u64| {
            let bits = self.bits.saturating_sub(below).min(width);
            number & 1_u64.checked_shl(bits).map_or(u64::MAX, |above| above.wrapping_sub(1))
        };
        let [low, middle] = if self.is_smc64 { [64, 128] } else { [32, 64] };
        [0, kept(middle, first), kept(low, second), kept(0, third)]
    }
}

/// TRNG_FEATURES: the functions of the interface, where it is served at all.
pub(crate) fn features(id: u32) -> Result<u64, Error> {
    let function = Function::of(id).filter(|function| function.is_trng());
    function.map(|_| 0).ok_or(Error::NotSupported)
}
