//! Reset: the first instructions, and the room that Rust lives in.

use core::arch::naked_asm;

use machine::cores;
use machine::page_tables::{MAIR, SCTLR_EL1_OFF, SCTLR_EL2_OFF, SCTLR_MMU_ON, TCR, early};
use machine::stack;

use crate::board::{BOARD, EARLY_TABLES, SECURE_STACK, SECURE_TABLES};
use crate::{boot, pen};

/// `SCR_EL3` with its RES1 bits: what is unknown at reset is 0.
pub const SCR_RES1: u64 = 0b11 << 4;
/// `HCR_EL2.RW`: EL1 is AArch64.
const HCR_RW: u64 = 1 << 31;
/// `CPTR_EL2` with its RES1 bits, FP and SIMD not trapped.
const CPTR_EL2_FP: u64 = 0x33ff;
/// `CPACR_EL1.FPEN`: FP and SIMD not trapped.
const CPACR_FPEN: u64 = 0b11 << 20;
/// `msr pan, #0`, which assemblers take only for CPUs that are known to have it.
const MSR_PAN_0: u32 = 0xd500_409f;

/// `MIDR_EL1.Implementer`: Arm.
const IMPLEMENTER_ARM: u32 = 0x41;
/// `MIDR_EL1.PartNum` of the first and of the last core that has `CPUECTLR_EL1.SMPEN`.
const CORTEX_A53: u32 = 0xd03;
const CORTEX_A73: u32 = 0xd09;
/// The part numbers from that of the Cortex-A53 on whose cores have it: Cortex-A53, A35, A57, A72
/// and A73.
const PARTS_WITH_SMP_ENABLE: u32 = 0b111_0011;
/// `CPUECTLR_EL1.SMPEN`: the caches take part in coherency (Cortex-A53 TRM, 4.3.67, and those of
/// the others).
const CPUECTLR_SMPEN: u64 = 1 << 6;

/// Turns MMU and caches of one level off, and its data little-endian: at reset the latter is
/// IMPLEMENTATION DEFINED, and everything that is loaded depends on it. So the value comes by
/// instructions. Changes x0.
macro_rules! little_endian {
    ($level:literal, $off:literal) => {
        concat!(
            "movz   x0, #({",
            $off,
            "} & 0xffff)\n",
            "movk   x0, #({",
            $off,
            "} >> 16), lsl #16\n",
            "msr    sctlr_",
            $level,
            ", x0\n",
            "isb",
        )
    };
}

/// Turns on MMU and caches of one level. On entry: x0 = page tables, x1 = `MAIR`, x2 = `TCR`, x3 =
/// `SCTLR`, x4 = the physical address size.
macro_rules! mmu_on {
    ($level:literal, $tlbi:literal, $size_shift:literal) => {
        concat!(
            "bfi    x2, x4, #",
            $size_shift,
            ", #3\n",
            "msr    ttbr0_",
            $level,
            ", x0\n",
            "msr    mair_",
            $level,
            ", x1\n",
            "msr    tcr_",
            $level,
            ", x2\n",
            "tlbi   ",
            $tlbi,
            "\n",
            "ic     iallu\n",
            "dsb    sy\n",
            "isb\n",
            "msr    sctlr_",
            $level,
            ", x3\n",
            "isb",
        )
    };
}

