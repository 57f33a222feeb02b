//! Calls of any kind, by all CPUs at once.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use machine::{counter, cpu};

use crate::arguments;
use crate::arrival;
use crate::cpus::{self, Cpu, State, count};
use crate::expected::{Call, Expected};
use crate::function::{AFFINITY_INFO, CPU_OFF, CPU_ON, SMC64, SYSTEM_SUSPEND};
use crate::registers::{ARGUMENTS, Registers, SystemRegisters};
use crate::{alarm, end, say};

/// The time limit for all of it.
const LIMIT_SECONDS: u64 = 100;
/// After so long, a CPU that sleeps is woken.
const NAP_MICROS: u64 = 20;
/// The number of times that the system is suspended once the first CPU is alone.
const SYSTEM_SUSPENDS: u64 = 3;
/// The result of AFFINITY_INFO for a CPU that is off.
const OFF: u64 = 1;

/// The number of calls that all CPUs are to make.
static CALLS: AtomicU64 = AtomicU64::new(0);
/// The time to give up at, in ticks.
static DEADLINE: AtomicU64 = AtomicU64::new(0);
/// The number of times that the system is still to be suspended.
static SUSPENDS_LEFT: AtomicU64 = AtomicU64::new(SYSTEM_SUSPENDS);

/// Spreads so many calls over all CPUs, and begins; `ticks` was when the machine started.
pub fn begin(calls: u64, seed: u64, ticks: u64) -> ! {
    CALLS.store(calls, Ordering::Relaxed);
    DEADLINE.store(ticks + LIMIT_SECONDS * counter::frequency_hz(), Ordering::Relaxed);
    let cpus = cpus::all().count() as u64;
    for (place, cpu) in (0..).zip(cpus::all()) {
        let share = calls / cpus + u64::from(place < calls % cpus);
        cpu.prepare(share, seed.rotate_left(32) ^ place << 48);
    }
    go_on(cpus::first())
}

/// The CPU makes what is left of its calls.
pub fn go_on(cpu: &'static Cpu) -> ! {
    loop {
        let left = cpu.left.load(Ordering::Relaxed);
        if left == 0 || is_late() {
            break;
        }
        if cpus::is_first(cpu) {
            turn_on_others(cpu);
        }
        cpu.left.store(left - 1, Ordering::Relaxed);
        let is_big_endian = any_endianness(cpu);
        let counter = match make(cpu, &arguments::any(cpu, is_big_endian), is_big_endian) as i64 {
            0.. => &cpu.answered,
            _ => &cpu.refused,
        };
        count(counter);
    }
    if cpus::is_first(cpu) { finish(cpu) } else { retire(cpu) }
}

/// Says what is wrong, and stops the CPU; the first one ends the run.
pub fn fail(cpu: &Cpu, what: fmt::Arguments<'_>) -> ! {
    say(format_args!("error: CPU {:#x} {what}", cpu.affinity()));
    cpu.set(State::Failed);
    if cpus::is_first(cpu) {
        end(format_args!("error: the first CPU has failed"))
    }
    cpu::halt()
}

/// The CPU has made its calls, and is off from here on, however often others turn it on.
pub fn retire(cpu: &Cpu) -> ! {
    cpu.set(State::Done);
    make(cpu, &call([CPU_OFF, 0, 0, 0].map(u64::from)), any_endianness(cpu));
    fail(cpu, format_args!("cannot be turned off"))
}

/// Makes one call with this endianness, and holds all registers after it against those before.
/// Returns x0; a call that takes the CPU away does not return.
fn make(cpu: &Cpu, x: &[u64; ARGUMENTS], is_big_endian: bool) -> u64 {
    let call = Call::of(x);
    let expected = Expected::of(&call, cpu);
    let mut before = Registers::random(x, is_big_endian, cpu.random());
    SystemRegisters::scramble(cpu.random());
    let system = SystemRegisters::read();
    match expected {
        Expected::Off if !cpu.is(State::Done) => cpu.set(State::Off),
        Expected::Entry(context) | Expected::EntryOrDenied(context) => cpu.suspend(context, is_big_endian),
        _ => {}
    }
    alarm::set(NAP_MICROS);
    let after = before.call();
    alarm::clear();
    cpu.set(State::On);

    let [x0, x1, x2, x3, ..] = *x;
    let called = format_args!("called with {x0:#x}, {x1:#x}, {x2:#x}, {x3:#x}");
    let [result, second, ..] = after.x;
    if !expected.allows([result, second], &call) {
        fail(cpu, format_args!("{called}: x0 is {result:#x}, x1 {second:#x}"));
    }
    let system_difference = system.difference(&SystemRegisters::read());
    if let Some(difference) = before.difference(&after, expected.results()).or(system_difference) {
        fail(cpu, format_args!("{called}: {difference}"));
    }
    if call.base() == CPU_ON && result == 0 {
        count(&cpu.starts_asked);
    }
    result
}

