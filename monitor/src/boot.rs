//! The boot: the first CPU reads what machine this is, lets the others in, and enters the kernel.

use core::fmt;
use core::ptr::with_exposed_provenance;
use core::sync::atomic::Ordering;

use arrayvec::ArrayVec;
use machine::gic::{self, Gic, GicError};
use machine::{counter, el3};
use platform::{CPUS_MAX, GicRegisters, Platform};
use psci::{Cpu, PowerControl, Start, System};
use spin::Once;
use spin::mutex::{SpinMutex, SpinMutexGuard};

use crate::board::BOARD;
use crate::lock::Lock;
use crate::state::{ARRIVALS_END_US, Lists, STATE, State};
use crate::{report, vectors, world};

/// The time that the other CPUs may take to arrive, in microseconds from when they are let in. They
/// take a few, but much longer where they share a CPU of an emulator's host.
const ARRIVALS_LIMIT_MICROS: u64 = 500_000;

/// The states of all CPUs.
static CPUS: SpinMutex<ArrayVec<Cpu, CPUS_MAX>> = SpinMutex::new(ArrayVec::new_const());
/// The lists that [`STATE`] refers to.
static LISTS: Once<Lists> = Once::new();

/// The reason why the monitor cannot serve this machine.
pub enum BootError {
    /// The description of the machine is none, or of another version of the bootloader.
    Platform,
    /// The interrupt controller does not work.
    Gic(GicError),
}

impl BootError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Platform => "monitor-platform",
            Self::Gic(_) => "monitor-gic",
        }
    }
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform => f.write_str("the bootloader's description of the machine is none, or of another version"),
            Self::Gic(error) => error.fmt(f),
        }
    }
}

/// On entry: the first CPU, MMU and caches on, variables zero, on its own stack; device tree and
/// kernel are in RAM, which the monitor does not look at.
/// Does: hands the interrupt controller over, lets the other CPUs in.
/// On exit: the kernel runs; or the CPU has stopped after the line that says why.
pub extern "C" fn start(place: usize, tree: u64, entry: u64, report_vectors: u64) -> ! {
    match prepare(place, report_vectors) {
        Ok(()) => {
            world::hand_over_interrupts(place);
            let start = Start {
                entry,
                context_id: tree,
                is_big_endian: false,
            };
            world::enter(place, start)
        }
        Err(error) => report::cannot_serve(error),
    }
}

fn prepare(place: usize, report_vectors: u64) -> Result<(), BootError> {
    vectors::mitigate();
    let platform = platform().ok_or(BootError::Platform)?;
    let cpus = SpinMutexGuard::leak(CPUS.lock());
    // As many as there are places.
    cpus.extend(platform.cpus.iter().take(CPUS_MAX).map(Cpu::new));
    let lists = LISTS.call_once(|| Lists {
        normal_ram: platform.normal_ram().collect(),
        redistributors: platform.redistributors().collect(),
    });
    let gic = match platform.gic().ok_or(BootError::Platform)? {
        GicRegisters::V2 {
            distributor,
            cpu_interface,
        } => Gic::V2 {
            distributor,
            cpu_interface,
        },
        GicRegisters::V3 { distributor } => Gic::V3 {
            distributor,
            redistributors: &lists.redistributors,
        },
    };
    let has_gicv3 = gic.has_system_registers();
    // SAFETY: at EL3, nothing runs in the normal world yet, and the description of the machine,
    // which was held against the board, says where it is; the page tables map it as a secure
    // device.
    unsafe { gic.hand_over() }?;
    let power = PowerControl {
        off: platform.can_power_off(),
        reset: platform.can_reset(),
    };
    let system = System::new(cpus, place, world::own_features(), &lists.normal_ram, power);
    STATE.call_once(|| State {
        system: Lock::new(system),
        machine: el3::Machine {
            has_gicv3,
            counter_hz: counter::frequency_hz(),
        },
        gic,
        report_vectors,
    });
    ARRIVALS_END_US.store(
        counter::micros().saturating_add(ARRIVALS_LIMIT_MICROS),
        Ordering::Relaxed,
    );
    // SAFETY: the distributor of this board, mapped as a secure device; the other CPUs only look at
    // it.
    unsafe { gic::let_others_in(BOARD.gic.distributor.start(), has_gicv3) }?;
    Ok(())
}

/// Returns the bootloader's description of the machine.
pub fn platform() -> Option<&'static Platform> {
    let place = BOARD.secure.platform;
    let start = with_exposed_provenance(place.start() as usize);
    // SAFETY: secure RAM that the page tables map, that the bootloader has written and nobody
    // writes any more.
    let bytes = unsafe { core::slice::from_raw_parts(start, place.len() as usize) };
    Platform::read(bytes)
}

impl From<GicError> for BootError {
    fn from(error: GicError) -> Self {
        Self::Gic(error)
    }
}

const _: () = assert!(size_of::<Platform>() as u64 <= BOARD.secure.platform.len());
