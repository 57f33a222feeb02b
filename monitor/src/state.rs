//! [`State`]: what the monitor knows of the machine.

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
    /// Where kernels may be entered.
    pub normal_ram: ArrayVec<PhysRange, BANKS_MAX>,
    /// The regions of redistributors of a GICv3.
    pub redistributors: ArrayVec<PhysRange, REDISTRIBUTOR_REGIONS_MAX>,
}

/// What the monitor knows of the machine.
pub struct State {
    /// The CPUs, as PSCI sees them.
    pub system: Lock<System<'static>>,
    /// When every CPU that exists should have arrived, in microseconds since reset.
    pub arrivals_end_us: u64,
    /// What each CPU is set up by.
    pub machine: el3::Machine,
    /// The interrupt controller.
    pub gic: Gic<'static>,
    /// The address of vectors for a kernel that has none ([`machine::report_vectors`]).
    pub report_vectors: u64,
}

/// There from the moment on that a CPU can call.
pub static STATE: Once<State> = Once::new();
