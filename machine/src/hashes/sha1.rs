//! SHA-1 by the instructions of FEAT_SHA1 (DDI0487, C7.2, `SHA1C` and its neighbours).

use core::arch::aarch64::*;

use super::{load, load_state, store_state};

/// Takes the blocks into the first five words of the state.
// Functions with a section of their own are not outlined from: a call for every few instructions.
#[unsafe(link_section = ".text.sha1")]
#[target_feature(enable = "sha2")]
pub(super) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    // FIPS 180-4, 4.2.1.
    let k0 = vdupq_n_u32(0x5a82_7999);
    let k1 = vdupq_n_u32(0x6ed9_eba1);
    let k2 = vdupq_n_u32(0x8f1b_bcdc);
    let k3 = vdupq_n_u32(0xca62_c1d6);
    let [mut abcd, fifth] = load_state(state);
    let mut e = vgetq_lane_u32::<0>(fifth);
    for block in blocks {
        let before = (abcd, e);
        let [w0, w1, w2, w3] = load(block);
        let mut w0 = vreinterpretq_u32_u8(vrev32q_u8(w0));
        let mut w1 = vreinterpretq_u32_u8(vrev32q_u8(w1));
        let mut w2 = vreinterpretq_u32_u8(vrev32q_u8(w2));
        let mut w3 = vreinterpretq_u32_u8(vrev32q_u8(w3));
        // Four rounds by this instruction; and in place of the words that they have used, those of
        // four rounds 16 later.
        macro_rules! rounds {
            ($instruction:ident, $constant:ident, $words:ident) => {
                let words = vaddq_u32($words, $constant);
                let e_later = vsha1h_u32(vgetq_lane_u32::<0>(abcd));
                abcd = $instruction(abcd, e, words);
                e = e_later;
            };
            ($instruction:ident, $constant:ident, $w0:ident, $w1:ident, $w2:ident, $w3:ident) => {
                rounds!($instruction, $constant, $w0);
                $w0 = vsha1su1q_u32(vsha1su0q_u32($w0, $w1, $w2), $w3);
            };
        }
        rounds!(vsha1cq_u32, k0, w0, w1, w2, w3);
        rounds!(vsha1cq_u32, k0, w1, w2, w3, w0);
        rounds!(vsha1cq_u32, k0, w2, w3, w0, w1);
        rounds!(vsha1cq_u32, k0, w3, w0, w1, w2);
        rounds!(vsha1cq_u32, k0, w0, w1, w2, w3);
        rounds!(vsha1pq_u32, k1, w1, w2, w3, w0);
        rounds!(vsha1pq_u32, k1, w2, w3, w0, w1);
        rounds!(vsha1pq_u32, k1, w3, w0, w1, w2);
        rounds!(vsha1pq_u32, k1, w0, w1, w2, w3);
        rounds!(vsha1pq_u32, k1, w1, w2, w3, w0);
        rounds!(vsha1mq_u32, k2, w2, w3, w0, w1);
        rounds!(vsha1mq_u32, k2, w3, w0, w1, w2);
        rounds!(vsha1mq_u32, k2, w0, w1, w2, w3);
        rounds!(vsha1mq_u32, k2, w1, w2, w3, w0);
        rounds!(vsha1mq_u32, k2, w2, w3, w0, w1);
        rounds!(vsha1pq_u32, k3, w3, w0, w1, w2);
        rounds!(vsha1pq_u32, k3, w0);
        rounds!(vsha1pq_u32, k3, w1);
        rounds!(vsha1pq_u32, k3, w2);
        rounds!(vsha1pq_u32, k3, w3);
        abcd = vaddq_u32(abcd, before.0);
        e = e.wrapping_add(before.1);
    }
    store_state(state, [abcd, vsetq_lane_u32::<0>(e, fifth)]);
}
