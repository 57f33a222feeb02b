//! The normal world: how a CPU gets there, and where it waits for that.

use core::arch::{asm, naked_asm};
use core::sync::atomic::{AtomicU64, Ordering};

use machine::cores::speculation;
use machine::gic::Target;
use machine::id_registers::El3IdRegisters;
use machine::timers::Timers;
use machine::{counter, cpu, el3, exceptions, random};
use platform::{CPUS_MAX, stacks};
use psci::{Arrival, Features, Start};

use crate::board::BOARD;
use crate::state::{STATE, State};
use crate::{report, vectors};

/// The target of [`wake`] for each CPU, plus 1; 0 before it has been there.
static TARGETS: [AtomicU64; CPUS_MAX] = [const { AtomicU64::new(0) }; CPUS_MAX];

/// `SCR_EL3.IRQ` and `FIQ`.
const SCR_IRQ_AND_FIQ: u64 = 0b110;
/// The time that a CPU that stops waits for the lock, in microseconds. Others hold it for a few at
/// a time.
const STOP_LIMIT_MICROS: u64 = 50_000;
/// The bit of `SPSR_EL3.M` that is set for EL2, and clear for EL1.
const SPSR_M_EL2_BIT: u64 = 3;

/// On entry: a CPU that was just turned on, MMU and caches on, on its own stack.
/// On exit: it is in the normal world, where somebody there has asked for it.
pub extern "C" fn arrive(place: usize) -> ! {
    vectors::mitigate();
    state().system.lock().join(place, own_features());
    park(place)
}

/// The features of the CPU that runs, and what the monitor does about its vulnerabilities.
pub fn own_features() -> Features {
    // SAFETY: at EL3.
    let id = unsafe { cpu::el3_id_registers() };
    Features {
        branch_target_injection: speculation::branch_targets(&id),
        store_bypass: speculation::store_bypass(&id),
        branch_history_injection: speculation::branch_history(&id),
        random_numbers: random::is_there(),
    }
}

/// Stops the CPU for good. From here on PSCI answers that it cannot be started.
pub fn stop() -> ! {
    // A CPU that fails before there are states is the first one: the others are not let in.
    if let Some(state) = STATE.get() {
        let gives_up_at = counter::micros().saturating_add(STOP_LIMIT_MICROS);
        // This CPU may have failed while it held the lock itself.
        while counter::micros() < gives_up_at {
            if let Some(mut system) = state.system.try_lock() {
                if let Some(place) = system.position(cpu::affinity()) {
                    system.stopped(place);
                }
                break;
            }
            core::hint::spin_loop();
        }
    }
    cpu::halt()
}

/// Has the CPU write nothing more to the kernel's memory beside its program.
pub fn stop_recording() {
    // SAFETY: at EL3.
    let id = unsafe { cpu::el3_id_registers() };
    // SAFETY: at EL3, and the kernel has given the CPU up; it came from the normal world, so
    // SCR_EL3.NS is set.
    unsafe { el3::recording::stop(&id) };
}

/// Waits until the CPU is asked for.
pub fn park(place: usize) -> ! {
    let state = state();
    hand_over_interrupts(place);
    loop {
        let arrival = state.system.lock().arrive(place, counter::micros());
        if let Arrival::Enter(start) = arrival {
            // What was sent to wake this CPU was sent by now, as it was under the lock: it is not
            // to be seen below.
            hand_over_interrupts(place);
            enter(place, start)
        }
        wait();
    }
}

/// Sleeps until [`wake`]. A call that came before, since the CPU last asked, is not missed: it
/// stays pending.
fn wait() {
    let gic = &state().gic;
    // SAFETY: at EL3, for this CPU, which has handed its interrupts over and is not in the normal
    // world.
    unsafe { gic.wait_for_wake() };
    sleep();
    // SAFETY: as above.
    unsafe { gic.take_wake() };
}

/// Sleeps until an interrupt is pending for this CPU, of whichever world. All are masked here.
/// While it sleeps they are EL3's (`SCR_EL3.IRQ` and `FIQ`): a CPU need not wake for what it could
/// not take.
pub fn sleep() {
    // SAFETY: nothing of the normal world runs on this CPU, and the register is as it was
    // afterwards; the barrier lets what was written before be seen first.
    unsafe {
        asm!(
            "mrs {scr}, scr_el3",
            "orr {awake}, {scr}, #{irq_and_fiq}",
            "msr scr_el3, {awake}",
            "isb",
            "dsb sy",
            "wfi",
            "msr scr_el3, {scr}",
            "isb",
            scr = out(reg) _,
            awake = out(reg) _,
            irq_and_fiq = const SCR_IRQ_AND_FIQ,
            options(nostack),
        );
    }
}

