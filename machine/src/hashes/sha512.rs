//! SHA-512 by the instructions of FEAT_SHA512 (DDI0487, C7.2, `SHA512H` and its neighbours).

use core::arch::aarch64::*;
use core::arch::asm;

use hashes::SHA512_CONSTANTS;

use super::load;

/// Takes the blocks into the state.
// Functions with a section of their own are not outlined from: a call for every few instructions.
#[unsafe(link_section = ".text.sha512")]
#[target_feature(enable = "sha3")]
pub(super) fn compress(state: &mut [u64; 8], blocks: &[[u8; 128]]) {
    let [ab, cd, ef, gh] = load(state);
    let mut ab = vreinterpretq_u64_u8(ab);
    let mut cd = vreinterpretq_u64_u8(cd);
    let mut ef = vreinterpretq_u64_u8(ef);
    let mut gh = vreinterpretq_u64_u8(gh);
    for block in blocks {
        let before = [ab, cd, ef, gh];
        let (halves, _) = block.as_chunks::<64>();
        macro_rules! words {
            ($half:literal) => {{
                let [a, b, c, d] = load(&halves[$half]);
                [
                    vreinterpretq_u64_u8(vrev64q_u8(a)),
                    vreinterpretq_u64_u8(vrev64q_u8(b)),
                    vreinterpretq_u64_u8(vrev64q_u8(c)),
                    vreinterpretq_u64_u8(vrev64q_u8(d)),
                ]
            }};
        }
        let [mut w0, mut w1, mut w2, mut w3] = words!(0);
        let [mut w4, mut w5, mut w6, mut w7] = words!(1);
        // Two rounds. What is `ab` is `cd` afterwards, and so on.
        macro_rules! rounds {
            ($constants:expr, $words:ident, $ab:ident, $cd:ident, $ef:ident, $gh:ident) => {
                let words = vaddq_u64($words, vreinterpretq_u64_u8($constants));
                let sum = vaddq_u64(vextq_u64::<1>(words, words), $gh);
                let sum = vsha512hq_u64(sum, vextq_u64::<1>($ef, $gh), vextq_u64::<1>($cd, $ef));
                $gh = vsha512h2q_u64(sum, $cd, $ab);
                $cd = vaddq_u64($cd, sum);
            };
        }
        // The words of two rounds 16 later than those of `$w0`.
        macro_rules! later {
            ($w0:ident, $w1:ident, $w4:ident, $w5:ident, $w7:ident) => {
                $w0 = vsha512su1q_u64(vsha512su0q_u64($w0, $w1), $w7, vextq_u64::<1>($w4, $w5));
            };
        }
        for (index, row) in SHA512_CONSTANTS.iter().enumerate() {
            if index > 0 {
                later!(w0, w1, w4, w5, w7);
                later!(w1, w2, w5, w6, w0);
                later!(w2, w3, w6, w7, w1);
                later!(w3, w4, w7, w0, w2);
                later!(w4, w5, w0, w1, w3);
                later!(w5, w6, w1, w2, w4);
                later!(w6, w7, w2, w3, w5);
                later!(w7, w0, w3, w4, w6);
            }
            let (halves, _) = row.as_chunks::<8>();
            let [k0, k1, k2, k3] = load(&halves[0]);
            rounds!(k0, w0, ab, cd, ef, gh);
            rounds!(k1, w1, gh, ab, cd, ef);
            rounds!(k2, w2, ef, gh, ab, cd);
            rounds!(k3, w3, cd, ef, gh, ab);
            let [k0, k1, k2, k3] = load(&halves[1]);
            rounds!(k0, w4, ab, cd, ef, gh);
            rounds!(k1, w5, gh, ab, cd, ef);
            rounds!(k2, w6, ef, gh, ab, cd);
            rounds!(k3, w7, cd, ef, gh, ab);
        }
        ab = vaddq_u64(ab, before[0]);
        cd = vaddq_u64(cd, before[1]);
        ef = vaddq_u64(ef, before[2]);
        gh = vaddq_u64(gh, before[3]);
    }
    store_state(state, [ab, cd, ef, gh]);
}

/// Stores the state.
#[inline(always)]
fn store_state(state: &mut [u64; 8], [ab, cd, ef, gh]: [uint64x2_t; 4]) {
    // SAFETY: writes the state, and nothing else.
    unsafe {
        asm!(
            "st1 {{v16.2d, v17.2d, v18.2d, v19.2d}}, [{state}]",
            state = in(reg) state,
            in("v16") ab, in("v17") cd, in("v18") ef, in("v19") gh,
            options(nostack, preserves_flags),
        );
    }
}
