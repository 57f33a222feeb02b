//! The payload of `flint conformance`: it looks at how it was started, and says of each clause of
//! the boot protocol and each CPU how it was kept, in lines that `boot-protocol` describes. It runs
//! under any loader that can boot Linux on arm64, wherever that puts it, with the MMU off as it was
//! entered.
//!
//! What is decided, `boot-protocol` decides. Here are the hands: what each CPU was entered with is
//! written down by its first instructions (`start`), one instruction at a time is tried (`hands`),
//! the other CPUs are brought in (`others`), and memory is overwritten (`memory`), in this order,
//! as each destroys what the one before needs. Built without the registers of floating point, so
//! that the first instruction to use one is the one that is to (M19).

#![no_std]
#![no_main]
#![expect(
    clippy::result_large_err,
    reason = "a judgement carries its texts, as nothing can be allocated"
)]

mod efi;
mod hands;
mod memory;
mod others;
mod session;
mod start;

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use boot_protocol::checks;
use boot_protocol::{Common, Cpu, Entry, Facts, Instruction, Judgement, Report, psci};
use devicetree::{PsciConduit, TreeError};
use machine::console::Console;
use machine::exceptions::ReportStack;
use machine::{cpu, probe};

use hands::Hands;
use session::Session;

/// The place where the UART is on the board, should the device tree not say.
const EARLY_CONSOLE: u64 = 0x0900_0000;
/// The size of a device tree's header, and where its total size is in it (Devicetree Specification
/// v0.4, 5.2).
const HEADER_SIZE_BYTES: u64 = 40;
const TOTAL_SIZE: u64 = 4;
/// The affinity of a CPU that no machine has.
const NO_CPU: u64 = 0xff_00ff_fffe;

/// The stack on which the first CPU reports exceptions that no check causes.
static REPORT_STACK: ReportStack = ReportStack::new();

