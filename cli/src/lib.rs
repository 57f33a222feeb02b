//! The host side of Flint as a library: the `flint` command and the test scenarios are both made of
//! it.
//!
//! A [`kernel_file::KernelFile`] and what belongs to it become a [`kernel_area::KernelArea`], parts
//! become a flash image in [`flash::FlashBuilder`], [`build`] makes the parts that are ours, and
//! [`qemu`] boots the result. [`inspection`] says what a file holds by asking the very crates that
//! the bootloader is made of, and [`explanation`] says what their errors mean. [`clause`] is the
//! boot protocol that all of it is about.

#![forbid(unsafe_code)]

pub mod arguments;
pub mod bench;
pub mod build;
pub mod cache;
pub mod checkout;
pub mod child;
pub mod clause;
pub mod command;
pub mod compress;
pub mod conformance;
pub mod covering;
pub mod cpio;
pub mod debugger;
pub mod error;
pub mod explanation;
pub mod fit_writer;
pub mod flash;
pub mod flash_file;
pub mod flat_binary;
pub mod format;
pub mod initramfs;
pub mod inspection;
pub mod interrupt;
pub mod kernel_area;
pub mod kernel_command_line;
pub mod kernel_file;
pub mod kernel_file_error;
pub mod linux;
pub mod progress;
pub mod qemu;
pub mod raw_kernel;
pub mod read;
pub mod reference_machine;
pub mod size;
pub mod table;
pub mod terminal;
pub mod write;

pub use error::Error;
