//! The hand-over: the last thing that runs before the kernel (booting.rst, "Call the kernel
//! image").

use core::arch::naked_asm;

use phys_range::PhysRange;

use crate::page_tables::{PAGE_BYTES, SCTLR_EL1_OFF, SCTLR_EL2_OFF};
use crate::stack;

/// The values that the kernel is entered with.
#[derive(Clone, Copy, Debug)]
pub struct HandOver {
    /// The first instruction: the kernel's (O1), or the monitor's.
    pub entry: u64,
    /// The value of x0: the device tree (G1).
    pub device_tree: u64,
    /// The values of x1 and x2: zeros for a kernel (G2).
    pub others: [u64; 2],
    /// The region that holds the stack ([`crate::stack`]), and so must leave the caches last.
    pub work_area: PhysRange,
}

impl HandOver {
    /// Enters what is at `entry`, at the level that this code runs at.
    ///
    /// # Safety
    /// With MMU and caches on; code for this level is at `entry`, and all that was written outside
    /// the work area is clean to the point of coherency.
    pub unsafe fn enter(self) -> ! {
        // SAFETY: the caller vouches for what `leave` asks.
        unsafe {
            leave(
                self.device_tree,
                self.entry,
                self.work_area.start(),
                self.others[0],
                self.others[1],
            )
        }
    }
}

/// On entry: x0 = device tree, x1 = entry point, x2 = the region of the stack, x3 and x4 = what x1
/// and x2 are to be; MMU and caches on.
/// Does: cleans the region but for its guard page, which is not mapped, out of the caches, and from
/// there on touches no memory; turns MMU and caches off; drops what the TLBs and the instruction
/// cache hold (I1, I2).
/// On exit: at the entry point, same level, DAIF = 0x3c0 (H1), x0 = device tree, x1 and x2 as
/// asked, x3 = 0 (G1, G2), x4 = entry point, every other register 0. The stack pointer stays, so
/// that the vectors can still report the kernel's first missteps.
///
/// # Safety
/// As [`HandOver::enter`].
#[unsafe(naked)]
unsafe extern "C" fn leave(device_tree: u64, entry: u64, region: u64, second: u64, third: u64) -> ! {
    naked_asm!(
        "msr    daifset, #0xf",
        "mov    x7, x3",
        "mov    x8, x4",
        "mov    x4, x1",
        // Line by line, below the guard page and above; all of them are aligned to a page, so to
        // four lines, which have 64 or 128 bytes on the cores that there are.
        "mrs    x5, ctr_el0",
        "ubfx   x5, x5, #16, #4",
        "mov    x6, #4",
        "lsl    x5, x6, x5",
        "add    x3, x2, #{tables}",
        "mov    x9, #{region}",
        "add    x9, x2, x9",
        "1:",
        ".rept  4",
        "dc     civac, x2",
        "add    x2, x2, x5",
        ".endr",
        "cmp    x2, x3",
        "b.lo   1b",
        "cmp    x3, x9",
        "b.eq   5f",
        "add    x2, x2, #{page}",
        "mov    x3, x9",
        "b      1b",
        "5:",
        "dsb    sy",
        // MMU and caches off at the level that runs.
        "mrs    x6, CurrentEL",
        "cmp    x6, #(2 << 2)",
        "b.eq   2f",
        "b.hi   4f",
        "ldr    x6, ={sctlr_el1}",
        "msr    sctlr_el1, x6",
        "isb",
        "tlbi   vmalle1",
        "b      3f",
        "2:",
        "ldr    x6, ={sctlr_el2}",
        "msr    sctlr_el2, x6",
        "isb",
        "tlbi   alle2",
        "tlbi   alle1",
        "b      3f",
        "4:",
        "ldr    x6, ={sctlr_el2}",
        "msr    sctlr_el3, x6",
        "isb",
        "tlbi   alle3",
        "3:",
        "ic     iallu",
        "dsb    sy",
        "isb",
        // No value of ours is left to depend on.
        "mov    x1, x7",
        "mov    x2, x8",
        "mov    x3, xzr",
        "mov    x5, xzr",
        "mov    x6, xzr",
        ".irp   n, 7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
        "mov    x\\n, xzr",
        ".endr",
        "br     x4",
        ".ltorg",
        tables = const stack::TABLES_BYTES,
        region = const stack::REGION_BYTES,
        page = const PAGE_BYTES,
        sctlr_el1 = const SCTLR_EL1_OFF,
        sctlr_el2 = const SCTLR_EL2_OFF,
    )
}