/// The clause by which there is no device tree that could be read.
type Broken = (&'static str, Judgement);

/// On entry: from `start`: the first CPU, which was entered with `entry`.
/// Does: everything.
/// On exit: the machine is off, or the CPU sleeps.
extern "C" fn first(entry: &'static Entry) -> ! {
    // SAFETY: the board has a PL011 there; the MMU is off, and this is the first console.
    let Some(early_console) = (unsafe { Console::new(EARLY_CONSOLE) }) else {
        cpu::halt()
    };
    // SAFETY: the stack is the first CPU's.
    unsafe { probe::install(&early_console, &REPORT_STACK) };
    let facts = facts(entry.x[0]);
    let console = facts.as_ref().ok().and_then(described_console).unwrap_or(early_console);
    console.use_for_last_words();
    let conduit = facts.as_ref().ok().and_then(|facts| facts.psci);
    // A UART has no errors to give back.
    if let Ok(mut console) = run(entry, facts, console) {
        console.flush();
    }
    power_off(conduit)
}

/// Says everything.
fn run(entry: &Entry, facts: Result<Facts, Broken>, console: Console) -> Result<Console, fmt::Error> {
    let own = entry.cpu();
    let mut report = Report::new(console);
    report.begin(start::place())?;
    match &facts {
        Ok(facts) => report.tell("G1", own, || checks::g1(entry.x[0], facts))?,
        Err((clause, judgement)) => report.tell(clause, own, || *judgement)?,
    }
    // Without a device tree there is nothing to go by.
    let (Ok(facts), Ok(image)) = (facts, start::image()) else {
        return report.finish();
    };
    let mut session = Session {
        report,
        facts,
        image,
        common: Common::default(),
        is_memory_overwritten: false,
        has_one_come_early: false,
    };
    session.look(entry, &checks::ONCE)?;
    session.look(entry, &checks::EVERY_CPU)?;
    for cpu in session.facts.cpus.clone() {
        session.say("O2", cpu.affinity, |_, _| checks::o2(cpu.method))?;
    }
    if let Some(conduit) = session.facts.psci {
        session.say("Q2", own, |_, _| q2(conduit, own))?;
    }
    others::bring_in(&mut session, own)?;
    others::tell_of_waiting(&mut session, own)?;
    others::release(&mut session, own)?;
    session.look(entry, &checks::AT_THE_END)?;
    overwrite(&mut session, own)?;
    session.report.finish()
}

/// Overwrites all memory that is the kernel's, and uses the other CPUs once more.
fn overwrite(session: &mut Session, own: u64) -> fmt::Result {
    if session.facts.is_reserved_unknown {
        session.say("E3", own, |_, _| {
            Judgement::not_observable(checks::TOO_MANY_RESERVATIONS)
        })?;
        return leave(session, own, checks::TOO_MANY_RESERVATIONS);
    }
    session.say("E3", own, |facts, image| {
        checks::e3(facts, image, &memory::fill_tail(facts, image))
    })?;
    if session.common.bad_ram.is_some() {
        return leave(session, own, "RAM where RAM is described (A1)");
    }
    session.say("E6", own, |facts, image| checks::e6(&memory::fill_all(facts, image)))?;
    session.is_memory_overwritten = true;
    others::bring_in(session, own)?;
    others::release(session, own)
}

/// Leaves memory as it is, and says why nothing can be told by overwriting it.
fn leave(session: &mut Session, own: u64, why: &str) -> fmt::Result {
    session.say("E6", own, |_, _| Judgement::not_observable(why))?;
    others::leave(session, own, why)
}

fn q2(conduit: PsciConduit, own: u64) -> Judgement {
    let call =
        |function, affinity| psci::call(&mut Hands, conduit, function, [affinity, start::other_entry_point(), 0]);
    let info = psci::call(&mut Hands, conduit, psci::AFFINITY_INFO, [own, 0, 0]);
    psci::q2_of_first(info, call(psci::CPU_ON, own), call(psci::CPU_ON, NO_CPU))
}

/// Returns what the device tree at x0 says. Only its header's size is believed, and only up to what
/// the protocol allows (B2).
fn facts(x0: u64) -> Result<Facts, Broken> {
    let size = Hands.execute(Instruction::LOAD_32, [x0.wrapping_add(TOTAL_SIZE), 0, 0, 0]);
    let size = size.map_err(|trap| ("G1", checks::no_tree(x0, &trap)))?;
    let size = match u64::from((size as u32).swap_bytes()) {
        size @ HEADER_SIZE_BYTES..=devicetree::MAX_SIZE_BYTES => size,
        // Enough to say what is wrong.
        _ => HEADER_SIZE_BYTES,
    };
    let start = core::ptr::with_exposed_provenance(x0 as usize);
    // SAFETY: what is there was read a moment ago; nothing writes to the device tree: its bytes
    // belong to nobody else.
    let memory = unsafe { core::slice::from_raw_parts(start, size as usize) };
    Facts::read(memory, x0).map_err(|error| match error {
        TreeError::TooLarge { total_bytes } => ("B2", checks::too_large(total_bytes)),
        TreeError::Limit { .. } => ("G1", Judgement::not_observable(error)),
        _ => ("G1", checks::no_tree(x0, &error)),
    })
}

/// The console that the device tree names, if that is a PL011.
fn described_console(facts: &Facts) -> Option<Console> {
    let base = facts.uart?.base;
    // SAFETY: the MMU is off, nothing is written through the early console any more, and what is
    // there is asked first.
    unsafe { Console::new(base) }.filter(Console::is_pl011)
}

/// Ends the machine, by whichever way there is: a call that nobody answers comes back.
fn power_off(conduit: Option<PsciConduit>) -> ! {
    let all = [conduit, Some(PsciConduit::Smc), Some(PsciConduit::Hvc)];
    for conduit in all.into_iter().flatten() {
        let _ = psci::call(&mut Hands, conduit, psci::SYSTEM_OFF, [0; 3]);
    }
    cpu::halt()
}

/// Prints the message and where it is from, and stops.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if let Some(mut console) = Console::last_words() {
        let _ = writeln!(console, "\nerror: the payload panicked: {info}");
        console.flush();
    }
    cpu::halt()
}
