//! Loads and stores of 2 to 16 bytes at any address, one instruction each.
//!
//! The bare-metal targets are compiled with `+strict-align`: code that may run with the MMU off,
//! where all memory is Device memory and an unaligned access faults, must not make one (DDI0487,
//! B2.13.2). The compiler then turns every load from a byte slice into a load for each byte. The
//! decompressors run with the MMU on, from and to Normal memory, and spend most of their time in
//! such loads. So they, and nothing else, make unaligned accesses, by these functions.
//!
//! The functions take arrays, so the bounds are checked where the array is made. On other hosts
//! than 64-bit Arm, and under Miri, they are plain Rust.

#![no_std]

#[cfg(all(target_arch = "aarch64", target_endian = "little", not(miri)))]
mod aarch64;
#[cfg(not(all(target_arch = "aarch64", target_endian = "little", not(miri))))]
mod portable;

#[cfg(all(target_arch = "aarch64", target_endian = "little", not(miri)))]
pub use aarch64::{Bytes16, load_u16, load_u32, load_u64};
#[cfg(not(all(target_arch = "aarch64", target_endian = "little", not(miri))))]
pub use portable::{Bytes16, load_u16, load_u32, load_u64};

/// For each period of 1 to 15 bytes, where each byte of a pattern comes from that repeats its first
/// bytes.
const REPEATED: [[u8; 16]; 16] = {
    let mut all = [[0; 16]; 16];
    let mut period = 1;
    while period < 16 {
        let mut byte = 0;
        while byte < 16 {
            all[period][byte] = (byte % period) as u8;
            byte += 1;
        }
        period += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> [u8; 48] {
        core::array::from_fn(|index| index as u8 * 5 + 1)
    }

    #[test]
    fn loads_little_endian_numbers_at_any_address() {
        let bytes = bytes();
        for start in 0..16 {
            let rest = &bytes[start..];
            let word = u64::from_le_bytes(*rest.first_chunk().unwrap());
            assert_eq!(load_u64(rest.first_chunk().unwrap()), word);
            assert_eq!(load_u32(rest.first_chunk().unwrap()), word as u32);
            assert_eq!(load_u16(rest.first_chunk().unwrap()), word as u16);
        }
    }

    #[test]
    fn copies_16_bytes_from_any_address_to_any_other() {
        let bytes = bytes();
        for from in 0..16 {
            for to in 0..16 {
                let mut copy = [0; 48];
                let source = bytes[from..].first_chunk().unwrap();
                Bytes16::load(source).store(copy[to..].first_chunk_mut().unwrap());
                assert_eq!(copy[to..to + 16], *source);
                assert!(copy[..to].iter().chain(&copy[to + 16..]).all(|byte| *byte == 0));
            }
        }
    }

    #[test]
    fn repeats_the_first_bytes() {
        let bytes = *b"0123456789abcdef";
        for period in 1..16 {
            let mut pattern = [0; 16];
            Bytes16::load(&bytes).repeat(period).store(&mut pattern);
            assert!((0..16).all(|index| pattern[index] == bytes[index % period]));
        }
    }
}
