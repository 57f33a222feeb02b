//! Decompression: a [`Stream`] of gzip, lz4 or zstd, checked, straight into a bounded place.
//!
//! Nothing is written outside the destination, and every loop ends with the input or the
//! destination. Nothing allocates: the destination is the window of every format.
//!
//! Sources: RFC 1951 and 1952 (gzip), the LZ4 block and frame formats v1.6.4, RFC 8878 (zstd).

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod compression;
mod copy;
mod error;
mod gzip;
mod hooks;
mod inflate;
mod inflate_bits;
mod inflate_code;
mod inflate_symbols;
mod input;
mod lz4_block;
mod lz4_frame;
mod lz4_legacy;
mod output;
mod pieces;
mod refusal;
mod stream;
mod xxhash;
#[cfg(feature = "zstd")]
mod zstd;
#[cfg(feature = "zstd")]
mod zstd_bits;
#[cfg(feature = "zstd")]
mod zstd_block;
#[cfg(feature = "zstd")]
mod zstd_frame;
#[cfg(feature = "zstd")]
mod zstd_fse;
#[cfg(feature = "zstd")]
mod zstd_huffman;
#[cfg(feature = "zstd")]
mod zstd_literals;
#[cfg(feature = "zstd")]
mod zstd_sequences;

pub use compression::Compression;
pub use error::{CODES, DecompressError};
pub use hooks::Hooks;
pub use pieces::Piece;
pub use stream::Stream;
