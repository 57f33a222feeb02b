//! [`State`]: what the monitor knows, once the first CPU has learnt it.

use arrayvec::ArrayVec;
use devicetree::RANGES_MAX;
use machine::el3;
use machine::gic::Gic;
use phys_range::PhysRange;
use psci::System;
use spin::Once;

use crate::lock::Lock;

/// The most blocks of registers of an interrupt controller that are looked at: the distributor's, and 8 regions of redistributors.
pub const GIC_BLOCKS_MAX: usize = 9;

/// What the monitor knows of the memory map.
pub struct Memory {
    /// Where kernels may be entered.
    pub normal_ram: ArrayVec<PhysRange, RANGES_MAX>,
    /// The registers of the interrupt controller, block by block, as the device tree orders them.
    pub gic_registers: ArrayVec<PhysRange, GIC_BLOCKS_MAX>,
}

/// What the monitor knows.
pub struct State {
    /// What all CPUs are about.
    pub system: Lock<System<'static>>,
    /// When every CPU that exists should have arrived, in microseconds since reset.
    pub arrivals_end_us: u64,
    /// What each CPU is set up by.
    pub machine: el3::Machine,
    /// The interrupt controller; `None` where the device tree describes none that is known.
    pub gic: Option<Gic<'static>>,
}

/// There from the moment on that a CPU can ask.
pub static STATE: Once<State> = Once::new();
