//! See `src/kernel_tree.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flint_fuzz::kernel_tree::check(bytes));
