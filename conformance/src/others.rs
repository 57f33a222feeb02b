//! The other CPUs: brought in one after the other, each makes its checks and goes.

use core::fmt;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use boot_protocol::checks;
use boot_protocol::facts::EnableMethod;
use boot_protocol::psci::{self, Brought};
use boot_protocol::spin_table::{self, LetIn, Waiting};
use boot_protocol::{Cpu as _, Entry, Instruction, Judgement};
use devicetree::PsciConduit;
use machine::exceptions::ReportStack;
use machine::{counter, cpu, power, probe};

use crate::hands::Hands;
use crate::session::Session;
use crate::start::{NOBODY, TURN, other_entry_point};

/// The time limit for a CPU for what takes a millisecond. A machine that others use, too, may stand
/// still for a while.
const PATIENCE_SECONDS: u64 = 5;

/// The least that the counter is taken to count in a second, should CNTFRQ_EL0 be wrong (J1).
const TICKS_PER_SECOND_MIN: u64 = 62_500_000;

/// What the CPU whose turn it is has reached: nothing.
const AWAITED: u32 = 0;
/// It runs, and waits to be let on.
const CAME: u32 = 1;
/// The first CPU has let it on, and touches nothing meanwhile.
const LOOKS: u32 = 2;
/// It is done.
const FINISHED: u32 = 3;

/// The stack on which the CPU whose turn it is reports exceptions that no check causes. The first
/// CPU has its own: it waits meanwhile, and may fault, too.
static REPORT_STACK: ReportStack = ReportStack::new();
static STATE: AtomicU32 = AtomicU32::new(AWAITED);
/// The session, while a CPU whose turn it is may use it.
static SESSION: AtomicPtr<Session> = AtomicPtr::new(ptr::null_mut());

/// Brings in all CPUs that PSCI can bring in, but for the one that runs.
///
/// # Errors
/// Those of the console.
pub fn bring_in(session: &mut Session, own: u64) -> fmt::Result {
    let mut cpus = session.facts.cpus.clone();
    cpus.retain(|cpu| cpu.affinity != own && cpu.method == EnableMethod::Psci);
    if cpus.is_empty() && !session.is_memory_overwritten {
        session.say("Q1", own, |_, _| {
            Judgement::not_applicable("of CPUs that PSCI brings in", "no other CPU has this enable-method")
        })?;
    }
    for cpu in cpus {
        let brought = by_psci(session, cpu.affinity);
        if session.is_memory_overwritten {
            session.say("Q1", cpu.affinity, |_, _| psci::q1(&brought))?;
        } else {
            session.say("Q2", cpu.affinity, |_, _| psci::q2(&brought))?;
            session.say("N1", cpu.affinity, |_, _| psci::n1(&brought))?;
        }
        if !brought.finished {
            // It is not called again: what would come of that is known.
            session.facts.cpus.retain(|other| other.affinity != cpu.affinity);
        }
    }
    Ok(())
}

/// Says of the CPUs that wait in memory how they do so.
///
/// # Errors
/// Those of the console.
pub fn tell_of_waiting(session: &mut Session, own: u64) -> fmt::Result {
    for (affinity, release) in spin_table::waiters(&session.facts, own) {
        let load = |address| Hands.execute(Instruction::LOAD_64, [address, 0, 0, 0]).ok();
        let waiting = Waiting {
            release,
            at_first: release.and_then(load),
        };
        session.say("P1", affinity, |_, _| spin_table::p1(&waiting))?;
        session.say("P2", affinity, |_, _| spin_table::p2(&waiting))?;
        session.say("P4", affinity, |facts, _| spin_table::p4(facts, &waiting))?;
    }
    Ok(())
}

/// Lets CPUs in that wait in memory: few before all other memory is overwritten, the others after
/// that.
///
/// # Errors
/// Those of the console.
pub fn release(session: &mut Session, own: u64) -> fmt::Result {
    let is_memory_overwritten = session.is_memory_overwritten;
    let waiters = if is_memory_overwritten {
        spin_table::waiters(&session.facts, own)
    } else {
        spin_table::early(&session.facts, own)
    };
    for (affinity, release) in waiters {
        let word = release.filter(|word| may_write(session, *word));
        let brought = word.map_or(Brought::default(), |word| by_spin_table(session, affinity, word));
        let let_in = LetIn {
            has_word: word.is_some(),
            is_memory_overwritten,
            has_another_come: session.has_one_come_early,
            came: brought.came,
        };
        session.say("P3", affinity, |_, _| spin_table::p3(&let_in))?;
        session.say("P6", affinity, |_, _| spin_table::p6(&let_in))?;
        session.say("N1", affinity, |_, _| psci::n1(&brought))?;
        session.has_one_come_early |= !is_memory_overwritten && brought.came;
        // It waits no more.
        session.facts.cpus.retain(|cpu| cpu.affinity != affinity);
    }
    Ok(())
}