/// An endianness that the CPU has.
fn any_endianness(caller: &Cpu) -> bool {
    let mixed_endian = cpu::memory_model_id() >> 8 & 0xf;
    mixed_endian != 0 && caller.random().once_in(2)
}

/// A call with no more arguments than these.
fn call(x: [u64; 4]) -> [u64; ARGUMENTS] {
    core::array::from_fn(|number| x.get(number).copied().unwrap_or(0))
}

/// The first CPU turns on those that are off and not done. Where one has failed, the run has.
fn turn_on_others(first: &Cpu) {
    for cpu in cpus::all() {
        if cpu.is(State::Failed) {
            end(format_args!("error: CPU {:#x} has failed", cpu.affinity()));
        }
        if cpu.is(State::Off) {
            let function = u64::from(CPU_ON | SMC64);
            let is_big_endian = any_endianness(first);
            let context = cpu.start_context(is_big_endian);
            let on = call([function, cpu.affinity(), arrival::address(), context]);
            make(first, &on, is_big_endian);
        }
    }
}

/// The first CPU waits until all others are there.
fn wait_for_others(first: &Cpu, is_there: impl Fn(&Cpu) -> bool) {
    for cpu in cpus::all().filter(|cpu| !cpus::is_first(cpu)) {
        while !is_there(cpu) {
            turn_on_others(first);
            alarm::sleep(NAP_MICROS);
            if is_late() {
                let (affinity, left) = (cpu.affinity(), cpu.left.load(Ordering::Relaxed));
                end(format_args!(
                    "error: CPU {affinity:#x} did not come to its end, {left} calls left"
                ));
            }
        }
    }
}

/// The first CPU waits for the others, suspends the system while it is alone, and says how it went.
fn finish(first: &Cpu) -> ! {
    wait_for_others(first, |cpu| cpu.is(State::Done));
    // Now that nobody turns others on any more.
    wait_for_others(first, |cpu| {
        let asked = call([u64::from(AFFINITY_INFO | SMC64), cpu.affinity(), 0, 0]);
        make(first, &asked, any_endianness(first)) == OFF
    });
    let suspends_left = SUSPENDS_LEFT.load(Ordering::Relaxed);
    if suspends_left > 0 {
        SUSPENDS_LEFT.store(suspends_left - 1, Ordering::Relaxed);
        let function = SYSTEM_SUSPEND | if suspends_left.is_multiple_of(2) { SMC64 } else { 0 };
        let suspend = call([function.into(), arrival::address(), suspends_left, 0]);
        make(first, &suspend, any_endianness(first));
        fail(first, format_args!("cannot suspend the system, though it is alone"));
    }
    let sum = |counter: fn(&Cpu) -> &AtomicU64| {
        let counts = cpus::all().map(|cpu| counter(cpu).load(Ordering::Relaxed));
        counts.sum::<u64>()
    };
    let (left, answered, refused) = (sum(|cpu| &cpu.left), sum(|cpu| &cpu.answered), sum(|cpu| &cpu.refused));
    if left > 0 {
        end(format_args!("error: {left} calls were not made in time"));
    }
    let (starts_asked, starts) = (sum(|cpu| &cpu.starts_asked), sum(|cpu| &cpu.starts));
    if starts_asked != starts {
        end(format_args!(
            "error: {starts_asked} calls turned a CPU on, and CPUs came in {starts} times"
        ));
    }
    let calls = CALLS.load(Ordering::Relaxed);
    end(format_args!(
        "calls      {calls} by {} CPUs: {answered} answered, {refused} refused, {} left by CPUs that came back",
        cpus::all().count(),
        calls - answered - refused,
    ))
}

fn is_late() -> bool {
    counter::ticks() > DEADLINE.load(Ordering::Relaxed)
}
