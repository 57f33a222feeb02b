//! The entry point of CPUs that were turned on, or come back from power-down states.

use core::arch::{global_asm, naked_asm};

use machine::exceptions;

use crate::cpus::{AFFINITY, CPUS, CPUS_MAX, Cpu, State, count};
use crate::registers::SCTLR_EE_BIT;
use crate::{alarm, console, measure, registers, start, storm};

/// The stack of each CPU, in bytes.
const STACK_BYTES: usize = 0x4000;

global_asm!(
    r#"
    .pushsection .bss.stacks, "aw", %nobits
    .balign 16
smc_calls_stacks:
    .zero   {stack_size} * {cpus_max}
    .popsection
    "#,
    stack_size = const STACK_BYTES,
    cpus_max = const CPUS_MAX,
);

/// The address of the entry point.
pub fn address() -> u64 {
    entry as *const () as u64
}

/// On entry: PSCI (DEN0022F.b 6.4): x0 = context id, the level of whoever asked, MMU off,
/// exceptions masked. Does: notes the counter first; makes data accesses little-endian, as this
/// program is; finds the CPU among all; takes its stack, from the top. On exit: [`arrive`], with x3
/// = all bits that are set in x2 to x30, x4 = `SCTLR_ELx.EE` as it was.
#[unsafe(naked)]
unsafe extern "C" fn entry() -> ! {
    naked_asm!(
        "mrs    x1, cntpct_el0",
        ".irp   n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30",
        "orr    x2, x2, x\\n",
        ".endr",
        "mov    x3, x2",
        "mov    x2, x1",
        "mrs    x4, CurrentEL",
        "tbz    x4, #3, 4f",
        "mrs    x4, sctlr_el2",
        "bic    x5, x4, #(1 << {ee})",
        "msr    sctlr_el2, x5",
        "b      5f",
        "4:",
        "mrs    x4, sctlr_el1",
        "bic    x5, x4, #(1 << {ee})",
        "msr    sctlr_el1, x5",
        "5:",
        "isb",
        "ubfx   x8, x4, #{ee}, #1",
        "mrs    x4, mpidr_el1",
        "ldr    x5, ={affinity}",
        "and    x4, x4, x5",
        "adrp   x1, {cpus}",
        "add    x1, x1, :lo12:{cpus}",
        "mov    x5, xzr",
        "1:",
        "ldr    x6, [x1]",
        "cmp    x6, x4",
        "b.eq   3f",
        "add    x1, x1, #{cpu_size}",
        "add    x5, x5, #1",
        "cmp    x5, #{cpus_max}",
        "b.lo   1b",
        // Nobody has asked for this CPU; the first one will miss another.
        "2:",
        "wfi",
        "b      2b",
        "3:",
        "bl     {enable_fp}",
        "msr    spsel, #1",
        "adrp   x4, smc_calls_stacks",
        "add    x4, x4, :lo12:smc_calls_stacks",
        "mov    x6, #{stack_size}",
        "add    x5, x5, #1",
        "madd   x4, x5, x6, x4",
        "mov    sp, x4",
        "mov    x4, x8",
        "mov    x29, xzr",
        "mov    x30, xzr",
        "b      {arrive}",
        ".ltorg",
        ee = const SCTLR_EE_BIT,
        affinity = const AFFINITY,
        cpus = sym CPUS,
        cpu_size = const size_of::<Cpu>(),
        cpus_max = const CPUS_MAX,
        enable_fp = sym start::enable_fp,
        stack_size = const STACK_BYTES,
        arrive = sym arrive,
    )
}

extern "C" fn arrive(context: u64, cpu: &'static Cpu, ticks: u64, others: u64, ee: u64) -> ! {
    if measure::is_under_way() {
        measure::woken(ticks);
    }
    if let Some(console) = console() {
        // SAFETY: the stack is this CPU's own.
        unsafe { exceptions::install(&console, cpu.report_stack()) };
    }
    alarm::connect();
    if !cpu.may_find(context, ee != 0) {
        storm::fail(
            cpu,
            format_args!("came in with {context:#x} and SCTLR_ELx.EE = {ee}, which nobody asked for"),
        );
    }
    if others != 0 {
        storm::fail(cpu, format_args!("came in with {others:#x} in x2 to x30"));
    }
    if let Some(what) = registers::wrong_at_entry() {
        storm::fail(cpu, format_args!("came in with {what}"));
    }
    if !cpu.is(State::Suspended) {
        count(&cpu.starts);
    }
    if cpu.is(State::Done) {
        storm::retire(cpu);
    }
    cpu.set(State::On);
    storm::go_on(cpu)
}