/// On entry: reset. Any CPU of the machine, at EL1, EL2 or EL3, MMU off; registers and RAM hold
/// anything.
/// Does: masks interrupts, names the UART for the vectors and installs them. Parks every CPU but
/// the one that boots; at EL3, where nobody else can start them, they wait for the monitor in
/// [`pen::wait`]. The one that boots lets FP and SIMD be used, writes the page tables, turns MMU
/// and caches on, gives Rust a stack.
/// On exit: [`boot::start`] with x0 = the counter at reset.
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.reset")]
extern "C" fn reset() -> ! {
    naked_asm!(
        "msr    daifset, #0xf",
        "mrs    x19, cntpct_el0",
        // The vectors come early, as what follows may find no RAM and fault. Until there is a stack
        // for reports, its register says that there is none but a line to print.
        "mov    x0, #{no_stack}",
        "msr    tpidrro_el0, x0",
        "mov    x0, #{console}",
        "msr    tpidr_el0, x0",
        "adr    x1, {vectors}",
        "mrs    x20, CurrentEL",
        "cmp    x20, #(2 << 2)",
        "b.eq   2f",
        "b.hi   3f",
        little_endian!("el1", "sctlr_el1_off"),
        "msr    vbar_el1, x1",
        "b      1f",
        "2:",
        little_endian!("el2", "sctlr_el2_off"),
        "msr    vbar_el2, x1",
        "b      1f",
        "3:",
        little_endian!("el3", "sctlr_el2_off"),
        "msr    vbar_el3, x1",
        // Nothing of what EL3 does itself is trapped, such as reading random numbers (`TRNDR`).
        "mov    x0, #{scr}",
        "msr    scr_el3, x0",
        // Cores that take part in coherency only once they are told to (K1), before any cache is
        // on: their part numbers follow 0xd03.
        "mrs    x1, midr_el1",
        "lsr    w0, w1, #24",
        "ubfx   w1, w1, #4, #12",
        "sub    w1, w1, #{first_part}",
        "cmp    w0, #{arm}",
        "ccmp   w1, #{parts_most}, #0b0010, eq",
        "b.hi   7f",
        "mov    w0, #{parts}",
        "lsr    w0, w0, w1",
        "tbz    w0, #0, 7f",
        "mrs    x0, s3_1_c15_c2_1",
        "orr    x0, x0, #{smp_enable}",
        "msr    s3_1_c15_c2_1, x0",
        "7:",
        "isb",
        // What else the core needs, while nothing runs and the MMU is off.
        "bl     {apply_operations}",
        "1:",
        "isb",
        "mrs    x0, mpidr_el1",
        "ldr    x1, ={affinity}",
        "and    x0, x0, x1",
        "ldr    x1, ={boot_cpu}",
        "cmp    x0, x1",
        "b.eq   6f",
        "cmp    x20, #(3 << 2)",
        "b.eq   {pen}",
        // Below EL3 somebody above has started this CPU, against the rules of PSCI.
        "5:",
        "wfi",
        "b      5b",
        // The CPU that boots. The end of its stack is for reports, the start for the page tables.
        "6:",
        "ldr    x0, ={region}",
        "ldr    x21, ={region_end}",
        "adr    x1, {tables}",
        "cmp    x20, #(3 << 2)",
        "b.ne   4f",
        "bl     {open}",
        "ldr    x0, ={secure_region}",
        "ldr    x21, ={secure_region_end}",
        "adr    x1, {secure_tables}",
        "4:",
        "orr    x2, x21, #{in_region}",
        "msr    tpidrro_el0, x2",
        "bl     {write_tables}",
        // Attributes, and an address size of at most 48 bits.
        "ldr    x1, ={mair}",
        "ldr    x2, ={tcr}",
        "mrs    x4, id_aa64mmfr0_el1",
        "and    x4, x4, #0xf",
        "mov    x5, #0b101",
        "cmp    x4, x5",
        "csel   x4, x4, x5, lo",
        "cmp    x20, #(2 << 2)",
        "b.eq   2f",
        "b.hi   3f",
        // EL1. PAN would keep us out of RAM, which the page tables open to EL0.
        "ldr    x5, ={cpacr}",
        "msr    cpacr_el1, x5",
        "mrs    x5, id_aa64mmfr1_el1",
        "ubfx   x5, x5, #20, #4",
        "cbz    x5, 1f",
        ".inst  {msr_pan_0}",
        "1:",
        "ldr    x3, ={sctlr_el1}",
        mmu_on!("el1", "vmalle1", "32"),
        "b      4f",
        // EL2
        "2:",
        "ldr    x5, ={hcr}",
        "msr    hcr_el2, x5",
        "isb",
        "ldr    x5, ={cptr}",
        "msr    cptr_el2, x5",
        "ldr    x3, ={sctlr_el2}",
        mmu_on!("el2", "alle2", "16"),
        "b      4f",
        // EL3
        "3:",
        "msr    cptr_el3, xzr",
        "ldr    x3, ={sctlr_el2}",
        mmu_on!("el3", "alle3", "16"),
        // All levels
        "4:",
        "msr    spsel, #1",
        "sub    x21, x21, #{report_bytes}",
        "mov    sp, x21",
        "mov    x29, xzr",
        "mov    x30, xzr",
        "mov    x0, x19",
        "b      {start}",
        ".ltorg",
        vectors = sym machine::exceptions::machine_vectors,
        sctlr_el1_off = const SCTLR_EL1_OFF,
        sctlr_el2_off = const SCTLR_EL2_OFF,
        scr = const SCR_RES1,
        arm = const IMPLEMENTER_ARM,
        first_part = const CORTEX_A53,
        parts_most = const CORTEX_A73 - CORTEX_A53,
        parts = const PARTS_WITH_SMP_ENABLE,
        smp_enable = const CPUECTLR_SMPEN,
        apply_operations = sym cores::apply,
        console = const BOARD.console,
        affinity = const psci::AFFINITY_MASK,
        boot_cpu = const BOARD.boot_cpu,
        open = sym pen::open,
        pen = sym pen::wait,
        no_stack = const stack::NO_STACK,
        region = const BOARD.early_stack.start(),
        region_end = const BOARD.early_stack.end(),
        tables = sym EARLY_TABLES,
        secure_region = const SECURE_STACK.start(),
        secure_region_end = const SECURE_STACK.end(),
        secure_tables = sym SECURE_TABLES,
        in_region = const stack::IN_REGION,
        report_bytes = const stack::REPORT_BYTES,
        write_tables = sym early::write,
        mair = const MAIR,
        tcr = const TCR,
        cpacr = const CPACR_FPEN,
        msr_pan_0 = const MSR_PAN_0,
        sctlr_el1 = const SCTLR_EL1_OFF | SCTLR_MMU_ON,
        hcr = const HCR_RW,
        cptr = const CPTR_EL2_FP,
        sctlr_el2 = const SCTLR_EL2_OFF | SCTLR_MMU_ON,
        start = sym boot::start,
    )
}
