//! [`Hasher`]: a hash that is being computed.

use crate::{Algorithm, Backend, md5};

/// The length of the pieces that [`Hasher::update`] takes: a block of SHA-512, two of the others.
pub const PIECE_BYTES: usize = 128;

/// The longest end of a message: the rest behind its whole pieces, a bit, and its length.
const END_BYTES: usize = 2 * PIECE_BYTES;

/// A hash that is being computed: over whole pieces first, then over what is left.
#[derive(Clone, Copy, Debug)]
pub struct Hasher {
    algorithm: Algorithm,
    state: State,
    length_bytes: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Crc32(u32),
    Words32([u32; 8]),
    Words64([u64; 8]),
}

/// A hash.
#[derive(Clone, Copy, Debug)]
pub struct Digest {
    bytes: [u8; 64],
    length: usize,
}

/// The first state of SHA-512 (FIPS 180-4, 5.3.5).
const START_SHA512: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// The first state of SHA-384 (FIPS 180-4, 5.3.4).
const START_SHA384: [u64; 8] = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];

/// The first state of SHA-256 (FIPS 180-4, 5.3.3): the first bits of the square roots of the same
/// primes as for SHA-512, half as many.
const START_SHA256: [u32; 8] = {
    let [a, b, c, d, e, f, g, h] = START_SHA512;
    let half = 32;
    [
        (a >> half) as u32,
        (b >> half) as u32,
        (c >> half) as u32,
        (d >> half) as u32,
        (e >> half) as u32,
        (f >> half) as u32,
        (g >> half) as u32,
        (h >> half) as u32,
    ]
};

/// The first state of SHA-1 (FIPS 180-4, 5.3.1), and, one word shorter, MD5 (RFC 1321, 3.3).
const START_SHA1: [u32; 8] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0];

impl Hasher {
    /// Begins a hash.
    pub const fn new(algorithm: Algorithm) -> Self {
        let state = match algorithm {
            Algorithm::Crc32 => State::Crc32(0),
            Algorithm::Md5 | Algorithm::Sha1 => State::Words32(START_SHA1),
            Algorithm::Sha256 => State::Words32(START_SHA256),
            Algorithm::Sha384 => State::Words64(START_SHA384),
            Algorithm::Sha512 => State::Words64(START_SHA512),
        };
        Self {
            algorithm,
            state,
            length_bytes: 0,
        }
    }

    /// Takes these pieces of the message.
    pub fn update(&mut self, backend: &Backend, pieces: &[[u8; PIECE_BYTES]]) {
        let bytes = pieces.as_flattened();
        self.length_bytes = self.length_bytes.saturating_add(bytes.len() as u64);
        self.compress(backend, bytes);
    }

    /// Takes the rest of the message, and returns the hash.
    pub fn finish(mut self, backend: &Backend, message: &[u8]) -> Digest {
        let (pieces, rest) = message.as_chunks();
        self.update(backend, pieces);
        if let State::Crc32(crc) = &mut self.state {
            *crc = (backend.crc32)(*crc, rest);
            return self.digest();
        }
        // A bit that is set, zeros up to the end of a block, and there the number of bits (FIPS
        // 180-4, 5.1; RFC 1321, 3.1 and 3.2), which is written with 64 bits: SHA-512 has zeros
        // before them.
        let mut end = [0; END_BYTES];
        for (place, byte) in end.iter_mut().zip(rest.iter().chain(&[0x80])) {
            *place = *byte;
        }
        let length_bits = self.length_bytes.saturating_add(rest.len() as u64).saturating_mul(8);
        let (block_bytes, end_min_bytes) = match self.state {
            State::Words64(_) => (128, 1 + 16),
            _ => (64, 1 + 8),
        };
        let end_bytes = rest.len().saturating_add(end_min_bytes).next_multiple_of(block_bytes);
        let end = end.get_mut(..end_bytes).unwrap_or_default();
        if let Some(place) = end.last_chunk_mut() {
            *place = match self.algorithm {
                Algorithm::Md5 => length_bits.to_le_bytes(),
                _ => length_bits.to_be_bytes(),
            };
        }
        self.compress(backend, end);
        self.digest()
    }

    /// Takes whole blocks.
    fn compress(&mut self, backend: &Backend, bytes: &[u8]) {
        match &mut self.state {
            State::Crc32(crc) => *crc = (backend.crc32)(*crc, bytes),
            State::Words32(state) => {
                let compress = match self.algorithm {
                    Algorithm::Md5 => md5::compress,
                    Algorithm::Sha1 => backend.sha1,
                    _ => backend.sha256,
                };
                compress(state, bytes.as_chunks().0);
            }
            State::Words64(state) => (backend.sha512)(state, bytes.as_chunks().0),
        }
    }

    fn digest(self) -> Digest {
        let mut bytes = [0; 64];
        match self.state {
            State::Crc32(crc) => put(&mut bytes, [crc.to_be_bytes()]),
            State::Words32(state) => put(
                &mut bytes,
                state.map(|word| match self.algorithm {
                    Algorithm::Md5 => word.to_le_bytes(),
                    _ => word.to_be_bytes(),
                }),
            ),
            State::Words64(state) => put(&mut bytes, state.map(u64::to_be_bytes)),
        }
        Digest {
            bytes,
            length: self.algorithm.size_bytes(),
        }
    }
}

fn put<const WORDS: usize, const SIZE: usize>(bytes: &mut [u8; 64], words: [[u8; SIZE]; WORDS]) {
    for (place, byte) in bytes.iter_mut().zip(words.as_flattened()) {
        *place = *byte;
    }
}

impl Digest {
    /// The bytes of the hash.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
