//! The rounds of SHA-1 in software (FIPS 180-4, 6.1.3). The crate `sha1` writes all 80 out, in 4
//! KB.

/// Takes these blocks into the first five words of the state.
pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    for block in blocks {
        let changes = rounds(*state, block);
        for (word, change) in state.iter_mut().zip(changes) {
            *word = word.wrapping_add(change);
        }
    }
}

fn rounds(state: [u32; 8], block: &[u8; 64]) -> [u32; 5] {
    let [mut a, mut b, mut c, mut d, mut e, ..] = state;
    let mut schedule = [0; 16];
    for (word, bytes) in schedule.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for round in 0..80 {
        let (mix, constant) = match round {
            0..20 => (b & c | !b & d, 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6_u32),
        };
        let added = constant.wrapping_add(next_word(&mut schedule, round));
        let sum = a.rotate_left(5).wrapping_add(mix).wrapping_add(e);
        (a, b, c, d, e) = (sum.wrapping_add(added), a, b.rotate_left(30), c, d);
    }
    [a, b, c, d, e]
}

/// The word of this round. Its place takes the word of the 16th round from now.
fn next_word(schedule: &mut [u32; 16], round: usize) -> u32 {
    let place = |distance: usize| round.wrapping_add(distance) % 16;
    let word = |distance| schedule.get(place(distance)).copied().unwrap_or_default();
    let now = word(0);
    let later = (word(13) ^ word(8) ^ word(2) ^ now).rotate_left(1);
    if let Some(word) = schedule.get_mut(place(0)) {
        *word = later;
    }
    now
}
