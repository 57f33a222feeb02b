//! [`State`]: what the monitor knows of the machine.

use core::sync::atomic::AtomicU64;

use arrayvec::ArrayVec;
use machine::el3;
use machine::gic::Gic;
use phys_range::PhysRange;
use platform::REDISTRIBUTOR_REGIONS_MAX;
use psci::System;
use spin::Once;

use crate::lock::Lock;

/// The largest number of banks of RAM: as many as a device tree is read for.
pub const BANKS_MAX: usize = devicetree::RANGES_MAX;

/// The monitor's copies of lists in the machine's description.
pub struct Lists {
    /// The RAM in which kernels may be entered.
    pub normal_ram: ArrayVec<PhysRange, BANKS_MAX>,
    /// The regions of redistributors of a GICv3.
    pub redistributors: ArrayVec<PhysRange, REDISTRIBUTOR_REGIONS_MAX>,
}

/// The monitor's knowledge of the machine.
pub struct State {
    /// The CPUs, as PSCI sees them.
    pub system: Lock<System<'static>>,
    /// The facts that each CPU is set up by.
    pub machine: el3::Machine,
    /// The interrupt controller.
    pub gic: Gic<'static>,
    /// The address of vectors for a kernel that has none ([`machine::report_vectors`]).
    pub report_vectors: u64,
}

/// The time when every CPU that exists should have arrived, in microseconds since reset. Beside
/// [`STATE`], which is the same at every boot of a machine, as tests see.
#[unsafe(export_name = "monitor_arrivals_end")]
pub static ARRIVALS_END_US: AtomicU64 = AtomicU64::new(0);

/// There from the moment on that a CPU can call.
pub static STATE: Once<State> = Once::new();
