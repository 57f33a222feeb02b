//! General registers, the first instruction, and what is masked at a kernel that the bootloader
//! enters itself.

use crate::{is_other, mutations};

mutations! {
    /// Nothing is broken.
    fn nothing(_) {}
    /// x0 is not where the device tree is.
    fn g1_off(exit) { exit.x[0] += 8 }
    /// x0 is where nothing is.
    fn g1_nowhere(exit) { exit.x[0] = 0xf_ffff_f000 }
    /// x1 is not 0.
    fn g2_x1(exit) { exit.x[1] = 1 }
    /// x2 is not 0.
    fn g2_x2(exit) { exit.x[2] = exit.x[0] }
    /// x3 is not 0.
    fn g2_x3(exit) { exit.x[3] = 1 << 63 }
    /// SErrors are not masked.
    fn h1_left_unmasked(_) { clear!("daif", 8) }
    /// The kernel is entered at its second instruction.
    fn o1_second(exit) { exit.pc += 4 }
    /// x0 of another CPU is not what was asked for.
    fn r1_x0(exit) { if is_other() { exit.x[0] = 1 } }
    /// x1 of another CPU is not 0.
    fn r1_x1(exit) { if is_other() { exit.x[1] = exit.pc } }
    /// x3 of another CPU is not 0.
    fn r1_x3(exit) { if is_other() { exit.x[3] = 1 << 63 } }
}
