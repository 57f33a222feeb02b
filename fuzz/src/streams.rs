//! gzip, lz4 and zstd streams: decompressed with everything checked that holds for any input.

use decompress::{CODES, Compression, Hooks, Stream};

use crate::work::{self, Limit};
use crate::{counting, sound};

/// The most that may come out: enough for several blocks of each format.
pub const SIZE_MAX: usize = 1 << 20;

/// Nothing but the CRC-32.
pub const HOOKS: Hooks = Hooks::with_crc32(|crc, bytes| {
    let mut hasher = crc32fast::Hasher::new_with_initial(crc);
    hasher.update(bytes);
    hasher.finalize()
});

/// The input is a gzip stream.
pub fn gzip(bytes: &[u8]) {
    decompress_any(Compression::Gzip, bytes);
}

/// The input is an lz4 stream, in either kind of frame.
pub fn lz4(bytes: &[u8]) {
    decompress_any(Compression::Lz4Legacy, bytes);
    if Compression::detect(bytes).is_none() {
        decompress_any(Compression::Lz4Frame, bytes);
    }
}

/// The input is a zstd stream.
pub fn zstd(bytes: &[u8]) {
    decompress_any(Compression::Zstd, bytes);
}

/// Decompresses `bytes` in every way there is, and checks what holds for any input.
fn decompress(compression: Compression, bytes: &[u8]) {
    let mut first = [0; 64];
    let mut destination = vec![0; SIZE_MAX];
    for size_max in [SIZE_MAX, 1000] {
        let destination = &mut destination[..size_max];
        for end_is_known in [true, false] {
            let stream = Stream {
                compression,
                bytes,
                end_is_known,
            };
            let (result, most) = work::bounded(
                limit(compression),
                bytes.len(),
                || counting::most_in_use(|| stream.decompress(destination, HOOKS)),
                // An error does not tell what came out before it.
                |(result, _)| result.unwrap_or(size_max),
            );
            assert_eq!(most, 0, "bytes were allocated");
            let (peeked, most) = work::bounded(
                limit(compression),
                bytes.len(),
                || counting::most_in_use(|| stream.peek(&mut first)),
                |(result, _)| result.unwrap_or(64),
            );
            assert_eq!(most, 0, "bytes were allocated");
            match (result, peeked) {
                (Ok(size), Ok(count)) => {
                    assert_eq!(count, size.min(64));
                    assert_eq!(first[..count], destination[..count]);
                }
                (Ok(_), Err(error)) => panic!("comes out, but cannot be peeked at: {error}"),
                (Err(error), _) => sound::error(&error, error.code(), &[CODES]),
            }
        }
    }
}

/// The work that a stream may take. The 128 pieces that are always allowed make tables of 3,000
/// entries in gzip and 5,000 in zstd.
const fn limit(compression: Compression) -> Limit {
    let (always, per_byte_read) = match compression {
        Compression::Gzip => (600_000, 16),
        Compression::Zstd => (1_000_000, 32),
        Compression::Lz4Frame | Compression::Lz4Legacy => (50_000, 16),
    };
    Limit {
        always,
        per_byte_read,
        per_byte_out: 8,
    }
}

/// Decompresses `bytes` as what they say they are, or else behind the magic number of
/// `compression`: nothing is wasted.
fn decompress_any(compression: Compression, bytes: &[u8]) {
    match Compression::detect(bytes) {
        Some(found) => decompress(found, bytes),
        None => decompress(compression, &[magic(compression), bytes].concat()),
    }
}

fn magic(compression: Compression) -> &'static [u8] {
    match compression {
        Compression::Gzip => b"\x1f\x8b\x08",
        Compression::Lz4Legacy => b"\x02\x21\x4c\x18",
        Compression::Lz4Frame => b"\x04\x22\x4d\x18",
        Compression::Zstd => b"\x28\xb5\x2f\xfd",
    }
}
