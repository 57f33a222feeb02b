//! See `src/devicetree_edit.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flint_fuzz::devicetree_edit::check(bytes));
