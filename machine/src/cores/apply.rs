//! The rows of the table on the target. The code uses no stack, so that it can run before the MMU
//! and the caches are on.

use core::arch::global_asm;

use super::table::{PATCHES, Patch};
use super::{ACCESS_BYTES, IMPLEMENTER_ARM, ROW_COUNT, ROWS, Register, Row, accesses};

/// The offset of the vector for synchronous exceptions of the level that runs, with its own stack
/// pointer.
const SYNCHRONOUS: u64 = 0x200;

global_asm!(
    // The table of vectors. Nothing leads to its first four, so the code that changes the registers
    // takes their place.
    r#"
    .pushsection .text.machine_cores, "ax"
    .balign 2048
core_vectors:"#,
    accesses!(),
    r#"
    // Backwards, which is an error, if the code before is too long.
    .org    core_vectors + {synchronous}
    // On entry: a synchronous exception while `apply` runs.
    // Does: skips the read or the write that is UNDEFINED. Any other exception goes to the vectors
    // that were there before.
    // On exit: behind the instruction, x8 changed.
    mrs     x8, esr_el3
    ubfx    x8, x8, #26, #6
    cbnz    x8, 1f
    mrs     x8, elr_el3
    add     x8, x8, #4
    msr     elr_el3, x8
    eret
1:  msr     vbar_el3, x9
    isb
    add     x9, x9, #{synchronous}
    br      x9

    // See `apply`. x5 = part, x6 = revision, x7 = ID_AA64PFR1_EL1.SSBS, x9 = the vectors of before,
    // x12 = next row, x13 = rows left.
    .global machine_apply_core_operations
machine_apply_core_operations:
    mov     x11, x30
    mrs     x9, vbar_el3
    adr     x0, core_vectors
    msr     vbar_el3, x0
    isb
    mrs     x0, midr_el1
    ubfx    x5, x0, #24, #8
    cmp     x5, #{arm}
    b.ne    9f
    ubfx    x5, x0, #4, #12
    and     x6, x0, #0xf
    ubfx    x7, x0, #20, #4
    orr     x6, x6, x7, lsl #4
    mrs     x7, id_aa64pfr1_el1
    ubfx    x7, x7, #4, #4
    adrp    x12, {rows}
    add     x12, x12, :lo12:{rows}
    mov     w13, #{count}
2:  ldr     x0, [x12], #8
    ubfx    x1, x0, #{part}, #{part_width}
    cmp     x1, x5
    b.ne    8f
    ubfx    x1, x0, #{first}, #{first_width}
    cmp     x6, x1
    b.lo    8f
    ubfx    x1, x0, #{last}, #{last_width}
    cmp     x6, x1
    b.hi    8f
    tbz     x0, #{only_without_ssbs}, 3f
    cbnz    x7, 8f
3:  ubfx    x3, x0, #{register}, #{register_width}
    ubfx    x4, x0, #{lowest_bit}, #{lowest_bit_width}
    ubfx    x2, x0, #{value}, #{value_width}
    cmp     x3, #{patch}
    b.eq    4f
    // A field of a register.
    ubfx    x10, x0, #{width}, #{width_width}
    mov     x1, #1
    lsl     x1, x1, x10
    sub     x1, x1, #1
    lsl     x1, x1, x4
    lsl     x2, x2, x4
    adr     x4, core_vectors
    mov     x10, #{access_bytes}
    madd    x4, x3, x10, x4
    blr     x4
    b       7f
    // A patch of an instruction.
4:  adrp    x10, {patches}
    add     x10, x10, :lo12:{patches}
    add     x10, x10, x2, lsl #{patch_shift}
    mov     x1, #-1
    mov     x2, x4
    bl      core_vectors + {pselr} * {access_bytes}
    ldr     x2, [x10, #{opcode}]
    bl      core_vectors + {por} * {access_bytes}
    ldr     x2, [x10, #{mask}]
    bl      core_vectors + {pmr} * {access_bytes}
    ldp     w2, w4, [x10, #{opcode2}]
    cbz     w4, 5f
    bl      core_vectors + {por2} * {access_bytes}
    mov     x2, x4
    bl      core_vectors + {pmr2} * {access_bytes}
5:  ldr     x2, [x10, #{control}]
    bl      core_vectors + {pcr} * {access_bytes}
7:  isb
8:  subs    w13, w13, #1
    b.ne    2b
9:  dsb     sy
    msr     vbar_el3, x9
    isb
    ret     x11
    .popsection
    "#,
    synchronous = const SYNCHRONOUS,
    arm = const IMPLEMENTER_ARM,
    rows = sym ROWS,
    count = const ROW_COUNT,
    part = const Row::PART.0,
    part_width = const Row::PART.1,
    first = const Row::FIRST.0,
    first_width = const Row::FIRST.1,
    last = const Row::LAST.0,
    last_width = const Row::LAST.1,
    register = const Row::REGISTER.0,
    register_width = const Row::REGISTER.1,
    only_without_ssbs = const Row::ONLY_WITHOUT_SSBS.0,
    lowest_bit = const Row::LOWEST_BIT.0,
    lowest_bit_width = const Row::LOWEST_BIT.1,
    width = const Row::WIDTH.0,
    width_width = const Row::WIDTH.1,
    value = const Row::VALUE.0,
    value_width = const Row::VALUE.1,
    patch = const Row::PATCH,
    patches = sym PATCHES,
    patch_shift = const size_of::<Patch>().ilog2(),
    opcode = const core::mem::offset_of!(Patch, opcode),
    mask = const core::mem::offset_of!(Patch, mask),
    control = const core::mem::offset_of!(Patch, control),
    opcode2 = const core::mem::offset_of!(Patch, opcode2),
    access_bytes = const ACCESS_BYTES,
    pselr = const Register::Cpupselr as u64,
    pcr = const Register::Cpupcr as u64,
    por = const Register::Cpupor as u64,
    pmr = const Register::Cpupmr as u64,
    por2 = const Register::Cpupor2 as u64,
    pmr2 = const Register::Cpupmr2 as u64,
);

const _: () = assert!(size_of::<Patch>().is_power_of_two());
// The two 32-bit fields are read as a pair.
const _: () = assert!(core::mem::offset_of!(Patch, mask2) == core::mem::offset_of!(Patch, opcode2) + 4);

unsafe extern "C" {
    /// Writes the operations of [`super::operations`] for the CPU that runs. Changes x0 to x13,
    /// x30, the flags, `ESR_EL3`, `ELR_EL3` and `SPSR_EL3`, and uses no stack. Skips each access
    /// that is UNDEFINED.
    ///
    /// # Safety
    /// The CPU must be at EL3 with SP_EL3 selected, with SErrors and interrupts masked, and must
    /// not have been in a lower level since reset. Best called before the MMU and the caches are
    /// on.
    #[link_name = "machine_apply_core_operations"]
    pub unsafe fn apply();
}
