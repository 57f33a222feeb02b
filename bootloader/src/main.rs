//! The bootloader: from reset to the kernel's first instruction.
//!
//! Read it in this order: [`reset`] makes room for Rust, [`boot`] finds the parts and plans,
//! [`load`] puts the kernel in its place and hands over. [`report`] is what they say on the way.

#![no_std]
#![no_main]

mod board;
mod boot;
mod error;
mod load;
mod log;
mod memory;
mod monitor;
mod pen;
mod report;
mod reset;
mod source;

use core::fmt::Write;
use core::panic::PanicInfo;

use machine::console::Console;
use machine::exceptions;

/// A panic is a bug of the bootloader; no input leads here. The report of the `brk` shows by its
/// backtrace where it happened: the texts of all panics, and what it takes to format them, would
/// double the bootloader's size.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    if let Some(mut console) = Console::last_words() {
        // A UART has no errors to give back.
        let _ = console.write_str("\nerror: this is a bug of the bootloader; please report these lines [boot-panic]");
    }
    exceptions::break_here()
}
