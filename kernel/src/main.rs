//! A small kernel: it says hello, reports what the loader handed it, and waits for you to write the
//! rest.
//!
//! It runs under any loader that follows the Linux arm64 boot protocol, wherever that puts it, with
//! the MMU off as it was entered. The command line can hold `poweroff` (power off when done),
//! `reboot` (reset when done), `fault` and `panic` (show what those look like).

#![no_std]
#![no_main]

mod handed_over;
mod power;
mod report;
mod start;

use core::fmt::Write;
use core::panic::PanicInfo;

use devicetree::Devicetree;
use machine::console::Console;
use machine::cpu;
use machine::exceptions::{self, ReportStack};

use handed_over::HandedOver;
use power::Request;

/// The place where the UART is on the board, should the device tree not say.
const EARLY_CONSOLE: u64 = 0x0900_0000;

/// The place where exceptions are reported.
static REPORT_STACK: ReportStack = ReportStack::new();

/// On entry: `start` has made room for Rust; one CPU, interrupts masked.
/// Does: says hello, reports, does what the command line asks for.
/// On exit: the machine is off, or the CPU sleeps.
fn main(handed_over: &HandedOver) -> ! {
    // SAFETY: the board has a PL011 there; the MMU is off, and this is the first console.
    let Some(early_console) = (unsafe { Console::new(EARLY_CONSOLE) }) else {
        cpu::halt()
    };
    // SAFETY: this kernel runs on one CPU.
    unsafe { exceptions::install(&early_console, &REPORT_STACK) };
    let tree = handed_over.device_tree();
    let mut console = described_console(tree.as_ref().ok()).unwrap_or(early_console);
    console.use_for_last_words();

    // A UART has no errors to give back.
    let _ = writeln!(console, "Hello, from Rust!");
    let _ = report::write(&mut console, handed_over, &tree);

    let command_line = tree
        .as_ref()
        .ok()
        .and_then(|tree| tree.bootargs().ok().flatten())
        .unwrap_or_default();
    let conduit = tree.as_ref().ok().and_then(Devicetree::psci);
    for word in command_line.split_ascii_whitespace() {
        match word {
            "panic" => panic!("the command line asked for it"),
            "fault" => fault(),
            "poweroff" => power::ask(&mut console, conduit, Request::Off),
            "reboot" => power::ask(&mut console, conduit, Request::Reset),
            _ => {}
        }
    }
    let _ = writeln!(
        console,
        "Waiting. Put `poweroff` into the command line to power off here."
    );
    cpu::halt()
}

/// The console that the device tree names, if that is a PL011.
fn described_console(tree: Option<&Devicetree<'_>>) -> Option<Console> {
    let devicetree::Console::Pl011 { base } = tree?.console()? else {
        return None;
    };
    // SAFETY: the MMU is off, nothing is written through the early console any more, and what is
    // there is asked first.
    unsafe { Console::new(base) }.filter(Console::is_pl011)
}

/// Reads an address where no machine has memory: its top physical address, behind what 48 bits can
/// name.
fn fault() {
    let nowhere = core::ptr::with_exposed_provenance::<u64>(0x000f_ffff_ffff_fff8);
    // SAFETY: none: the read is meant to fault. It reaches no object of the program.
    unsafe { nowhere.read_volatile() };
}

/// Prints the message and where it is from, and stops.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if let Some(mut console) = Console::last_words() {
        let _ = writeln!(console, "\nerror: the kernel panicked: {info}");
        console.flush();
    }
    cpu::halt()
}
