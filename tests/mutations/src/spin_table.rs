//! A loader whose CPUs wait in memory, as booting.rst calls a spin table: PSCI brings them to pens
//! there, and the device tree, which the tests change, tells the kernel of the words that they wait
//! for.

use core::arch::{asm, naked_asm};
use core::ptr::with_exposed_provenance_mut;

use crate::mutations;

/// `CPU_ON` (DEN0022).
const CPU_ON: u64 = 0xc400_0003;
/// The CPUs after the first one, on any machine of the tests.
const OTHERS: core::ops::Range<u64> = 1..4;

/// Memory that the device tree reserves: pens in its first half, a word for each CPU in the other
/// one.
const RESERVED: u64 = 0x47f0_0000;
const WORDS: u64 = RESERVED + 0x800;
/// The same in memory that it does not reserve.
const NOT_RESERVED: u64 = 0x4520_0000;
/// The first half of such memory.
const PEN_SIZE: usize = 0x800;

/// Sets `SCTLR_EL2` as a kernel wants it, waits until the word at x0 has changed, and jumps to
/// where it says with x0 to x3 = 0.
macro_rules! wait_and_jump {
    () => {
        "
        mov     w1, #0x0830
        movk    w1, #0x30c5, lsl #16
        msr     sctlr_el2, x1
        isb
        ldr     x2, [x0]
    1:
        wfe
        ldr     x4, [x0]
        cmp     x4, x2
        b.eq    1b
        mov     x0, xzr
        mov     x1, xzr
        mov     x2, xzr
        mov     x3, xzr
        br      x4
        "
    };
}

/// On entry: a CPU that PSCI brought in at EL2, x0 = its word. On exit: where the word says, once
/// it has changed.
#[unsafe(naked)]
extern "C" fn pen() -> ! {
    naked_asm!(wait_and_jump!())
}

/// On entry and on exit: as at [`pen`]. Unmasks SErrors.
#[unsafe(naked)]
extern "C" fn unmasked_pen() -> ! {
    naked_asm!("msr    daifclr, #0b0100", wait_and_jump!())
}

/// On entry: as at [`pen`]. Waits for ever.
#[unsafe(naked)]
extern "C" fn closed_pen() -> ! {
    naked_asm!("1:", "wfe", "b      1b")
}

/// Puts a pen there, with a word of this value for each CPU, and the CPUs into the pen.
fn fill(at: u64, pen: extern "C" fn() -> !, word_of: fn(u64) -> u64, value: u64) {
    let code = pen as *const u8;
    // SAFETY: RAM that is reserved, or nobody's.
    unsafe { code.copy_to(with_exposed_provenance_mut(at as usize), PEN_SIZE) };
    for cpu in OTHERS {
        let word = word_of(cpu);
        // SAFETY: as above.
        unsafe { with_exposed_provenance_mut::<u64>(word as usize).write_volatile(value) };
        // SAFETY: QEMU answers; if there is no such CPU, too.
        unsafe {
            asm!(
                "smc #0",
                inout("x0") CPU_ON => _,
                inout("x1") cpu => _,
                inout("x2") at => _,
                inout("x3") word => _,
            );
        }
    }
}

/// The word of a CPU in reserved memory.
fn own_word(cpu: u64) -> u64 {
    WORDS + 8 * cpu
}

mutations! {
    /// Nothing is broken: each CPU waits for a word of its own.
    fn nothing_waits_for_one_word_each(_) { fill(RESERVED, pen, own_word, 0) }
    /// Nothing is broken: all CPUs wait for one word.
    fn nothing_waits_for_one_word(_) { fill(RESERVED, pen, |_| WORDS, 0) }
    /// SErrors are not masked on CPUs that waited.
    fn h1_unmasked_in_pen(_) { fill(RESERVED, unmasked_pen, own_word, 0) }
    /// Each CPU waits for a word of its own; the tests leave one of these out of the tree.
    fn p1_address(_) { fill(RESERVED, pen, own_word, 0) }
    /// The words are not 0.
    fn p2_value(_) { fill(RESERVED, pen, own_word, 1) }
    /// CPUs wait where a kernel writes to.
    fn p3_pen(_) { fill(NOT_RESERVED, pen, own_word, 0) }
    /// The same where all CPUs wait for one word, so that none can be let in before the others.
    fn p3_shared_pen(_) { fill(NOT_RESERVED, pen, |_| WORDS, 0) }
    /// The words are where a kernel writes to.
    fn p4_word(_) { fill(RESERVED, pen, |cpu| NOT_RESERVED + 8 * cpu, 0) }
    /// No CPU jumps.
    fn p6_never(_) { fill(RESERVED, closed_pen, own_word, 0) }
}
