//! The rounds of SHA-256 and SHA-512 in software (FIPS 180-4, 6.2.2 and 6.4.2).
//!
//! The two differ in the size of a word and in the distances of their shifts, so that one macro has
//! both. SHA-256 is what people use: its code has 16 rounds written out and repeats them, since
//! after 16 rounds working variables and message schedule are back in the registers that they began
//! in. All 64 written out, which is how the crate `sha2` does it, are 7 KB. SHA-512 is rare, and
//! has one round written out: a quarter of the code, for not quite twice the instructions.

/// The constants of the rounds of SHA-512 (FIPS 180-4, 4.2.3), 16 rounds a row.
#[rustfmt::skip]
pub static SHA512_CONSTANTS: [[u64; 16]; 5] = [
    [
        0x428a_2f98_d728_ae22, 0x7137_4491_23ef_65cd, 0xb5c0_fbcf_ec4d_3b2f, 0xe9b5_dba5_8189_dbbc,
        0x3956_c25b_f348_b538, 0x59f1_11f1_b605_d019, 0x923f_82a4_af19_4f9b, 0xab1c_5ed5_da6d_8118,
        0xd807_aa98_a303_0242, 0x1283_5b01_4570_6fbe, 0x2431_85be_4ee4_b28c, 0x550c_7dc3_d5ff_b4e2,
        0x72be_5d74_f27b_896f, 0x80de_b1fe_3b16_96b1, 0x9bdc_06a7_25c7_1235, 0xc19b_f174_cf69_2694,
    ],
    [
        0xe49b_69c1_9ef1_4ad2, 0xefbe_4786_384f_25e3, 0x0fc1_9dc6_8b8c_d5b5, 0x240c_a1cc_77ac_9c65,
        0x2de9_2c6f_592b_0275, 0x4a74_84aa_6ea6_e483, 0x5cb0_a9dc_bd41_fbd4, 0x76f9_88da_8311_53b5,
        0x983e_5152_ee66_dfab, 0xa831_c66d_2db4_3210, 0xb003_27c8_98fb_213f, 0xbf59_7fc7_beef_0ee4,
        0xc6e0_0bf3_3da8_8fc2, 0xd5a7_9147_930a_a725, 0x06ca_6351_e003_826f, 0x1429_2967_0a0e_6e70,
    ],
    [
        0x27b7_0a85_46d2_2ffc, 0x2e1b_2138_5c26_c926, 0x4d2c_6dfc_5ac4_2aed, 0x5338_0d13_9d95_b3df,
        0x650a_7354_8baf_63de, 0x766a_0abb_3c77_b2a8, 0x81c2_c92e_47ed_aee6, 0x9272_2c85_1482_353b,
        0xa2bf_e8a1_4cf1_0364, 0xa81a_664b_bc42_3001, 0xc24b_8b70_d0f8_9791, 0xc76c_51a3_0654_be30,
        0xd192_e819_d6ef_5218, 0xd699_0624_5565_a910, 0xf40e_3585_5771_202a, 0x106a_a070_32bb_d1b8,
    ],
    [
        0x19a4_c116_b8d2_d0c8, 0x1e37_6c08_5141_ab53, 0x2748_774c_df8e_eb99, 0x34b0_bcb5_e19b_48a8,
        0x391c_0cb3_c5c9_5a63, 0x4ed8_aa4a_e341_8acb, 0x5b9c_ca4f_7763_e373, 0x682e_6ff3_d6b2_b8a3,
        0x748f_82ee_5def_b2fc, 0x78a5_636f_4317_2f60, 0x84c8_7814_a1f0_ab72, 0x8cc7_0208_1a64_39ec,
        0x90be_fffa_2363_1e28, 0xa450_6ceb_de82_bde9, 0xbef9_a3f7_b2c6_7915, 0xc671_78f2_e372_532b,
    ],
    [
        0xca27_3ece_ea26_619c, 0xd186_b8c7_21c0_c207, 0xeada_7dd6_cde0_eb1e, 0xf57d_4f7f_ee6e_d178,
        0x06f0_67aa_7217_6fba, 0x0a63_7dc5_a2c8_98a6, 0x113f_9804_bef9_0dae, 0x1b71_0b35_131c_471b,
        0x28db_77f5_2304_7d84, 0x32ca_ab7b_40c7_2493, 0x3c9e_be0a_15c9_bebc, 0x431d_67c4_9c10_0d4c,
        0x4cc5_d4be_cb3e_42b6, 0x597f_299c_fc65_7e2a, 0x5fcb_6fab_3ad6_faec, 0x6c44_198c_4a47_5817,
    ],
];

