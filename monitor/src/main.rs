//! The monitor: what stays at EL3. It enters the normal world on each CPU, and answers the calls
//! that come from there.
//!
//! Read it in this order: [`entry`] makes room for Rust on every CPU, [`boot`] reads what the
//! bootloader says of the machine, [`world`] enters the normal world, [`smc`] answers its calls,
//! and [`trap`] its other exceptions.

#![no_std]
#![no_main]

mod board;
mod boot;
mod entry;
mod lock;
mod power;
mod report;
mod smc;
mod state;
mod trap;
mod vectors;
mod world;

use core::fmt::Write;
use core::panic::PanicInfo;

use machine::exceptions;

/// A panic is a bug of the monitor; nothing that the normal world asks for leads here. See the
/// bootloader's for why it has no text.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    report::last_words(|console| {
        console.write_str("\nerror: this is a bug of the monitor; please report these lines [monitor-panic]")
    });
    exceptions::break_here()
}
