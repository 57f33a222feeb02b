//! See `src/payload.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flint_fuzz::payload::check(bytes));
