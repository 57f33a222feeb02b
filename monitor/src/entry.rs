//! The entry: the first instructions on every CPU, and the room that Rust lives in.

use core::arch::global_asm;
use core::mem::offset_of;

use flash_image::MONITOR_MAGIC;
use machine::page_tables::{MAIR, SCTLR_EL2_OFF, SCTLR_MMU_ON, TCR};
use platform::{CPUS_MAX, Platform, stacks};

use crate::board::BOARD;
use crate::{boot, vectors, world};

/// The first of the stacks.
const STACKS: u64 = BOARD.secure.stacks.start();

const _: () = assert!(CPUS_MAX as u64 * stacks::STRIDE <= BOARD.secure.stacks.len());

global_asm!(
    // On entry: EL3, MMU and caches off. The first CPU comes from the bootloader, with x0 = the
    // kernel's device tree, x1 = the kernel's entry point and x2 = vectors for it; the others come
    // with x0 = 0, once the first has announced that it is ready for them. Registers hold anything.
    // In memory are the description of the machine, the page tables, and zeros in the variables.
    // Does: every CPU turns MMU and caches on, looks itself up, and takes its stacks.
    // On exit: x0 = the CPU's place among all CPUs. The first CPU in `boot::start` with x1 to x3 as
    // x0 to x2 came; the others in `world::arrive`.
    r#"
    .pushsection .text.entry, "ax"
    .global monitor
monitor:
    b       1f
    .word   {magic}
    .quad   __image_size
    .quad   __code_size
    .quad   __variables_size
1:  msr     daifset, #0xf
    mov     x19, x0
    mov     x20, x1
    mov     x21, x2
    // By instructions: until EE is known to be 0, nothing that is loaded can be relied on.
    movz    x0, #({sctlr_off} & 0xffff)
    movk    x0, #({sctlr_off} >> 16), lsl #16
    msr     sctlr_el3, x0
    isb
    // No stack for reports yet.
    mov     x0, #{no_stack}
    msr     tpidr_el3, x0
    adr     x0, {vectors}
    msr     vbar_el3, x0
    ldr     x0, ={tables}
    ldr     x1, ={mair}
    ldr     x2, ={tcr}
    mrs     x4, id_aa64mmfr0_el1
    and     x4, x4, #0xf
    mov     x5, #0b101
    cmp     x4, x5
    csel    x4, x4, x5, lo
    bfi     x2, x4, #16, #3
    msr     ttbr0_el3, x0
    msr     mair_el3, x1
    msr     tcr_el3, x2
    tlbi    alle3
    ic      iallu
    dsb     sy
    isb
    ldr     x3, ={sctlr_on}
    msr     sctlr_el3, x3
    isb
    msr     spsel, #1
    mov     x29, xzr
    mov     x30, xzr
    // The CPU looks itself up.
    mrs     x0, mpidr_el1
    ldr     x3, ={affinity}
    and     x3, x0, x3
    ldr     x4, ={cpus}
    mov     x0, xzr
2:  ldr     x5, [x4], #8
    cmp     x5, x3
    b.eq    3f
    add     x0, x0, #1
    cmp     x0, #{cpus_max}
    b.lo    2b
    // A CPU that the device tree does not know: nobody will ever want it.
4:  wfi
    b       4b
3:  ldr     x1, ={stacks}
    mov     x2, #{stride}
    madd    x1, x2, x0, x1
    add     x2, x1, #{call_top}
    mov     sp, x2
    add     x2, x1, #{report_top}
    msr     tpidr_el3, x2
    mov     x1, x19
    mov     x2, x20
    mov     x3, x21
    cbnz    x19, {start}
    b       {arrive}
    .ltorg
    .popsection
    "#,
    magic = const MONITOR_MAGIC,
    sctlr_off = const SCTLR_EL2_OFF,
    sctlr_on = const SCTLR_EL2_OFF | SCTLR_MMU_ON,
    no_stack = const machine::stack::NO_STACK,
    vectors = sym vectors::monitor_vectors,
    tables = const BOARD.secure.tables.start(),
    mair = const MAIR,
    tcr = const TCR,
    affinity = const psci::AFFINITY_MASK,
    cpus = const BOARD.secure.platform.start() + offset_of!(Platform, cpus) as u64,
    cpus_max = const CPUS_MAX,
    stacks = const STACKS,
    stride = const stacks::STRIDE,
    call_top = const stacks::CALL_TOP,
    report_top = const stacks::REPORT_TOP,
    start = sym boot::start,
    arrive = sym world::arrive,
);

/// The place among all CPUs of the one whose stacks the address `on_stack` is in.
pub fn place_of_stack(on_stack: u64) -> usize {
    (on_stack.wrapping_sub(STACKS) / stacks::STRIDE) as usize
}

/// The place among all CPUs of the one that runs.
pub fn own_place() -> usize {
    let on_stack = 0_u8;
    place_of_stack((&raw const on_stack).addr() as u64)
}
