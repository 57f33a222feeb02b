//! Are the bytes those that were packed? The hashes of an image (FIT specification, "Hash nodes").
//!
//! Both SHA-1 and SHA-256 go through the same few lines for the end of the message: the ready-made digests would take 5 KB
//! more of the bootloader's flash. The tests hold the results against those.

use sha2::block_api::compress256;

use crate::FitError;
use crate::node::Node;
use crate::refusal::Refused;
use crate::sha1;

/// How the names of such nodes begin.
pub(crate) const NODE: &str = "hash";
pub(crate) const ALGORITHM: &str = "algo";
const VALUE: &str = "value";

/// What SHA-256 begins with (FIPS 180-4, 5.3.3).
const SHA256_START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// What a hash is computed over at a time, in bytes.
const BLOCK_BYTES: usize = 64;

/// Takes blocks of the message into the state of a hash.
type Compress = fn(&mut [u32; 8], &[[u8; BLOCK_BYTES]]);

/// Verifies one hash. `verified` has a bit for each algorithm of the image's hashes before: each hash takes as long as the data are, a tree
/// has room for a hundred thousand of them, and mkimage writes one of a kind.
pub(crate) fn verify(
    data: &[u8],
    hash: Node<'_, '_>,
    verified: &mut u32,
    crc32: fn(&[u8]) -> u32,
) -> Result<(), Refused> {
    let (algorithm, count, start, compress) = match hash.inner.property(ALGORITHM) {
        Some(b"crc32\0") => ("crc32", 1, [0; 8], None),
        Some(b"sha1\0") => ("sha1", 5, sha1::START, Some(sha1::compress as Compress)),
        Some(b"sha256\0") => ("sha256", 8, SHA256_START, Some(compress256 as Compress)),
        _ => return Err(hash.unsupported(ALGORITHM, "only crc32, sha1 and sha256 can be verified")),
    };
    let before = *verified;
    *verified |= 1 << count;
    if *verified == before {
        return Err(hash.malformed(ALGORITHM, "is that of another hash of the image"));
    }
    work_counter::add(data.len());
    let words = match compress {
        Some(compress) => digest(data, start, compress),
        None => [crc32(data); 8],
    };
    let recorded = hash.inner.property(VALUE).ok_or_else(|| hash.missing(VALUE))?;
    let (recorded, rest) = recorded.as_chunks();
    if recorded.len() != count || !rest.is_empty() {
        return Err(hash.malformed(VALUE, "is not as long as its algorithm makes it"));
    }
    let mut pairs = recorded.iter().map(|word| u32::from_be_bytes(*word)).zip(words);
    match pairs.find(|(recorded, computed)| recorded != computed) {
        None => Ok(()),
        Some((recorded, computed)) => Err(hash.refuse(FitError::Hash {
            node: hash.name(),
            algorithm,
            recorded,
            computed,
        })),
    }
}

/// The hash of the data and of what comes after them: a bit that is set, zeros, and the length in bits (FIPS 180-4, 5.1.1).
fn digest(data: &[u8], start: [u32; 8], compress: Compress) -> [u32; 8] {
    let mut state = start;
    let (blocks, rest) = data.as_chunks();
    compress(&mut state, blocks);
    let mut end = [[0; BLOCK_BYTES]; 2];
    for (place, byte) in end.as_flattened_mut().iter_mut().zip(rest.iter().chain(&[0x80])) {
        *place = *byte;
    }
    let length_bits = (data.len() as u64).saturating_mul(8).to_be_bytes();
    let [first, second] = &mut end;
    // The length takes the last 8 bytes of a block, the bit that is set one more.
    if rest.len() < BLOCK_BYTES - 8 {
        set_end(first, length_bits);
        compress(&mut state, core::slice::from_ref(first));
    } else {
        set_end(second, length_bits);
        compress(&mut state, &end);
    }
    state
}

fn set_end(block: &mut [u8; BLOCK_BYTES], length_bits: [u8; 8]) {
    if let Some(place) = block.last_chunk_mut() {
        *place = length_bits;
    }
}
