//! SHA-256 by the instructions of FEAT_SHA256 (DDI0487, C7.2, `SHA256H` and its neighbours).

use core::arch::aarch64::*;

use hashes::SHA256_CONSTANTS;

use super::{load, load_state, store_state};

/// Takes the blocks into the state. The constants of all rounds stay in registers, which are just
/// enough.
// Functions with a section of their own are not outlined from: a call for every few instructions.
#[unsafe(link_section = ".text.sha256")]
#[target_feature(enable = "sha2")]
pub(super) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    macro_rules! constants {
        ($row:literal) => {{
            let [a, b, c, d] = load(&SHA256_CONSTANTS[$row]);
            [
                vreinterpretq_u32_u8(a),
                vreinterpretq_u32_u8(b),
                vreinterpretq_u32_u8(c),
                vreinterpretq_u32_u8(d),
            ]
        }};
    }
    let [k0, k1, k2, k3] = constants!(0);
    let [k4, k5, k6, k7] = constants!(1);
    let [k8, k9, k10, k11] = constants!(2);
    let [k12, k13, k14, k15] = constants!(3);
    let [mut abcd, mut efgh] = load_state(state);
    for block in blocks {
        let before = [abcd, efgh];
        let [a, b, c, d] = load(block);
        let mut w0 = vreinterpretq_u32_u8(vrev32q_u8(a));
        let mut w1 = vreinterpretq_u32_u8(vrev32q_u8(b));
        let mut w2 = vreinterpretq_u32_u8(vrev32q_u8(c));
        let mut w3 = vreinterpretq_u32_u8(vrev32q_u8(d));
        // Four rounds; and in place of the words that they have used, those of four rounds 16
        // later.
        macro_rules! rounds {
            ($constants:ident, $words:ident) => {
                let words = vaddq_u32($words, $constants);
                let efgh_before = efgh;
                efgh = vsha256h2q_u32(efgh, abcd, words);
                abcd = vsha256hq_u32(abcd, efgh_before, words);
            };
            ($constants:ident, $w0:ident, $w1:ident, $w2:ident, $w3:ident) => {
                rounds!($constants, $w0);
                $w0 = vsha256su1q_u32(vsha256su0q_u32($w0, $w1), $w2, $w3);
            };
        }
        rounds!(k0, w0, w1, w2, w3);
        rounds!(k1, w1, w2, w3, w0);
        rounds!(k2, w2, w3, w0, w1);
        rounds!(k3, w3, w0, w1, w2);
        rounds!(k4, w0, w1, w2, w3);
        rounds!(k5, w1, w2, w3, w0);
        rounds!(k6, w2, w3, w0, w1);
        rounds!(k7, w3, w0, w1, w2);
        rounds!(k8, w0, w1, w2, w3);
        rounds!(k9, w1, w2, w3, w0);
        rounds!(k10, w2, w3, w0, w1);
        rounds!(k11, w3, w0, w1, w2);
        rounds!(k12, w0);
        rounds!(k13, w1);
        rounds!(k14, w2);
        rounds!(k15, w3);
        abcd = vaddq_u32(abcd, before[0]);
        efgh = vaddq_u32(efgh, before[1]);
    }
    store_state(state, [abcd, efgh]);
}
