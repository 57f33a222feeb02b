//! lz4 streams, in both kinds of frame.

#![no_main]

use decompress::Compression;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    flint_fuzz::decompress_any(Compression::Lz4Legacy, bytes);
    if Compression::detect(bytes).is_none() {
        flint_fuzz::decompress_any(Compression::Lz4Frame, bytes);
    }
});
