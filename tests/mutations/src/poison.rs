//! Poison: what the architecture calls UNKNOWN at reset holds garbage, where QEMU puts 0 or what it
//! should be.
//!
//! The tests lead the first instruction of the bootloader to one of the functions here, which fill
//! registers and RAM before anything of the firmware runs; so that whoever relies on what QEMU
//! resets a register to is seen to. What has a value at reset keeps it: `SCTLR_ELx.M`, `C` and `I`
//! of the level that the CPU starts at, `PSTATE.DAIF`, `GICD_CTLR` (DDI0487, the reset behaviour of
//! each field in D24; IHI0069, 12). So does what is the machine's to say: `CNTFRQ_EL0`,
//! `SCTLR_ELx.EE`, and IMPLEMENTATION DEFINED registers.
//!
//! Registers of features that no QEMU has (SPE, TRBE, BRBE, MPAM, AMU) are left out: nothing could
//! run what filled them.

mod debug;
mod el1;
mod el2;
mod el3;
mod gic;
mod ram;

use core::arch::naked_asm;

/// Room for the stack of a CPU, and for those of all CPUs.
const STACK_BYTES: u64 = 0x1000;
const STACKS_BYTES: u64 = 16 * STACK_BYTES;
/// The place where the stacks end: in RAM, and, for CPUs that start at EL3 all at once, in secure
/// RAM that the firmware does not use, as those that are done go on while others are not.
const STACKS_END: u64 = 0x4400_0000;
const SECURE_STACKS_END: u64 = 0x0ee0_0000;

/// Writes the same to all of these registers.
macro_rules! fill {
    ($garbage:expr, $($register:literal)+) => {{ let garbage = $garbage; $( write!($register, garbage); )+ }};
}
use fill;

/// Writes to a register, but for bits that keep their value.
macro_rules! fill_but {
    ($garbage:expr, $register:literal, $kept:expr) => {
        write!($register, $garbage & !$kept | read!($register) & $kept)
    };
}
use fill_but;

/// Returns whether the ID field of four bits that starts at bit `shift` is at least `least`.
fn has(register: u64, shift: u32, least: u64) -> bool {
    register >> shift & 0xf >= least
}

/// Functions that the bootloader's first instruction can be led to, with the garbage that they fill
/// with.
macro_rules! poisons {
    ($($(#[$doc:meta])* $name:ident = $garbage:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// On entry: reset. On exit: reset, with garbage; at the second instruction.
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        #[unsafe(link_section = ".text.mutations")]
        extern "C" fn $name() -> ! {
            naked_asm!("ldr x0, ={garbage}", "b {fill}", ".ltorg", garbage = const $garbage, fill = sym fill_all)
        }
    )*};
}

poisons! {
    /// Every bit is 1.
    poison_ones = 0xffff_ffff_ffff_ffff_u64;
    /// Bits with odd numbers are 1.
    poison_odd = 0xaaaa_aaaa_aaaa_aaaa_u64;
    /// Bits with even numbers are 1.
    poison_even = 0x5555_5555_5555_5555_u64;
}

/// On entry: x0 = garbage; reset.
/// Does: fills everything with it, at last the stack that this takes, registers of FP and SIMD, and
/// general registers. On exit: the instruction that has led here, and the one behind it; the tests
/// put both at `displaced`.
#[unsafe(naked)]
extern "C" fn fill_all() -> ! {
    naked_asm!(
        // Each CPU's is another, but where all bits are alike: what CPUs must have in common is
        // not.
        "mrs    x1, mpidr_el1",
        "ror    x19, x0, x1",
        "mrs    x1, CurrentEL",
        "ldr    x2, ={stacks_end}",
        "ldr    x3, ={secure_stacks_end}",
        "cmp    x1, #(3 << 2)",
        "csel   x2, x3, x2, eq",
        "mrs    x1, mpidr_el1",
        "and    x1, x1, #0xf",
        "mov    x3, #{stack_size}",
        "msub   x20, x1, x3, x2",
        "mov    sp, x20",
        "bl     {vectors}",
        "mov    x0, x19",
        "bl     {registers}",
        // Nothing is on the stack that is needed.
        "sub    x1, x20, #{stack_size}",
        "1:",
        "stp    x19, x19, [x1], #16",
        "cmp    x1, x20",
        "b.lo   1b",
        "mov    sp, x19",
        "msr    spsel, #0",
        "mov    sp, x19",
        "msr    spsel, #1",
        "msr    nzcv, x19",
        "mov    x0, x19",
        ".irp   n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
        "mov    x\\n, x0",
        ".endr",
        ".global displaced",
        "displaced:",
        "udf    #0",
        "udf    #0",
        ".ltorg",
        stacks_end = const STACKS_END,
        secure_stacks_end = const SECURE_STACKS_END,
        stack_size = const STACK_BYTES,
        vectors = sym fill_vectors,
        registers = sym fill_registers,
    )
}

/// Fills what the level that the CPU is at can write to: RAM, devices and registers of lower levels
/// first, its own registers last.
extern "C" fn fill_registers(garbage: u64) {
    let level = read!("CurrentEL") >> 2;
    if !crate::is_other() {
        ram::fill(garbage, level == 3);
    }
    match level {
        3 => {
            el3::open_lower_levels();
            gic::fill(garbage);
            el1::fill_from_above(garbage);
            if el3::has_el2() {
                el2::fill_from_above(garbage);
            }
            el3::fill(garbage);
        }
        2 => {
            el1::fill_from_above(garbage);
            el2::fill_own(garbage);
        }
        _ => el1::fill_own(garbage),
    }
}

/// On entry: x19 = garbage.
/// Does: fills the registers of FP and SIMD with it; those of SVE, as long as they get, where it is
/// there. Whatever would trap at this level is allowed, and filled later. On exit: x0 to x3 have
/// changed.
#[unsafe(naked)]
extern "C" fn fill_vectors() {
    naked_asm!(
        ".arch_extension fp",
        ".arch_extension simd",
        ".arch_extension sve",
        "mrs    x0, CurrentEL",
        "mrs    x1, id_aa64pfr0_el1",
        "ubfx   x1, x1, #32, #4",
        "mov    x2, #0xf",
        "cmp    x0, #(2 << 2)",
        "b.eq   2f",
        "b.hi   3f",
        "mov    x3, #(0b11 << 24 | 0b11 << 20)",
        "orr    x3, x3, #(0b11 << 16)",
        "msr    cpacr_el1, x3",
        "isb",
        "cbz    x1, 5f",
        "msr    zcr_el1, x2",
        "b      4f",
        "2:",
        "msr    cptr_el2, xzr",
        "isb",
        "cbz    x1, 5f",
        "msr    zcr_el2, x2",
        "b      4f",
        "3:",
        "mov    x3, #(1 << 8)",
        "msr    cptr_el3, x3",
        "isb",
        "cbz    x1, 5f",
        "msr    s3_6_c1_c2_0, x2",
        "4:",
        "isb",
        ".irp   n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
        "dup    z\\n\\().d, x19",
        ".endr",
        "ptrue  p0.b",
        "wrffr  p0.b",
        ".irp   n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
        "cmpne  p\\n\\().d, p0/z, z0.d, #0",
        ".endr",
        "5:",
        ".irp   n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
        "dup    v\\n\\().2d, x19",
        ".endr",
        "msr    fpcr, x19",
        "msr    fpsr, x19",
        "ret",
    )
}
