//! The fuzz targets: each is a function that takes any bytes, and panics where a rule is broken.
//! `targets/` hands them to libFuzzer, `tests/` runs them on the seeds.

mod counting;
pub mod devicetree;
pub mod devicetree_edit;
pub mod fit;
pub mod flash;
pub mod image_header;
mod input;
pub mod kernel_tree;
pub mod payload;
pub mod plan;
pub mod preparation;
mod sound;
pub mod streams;
mod tree_writer;
pub mod work;
pub mod zboot;

/// A target.
pub type Target = fn(&[u8]);

/// Every target, with its name.
pub const TARGETS: [(&str, Target); 13] = [
    ("payload", payload::check),
    ("image_header", image_header::check),
    ("zboot", zboot::check),
    ("gzip", streams::gzip),
    ("lz4", streams::lz4),
    ("zstd", streams::zstd),
    ("fit", fit::check),
    ("devicetree", devicetree::check),
    ("devicetree_edit", devicetree_edit::check),
    ("plan", plan::check),
    ("preparation", preparation::check),
    ("kernel_tree", kernel_tree::check),
    ("flash", flash::check),
];
