//! The monitor's service for the other CPUs.

use core::ptr::with_exposed_provenance_mut;

use crate::{halt, is_other, mutations};

/// Answers of PSCI, and its version.
const VERSION_1_3: u64 = 0x1_0003;
const NOT_SUPPORTED: u64 = -1_i64 as u64;
const INVALID_PARAMETERS: u64 = -2_i64 as u64;
const ALREADY_ON: u64 = -4_i64 as u64;

/// RAM that is described and not reserved: where a CPU waits, with what is there as long as nobody
/// has written to it; or a stack.
const PEN: usize = 0x4512_3450;
const WAITS: u64 = 0x1457_205b_d503_205f;

mutations! {
    /// Another CPU waits in the kernel's memory, and is lost when that is overwritten.
    fn q1_pen(_) {
        let pen = with_exposed_provenance_mut::<u64>(PEN);
        if !is_other() {
            // SAFETY: RAM that nobody uses yet.
            unsafe { pen.write_volatile(WAITS) };
            return;
        }
        // SAFETY: who may have overwritten it does not write to it now.
        if unsafe { pen.read_volatile() } != WAITS {
            halt();
        }
    }
    /// At the end of a call: who turns on a CPU that does not exist is told that it worked.
    fn q2_nobody(exit) { if exit.x[0] == INVALID_PARAMETERS { exit.x[0] = 0 } }
    /// Another CPU never comes.
    fn q2_never(_) { if is_other() { halt() } }
    /// At the end of a call: who asks for the version is told that there is none.
    fn z1_version(exit) { if exit.x[0] == VERSION_1_3 { exit.x[0] = NOT_SUPPORTED } }
    /// At the end of a call: EL3 has written to the kernel's memory.
    fn e6_stack(exit) {
        // SAFETY: RAM that is the kernel's, which is the mutation.
        unsafe { with_exposed_provenance_mut::<u64>(PEN).write_volatile(exit.pc) };
    }
    /// At the end of a call: once a CPU was told that another one is on, `SCR_EL3.FIQ` is another.
    fn m2_fiq(exit) { if exit.x[0] == ALREADY_ON { set!("scr_el3", 2) } }
}
