//! The entry: the first instructions on every CPU, and the room that Rust lives in.

use core::arch::global_asm;

use flash_image::MONITOR_MAGIC;
use machine::page_tables::{self, MAIR, ROOT_OFFSET, SCTLR_EL2_OFF, SCTLR_MMU_ON, TCR};

use crate::board::{BOARD, BOOT_STACK_BYTES, CPUS_MAX, LAYOUT, STACK_BYTES};
use crate::{boot, vectors, world};

/// The fields of `MPIDR_EL1` that number the CPU: Aff3 to Aff0.
pub const MPIDR_AFFINITY: u64 = 0xff_00ff_ffff;

global_asm!(
    // On entry: EL3, MMU and caches off. The first CPU comes from the bootloader, with x0 = the kernel's device tree and x1 = the kernel's entry
    // point; the others come with x0 = 0, once the first has announced that it is ready for them. Registers and variables hold anything.
    // Does: the first CPU writes the page tables and clears the variables; every CPU turns MMU and caches on and takes its stack.
    // On exit: the first CPU in `boot::start` with x0 and x1 as they came, on a stack of its own; the others in `world::arrive` with x0 = the CPU's
    // place among all CPUs.
    r#"
    .pushsection .text.entry, "ax"
    .global monitor
monitor:
    b       1f
    .word   {magic}
    .quad   __image_size
1:  msr     daifset, #0xf
    mov     x19, x0
    mov     x20, x1
    ldr     x0, ={sctlr_off}
    msr     sctlr_el3, x0
    isb
    adr     x0, {vectors}
    msr     vbar_el3, x0
    ldr     x0, ={console}
    msr     tpidr_el3, x0
    ldr     x0, =monitor_tables
    cbz     x19, 2f
    adr     x1, {layout}
    bl      {write_tables}
    ldr     x0, =monitor_tables
2:  add     x0, x0, #{root_offset}
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
    ldr     x1, =monitor_stacks
    mov     x2, #{stack_size}
    cbz     x19, 4f
    // The first CPU: its place is not known yet, and it has more to do than later; so it starts on a stack behind those of all.
    ldr     x3, =__bss_start
    ldr     x4, =__bss_end
3:  cmp     x3, x4
    b.hs    5f
    stp     xzr, xzr, [x3], #16
    b       3b
5:  ldr     x1, =monitor_boot_stack_end
    mov     sp, x1
    mov     x0, x19
    mov     x1, x20
    b       {start}
    // The others look themselves up.
4:  mrs     x0, mpidr_el1
    ldr     x3, ={affinity}
    and     x3, x0, x3
    adrp    x4, {affinities}
    add     x4, x4, :lo12:{affinities}
    mov     x0, xzr
6:  ldr     x5, [x4], #8
    cmp     x5, x3
    b.eq    7f
    add     x0, x0, #1
    cmp     x0, #{cpus_max}
    b.lo    6b
    // A CPU that the device tree does not know: nobody will ever ask for it.
8:  wfi
    b       8b
7:  add     x3, x0, #1
    madd    x1, x2, x3, x1
    mov     sp, x1
    b       {arrive}
    .ltorg
    .popsection

    .pushsection .bss.tables, "aw", %nobits
    .balign {tables_align}
monitor_tables:
    .zero   {tables_size}
    .popsection

    .pushsection .stacks, "aw", %nobits
    .balign 64
    .global monitor_stacks
monitor_stacks:
    .zero   {stack_size} * {cpus_max}
    .zero   {boot_stack_size}
monitor_boot_stack_end:
    .popsection
    "#,
    magic = const MONITOR_MAGIC,
    sctlr_off = const SCTLR_EL2_OFF,
    sctlr_on = const SCTLR_EL2_OFF | SCTLR_MMU_ON,
    vectors = sym vectors::monitor_vectors,
    console = const BOARD.console,
    layout = sym LAYOUT,
    write_tables = sym page_tables::write,
    root_offset = const ROOT_OFFSET,
    mair = const MAIR,
    tcr = const TCR,
    affinity = const MPIDR_AFFINITY,
    affinities = sym boot::AFFINITIES,
    stack_size = const STACK_BYTES,
    boot_stack_size = const BOOT_STACK_BYTES,
    cpus_max = const CPUS_MAX,
    tables_align = const page_tables::ALIGN,
    tables_size = const page_tables::SIZE_BYTES,
    start = sym boot::start,
    arrive = sym world::arrive,
);

unsafe extern "C" {
    /// The stacks, one for each CPU, in the order of their places among all.
    safe static monitor_stacks: u8;
}

/// The place among all CPUs of the one whose stack the address `on_stack` is in.
pub fn place_of_stack(on_stack: u64) -> usize {
    let start = (&raw const monitor_stacks).addr() as u64;
    (on_stack.wrapping_sub(start) / STACK_BYTES as u64) as usize
}
