//! The RAM of the machine that boots: what the planner may know about it, and what the bootloader takes of it for itself.

use arrayvec::ArrayVec;
use boards::Board;
use boot_plan::{Machine, MemoryMap, PageSizes};
use devicetree::Devicetree;
use machine::cpu;
use machine::heap::Heap;
use machine::ram::{Ram, Region};
use phys_range::PhysRange;

use crate::error::BootError;

/// A payload that fw_cfg had to put into memory, and a heap.
pub const HELD_MAX: usize = 2;

/// Ranges of memory that the bootloader keeps until the kernel runs.
pub type Held = ArrayVec<PhysRange, HELD_MAX>;

/// The RAM of the machine.
pub struct Memory<'a> {
    /// The owner of all of it.
    pub ram: &'a mut Ram,
    /// What was taken of it so far.
    pub held: Held,
    machine: Machine<'a>,
    heap: Option<Region>,
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
            held: Held::new(),
            machine: Machine {
                hardware,
                told: hardware,
                mapped: board.ram,
                in_use,
                held: &[],
                page_sizes: PageSizes::from_id_aa64mmfr0(cpu::memory_model_id()),
            },
            heap: None,
        })
    }

    /// What the planner may know.
    pub fn machine(&self) -> Machine<'_> {
        Machine {
            held: &self.held,
            ..self.machine
        }
    }

    /// Makes a heap of this size, in place of any before; 0 makes none.
    pub fn replace_heap(&mut self, size_bytes: u64) -> Result<(), BootError> {
        if let Some(memory) = self.heap.take() {
            // SAFETY: whoever unpacks allocates for the time of a call, and none is running.
            unsafe { Heap::clear() };
            self.held.pop();
            self.ram.give_back(memory);
        }
        if size_bytes > 0 {
            let mut memory = self.scratch(size_bytes)?;
            // SAFETY: the memory stays taken until the heap is cleared, or for ever.
            unsafe { Heap::give(&mut memory) };
            self.heap = Some(memory);
        }
        Ok(())
    }

    /// Takes memory to work with, for good.
    pub fn scratch(&mut self, size_bytes: u64) -> Result<Region, BootError> {
        let range = self.machine().scratch(size_bytes)?;
        self.held.push(range);
        Ok(self.ram.take(range))
    }
}
