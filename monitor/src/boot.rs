//! The boot: the first CPU learns from the device tree what machine this is, lets the others in, and enters the kernel.

use core::fmt::Write;
use core::ptr::with_exposed_provenance;
use core::sync::atomic::{AtomicU64, Ordering};

use arrayvec::ArrayVec;
use devicetree::{Devicetree, GicKind, RANGES_MAX, TreeError};
use machine::console::Console;
use machine::gic::{Gic, GicError};
use machine::{counter, cpu, el3};
use phys_range::PhysRange;
use psci::{Cpu, Start, System, Workarounds};
use spin::Once;
use spin::mutex::SpinMutex;

use crate::board::{BOARD, CPUS_MAX};
use crate::entry::MPIDR_AFFINITY;
use crate::lock::Lock;
use crate::state::{REGIONS, REGIONS_MAX, STATE, State};
use crate::world;

/// The affinity fields of every CPU, in the order of the device tree, for CPUs that look themselves up. What is behind the last is no CPU's.
pub static AFFINITIES: [AtomicU64; CPUS_MAX] = [const { AtomicU64::new(0) }; CPUS_MAX];

/// The states of all CPUs.
static CPUS: SpinMutex<ArrayVec<Cpu, CPUS_MAX>> = SpinMutex::new(ArrayVec::new_const());
/// Where kernels may be entered.
static NORMAL_RAM: Once<ArrayVec<PhysRange, RANGES_MAX>> = Once::new();

/// Why the monitor cannot serve this machine. The bootloader has read the same tree, and would have said more about it.
enum BootError {
    Tree(TreeError),
    Cpus,
    Gic,
}

impl BootError {
    /// The code that `flint explain` knows.
    fn code(&self) -> &'static str {
        match self {
            Self::Tree(error) => error.code(),
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
            let context_id = tree;
            world::enter(place, Start { entry, context_id })
        }
        Err(error) => fail(error.code()),
    }
}

/// Says that the monitor cannot serve this CPU, and why by this code; stops the CPU.
pub fn fail(code: &str) -> ! {
    // SAFETY: the board's PL011, mapped as a device. The normal world may write to it, too: what this CPU says may cut into a line of others.
    if let Some(mut console) = unsafe { Console::new(BOARD.console) } {
        // A UART has no errors to give back.
        let _ = writeln!(
            console,
            "error: the monitor cannot serve CPU {:#x} [{code}]",
            cpu::affinity()
        );
        console.flush();
    }
    cpu::halt()
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
    let affinities = tree.cpus();
    let mut cpus = ArrayVec::new();
    for (place, affinity) in AFFINITIES.iter().zip(affinities) {
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
    let gic = gic(&tree);
    let machine = el3::Machine {
        has_gicv3: matches!(gic, Some(Gic::V3 { .. })),
        counter_hz: counter::frequency_hz(),
    };
    let normal_ram = NORMAL_RAM.call_once(|| tree.ram().cloned().unwrap_or_default());
    *CPUS.lock() = cpus;
    let cpus = spin::mutex::SpinMutexGuard::leak(CPUS.lock());
    if let Some(gic) = &gic {
        // SAFETY: at EL3, nothing runs in the normal world yet, and the kernel's device tree says what is where; the page tables map it as
        // secure devices.
        unsafe { gic.hand_over() }?;
    }
    STATE.call_once(|| State {
        system: Lock::new(System::new(cpus, place, normal_ram, Workarounds::UNKNOWN)),
        machine,
        gic,
    });
    // SAFETY: the distributor of this machine, mapped as a secure device; the other CPUs only look at it.
    unsafe { machine::gic::let_others_in(BOARD.gic_distributor) }?;
    Ok(place)
}

/// The interrupt controller that the tree describes.
fn gic(tree: &Devicetree<'_>) -> Option<Gic<'static>> {
    // What the page tables do not map cannot be asked: CPUs whose redistributor is there stay off.
    let mut blocks = tree.gic_registers().filter(|block| BOARD.devices.contains(block));
    let distributor = blocks.next()?.start();
    match tree.gic()? {
        GicKind::V2 => Some(Gic::V2 {
            distributor,
            cpu_interface: blocks.next()?.start(),
        }),
        GicKind::V3 => {
            let count = tree.redistributor_regions().min(REGIONS_MAX);
            Some(Gic::V3 {
                distributor,
                redistributors: REGIONS.call_once(|| blocks.take(count).collect()),
                stride: tree.redistributor_stride(),
            })
        }
        GicKind::V5 | GicKind::Unknown => None,
    }
}

impl From<TreeError> for BootError {
    fn from(error: TreeError) -> Self {
        Self::Tree(error)
    }
}

impl From<GicError> for BootError {
    fn from(_: GicError) -> Self {
        Self::Gic
    }
}
