//! The pen: where CPUs that reset at EL3 sleep until the monitor is ready for them.

use core::arch::naked_asm;

use crate::board::BOARD;
use crate::reset::SCR_RES1;

/// The software-generated interrupt that wakes them, as the monitor sends it
/// ([`machine::gic::let_others_in`]).
const WAKE: u32 = 1 << machine::gic::WAKE;
/// `SCR_EL3.IRQ` and `FIQ`: interrupts are EL3's, so that `wfi` ends with one; they stay masked.
const SCR: u64 = SCR_RES1 | 0b110;
/// The number of reads of a register before a wait for it is given up.
const PATIENCE: u32 = 0x10_0000;

/// `GICD_TYPER.IDbits`: not 0 for a GICv3 (IHI0069, 12.9.38), reserved and 0 for a GICv2 (IHI0048,
/// 4.3.2).
const ID_BITS_SHIFT: u32 = 19;
const ID_BITS_WIDTH: u32 = 5;
/// `GICD_CTLR.EnableGrp0`, which the monitor sets when it is ready for all CPUs. It is known to be
/// 0 at reset, and nobody below EL3 sees it.
const ENABLE_GROUP_0: u32 = 0;
/// `GICD_CTLR.ARE_S`, and that and `ARE_NS`: a GICv3 routes by affinity (IHI0069, 12.9.4).
const ARE_S: u32 = 4;
const ARE: u32 = 0b11 << 4;
/// `GICD_CTLR.RWP`: what was written is not in force yet.
const RWP: u32 = 31;

/// On entry: the CPU that boots, at EL3, MMU off, before it does anything that takes time.
/// Does: has a GICv3 route by affinity, without which the registers of redistributors are not
/// there. No other CPU writes to that register, which the monitor will write to: a CPU that was
/// late would undo it.
/// On exit: x1, x2 and x5 changed.
#[unsafe(naked)]
pub extern "C" fn open() {
    naked_asm!(
        "ldr    x1, ={distributor}",
        "ldr    w2, [x1, #4]",              // GICD_TYPER
        "ubfx   w2, w2, #{id_bits_shift}, #{id_bits_width}",
        "cbz    w2, 2f",
        "mov    w2, #{are}",
        "str    w2, [x1]",
        "mov    w5, #{patience}",
        "1:",
        "ldr    w2, [x1]",
        "tbz    w2, #{rwp}, 2f",
        "subs   w5, w5, #1",
        "b.ne   1b",
        "2:",
        "ret",
        ".ltorg",
        distributor = const BOARD.gic.distributor.start(),
        id_bits_shift = const ID_BITS_SHIFT,
        id_bits_width = const ID_BITS_WIDTH,
        are = const ARE,
        patience = const PATIENCE,
        rwp = const RWP,
    )
}

