//! How long calls take, by a clock that counts instructions (QEMU's `-icount shift=0`): in ticks of
//! the counter.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

use machine::counter;

use crate::cpus::{self, Cpu};
use crate::function::{AFFINITY_INFO, CPU_OFF, CPU_ON, PSCI_VERSION, SMC64};
use crate::{alarm, arrival, end, say};

/// The number of calls that are timed.
const CALLS: u64 = 1000;
/// The number of times that a CPU is turned on.
const STARTS: u64 = 100;
/// Time enough for a CPU that is turned off to get to where it waits, or to be turned on.
const REST_MICROS: u64 = 1000;
/// The result of AFFINITY_INFO for a CPU that is off.
const OFF: u64 = 1;

static IS_UNDER_WAY: AtomicU64 = AtomicU64::new(0);
/// The counter at the first instruction of the CPU that was turned on; 0 before that.
static WOKEN: AtomicU64 = AtomicU64::new(0);

/// Returns whether CPUs that come in were turned on by [`begin`].
pub fn is_under_way() -> bool {
    IS_UNDER_WAY.load(Ordering::Relaxed) != 0
}

/// Measures, says what came of it, and ends.
pub fn begin() -> ! {
    IS_UNDER_WAY.store(1, Ordering::Relaxed);
    say(format_args!(
        "measured   PSCI_VERSION: {CALLS} calls in {} ticks, {} without the calls",
        ticks_with_calls(),
        ticks_without()
    ));
    let Some(other) = cpus::all().find(|cpu| !cpus::is_first(cpu)) else {
        end(format_args!("error: there is no other CPU to turn on"))
    };
    let (mut sum, mut longest) = (0, 0);
    for _ in 0..STARTS {
        let Some(ticks) = ticks_to_start(other) else {
            end(format_args!("error: CPU {:#x} is not turned on", other.affinity()))
        };
        sum += ticks;
        longest = ticks.max(longest);
    }
    end(format_args!(
        "measured   CPU_ON: {STARTS} starts in {sum} ticks, the longest in {longest}"
    ))
}

/// Returns what a CPU does that was turned on: it says when it came, and goes again.
pub fn woken(ticks: u64) -> ! {
    WOKEN.store(ticks, Ordering::Release);
    smc([u64::from(CPU_OFF), 0, 0, 0]);
    machine::cpu::halt()
}

/// From the call to the first instruction of the other CPU: what the caller does until it can sleep
/// is in it, as both are counted by one clock. `None` if that CPU does not come.
fn ticks_to_start(other: &Cpu) -> Option<u64> {
    WOKEN.store(0, Ordering::Relaxed);
    alarm::sleep(REST_MICROS);
    if smc([u64::from(AFFINITY_INFO | SMC64), other.affinity(), 0, 0]) != OFF {
        return None;
    }
    let arguments = [u64::from(CPU_ON | SMC64), other.affinity(), arrival::address(), 0];
    alarm::set(REST_MICROS);
    let start = counter::ticks();
    let result = smc(arguments);
    // SAFETY: the alarm ends it.
    unsafe { asm!("wfi", options(nomem, nostack)) };
    alarm::clear();
    let woken = WOKEN.load(Ordering::Acquire);
    (result == 0).then(|| woken.checked_sub(start)).flatten()
}

/// A loop around this.
macro_rules! ticks_of_loop {
    ($instruction:literal) => {{
        let start = counter::ticks();
        // SAFETY: the call changes x0 and nothing else.
        unsafe {
            asm!(
                "1:",
                "mov    w0, {function:w}",
                $instruction,
                "subs   {left}, {left}, #1",
                "b.ne   1b",
                left = inout(reg) CALLS => _,
                function = in(reg) PSCI_VERSION,
                out("x0") _,
                options(nomem, nostack),
            );
        }
        counter::ticks() - start
    }};
}

fn ticks_with_calls() -> u64 {
    ticks_of_loop!("smc #0")
}

fn ticks_without() -> u64 {
    ticks_of_loop!("")
}

/// A call.
fn smc([x0, x1, x2, x3]: [u64; 4]) -> u64 {
    let result;
    // SAFETY: the call changes x0 and nothing else; what memory holds for the CPU that is turned on
    // is there.
    unsafe { asm!("smc #0", inout("x0") x0 => result, in("x1") x1, in("x2") x2, in("x3") x3, options(nostack)) };
    result
}
