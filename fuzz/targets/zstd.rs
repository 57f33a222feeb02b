//! zstd streams.

#![no_main]

use decompress::Compression;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flint_fuzz::decompress_any(Compression::Zstd, bytes));