/// On entry: a CPU that does not boot, at EL3, MMU off. RAM holds anything, and with the caches off
/// there are no exclusives, so that the GIC is all that CPUs can meet in.
/// Does: has one software-generated interrupt signalled to this CPU in Group 0 of the secure world,
/// and sleeps until the monitor has set the enable bit of that group in the distributor. A CPU
/// whose redistributor cannot be found sleeps for ever, and is answered by the monitor as one that
/// never came.
/// On exit: in the monitor, with x0 = 0.
#[unsafe(naked)]
pub extern "C" fn wait() -> ! {
    naked_asm!(
        "mov    x0, #{scr}",
        "msr    scr_el3, x0",
        "isb",
        "mov    w9, #{wake}",
        "ldr    x1, ={distributor}",
        "ldr    w2, [x1, #4]",              // GICD_TYPER
        "ubfx   w2, w2, #{id_bits_shift}, #{id_bits_width}",
        "cbnz   w2, 2f",
        // A GICv2: its distributor has a bank of its own for each CPU's private interrupts.
        "ldr    w2, [x1, #0x80]",           // GICD_IGROUPR0
        "bic    w2, w2, w9",
        "str    w2, [x1, #0x80]",
        "strb   wzr, [x1, #0x40f]",         // GICD_IPRIORITYR3, the highest priority
        "str    w9, [x1, #0x100]",          // GICD_ISENABLER0
        "ldr    x3, ={cpu_interface}",
        "mov    w2, #0xff",
        "str    w2, [x3, #4]",              // GICC_PMR
        "mov    w2, #1",
        "str    w2, [x3]",                  // GICC_CTLR.EnableGrp0
        "1:",
        "ldr    w2, [x1]",
        "tbnz   w2, #{enable_group_0}, 7f",
        "dsb    sy",
        "wfi",
        "b      1b",
        // What has woken it is taken, and nothing else is signalled any more.
        "7:",
        "ldr    w2, [x3, #0xc]",            // GICC_IAR
        "str    w2, [x3, #0x10]",           // GICC_EOIR
        "str    wzr, [x3]",
        "b      9f",
        // A GICv3, once the CPU that boots has opened it.
        "2:",
        "ldr    w2, [x1]",
        "tbz    w2, #{are_s}, 2b",
        "tbnz   w2, #{enable_group_0}, 9f",
        // The redistributor with this CPU's affinity in `GICR_TYPER`.
        "mrs    x4, mpidr_el1",
        "ldr    x5, ={affinity}",
        "and    x4, x4, x5",
        "lsr    x5, x4, #8",
        "and    x5, x5, #0xff000000",
        "and    w4, w4, #0xffffff",
        "orr    w4, w4, w5",
        "ldr    x3, ={redistributors}",
        "ldr    x8, ={redistributors_end}",
        "4:",
        "ldr    x5, [x3, #8]",
        "lsr    x6, x5, #32",
        "cmp    w6, w4",
        "b.eq   5f",
        "tbnz   x5, #4, 8f",                // Last
        "add    x3, x3, #0x20000",
        "tbz    x5, #1, 10f",               // VLPIS: two frames more
        "add    x3, x3, #0x20000",
        "10:",
        "cmp    x3, x8",
        "b.lo   4b",
        // Not found.
        "8:",
        "wfi",
        "b      8b",
        // Found: wake it, and open it to the one interrupt.
        "5:",
        "ldr    w2, [x3, #0x14]",           // GICR_WAKER.ProcessorSleep
        "bic    w2, w2, #2",
        "str    w2, [x3, #0x14]",
        "mov    w5, #{patience}",
        "6:",
        "ldr    w2, [x3, #0x14]",
        "tbz    w2, #2, 11f",               // ChildrenAsleep
        "subs   w5, w5, #1",
        "b.ne   6b",
        "11:",
        "add    x3, x3, #0x10000",
        "ldr    w2, [x3, #0x80]",           // GICR_IGROUPR0
        "bic    w2, w2, w9",
        "str    w2, [x3, #0x80]",
        "ldr    w2, [x3, #0xd00]",          // GICR_IGRPMODR0
        "bic    w2, w2, w9",
        "str    w2, [x3, #0xd00]",
        "strb   wzr, [x3, #0x40f]",         // GICR_IPRIORITYR3
        "str    w9, [x3, #0x100]",          // GICR_ISENABLER0
        "dsb    sy",
        "mov    x2, #0xf",
        "msr    s3_6_c12_c12_5, x2",        // ICC_SRE_EL3
        "isb",
        "msr    s3_6_c12_c12_4, xzr",       // ICC_CTLR_EL3
        "msr    s3_0_c12_c8_3, xzr",        // ICC_BPR0_EL1
        "mov    x2, #0xff",
        "msr    s3_0_c4_c6_0, x2",          // ICC_PMR_EL1
        "mov    x2, #1",
        "msr    s3_0_c12_c12_6, x2",        // ICC_IGRPEN0_EL1
        "isb",
        "12:",
        "ldr    w2, [x1]",
        "tbnz   w2, #{enable_group_0}, 13f",
        "dsb    sy",
        "wfi",
        "b      12b",
        "13:",
        "mrs    x2, s3_0_c12_c8_0",         // ICC_IAR0_EL1
        "msr    s3_0_c12_c8_1, x2",         // ICC_EOIR0_EL1
        "msr    s3_0_c12_c12_6, xzr",
        // The monitor was written after this CPU's reset.
        "9:",
        "dsb    sy",
        "ic     iallu",
        "dsb    sy",
        "isb",
        "ldr    x1, ={monitor}",
        "mov    x0, xzr",
        "br     x1",
        ".ltorg",
        scr = const SCR,
        wake = const WAKE,
        distributor = const BOARD.gic.distributor.start(),
        id_bits_shift = const ID_BITS_SHIFT,
        id_bits_width = const ID_BITS_WIDTH,
        cpu_interface = const BOARD.gic.cpu_interface.start(),
        enable_group_0 = const ENABLE_GROUP_0,
        are_s = const ARE_S,
        affinity = const psci::AFFINITY_MASK,
        redistributors = const BOARD.gic.redistributors.start(),
        redistributors_end = const BOARD.gic.redistributors.end(),
        patience = const PATIENCE,
        monitor = const BOARD.secure.monitor.start(),
    )
}
