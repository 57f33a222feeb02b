//! [`State`]: what the monitor knows, once the first CPU has learnt it.

use arrayvec::ArrayVec;
use machine::el3;
use machine::gic::Gic;
use phys_range::PhysRange;
use psci::System;
use spin::Once;

use crate::lock::Lock;

/// The most regions of redistributors that a GICv3 has.
pub const REGIONS_MAX: usize = 8;

/// What the monitor knows.
pub struct State {
    /// What all CPUs are about.
    pub system: Lock<System<'static>>,
    /// What each CPU is set up by.
    pub machine: el3::Machine,
    /// The interrupt controller; `None` where the device tree describes none that is known.
    pub gic: Option<Gic<'static>>,
}

/// There from the moment on that a CPU can ask.
pub static STATE: Once<State> = Once::new();

/// The regions of redistributors, for [`State::gic`].
pub static REGIONS: Once<ArrayVec<PhysRange, REGIONS_MAX>> = Once::new();
