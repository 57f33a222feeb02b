//! Calls from the normal world: PSCI decides (see the crate `psci`), this does it.

use core::sync::atomic::Ordering;

use machine::el3::{availability, endianness};
use machine::{counter, cpu, random};
use psci::{Answer, Arrival, El3Register, Error, Request, TRNG_UUID};

use crate::state::ARRIVALS_END_US;
use crate::world;
use crate::{entry, power};

/// The time that a call waits for a CPU that is on its way. It takes microseconds, but much longer
/// where the CPUs share one of an emulator.
const ARRIVAL_LIMIT_MICROS: u64 = 50_000;

const ON_PENDING: u64 = Error::OnPending.x0();
const INTERNAL_FAILURE: u64 = Error::InternalFailure.x0();

/// The registers that a call can change: x0 to x18, and nothing (SMCCC, "Register use in AArch64
/// SMC and HVC calls").
#[repr(C)]
pub struct Frame {
    x: [u64; 20],
}

impl Frame {
    /// Puts results into x0 to x3.
    fn set_results(&mut self, results: [u64; 4]) {
        let [x0, x1, x2, x3, ..] = &mut self.x;
        [*x0, *x1, *x2, *x3] = results;
    }
}

/// On entry: a call by `smc` from AArch64; `frame` holds what the caller had in its registers.
/// Does: what is asked for. x0 in the frame is the answer, x1 to x17 stay (SMCCC 1.1) but for what
/// a function has in x1 to x3.
/// On exit: back to the caller; a CPU that is turned off or suspended does not come back here.
pub extern "C" fn handle(frame: &mut Frame) {
    let asked = frame.x[0];
    let mut patience_ends_at = None;
    loop {
        serve(frame);
        let is_final = match frame.x[0] {
            // A CPU that has been turned on is on its way: whoever turns it on once more meanwhile
            // gets to know that it is on, if it comes soon, rather than that it will be.
            ON_PENDING => has_waited(&mut patience_ends_at),
            // A CPU cannot be turned on. Shortly after the boot it may only be late.
            INTERNAL_FAILURE => are_arrivals_over(),
            _ => true,
        };
        if is_final {
            return;
        }
        frame.x[0] = asked;
    }
}

#[inline(always)]
fn serve(frame: &mut Frame) {
    let [x0, x1, x2, x3, ..] = frame.x;
    let place = entry::place_of_stack(&raw const *frame as u64);
    let answer = {
        let mut system = world::state().system.lock();
        let request = Request::of([x0, x1, x2, x3], endianness::is_caller_big_endian());
        let answer = system.call(place, &request, counter::micros);
        if let Answer::Wake(target) = answer {
            world::wake(target);
        }
        answer
    };
    frame.x[0] = match answer {
        Answer::Return(value) => value,
        Answer::TrngUuid => return frame.set_results(TRNG_UUID),
        Answer::Random(asked_for) => return frame.set_results(asked_for.results(random::words())),
        Answer::FeatureAvailability(register) => {
            frame.x[1] = available_by(register);
            0
        }
        Answer::Wake(_) => 0,
        Answer::Off => {
            world::stop_recording();
            world::park(place)
        }
        Answer::Suspend | Answer::SystemSuspend => {
            world::stop_recording();
            suspend(place)
        }
        Answer::Standby => suspend(place),
        Answer::SystemOff => power::off(),
        Answer::SystemReset | Answer::SystemWarmReset => power::reset(),
    };
}

/// Returns whether a call has waited for a CPU long enough; `ends_at` is when that will be, once it
/// is known.
#[inline(never)]
fn has_waited(ends_at: &mut Option<u64>) -> bool {
    core::hint::spin_loop();
    let now = counter::micros();
    now >= *ends_at.get_or_insert(now.saturating_add(ARRIVAL_LIMIT_MICROS))
}

/// Returns whether all CPUs that exist should have arrived.
#[inline(never)]
fn are_arrivals_over() -> bool {
    core::hint::spin_loop();
    counter::micros() >= ARRIVALS_END_US.load(Ordering::Relaxed)
}

/// The features that this register lets the normal world use.
fn available_by(register: El3Register) -> u64 {
    // SAFETY: at EL3.
    let id = unsafe { cpu::el3_id_registers() };
    match register {
        El3Register::Scr => availability::by_secure_configuration(&id),
        El3Register::Cptr => availability::by_architectural_features(&id),
        El3Register::Mdcr => availability::by_debug_configuration(&id),
        El3Register::Mpam3 => availability::by_partitioning(&id),
    }
}

/// Waits for an interrupt. What comes back from a standby state goes on where it was, with x0 = 0;
/// what comes back from a power-down state starts anew.
fn suspend(place: usize) -> u64 {
    world::sleep();
    let arrival = world::state().system.lock().arrive(place, counter::micros());
    match arrival {
        Arrival::Return => 0,
        Arrival::Enter(start) => world::resume(place, start),
        Arrival::Park => world::park(place),
    }
}
