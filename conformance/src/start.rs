//! The start: the Image header, what each CPU does first, and the room that Rust lives in.

use core::arch::{global_asm, naked_asm};
use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::sync::atomic::AtomicU64;

use boot_protocol::{Entry, Image, Place};
use linux_image::{ImageError, ImageHeader};

/// No wish for a distance from the 2 MiB boundary.
const TEXT_OFFSET: u64 = 0;
/// Little endian, pages of 4 KiB, anywhere in RAM (bit 3).
const FLAGS: u64 = 1 << 3 | 1 << 1;
/// `SCTLR_ELx.M`, `C` and `EE`.
const SCTLR_M: u64 = 1 << 0;
const SCTLR_C: u64 = 1 << 2;
const SCTLR_EE: u64 = 1 << 25;

/// The registers that a CPU was entered with. Assembly writes it, once, before any Rust sees it.
#[repr(transparent)]
struct Recorded(UnsafeCell<Entry>);

// SAFETY: it is written by one CPU, before that CPU reads it, and no other does meanwhile.
unsafe impl Sync for Recorded {}

impl Recorded {
    const fn new() -> Self {
        let nothing = Entry {
            x: [0; 31],
            sp: 0,
            daif: 0,
            sp_select: 0,
            current_el: 0,
            sctlr: 0,
            pc: 0,
            mpidr: 0,
        };
        Self(UnsafeCell::new(nothing))
    }
}

static FIRST: Recorded = Recorded::new();
static OTHER: Recorded = Recorded::new();

/// Nobody's affinity: the value of [`TURN`] while no CPU is meant.
pub const NOBODY: u64 = u64::MAX;
/// The affinity of the CPU that is to come next. Others that come wait: they share one record and
/// one stack.
pub static TURN: AtomicU64 = AtomicU64::new(NOBODY);

