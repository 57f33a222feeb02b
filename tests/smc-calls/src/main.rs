//! A payload that calls the monitor, for the scenarios and the bench. The command line says what it
//! does:
//!
//! * `calls=N`, and `seed=S` beside it: all CPUs at once make N calls in all, of any kind, and hold
//!   what comes back against what may.
//! * `measure`: one CPU counts how long an empty call takes, and how long it takes to turn another
//!   one on.
//!
//! It is an Image as our kernel is, by the kernel's own start. Only the first CPU decides when to
//! end; a CPU that finds something wrong says so in a line with `error: `, and stops. All that CPUs
//! tell each other is in [`cpus`]: with the MMU off there are no atomics but loads and stores.

#![no_std]
#![no_main]

mod alarm;
mod arguments;
mod arrival;
mod cpus;
mod expected;
mod function;
#[path = "../../../kernel/src/handed_over.rs"]
mod handed_over;
mod measure;
mod random;
mod registers;
#[path = "../../../kernel/src/start.rs"]
mod start;
mod storm;

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use devicetree::Devicetree;
use machine::console::Console;
use machine::power::{self, Conduit};
use machine::{cpu, exceptions};

use handed_over::{HandedOver, TreeProblem};

/// The place where the UART is on the board.
const CONSOLE: u64 = 0x0900_0000;

/// On entry: `start` has made room for Rust; one CPU, interrupts masked. On exit: the machine is
/// off.
fn main(handed_over: &HandedOver) -> ! {
    if let Some(console) = console() {
        // SAFETY: the stack is this CPU's own.
        unsafe { exceptions::install(&console, cpus::first().report_stack()) };
    }
    match handed_over.device_tree() {
        Ok(tree) => begin(&tree, handed_over.ticks),
        Err(TreeProblem::Address) => end(format_args!("error: x0 is no address of a device tree")),
        Err(TreeProblem::Content(error)) => end(format_args!("error: {error} [{}]", error.code())),
    }
}

/// Does what the command line says.
fn begin(tree: &Devicetree<'_>, ticks: u64) -> ! {
    let command_line = tree.bootargs().ok().flatten().unwrap_or_default();
    let number = |name: &str| {
        let mut words = command_line.split_ascii_whitespace();
        words.find_map(|word| word.strip_prefix(name)?.parse::<u64>().ok())
    };
    if let Err(what) = cpus::note(tree).and_then(|()| alarm::note(tree)) {
        end(format_args!("error: the device tree has no {what}"));
    }
    alarm::connect();
    match number("calls=") {
        Some(calls) => storm::begin(calls, number("seed=").unwrap_or(0), ticks),
        None if command_line.split_ascii_whitespace().any(|word| word == "measure") => measure::begin(),
        None => end(format_args!(
            "error: the command line says neither `calls=N` nor `measure`"
        )),
    }
}

/// The console. What CPUs write at the same time, they write into each other's lines.
fn console() -> Option<Console> {
    // SAFETY: the board has a PL011 there; the MMU is off.
    unsafe { Console::new(CONSOLE) }
}

/// Prints a line.
fn say(line: fmt::Arguments<'_>) {
    if let Some(mut console) = console() {
        // A UART has no errors to give back.
        let _ = writeln!(console, "{line}");
        console.flush();
    }
}

/// Prints the last line, and powers the machine off.
fn end(line: fmt::Arguments<'_>) -> ! {
    say(line);
    if let Err(error) = power::off(Conduit::Smc) {
        say(format_args!("error: PSCI did not power off: {error}"));
    }
    cpu::halt()
}

/// Prints the message and where it is from, and stops.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    say(format_args!("\nerror: panicked: {info}"));
    cpu::halt()
}