/// Says why nothing is told of CPUs that would be used once more, after memory was overwritten.
pub fn leave(session: &mut Session, own: u64, why: &str) -> fmt::Result {
    let mut cpus = session.facts.cpus.clone();
    cpus.retain(|cpu| cpu.affinity != own);
    for cpu in cpus {
        let untold: &[&str] = match cpu.method {
            EnableMethod::Psci => &["Q1"],
            EnableMethod::SpinTable(_) => &["P3", "P6", "N1"],
            EnableMethod::Missing | EnableMethod::Other => &[],
        };
        for clause in untold {
            session.say(clause, cpu.affinity, |_, _| Judgement::not_observable(why))?;
        }
    }
    Ok(())
}

/// Returns whether PSCI brings this CPU in, as often as is wanted.
fn is_by_psci(session: &Session, affinity: u64) -> bool {
    let mut cpus = session.facts.cpus.iter();
    cpus.any(|cpu| cpu.affinity == affinity && cpu.method == EnableMethod::Psci)
}

fn by_psci(session: &mut Session, affinity: u64) -> Brought {
    let mut brought = Brought::default();
    let Some(conduit) = session.facts.psci else {
        return brought;
    };
    let affinity_info = || psci::call(&mut Hands, conduit, psci::AFFINITY_INFO, [affinity, 0, 0]);
    let cpu_on = || psci::call(&mut Hands, conduit, psci::CPU_ON, [affinity, other_entry_point(), 0]);

    brought.before = Some(affinity_info());
    prepare_for(session, affinity);
    brought.on = Some(cpu_on());
    brought.came = brought.on == Some(Ok(0)) && within_patience(|| STATE.load(Ordering::Acquire) == CAME);
    if brought.came {
        brought.again = Some(cpu_on());
        brought.finished = let_on(session);
        brought.went_off = brought.finished && within_patience(|| affinity_info() == Ok(psci::OFF));
    }
    TURN.store(NOBODY, Ordering::Release);
    brought
}

/// Returns whether a word can be written to, and nothing of the payload's is lost by that.
fn may_write(session: &Session, word: u64) -> bool {
    spin_table::is_writable(&session.facts, &session.image, word)
        && Hands.execute(Instruction::LOAD_64, [word, 0, 0, 0]).is_ok()
}

fn by_spin_table(session: &mut Session, affinity: u64, word: u64) -> Brought {
    let mut brought = Brought::default();
    prepare_for(session, affinity);
    if Hands
        .execute(Instruction::STORE_64, [word, other_entry_point(), 0, 0])
        .is_ok()
    {
        cpu::send_event();
        brought.came = within_patience(|| STATE.load(Ordering::Acquire) == CAME);
        brought.finished = brought.came && let_on(session);
    }
    TURN.store(NOBODY, Ordering::Release);
    brought
}

fn prepare_for(session: &mut Session, affinity: u64) {
    STATE.store(AWAITED, Ordering::Release);
    SESSION.store(session, Ordering::Release);
    TURN.store(affinity, Ordering::Release);
    // Where all CPUs have one release address, this one came with another, and waits.
    cpu::send_event();
}

/// Lets the CPU that came make its checks. Whether it did. The session is its own until then.
fn let_on(session: &mut Session) -> bool {
    SESSION.store(session, Ordering::Release);
    STATE.store(LOOKS, Ordering::Release);
    let finished = within_patience(|| STATE.load(Ordering::Acquire) == FINISHED);
    if !finished {
        // It stopped in the middle of a line. A UART has no errors to give back.
        let _ = session.report.cut();
    }
    finished
}

/// Returns whether `done` is, before patience ends.
fn within_patience(mut done: impl FnMut() -> bool) -> bool {
    let start = counter::virtual_ticks();
    let limit = counter::frequency_hz()
        .max(TICKS_PER_SECOND_MIN)
        .saturating_mul(PATIENCE_SECONDS);
    loop {
        if done() {
            return true;
        }
        if counter::virtual_ticks().wrapping_sub(start) > limit {
            return false;
        }
        core::hint::spin_loop();
    }
}

/// On entry: from `start`: a CPU whose turn it is, which was entered with `entry`.
/// Does: says that it came, and once it is let on makes its checks.
/// On exit: the CPU is off, or sleeps.
pub extern "C" fn enter(entry: &Entry) -> ! {
    let session = SESSION.load(Ordering::Acquire);
    STATE.store(CAME, Ordering::Release);
    if !within_patience(|| STATE.load(Ordering::Acquire) == LOOKS) {
        cpu::halt();
    }
    // SAFETY: the session that the first CPU waits for: it does not touch it before this CPU has
    // finished.
    let session = unsafe { &mut *session };
    // SAFETY: it is this CPU's turn. The one whose turn it was before has finished and is off or
    // sleeps; or it is lost: it has stopped at EL3, or after its own report.
    unsafe { probe::install(session.report.output(), &REPORT_STACK) };
    if !session.is_memory_overwritten || !is_by_psci(session, entry.cpu()) {
        // A UART has no errors to give back.
        let _ = session
            .look(entry, &checks::OTHERS)
            .and_then(|()| session.look(entry, &checks::EVERY_CPU));
    }
    let conduit = session.facts.psci;
    STATE.store(FINISHED, Ordering::Release);
    match conduit {
        Some(PsciConduit::Smc) => power::cpu_off(power::Conduit::Smc),
        Some(PsciConduit::Hvc) => power::cpu_off(power::Conduit::Hvc),
        None => {}
    }
    cpu::halt()
}