global_asm!(
    // On entry: any registers. Does: turns MMU and data cache off and data little endian, which
    // they are but where I1 or Z8 is broken, so that all that is written arrives. On exit:
    // TPIDR_EL1 = x0, TPIDRRO_EL0 = SCTLR_ELx, as they were; x0 has changed.
    r#"
    .macro quiet
    msr     tpidr_el1, x0
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.ne    1f
    mrs     x0, sctlr_el2
    msr     tpidrro_el0, x0
    bic     x0, x0, #{mmu}
    bic     x0, x0, #{data_cache}
    bic     x0, x0, #{big_endian}
    msr     sctlr_el2, x0
    b       2f
1:  mrs     x0, sctlr_el1
    msr     tpidrro_el0, x0
    bic     x0, x0, #{mmu}
    bic     x0, x0, #{data_cache}
    bic     x0, x0, #{big_endian}
    msr     sctlr_el1, x0
2:  isb
    .endm

    // On entry: as `quiet` leaves it. Does: writes what the registers held before it to an `Entry`.
    // On exit: x0 = that `Entry`; every other register may have changed; exceptions are masked.
    .macro record entry, pc
    adr     x0, \entry
    stp     x1, x2, [x0, #8]
    stp     x3, x4, [x0, #24]
    stp     x5, x6, [x0, #40]
    stp     x7, x8, [x0, #56]
    stp     x9, x10, [x0, #72]
    stp     x11, x12, [x0, #88]
    stp     x13, x14, [x0, #104]
    stp     x15, x16, [x0, #120]
    stp     x17, x18, [x0, #136]
    stp     x19, x20, [x0, #152]
    stp     x21, x22, [x0, #168]
    stp     x23, x24, [x0, #184]
    stp     x25, x26, [x0, #200]
    stp     x27, x28, [x0, #216]
    stp     x29, x30, [x0, #232]
    mrs     x1, tpidr_el1
    str     x1, [x0]
    mov     x1, sp
    mrs     x2, daif
    stp     x1, x2, [x0, #{sp}]
    mrs     x1, spsel
    mrs     x2, CurrentEL
    stp     x1, x2, [x0, #{sp_select}]
    mrs     x1, tpidrro_el0
    adr     x2, \pc
    stp     x1, x2, [x0, #{sctlr}]
    mrs     x1, mpidr_el1
    str     x1, [x0, #{mpidr}]
    msr     daifset, #0xf
    .endm

    // The 64 bytes that booting.rst calls the decompressed kernel image's header; the first
    // instruction jumps over it. The second is for loaders that do not begin with the first (O1).
    .pushsection .head, "ax"
    .global head
head:
    b       start
second:
    b       start_at_second
    .quad   {text_offset}
    .quad   __image_size
    .quad   {flags}
    .quad   0
    .quad   0
    .quad   0
    .word   {magic}
    .word   0
    .popsection

    .pushsection .text.start, "ax"
start:
    quiet
    record  {first}, head
    b       {prepare}
start_at_second:
    quiet
    record  {first}, second
    b       {prepare}

    // On entry: a CPU that was brought in, x0 = 0 (R1). Does: waits until it is this CPU's turn,
    // and records. TPIDR_EL0 lends room for x1. On exit: `others::enter` with x0 = the `Entry`, on
    // the stack that all CPUs but the first have in turn.
    .global other_start
other_start:
    quiet
    msr     tpidr_el0, x1
1:  mrs     x0, mpidr_el1
    ldr     x1, ={affinity}
    and     x0, x0, x1
    adr     x1, {turn}
    ldr     x1, [x1]
    cmp     x0, x1
    b.eq    2f
    wfe
    b       1b
2:  mrs     x1, tpidr_el0
    record  {other}, other_start
    msr     spsel, #1
    adr     x1, __other_stack_end
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    b       {enter_other}
    .ltorg
    .purgem quiet
    .purgem record
    .popsection
    "#,
    first = sym FIRST,
    other = sym OTHER,
    turn = sym TURN,
    prepare = sym prepare,
    enter_other = sym crate::others::enter,
    sp = const offset_of!(Entry, sp),
    sp_select = const offset_of!(Entry, sp_select),
    sctlr = const offset_of!(Entry, sctlr),
    mpidr = const offset_of!(Entry, mpidr),
    mmu = const SCTLR_M,
    data_cache = const SCTLR_C,
    big_endian = const SCTLR_EE,
    affinity = const psci::AFFINITY_MASK,
    text_offset = const TEXT_OFFSET,
    flags = const FLAGS,
    magic = const ImageHeader::MAGIC,
);

unsafe extern "C" {
    safe static head: [u8; ImageHeader::SIZE_BYTES];
    safe static other_start: u8;
    safe static __file_end: u8;
}

/// Returns where a CPU is to begin that is brought in.
pub fn other_entry_point() -> u64 {
    (&raw const other_start).expose_provenance() as u64
}

/// Returns where the payload lies.
pub fn place() -> Place {
    Place((&raw const head).expose_provenance() as u64)
}

/// The payload, where it lies.
///
/// # Errors
/// Its header in memory is none: it was overwritten.
pub fn image() -> Result<Image, ImageError> {
    Ok(Image {
        header: ImageHeader::parse(&head)?,
        start: place().0,
        file_end: (&raw const __file_end).expose_provenance() as u64,
    })
}

/// On entry: x0 = the `Entry` of the first CPU.
/// Does: adds the load address to what needs it. There is no .bss to clear: the file holds zeros.
/// On exit: [`crate::first`] with x0 as it came, on a stack of 256 KiB.
#[unsafe(naked)]
unsafe extern "C" fn prepare() -> ! {
    naked_asm!(
        machine::relocate!(),
        "msr    spsel, #1",
        "adr    x6, __first_stack_end",
        "mov    sp, x6",
        "mov    x29, xzr",
        "mov    x30, xzr",
        "b      {first}",
        relative = const machine::relocation::R_AARCH64_RELATIVE,
        first = sym crate::first,
    )
}
