//! The RAM of the machine that boots: what the planner may know about it, and what the bootloader
//! takes of it for itself.

use boards::Board;
use boot_plan::{Machine, MemoryMap, PageSizes};
use devicetree::Devicetree;
use machine::cpu::{self, ExceptionLevel};
use machine::ram::{Ram, Region};
use phys_range::PhysRange;

use crate::error::BootError;

/// The memory that the bootloader keeps until the kernel runs: that of a payload which fw_cfg had
/// to put somewhere.
pub type Held = Option<PhysRange>;

/// The RAM of the machine.
pub struct Memory<'a> {
    /// The owner of all of it.
    pub ram: &'a mut Ram,
    /// The part of it that was taken so far.
    pub held: Held,
    machine: Machine<'a>,
}

impl<'a> Memory<'a> {
    /// The RAM that the machine's device tree describes.
    pub fn new(
        board: &'a Board,
        in_use: &'a [PhysRange],
        tree: &'a Devicetree<'_>,
        ram: &'a mut Ram,
    ) -> Result<Self, BootError> {
        let hardware = MemoryMap {
            ram: tree.ram()?,
            reserved: tree.reservations()?,
        };
        Ok(Self {
            ram,
            held: None,
            machine: Machine {
                hardware,
                told: hardware,
                mapped: board.ram,
                in_use,
                held: &[],
                page_sizes: PageSizes::from_id_aa64mmfr0(cpu::memory_model_id()),
            },
        })
    }

    /// The facts that the planner may know.
    pub fn machine(&self) -> Machine<'_> {
        Machine {
            held: self.held.as_slice(),
            ..self.machine
        }
    }

    /// Memory to talk to devices by, where they do not reach the stack, which then is not in the
    /// work area.
    pub fn mailbox(&mut self) -> Result<Option<Region>, BootError> {
        if ExceptionLevel::current() != ExceptionLevel::El3 {
            return Ok(None);
        }
        let work_area = self.machine().work_area()?;
        // The end of it is for others.
        let start = PhysRange::new(work_area.start(), work_area.len() / 2);
        Ok(start.map(|start| self.ram.take(start)))
    }

    /// Takes memory to work with, for good; once is enough.
    pub fn scratch(&mut self, size_bytes: u64) -> Result<Region, BootError> {
        let range = self.machine().scratch(size_bytes)?;
        self.held = Some(range);
        Ok(self.ram.take(range))
    }
}
