//! What the archives of Debian ask of a C library: memory, the stack protector, and the file by
//! which Linux tells a program what the CPU can do.

use alloc::alloc::{Layout, alloc, alloc_zeroed};
use core::arch::asm;
use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// The alignment of what `malloc` returns: enough for every type of C.
const ALIGNMENT: usize = 16;

/// The file descriptor of the only file.
const AUXV: c_int = 3;
/// Types of the auxiliary vector's entries, as in Linux' `auxvec.h`.
const AT_NULL: u64 = 0;
const AT_HWCAP: u64 = 16;
/// Bits of `AT_HWCAP`, as in Linux' `hwcap.h` for arm64.
const HWCAP_ASIMD: u64 = 1 << 1;
const HWCAP_PMULL: u64 = 1 << 4;
const HWCAP_CRC32: u64 = 1 << 7;

/// What functions with arrays put on the stack, to find it unchanged when they return.
#[unsafe(no_mangle)]
static __stack_chk_guard: usize = 0x5aff_00ff_0a0d_a500;

static ERRNO: AtomicI32 = AtomicI32::new(0);
static IS_AUXV_READ: AtomicBool = AtomicBool::new(false);

#[unsafe(no_mangle)]
extern "C" fn __stack_chk_fail() -> ! {
    panic!()
}

#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut c_void {
    match Layout::from_size_align(size.max(1), ALIGNMENT) {
        // SAFETY: the size is not 0.
        Ok(layout) => unsafe { alloc(layout) }.cast(),
        Err(_) => null_mut(),
    }
}

#[unsafe(no_mangle)]
extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    let layout = count
        .checked_mul(size)
        .map(|size| Layout::from_size_align(size.max(1), ALIGNMENT));
    match layout {
        // SAFETY: the size is not 0.
        Some(Ok(layout)) => unsafe { alloc_zeroed(layout) }.cast(),
        _ => null_mut(),
    }
}

/// Nothing is given back.
#[unsafe(no_mangle)]
extern "C" fn free(_: *mut c_void) {}

#[unsafe(no_mangle)]
extern "C" fn __errno_location() -> *mut c_int {
    ERRNO.as_ptr()
}

/// `/proc/self/auxv` is the only file that is opened, by libdeflate.
#[unsafe(no_mangle)]
extern "C" fn open(_: *const c_char, _: c_int) -> c_int {
    IS_AUXV_READ.store(false, Ordering::Relaxed);
    AUXV
}

/// Reads the auxiliary vector as Linux has it on this CPU, as far as libdeflate looks for it.
///
/// # Safety
/// There are `size` bytes to write.
#[unsafe(no_mangle)]
unsafe extern "C" fn read(_: c_int, buffer: *mut c_void, size: usize) -> isize {
    let vector = [AT_HWCAP, hwcap(), AT_NULL, 0];
    if size < size_of_val(&vector) || IS_AUXV_READ.swap(true, Ordering::Relaxed) {
        return 0;
    }
    // SAFETY: there is room for it.
    unsafe { buffer.cast::<[u64; 4]>().write_unaligned(vector) };
    size_of_val(&vector) as isize
}

#[unsafe(no_mangle)]
extern "C" fn close(_: c_int) -> c_int {
    0
}

/// Returns what `ID_AA64ISAR0_EL1` has of checksums (DDI0487, D24.2): PMULL where `AES` is 2,
/// CRC-32 where `CRC32` is 1.
fn hwcap() -> u64 {
    let features: u64;
    // SAFETY: reads a register that every CPU has.
    unsafe { asm!("mrs {}, id_aa64isar0_el1", out(reg) features, options(nomem, nostack, preserves_flags)) };
    let field = |shift: u32| features >> shift & 0xf;
    let pmull = if field(4) >= 2 { HWCAP_PMULL } else { 0 };
    let crc32 = if field(16) >= 1 { HWCAP_CRC32 } else { 0 };
    HWCAP_ASIMD | pmull | crc32
}
