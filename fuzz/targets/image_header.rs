//! See `src/image_header.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flint_fuzz::image_header::check(bytes));