/// Wakes a CPU that is parked. Under the lock of [`State::system`], so that it comes before the CPU
/// goes on because of what is there now.
pub fn wake(place: usize) {
    // A CPU that is not there yet will ask before it waits.
    let target = TARGETS
        .get(place)
        .and_then(|target| target.load(Ordering::Acquire).checked_sub(1));
    if let Some(target) = target {
        // SAFETY: at EL3; the addresses are those of the machine.
        unsafe { state().gic.wake(Target(target)) };
    }
}

/// Gives the CPU's own interrupts to the normal world, all off.
pub fn hand_over_interrupts(place: usize) {
    let gic = &state().gic;
    // SAFETY: at EL3, for this CPU, which is not in the normal world; the addresses are those of
    // the machine.
    if let Err(error) = unsafe { gic.hand_over_cpu(cpu::affinity()) } {
        report::cannot_serve(error.into())
    }
    // SAFETY: as above.
    let Target(target) = unsafe { gic.own_target(cpu::affinity()) };
    if let Some(own) = TARGETS.get(place) {
        own.store(target + 1, Ordering::Release);
    }
}

/// Returns what the monitor knows. No CPU gets here before that is there.
pub fn state() -> &'static State {
    match STATE.get() {
        Some(state) => state,
        None => cpu::halt(),
    }
}

/// Sets the CPU up, and enters the normal world. Its own interrupts stay as they are, and no timer
/// runs.
pub fn enter(place: usize, start: Start) -> ! {
    set_up_and_leave(place, start, |_| None)
}

/// The same for a CPU that was suspended. A timer may have woken it, for which there is nobody to
/// stand in on a machine whose only timers are those of the CPUs: they go on, so that the interrupt
/// is still there for who wants to know what it was.
pub fn resume(place: usize, start: Start) -> ! {
    // SAFETY: at EL3, and the CPU comes from the normal world, so SCR_EL3.NS is set.
    set_up_and_leave(place, start, |id| Some(unsafe { Timers::read(id) }))
}

fn set_up_and_leave(place: usize, start: Start, kept: impl FnOnce(&El3IdRegisters) -> Option<Timers>) -> ! {
    let state = state();
    // SAFETY: at EL3.
    let id = unsafe { cpu::el3_id_registers() };
    let timers = kept(&id);
    // SAFETY: at EL3, in memory that the page tables map as secure, and nothing runs below EL3 on
    // this CPU. A kernel may have set HCR_EL2.E2H, which is cleared before what it changes the
    // meaning of, and does not concern EL3.
    unsafe { el3::initialise(&id, state.machine) };
    if let Some(timers) = timers {
        // SAFETY: at EL3, with SCR_EL3.NS set just now.
        unsafe { timers.write() };
    }
    // SAFETY: at EL3, and nothing runs below.
    unsafe { exceptions::offer_below(state.report_vectors, id.el2()) };
    if start.is_big_endian {
        // SAFETY: at EL3, and it is what the entry point's code was asked for with.
        unsafe { el3::endianness::make_big_endian(&id) };
    }
    // SAFETY: the CPU is set up for the normal world, and its stack is given up.
    unsafe {
        leave(
            start.entry,
            start.context_id,
            el3::saved_state_at_entry(&id),
            place as u64,
        )
    }
}

/// On entry: x0 = entry point, x1 = what x0 is to be, x2 = `SPSR_EL3`, x3 = the CPU's place;
/// everything else is set up.
/// Does: takes the CPU's own stack from its top for the calls to come.
/// On exit: in the normal world, x0 as asked, every other register 0 (G2, R1).
///
/// # Safety
/// EL3 is set up for the normal world, and nothing on the stack is used any more.
#[unsafe(naked)]
unsafe extern "C" fn leave(entry: u64, context: u64, saved_state: u64, place: u64) -> ! {
    naked_asm!(
        "msr    elr_el3, x0",
        "msr    spsr_el3, x2",
        "ldr    x4, ={first_top}",
        "mov    x5, #{stride}",
        "madd   x4, x5, x3, x4",
        "mov    sp, x4",
        // What the normal world left in the TLBs and in its own register belongs to an earlier life
        // of this CPU.
        "tlbi   alle1",
        "tbz    x2, #{spsr_el2}, 1f",
        "tlbi   alle2",
        "1:",
        "ic     iallu",
        "dsb    sy",
        "isb",
        "msr    tpidr_el0, xzr",
        "msr    tpidrro_el0, xzr",
        "mov    x0, x1",
        ".irp   n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
        "mov    x\\n, xzr",
        ".endr",
        "eret",
        // No speculation past a return.
        "dsb    nsh",
        "isb",
        ".ltorg",
        first_top = const BOARD.secure.stacks.start() + stacks::CALL_TOP,
        stride = const stacks::STRIDE,
        spsr_el2 = const SPSR_M_EL2_BIT,
    )
}
