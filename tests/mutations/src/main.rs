//! Mutations: each breaks one clause of the boot protocol, so that a check can be seen to fail.
//!
//! The tests put this code behind the bootloader or the monitor, and lead one jump of theirs to one
//! of the functions here: the bootloader's last one, to the kernel; or an `eret` of the monitor, by
//! which a CPU enters the normal world, or returns there from a call. The firmware itself stays as
//! it is. A function's name begins with the clause that it breaks; which machine it is for, the
//! tests say.

#![no_std]
#![no_main]

#[macro_use]
mod register;

mod below_el2;
mod calls;
mod devices;
mod el2;
mod el3;
mod general;
mod gic;
mod header;
mod image;
mod poison;
mod property;
mod spin_table;
mod tree;

use core::arch::naked_asm;
use core::mem::offset_of;
use core::panic::PanicInfo;

/// What a CPU is about to go on with.
#[repr(C)]
struct Exit {
    /// Its general registers.
    x: [u64; 31],
    /// Its next instruction.
    pc: u64,
    /// `SCTLR_EL3`, at EL3.
    sctlr_el3: u64,
    _padding: u64,
}

/// Functions that the tests can lead the firmware to. Each changes the [`Exit`], or whatever else.
macro_rules! mutations {
    ($($(#[$doc:meta])* fn $name:ident($exit:pat_param) $body:block)*) => {$(
        $(#[$doc])*
        ///
        /// On entry: instead of a `br x4`, or of an `eret` at EL3. On exit: as if that had come,
        /// but for the mutation.
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        #[unsafe(link_section = ".text.mutations")]
        extern "C" fn $name() -> ! {
            extern "C" fn mutate($exit: &mut $crate::Exit) $body
            core::arch::naked_asm!(
                "sub    sp, sp, #{size}",
                "stp    x0, x1, [sp]",
                "adr    x0, {mutate}",
                "b      {leave}",
                size = const size_of::<$crate::Exit>(),
                mutate = sym mutate,
                leave = sym $crate::leave,
            )
        }
    )*};
}
use mutations;

/// On entry: x0 = what changes an [`Exit`]; at the stack pointer an `Exit` with x0 and x1 in it.
/// Does: completes it, and has it changed; at EL3 with the MMU off, as EL3 maps no memory of the
/// normal world. On exit: where it says, with its registers: at EL3 by `eret`, elsewhere by
/// `br x4`.
#[unsafe(naked)]
extern "C" fn leave() -> ! {
    naked_asm!(
        ".irp   n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
        "str    x\\n, [sp, #8 * \\n]",
        ".endr",
        "mov    x19, x0",
        "mrs    x20, CurrentEL",
        "cmp    x20, #(3 << 2)",
        "b.ne   1f",
        "mrs    x4, elr_el3",
        "mrs    x21, sctlr_el3",
        "str    x21, [sp, #{sctlr}]",
        "bic    x21, x21, #1",
        "msr    sctlr_el3, x21",
        "isb",
        "1:",
        "str    x4, [sp, #{pc}]",
        "mov    x0, sp",
        "blr    x19",
        "ldr    x4, [sp, #{pc}]",
        "cmp    x20, #(3 << 2)",
        "b.ne   2f",
        "msr    elr_el3, x4",
        "ldr    x4, [sp, #{sctlr}]",
        "msr    sctlr_el3, x4",
        "isb",
        "ldr    x4, [sp, #(8 * 4)]",
        "2:",
        ".irp   n, 0,1,2,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
        "ldr    x\\n, [sp, #8 * \\n]",
        ".endr",
        "add    sp, sp, #{size}",
        "b.ne   3f",
        "eret",
        "3:",
        "br     x4",
        pc = const offset_of!(Exit, pc),
        sctlr = const offset_of!(Exit, sctlr_el3),
        size = const size_of::<Exit>(),
    )
}

/// Returns whether this CPU is another one than the first.
fn is_other() -> bool {
    read!("mpidr_el1") & 0xff_00ff_ffff != 0
}

/// Stops this CPU for good.
fn halt() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// There is nobody to tell.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    halt()
}
