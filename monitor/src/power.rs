//! Power: the machine is turned off and reset by lines of a PL061 that only the secure world
//! reaches (DDI0190), where it has them: PSCI offers no call otherwise.

use core::ptr::{NonNull, with_exposed_provenance_mut};

use machine::cpu;
use safe_mmio::fields::ReadPureWrite;
use safe_mmio::{UniqueMmioPointer, field};

use crate::board::BOARD;

/// The registers of a PL061, as far as they are used (DDI0190, 3.2).
#[repr(C)]
struct Registers {
    /// `GPIODATA`: bits 9:2 of the address say which lines an access is about.
    data: [ReadPureWrite<u8>; 0x400],
    /// `GPIODIR`: which lines are outputs.
    direction: ReadPureWrite<u8>,
}

/// Powers the machine off.
pub fn off() -> ! {
    drive(BOARD.power.off)
}

/// Resets the machine.
pub fn reset() -> ! {
    drive(BOARD.power.reset)
}

/// Drives a line high, and waits for the end.
fn drive(line: u8) -> ! {
    let mask = 1_u8 << line;
    if let Some(registers) = NonNull::new(with_exposed_provenance_mut::<Registers>(BOARD.power.base as usize)) {
        // SAFETY: the board has a PL061 there, mapped as a device; whoever drives its lines twice
        // drives them the same way.
        let mut registers: UniqueMmioPointer<'_, Registers> = unsafe { UniqueMmioPointer::new(registers) };
        field!(registers, direction).write(mask);
        if let Some(mut lines) = field!(registers, data).get(usize::from(mask) << 2) {
            lines.write(mask);
        }
    }
    cpu::halt()
}