/// The constants of the rounds of SHA-256 (FIPS 180-4, 4.2.2), 16 rounds a row.
pub static SHA256_CONSTANTS: [[u32; 16]; 4] = first_halves(&SHA512_CONSTANTS);

/// Both are the first bits of the cube roots of the same primes: those of SHA-256 are the high
/// halves of the first 64.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "computed by the compiler, which would refuse a panic"
)]
const fn first_halves(constants: &[[u64; 16]; 5]) -> [[u32; 16]; 4] {
    let mut halves = [[0; 16]; 4];
    let mut index = 0;
    while index < 64 {
        halves[index / 16][index % 16] = (constants[index / 16][index % 16] >> 32) as u32;
        index += 1;
    }
    halves
}

/// Writes the function that takes blocks of `$bytes` bytes into a state of `$Word`s. `$sum_0` to
/// `$sigma_1` are the functions of FIPS 180-4, 4.1.2 and 4.1.3: three distances of rotation, or two
/// and one of a shift.
macro_rules! sha2 {
    ($compress:ident, $Word:ty, $bytes:literal, $constants:ident, $each:ident, sums: $sum_0:expr, $sum_1:expr, sigmas: $sigma_0:expr, $sigma_1:expr) => {
        #[allow(
            clippy::indexing_slicing,
            clippy::arithmetic_side_effects,
            reason = "all indices are below 16, of arrays of 16"
        )]
        pub(crate) fn $compress(state: &mut [$Word; 8], blocks: &[[u8; $bytes]]) {
            let sum = |word: $Word, [a, b, c]: [u32; 3]| word.rotate_right(a) ^ word.rotate_right(b) ^ word.rotate_right(c);
            let sigma = |word: $Word, [a, b, c]: [u32; 3]| word.rotate_right(a) ^ word.rotate_right(b) ^ word >> c;
            // `differ` is b ^ c, and afterwards what that is in the next round.
            let round = |[a, b, c, d, e, f, g, h]: [$Word; 8], differ: &mut $Word, word: $Word, constant: $Word| {
                let choice = g ^ e & (f ^ g);
                let majority = b ^ (a ^ b) & *differ;
                *differ = a ^ b;
                let added = h.wrapping_add(constant).wrapping_add(word).wrapping_add(choice).wrapping_add(sum(e, $sum_1));
                let first = added.wrapping_add(majority).wrapping_add(sum(a, $sum_0));
                [first, a, b, c, d.wrapping_add(added), e, f, g]
            };
            for block in blocks {
                let mut words = [0; 16];
                for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
                    *word = <$Word>::from_be_bytes(*bytes);
                }
                let mut variables = *state;
                let mut differ = variables[1] ^ variables[2];
                let mut later = $constants.iter();
                while let Some(constants) = later.next() {
                    $each!(I => variables = round(variables, &mut differ, words[I], constants[I]));
                    if later.as_slice().is_empty() {
                        break;
                    }
                    $each!(I => words[I] = words[I]
                        .wrapping_add(sigma(words[(I + 1) % 16], $sigma_0))
                        .wrapping_add(words[(I + 9) % 16])
                        .wrapping_add(sigma(words[(I + 14) % 16], $sigma_1)));
                }
                for (word, variable) in state.iter_mut().zip(variables) {
                    *word = word.wrapping_add(variable);
                }
            }
        }
    };
}

/// A statement for 0 to 15, written out.
macro_rules! written_out {
    ($index:ident => $statement:expr) => {
        written_out!($index => $statement; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($index:ident => $statement:expr; $($value:literal)*) => {
        $(
            {
                const $index: usize = $value;
                $statement;
            }
        )*
    };
}

/// A statement for 0 to 15, in a loop.
macro_rules! looped {
    ($index:ident => $statement:expr) => {
        for index in 0..16 {
            #[allow(non_snake_case, reason = "a constant where it is written out")]
            let $index: usize = index;
            $statement;
        }
    };
}

sha2!(compress256, u32, 64, SHA256_CONSTANTS, written_out,
    sums: [2, 13, 22], [6, 11, 25], sigmas: [7, 18, 3], [17, 19, 10]);
sha2!(compress512, u64, 128, SHA512_CONSTANTS, looped,
    sums: [28, 34, 39], [14, 18, 41], sigmas: [1, 8, 7], [19, 61, 6]);
