//! The hands of the checks: this CPU.

use boot_protocol::{Cpu, Instruction, Trap};
use machine::probe;

/// The CPU that runs, while no other one does.
pub struct Hands;

impl Cpu for Hands {
    fn execute(&mut self, instruction: Instruction, x: [u64; 4]) -> Result<u64, Trap> {
        // SAFETY: the MMU is off as it was entered, or the first check to fail is that it is not;
        // every CPU installs the vectors first; while one CPU makes its checks, the others wait.
        // The instructions are those of `boot-protocol`, which change what the payload does not
        // use: registers of devices, of FP and of levels below; RAM that is not its own, and that
        // for a moment.
        unsafe { probe::execute(instruction.word, x) }.map_err(|syndrome| Trap(syndrome.0))
    }
}
