//! Caches: bytes that must be in memory, not in a cache, when a kernel looks at them with its MMU
//! off (clauses I2 and I3).
//!
//! Reviewed, not tested: QEMU models no caches. What it can show is that the instructions are
//! executed.

use core::arch::asm;

use arm_sysregs::el0::accessors;
use phys_range::PhysRange;

/// The bytes that one iteration of the copy loop moves: all 32 vector registers.
const TURN_BYTES: usize = 512;

/// The line size that the copy loop cleans by; smaller lines are cleaned in a second pass.
const LINE_BYTES: u64 = 64;

/// The smallest data cache line of this system, in bytes (`CTR_EL0.DminLine`, DDI0487, D24.2).
fn line_bytes() -> u64 {
    4 << ((accessors::read_ctr_el0().bits() >> 16) & 0xf)
}

/// Cleans and invalidates all data cache lines of `range` to the point of coherency, by address.
pub fn clean_and_invalidate(range: PhysRange) {
    let line = line_bytes();
    let mut address = phys_range::align_down(range.start(), line);
    // Four lines an iteration: there are a thousand in a stack.
    while address + 3 * line < range.end() {
        let (second, third, fourth) = (address + line, address + 2 * line, address + 3 * line);
        // SAFETY: writes back and drops four lines; what memory holds for the program stays the
        // same.
        unsafe {
            asm!(
                "dc civac, {}", "dc civac, {}", "dc civac, {}", "dc civac, {}",
                in(reg) address, in(reg) second, in(reg) third, in(reg) fourth,
                options(nostack, preserves_flags)
            );
        };
        address += 4 * line;
    }
    while address < range.end() {
        // SAFETY: as above, a line.
        unsafe { asm!("dc civac, {}", in(reg) address, options(nostack, preserves_flags)) };
        address += line;
    }
    // SAFETY: a barrier, so that the lines have reached memory when this returns.
    unsafe { asm!("dsb sy", options(nostack, preserves_flags)) };
}

/// As [`clean_and_invalidate`], for what lies in memory at its own address.
pub fn clean_and_invalidate_bytes(bytes: &[u8]) {
    if let Some(range) = PhysRange::new(bytes.as_ptr().expose_provenance() as u64, bytes.len() as u64) {
        clean_and_invalidate(range);
    }
}

/// Copies `source` to `destination` and leaves the copy clean to the point of coherency, line by
/// line as it is written: one pass over memory instead of two.
///
/// # Panics
/// The two are not of the same length.
pub fn copy_to_memory(source: &[u8], destination: &mut [u8]) {
    assert_eq!(source.len(), destination.len());
    let turns = source.len() / TURN_BYTES;
    let whole = turns * TURN_BYTES;
    if turns > 0 {
        // SAFETY: `turns` turns read and write exactly the first `whole` bytes of the two slices.
        unsafe { copy_turns(source.as_ptr(), destination.as_mut_ptr(), turns) };
    }
    destination[whole..].copy_from_slice(&source[whole..]);

    // The loop cleans the line that each 64 bytes begin in: what is left are the remainder, and the
    // end of the last line when the destination is not aligned; or everything, where lines are
    // shorter.
    let cleaned = if line_bytes() < LINE_BYTES {
        0
    } else {
        whole.saturating_sub(LINE_BYTES as usize)
    };
    clean_and_invalidate_bytes(&destination[cleaned..]);
}

/// Moves `turns` times [`TURN_BYTES`] with 16 loads of 32 bytes, 16 stores, and one cache operation
/// for every 64 bytes.
///
/// # Safety
/// `turns` is not zero; that many turns can be read from `source` and written to `destination`,
/// which do not overlap.
unsafe fn copy_turns(source: *const u8, destination: *mut u8, turns: usize) {
    // SAFETY: the caller vouches for the memory; every register that is written is named. The
    // stores advance the destination to the line that they write, so it starts one line early.
    unsafe {
        asm!(
            "2:",
            "ldp q0, q1, [{s}], #512",
            "ldp q2, q3, [{s}, #-480]",
            "ldp q4, q5, [{s}, #-448]",
            "ldp q6, q7, [{s}, #-416]",
            "ldp q8, q9, [{s}, #-384]",
            "ldp q10, q11, [{s}, #-352]",
            "ldp q12, q13, [{s}, #-320]",
            "ldp q14, q15, [{s}, #-288]",
            "ldp q16, q17, [{s}, #-256]",
            "ldp q18, q19, [{s}, #-224]",
            "ldp q20, q21, [{s}, #-192]",
            "ldp q22, q23, [{s}, #-160]",
            "ldp q24, q25, [{s}, #-128]",
            "ldp q26, q27, [{s}, #-96]",
            "ldp q28, q29, [{s}, #-64]",
            "ldp q30, q31, [{s}, #-32]",
            "stp q0, q1, [{d}, #64]!",
            "stp q2, q3, [{d}, #32]",
            "dc civac, {d}",
            "stp q4, q5, [{d}, #64]!",
            "stp q6, q7, [{d}, #32]",
            "dc civac, {d}",
            "stp q8, q9, [{d}, #64]!",
            "stp q10, q11, [{d}, #32]",
            "dc civac, {d}",
            "stp q12, q13, [{d}, #64]!",
            "stp q14, q15, [{d}, #32]",
            "dc civac, {d}",
            "stp q16, q17, [{d}, #64]!",
            "stp q18, q19, [{d}, #32]",
            "dc civac, {d}",
            "stp q20, q21, [{d}, #64]!",
            "stp q22, q23, [{d}, #32]",
            "dc civac, {d}",
            "stp q24, q25, [{d}, #64]!",
            "stp q26, q27, [{d}, #32]",
            "dc civac, {d}",
            "stp q28, q29, [{d}, #64]!",
            "stp q30, q31, [{d}, #32]",
            "dc civac, {d}",
            "subs {n}, {n}, #1",
            "b.ne 2b",
            s = inout(reg) source => _,
            d = inout(reg) destination.wrapping_sub(LINE_BYTES as usize) => _,
            n = inout(reg) turns => _,
            out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _,
            out("v8") _, out("v9") _, out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _,
            out("v16") _, out("v17") _, out("v18") _, out("v19") _, out("v20") _, out("v21") _, out("v22") _, out("v23") _,
            out("v24") _, out("v25") _, out("v26") _, out("v27") _, out("v28") _, out("v29") _, out("v30") _, out("v31") _,
            options(nostack),
        );
    }
}
