//! Relocation: an image that runs wherever it was loaded adds its load address to what needs it, as
//! its first act.

/// The type of the only relocations that a static image of position independent code has: the load
/// address is added (AAELF64, 5.7.14).
pub const R_AARCH64_RELATIVE: u64 = 1027;

/// The instructions of it, for the start of an image that is linked at 0 and smaller than 1 MiB,
/// with the operand `relative` = [`R_AARCH64_RELATIVE`].
///
/// On entry: the image begins at the symbol `head`; its linker script has put `__rela_start` and
/// `__rela_end` around the relocations.
/// Does: *(base + offset) = base + addend, for each of them. Changes x5 to x10.
/// On exit: what follows.
#[macro_export]
macro_rules! relocate {
    () => {
        "adr    x5, head
        adr     x6, __rela_start
        adr     x7, __rela_end
    1:  cmp     x6, x7
        b.hs    2f
        ldp     x8, x9, [x6], #16
        ldr     x10, [x6], #8
        cmp     x9, #{relative}
        b.ne    1b
        add     x10, x10, x5
        str     x10, [x5, x8]
        b       1b
    2:"
    };
}
