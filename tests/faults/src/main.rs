//! Kernels that fault. Each function here is the whole of one: the tests put the code behind an Image header, whose first
//! instruction branches to one of them. They have no stack, and what they print goes to the UART of QEMU's `virt`.

#![no_std]
#![no_main]

use core::arch::global_asm;
use core::panic::PanicInfo;

global_asm!(
    r#"
    .equ    UART, 0x09000000
    .equ    NO_MEMORY, 0x2000000000     // 128 GiB: no machine here has as much
    .equ    REPORT_CALL, 0xf117

    .pushsection .text.faults, "ax"

    // Values to be found again in the report.
    .macro marked_registers
    mov     x5, #0x5555
    mov     x30, #0x3030
    .endm

    // At the level that runs: EL1 or EL2.
    .macro own_vectors
    adr     x0, vectors
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.eq    8f
    msr     vbar_el1, x0
    b       9f
8:  msr     vbar_el2, x0
9:  isb
    .endm

    // Changes x0 to x2.
    .macro print name
    adr     x0, \name
    mov     x1, #UART
7:  ldrb    w2, [x0], #1
    cbz     w2, 6f
    str     w2, [x1]
    b       7b
6:
    .endm

    // Says the last thing of this kernel.
    .macro say name
    print   \name
    b       stop
    .endm

    // Whether all are as they were before a trap. Changes x0.
    .macro check_registers
    .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    mov     x0, #(0x1000 + \n)
    cmp     x\n, x0
    b.ne    wrong
    .endr
    mrs     x0, tpidr_el1
    sub     x0, x0, #0x1, lsl #12
    cbnz    x0, wrong
    mrs     x0, tpidr_el0
    sub     x0, x0, #0x1, lsl #12
    cmp     x0, #1
    b.ne    wrong
    .endm

    // An undefined instruction, with the stack pointer that the kernel was entered with.
    .global undefined
undefined:
    marked_registers
    udf     #0

    // An undefined instruction, with a stack pointer of 0.
    .global no_stack
no_stack:
    marked_registers
    mov     x0, xzr
    mov     sp, x0
    udf     #0

    // With one that is not aligned.
    .global odd_stack
odd_stack:
    marked_registers
    adr     x0, odd_stack
    add     x0, x0, #1
    mov     sp, x0
    udf     #0

    // With one in a device, which a report must not write to.
    .global device_stack
device_stack:
    marked_registers
    mov     x0, #UART
    add     x0, x0, #0x100
    mov     sp, x0
    udf     #0

    // With one where there is no memory, which the kernel then uses.
    .global stack_without_memory
stack_without_memory:
    marked_registers
    mov     x0, #NO_MEMORY
    mov     sp, x0
    stp     x5, x30, [sp, #-16]!
    b       .

    // A fault at EL1 of a kernel that was entered at EL2, and has set no vectors at EL1.
    .global below_el2
below_el2:
    marked_registers
    mov     x0, #0x3c5                  // EL1 with its own stack pointer, all masked
    msr     spsr_el2, x0
    adr     x0, 1f
    msr     elr_el2, x0
    eret
1:  udf     #0

    // A kernel that takes its exceptions itself.
    .global takes_its_own
takes_its_own:
    own_vectors
    marked_registers
    udf     #0

    // A kernel with vectors of its own makes the call by which those of the firmware ask for a report.
    .global makes_the_call
makes_the_call:
    own_vectors
    mov     x0, #0x1234
    mov     x5, #0x5555
    smc     #REPORT_CALL
    cmn     x0, #1                      // NOT_SUPPORTED
    b.ne    wrong
    mov     x0, #0x5555
    cmp     x5, x0
    b.ne    wrong
    say     answered

    // A kernel with vectors of its own reads a register, which EL3 traps, twice.
    .global is_trapped
is_trapped:
    own_vectors
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    mov     x\n, #(0x1000 + \n)
    .endr
first_trap:
    mrs     x7, pmcr_el0
    b       wrong
second_trap:
    mrs     x7, pmcr_el0
    b       wrong

    .balign 2048
vectors:
    .org    vectors + 0x200             // synchronous, from the level that runs
    msr     tpidr_el1, x0
    msr     tpidr_el0, x1
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.eq    1f
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    b       2f
1:  mrs     x0, esr_el2
    mrs     x1, elr_el2
2:  b       taken
    .org    vectors + 2048

    // On entry: x0 = ESR, x1 = ELR, and what they were in TPIDR_EL1 and TPIDR_EL0.
taken:
    eor     x0, x0, #(1 << 25)          // EC 0: an undefined instruction of 32 bits
    cbnz    x0, wrong
    adr     x0, first_trap
    cmp     x1, x0
    b.eq    1f
    adr     x0, second_trap
    cmp     x1, x0
    b.eq    2f
    say     its_own
1:  check_registers
    print   undefined_once
    adr     x0, second_trap
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.eq    3f
    msr     elr_el1, x0
    b       4f
3:  msr     elr_el2, x0
4:  mrs     x0, tpidr_el1
    mrs     x1, tpidr_el0
    mov     x2, #0x1002
    eret
2:  check_registers
    say     undefined_twice

wrong:
    say     is_wrong

stop:
    wfi
    b       stop

its_own:
    .asciz  "kernel: an exception in my own vectors\n"
answered:
    .asciz  "kernel: NOT_SUPPORTED, and all is as it was\n"
undefined_once:
    .asciz  "kernel: undefined once, "
undefined_twice:
    .asciz  "and once more, with all registers as they were\n"
is_wrong:
    .asciz  "kernel: something is wrong\n"
    .balign 4
    .popsection
    "#
);

/// There is no Rust that could panic.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
