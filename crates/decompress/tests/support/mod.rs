//! The support of the tests: the content of all fixtures, a CRC-32, and decompressing.

#![allow(dead_code, reason = "each test program uses some of it")]

pub mod broken_gzip;
pub mod broken_lz4;
pub mod broken_zstd;
pub mod gzip_writer;
pub mod lz4_writer;
pub mod valid_gzip;
pub mod valid_lz4;
pub mod valid_zstd;
pub mod zstd_writer;

use decompress::{Compression, DecompressError, Hooks, Stream};

/// The file that all fixtures were made from: the header of an arm64 Image, and lines out of a few,
/// so that it compresses well.
pub fn content() -> Vec<u8> {
    const SIZE_BYTES: usize = 300_000;
    let mut bytes = vec![0; 64];
    bytes[16..24].copy_from_slice(&0x5_0000_u64.to_le_bytes());
    bytes[56..60].copy_from_slice(b"ARM\x64");
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let words: Vec<String> = (0..24).map(|_| format!("{:x}", random() * random())).collect();
    while bytes.len() < SIZE_BYTES {
        for word in &words[..random() as usize % 24] {
            bytes.extend_from_slice(word.as_bytes());
        }
        bytes.push(b'\n');
    }
    bytes.truncate(SIZE_BYTES);
    bytes
}

/// The CRC-32 of gzip.
pub fn crc32(bytes: &[u8]) -> u32 {
    next_crc32(0, bytes)
}

fn next_crc32(crc: u32, bytes: &[u8]) -> u32 {
    let crc32 = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let mut digest = crc32.digest_with_initial((!crc).reverse_bits());
    digest.update(bytes);
    digest.finalize()
}

/// Nothing but the CRC-32.
pub const HOOKS: Hooks = Hooks::with_crc32(next_crc32);

/// The stream that `bytes` begin with.
pub fn stream(bytes: &[u8]) -> Stream<'_> {
    Stream {
        compression: Compression::detect(bytes).expect("a compressed stream"),
        bytes,
        end_is_known: true,
    }
}

/// Returns what comes out of `bytes`, of which at most `size_max` may come out.
pub fn decompress(bytes: &[u8], size_max: usize) -> Result<Vec<u8>, DecompressError> {
    let mut destination = vec![0xa5; size_max];
    let size_bytes = stream(bytes).decompress(&mut destination, HOOKS)?;
    destination.truncate(size_bytes);
    Ok(destination)
}

/// Returns why nothing comes out of `bytes`.
pub fn refusal(bytes: &[u8], size_max: usize) -> DecompressError {
    decompress(bytes, size_max).map(|found| found.len()).unwrap_err()
}

/// A compressed stream of a certain form.
#[derive(Clone)]
pub struct Form {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// What comes out.
    pub content: Vec<u8>,
}

impl Form {
    pub fn new(name: &'static str, bytes: Vec<u8>, content: &[u8]) -> Self {
        let content = content.to_vec();
        Self { name, bytes, content }
    }
}

/// Returns bytes that do not compress, and always the same.
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// A stream that breaks a rule.
pub struct Broken {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// The code of the refusal.
    pub code: &'static str,
    /// The position in the refusal, if the form says.
    pub position: Option<u64>,
}

impl Broken {
    pub fn new(name: &'static str, bytes: Vec<u8>, code: &'static str, position: Option<usize>) -> Self {
        Self {
            name,
            bytes,
            code,
            position: position.map(|position| position as u64),
        }
    }
}
