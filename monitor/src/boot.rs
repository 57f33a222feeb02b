//! The boot: the first CPU learns from the device tree what machine this is, lets the others in, and enters the kernel.

use core::fmt::Write;
use core::ptr::with_exposed_provenance;
use core::sync::atomic::{AtomicU64, Ordering};

use arrayvec::ArrayVec;
use devicetree::{Devicetree, GicKind, TreeError};
use machine::gic::{Gic, GicError};
use machine::{counter, cpu, el3};
use phys_range::PhysRange;
use psci::{Cpu, PowerControl, Start, System};
use spin::Once;
use spin::mutex::{SpinMutex, SpinMutexGuard};

use crate::board::{BOARD, CPUS_MAX};
use crate::entry::MPIDR_AFFINITY;
use crate::lock::Lock;
use crate::state::{GIC_BLOCKS_MAX, Memory, STATE, State};
use crate::{vectors, world};

/// The affinity fields of every CPU, in the order of the device tree, for CPUs that look themselves up. What is behind the last is no CPU's.
pub static AFFINITIES: [AtomicU64; CPUS_MAX] = [const { AtomicU64::new(0) }; CPUS_MAX];

/// How long the other CPUs may take to arrive, in microseconds from when they are let in. They take a
/// few, but much longer where they share a CPU of an emulator's host.
const ARRIVALS_LIMIT_MICROS: u64 = 50_000;

/// The states of all CPUs.
static CPUS: SpinMutex<ArrayVec<Cpu, CPUS_MAX>> = SpinMutex::new(ArrayVec::new_const());
/// What [`STATE`] refers to.
static MEMORY: Once<Memory> = Once::new();

/// Why the monitor cannot serve this machine. The bootloader has read the same tree, and would have said more about it.
enum BootError {
    Tree,
    Cpus,
    Gic,
}

impl BootError {
    /// The code that `flint explain` knows.
    const fn code(self) -> &'static str {
        match self {
            Self::Tree => "monitor-tree",
            Self::Cpus => "monitor-cpus",
            Self::Gic => "monitor-gic",
        }
    }
}

/// On entry: the first CPU, MMU and caches on, variables zero, on a stack that is given up at the end; the device tree and the kernel are in RAM.
/// Does: reads the tree, hands the interrupt controller over, lets the other CPUs in.
/// On exit: the kernel runs; or the CPU has stopped after the line that says why.
pub extern "C" fn start(tree: u64, entry: u64) -> ! {
    match prepare(tree) {
        Ok(place) => {
            world::hand_over_interrupts(place);
            let start = Start {
                entry,
                context_id: tree,
                is_big_endian: false,
            };
            world::enter(place, start)
        }
        Err(error) => fail(error.code()),
    }
}

/// Says that the monitor cannot serve this CPU, and why by this code; stops the CPU.
pub fn fail(code: &str) -> ! {
    let affinity = cpu::affinity();
    // A UART has no errors to give back.
    let _ = vectors::last_words(|console| {
        write!(console, "error: the monitor cannot serve CPU {affinity:#x} [")?;
        console.write_str(code)?;
        console.write_str("]\n")
    });
    world::stop()
}

/// The place of this CPU among all.
fn prepare(tree: u64) -> Result<usize, BootError> {
    // SAFETY: the bootloader has put the tree there, in a block of RAM of its own that no CPU writes to before the kernel runs.
    let bytes = unsafe {
        core::slice::from_raw_parts(
            with_exposed_provenance(tree as usize),
            devicetree::MAX_SIZE_BYTES as usize,
        )
    };
    let tree = Devicetree::parse(bytes)?;
    let cpus = SpinMutexGuard::leak(CPUS.lock());
    for (affinity, place) in tree.cpus().zip(&AFFINITIES) {
        place.store(affinity & MPIDR_AFFINITY, Ordering::Relaxed);
        // As many as there are places.
        let _ = cpus.try_push(Cpu::new(affinity));
    }
    // A number that no CPU has ends the list.
    for place in AFFINITIES.iter().skip(cpus.len()) {
        place.store(u64::MAX, Ordering::Relaxed);
    }
    let own = cpu::affinity();
    let place = cpus
        .iter()
        .position(|cpu| cpu.affinity() == own)
        .ok_or(BootError::Cpus)?;
    let memory = MEMORY.call_once(|| Memory {
        normal_ram: tree.ram().cloned().unwrap_or_default(),
        gic_registers: tree.gic_registers().take(GIC_BLOCKS_MAX).collect(),
    });
    let gic = gic(&tree, &memory.gic_registers);
    let machine = el3::Machine {
        has_gicv3: matches!(gic, Some(Gic::V3 { .. })),
        counter_hz: counter::frequency_hz(),
    };
    if let Some(gic) = &gic {
        // SAFETY: at EL3, nothing runs in the normal world yet, and the kernel's device tree says what is where; the page tables map it as
        // secure devices.
        unsafe { gic.hand_over() }?;
    }
    let power = PowerControl { off: true, reset: true };
    let system = System::new(cpus, place, world::own_features(), &memory.normal_ram, power);
    STATE.call_once(|| State {
        system: Lock::new(system),
        arrivals_end_us: counter::micros().saturating_add(ARRIVALS_LIMIT_MICROS),
        machine,
        gic,
    });
    // SAFETY: the distributor of this machine, mapped as a secure device; the other CPUs only look at it.
    unsafe { machine::gic::let_others_in(BOARD.gic_distributor) }?;
    Ok(place)
}

/// The interrupt controller that the tree describes, with these blocks of registers.
fn gic(tree: &Devicetree<'_>, blocks: &'static [PhysRange]) -> Option<Gic<'static>> {
    let (distributor, blocks) = mapped(blocks).split_first()?;
    match tree.gic()? {
        GicKind::V2 => Some(Gic::V2 {
            distributor: distributor.start(),
            cpu_interface: blocks.first()?.start(),
        }),
        GicKind::V3 => Some(Gic::V3 {
            distributor: distributor.start(),
            redistributors: blocks.get(..tree.redistributor_regions()).unwrap_or(blocks),
            stride: tree.redistributor_stride(),
        }),
        GicKind::V5 | GicKind::Unknown => None,
    }
}

/// The blocks before the first that the page tables do not map. What is not mapped cannot be asked: CPUs whose redistributor is there stay
/// off.
fn mapped(blocks: &[PhysRange]) -> &[PhysRange] {
    let mapped = blocks.iter().take_while(|block| BOARD.devices.contains(block));
    blocks.get(..mapped.count()).unwrap_or_default()
}

impl From<TreeError> for BootError {
    fn from(_: TreeError) -> Self {
        Self::Tree
    }
}

impl From<GicError> for BootError {
    fn from(_: GicError) -> Self {
        Self::Gic
    }
}
