//! Tests of `linux-image`, by clause of the boot protocol (D1 to D12).

mod errors;
mod fixtures;
mod header;
mod pe_file_size;
mod properties;
