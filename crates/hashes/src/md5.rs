//! The rounds of MD5 (RFC 1321, 3.4). The crate `md-5` writes all 64 out, in 2.6 KB.

/// The constants, 16 steps a round: the first bits of the sines of 1 to 64.
static CONSTANTS: [[u32; 16]; 4] = [
    [
        0xd76a_a478,
        0xe8c7_b756,
        0x2420_70db,
        0xc1bd_ceee,
        0xf57c_0faf,
        0x4787_c62a,
        0xa830_4613,
        0xfd46_9501,
        0x6980_98d8,
        0x8b44_f7af,
        0xffff_5bb1,
        0x895c_d7be,
        0x6b90_1122,
        0xfd98_7193,
        0xa679_438e,
        0x49b4_0821,
    ],
    [
        0xf61e_2562,
        0xc040_b340,
        0x265e_5a51,
        0xe9b6_c7aa,
        0xd62f_105d,
        0x0244_1453,
        0xd8a1_e681,
        0xe7d3_fbc8,
        0x21e1_cde6,
        0xc337_07d6,
        0xf4d5_0d87,
        0x455a_14ed,
        0xa9e3_e905,
        0xfcef_a3f8,
        0x676f_02d9,
        0x8d2a_4c8a,
    ],
    [
        0xfffa_3942,
        0x8771_f681,
        0x6d9d_6122,
        0xfde5_380c,
        0xa4be_ea44,
        0x4bde_cfa9,
        0xf6bb_4b60,
        0xbebf_bc70,
        0x289b_7ec6,
        0xeaa1_27fa,
        0xd4ef_3085,
        0x0488_1d05,
        0xd9d4_d039,
        0xe6db_99e5,
        0x1fa2_7cf8,
        0xc4ac_5665,
    ],
    [
        0xf429_2244,
        0x432a_ff97,
        0xab94_23a7,
        0xfc93_a039,
        0x655b_59c3,
        0x8f0c_cc92,
        0xffef_f47d,
        0x8584_5dd1,
        0x6fa8_7e4f,
        0xfe2c_e6e0,
        0xa301_4314,
        0x4e08_11a1,
        0xf753_7e82,
        0xbd3a_f235,
        0x2ad7_d2bb,
        0xeb86_d391,
    ],
];

/// The distances by which each round rotates, over and over.
static ROTATIONS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The words of the block that each round takes: the first, and how far it is from one to the next.
static WORDS: [(usize, usize); 4] = [(0, 1), (1, 5), (5, 3), (0, 7)];

/// Takes these blocks into the first four words of the state.
pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    for block in blocks {
        let changes = rounds(*state, block);
        for (word, change) in state.iter_mut().zip(changes) {
            *word = word.wrapping_add(change);
        }
    }
}

fn rounds(state: [u32; 8], block: &[u8; 64]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d, ..] = state;
    let (words, _) = block.as_chunks();
    for (round, ((constants, rotations), (first, step))) in CONSTANTS.iter().zip(&ROTATIONS).zip(WORDS).enumerate() {
        let mut place = first;
        for (constant, rotation) in constants.iter().zip(rotations.iter().cycle()) {
            let mixed = match round {
                0 => d ^ b & (c ^ d),
                1 => c ^ d & (b ^ c),
                2 => b ^ c ^ d,
                _ => c ^ (b | !d),
            };
            let word = words.get(place % 16).map_or(0, |word| u32::from_le_bytes(*word));
            let sum = a.wrapping_add(mixed).wrapping_add(word).wrapping_add(*constant);
            (a, b, c, d) = (d, b.wrapping_add(sum.rotate_left(*rotation)), b, c);
            place = place.wrapping_add(step);
        }
    }
    [a, b, c, d]
}
