//! The PE header behind the Image header, where EFI enters, and the way from there into the kernel.
//!
//! The header's fields are those of the PE format, "COFF File Header" to "Section Table". The file
//! lies in memory as it lies on the disk.

use core::arch::{global_asm, naked_asm};

/// `SCTLR_ELx.M` and `C`.
const MMU_AND_DATA_CACHE: u64 = 1 << 2 | 1 << 0;

global_asm!(
    r#"
    .pushsection .pe_header, "a"
    .global pe_header, pe_image_base
pe_header:
    .ascii  "PE\0\0"
    .short  0xaa64                      // Machine: ARM64
    .short  1                           // NumberOfSections
    .word   0, 0, 0                     // TimeDateStamp, PointerToSymbolTable, NumberOfSymbols
    .short  section_table - 1f          // SizeOfOptionalHeader
    .short  0x0206                      // Characteristics: executable, no line numbers, no debug information
1:  .short  0x20b                       // Magic: PE32+
    .short  0                           // linker version
    .word   __pe_section_size           // SizeOfCode
    .word   0, 0                        // SizeOfInitializedData, SizeOfUninitializedData
    .word   __pe_entry                  // AddressOfEntryPoint
    .word   __pe_header_size            // BaseOfCode
pe_image_base:
    .quad   0                           // ImageBase: any
    .word   4096, 4096                  // SectionAlignment, FileAlignment
    .short  0, 0, 0, 0, 0, 0            // versions of the operating system, of the image, of the subsystem
    .word   0                           // Win32VersionValue
    .word   __pe_image_size             // SizeOfImage
    .word   __pe_header_size            // SizeOfHeaders
    .word   0                           // CheckSum
    .short  10                          // Subsystem: EFI application
    .short  0                           // DllCharacteristics
    .quad   0, 0, 0, 0                  // stack and heap: EFI's
    .word   0                           // LoaderFlags
    .word   6                           // NumberOfRvaAndSizes: up to base relocations, of which there are none
    .quad   0, 0, 0, 0, 0, 0
section_table:
    .ascii  ".text\0\0\0"
    .word   __pe_section_size           // VirtualSize
    .word   __pe_header_size            // VirtualAddress
    .word   __pe_section_size           // SizeOfRawData
    .word   __pe_header_size            // PointerToRawData
    .word   0, 0                        // PointerToRelocations, PointerToLinenumbers
    .short  0, 0                        // NumberOfRelocations, NumberOfLinenumbers
    .word   0xe0000020                  // Characteristics: code, to be executed, read and written
    .popsection
    "#
);

/// A relocation (ELF-64 Object File Format, "Relocation").
#[repr(C)]
struct Relocation {
    offset: u64,
    info: u64,
    addend: u64,
}

unsafe extern "C" {
    safe static __rela_start: Relocation;
    safe static __rela_end: Relocation;
    safe static head: u8;
    safe static pe_image_base: u64;
}

/// Returns where in the image its load address, or what follows from it, was written, in bytes from
/// its start: by relocation, and by the firmware into the PE header. The file has zeros there.
pub fn relocated() -> impl Iterator<Item = usize> {
    let (start, end) = (&raw const __rela_start, &raw const __rela_end);
    let count = (end.addr() - start.addr()) / size_of::<Relocation>();
    // SAFETY: the linker has put all of them between the two symbols.
    let relocations = unsafe { core::slice::from_raw_parts(start, count) };
    let image_base = (&raw const pe_image_base).addr() - (&raw const head).addr();
    relocations
        .iter()
        .map(|relocation| relocation.offset as usize)
        .chain([image_base])
}

/// On entry: from the firmware: x0 = this program's handle, x1 = the system table, with a stack.
/// Does: adds the load address to what needs it.
/// On exit: [`super::main`], with x0 and x1 as they came.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn efi_entry() -> ! {
    naked_asm!(
        machine::relocate!(),
        "b      {main}",
        relative = const machine::relocation::R_AARCH64_RELATIVE,
        main = sym super::main,
    )
}

/// On entry: x0 = device tree, x1 = the Image's first instruction; the MMU on, at EL2 or EL1.
/// Does: masks exceptions; turns MMU and data cache off, and leaves the rest of SCTLR_ELx as the
/// firmware has it; drops what the instruction cache holds. On exit: at the Image's first
/// instruction, x0 as it came, x1 to x3 = 0.
///
/// # Safety
/// All that is used from there on, this function included, is clean to the point of coherency.
#[unsafe(naked)]
pub unsafe extern "C" fn leave(device_tree: u64, entry: u64) -> ! {
    naked_asm!(
        "msr    daifset, #0xf",
        "mov    x4, x1",
        "mov    x1, xzr",
        "mov    x2, xzr",
        "mov    x3, xzr",
        "mov    x6, #{off}",
        "mrs    x5, CurrentEL",
        "cmp    x5, #(2 << 2)",
        "b.ne   1f",
        "mrs    x5, sctlr_el2",
        "bic    x5, x5, x6",
        "msr    sctlr_el2, x5",
        "b      2f",
        "1:",
        "mrs    x5, sctlr_el1",
        "bic    x5, x5, x6",
        "msr    sctlr_el1, x5",
        "2:",
        "isb",
        "ic     iallu",
        "dsb    sy",
        "isb",
        "br     x4",
        off = const MMU_AND_DATA_CACHE,
    )
}
