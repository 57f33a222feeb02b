//! Kernels that fault. Each function here is the whole of one: the tests put the code behind an
//! Image header, whose first instruction branches to one of them. They have no stack, and what they
//! print goes to the UART of QEMU's `virt`.

#![no_std]
#![no_main]

use core::arch::global_asm;
use core::panic::PanicInfo;

global_asm!(
    r#"
    .equ    UART, 0x09000000
    .equ    NO_MEMORY, 0x2000000000     // 128 GiB: no machine here has as much
    .equ    REPORT_CALL, 0xf117
    .equ    CPU_ON, 0xc4000003
    .equ    SECOND_CPU, 1
    .equ    FLASH, 0
    .equ    MONITOR, 0x0e1c0000
    .equ    UNUSED_SECURE_RAM, 0x0ec00000
    .equ    SECURE_UART, 0x09040000
    .equ    SECURE_GPIO, 0x090b0000
    .equ    FW_CFG_DMA, 0x09020010
    .equ    CLASS_UNDEFINED, 0
    .equ    CLASS_DATA_ABORT, 0x25      // from the level that runs

    .pushsection .text.faults, "ax"

    // Values to be found again in the report.
    .macro marked_registers
    mov     x5, #0x5555
    mov     x30, #0x3030
    .endm

    // At the level that runs: EL1 or EL2.
    .macro own_vectors table=vectors
    adr     x0, \table
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

    // A kernel with vectors of its own makes calls with numbers that SMCCC does not know, among
    // them the call by which the vectors of the firmware ask for a report.
    .global makes_unknown_calls
makes_unknown_calls:
    own_vectors
    .irp    number, 1, REPORT_CALL, 0xffff
    mov     x0, #0x1234
    mov     x5, #0x5555
    smc     #\number
    cmn     x0, #1                      // NOT_SUPPORTED
    b.ne    wrong
    mov     x0, #0x5555
    cmp     x5, x0
    b.ne    wrong
    .endr
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

    // Turns the second CPU on, which begins at `entry`, and waits until it is there. Changes x0 to
    // x3.
    .macro bring_in entry
    ldr     x0, =CPU_ON
    mov     x1, #SECOND_CPU
    adr     x2, \entry
    mov     x3, xzr
    smc     #0
    cbnz    x0, wrong
    meet
    .endm

    // Waits for the other CPU to come here as often as this one has. Changes x0 to x3; x19 counts.
    .macro meet
    add     x19, x19, #1
    mrs     x0, mpidr_el1
    and     x0, x0, #1
    adr     x1, meetings
    str     x19, [x1, x0, lsl #3]
    dsb     sy
    eor     x0, x0, #1
5:  ldr     x2, [x1, x0, lsl #3]
    cmp     x2, x19
    b.lo    5b
    .endm

    // Two CPUs without vectors fault at the same time.
    .global both_fault
both_fault:
    mov     x19, xzr
    bring_in 1f
    b       2f
1:  mov     x19, xzr
    meet
2:  marked_registers
    udf     #0

    // Two CPUs read a register, which EL3 traps, at the same time, and once more.
    .global both_are_trapped
both_are_trapped:
    mov     x19, xzr
    bring_in 1f
    own_vectors counting_vectors
    mov     x26, #CLASS_UNDEFINED
    mov     x27, xzr
    meet
    mrs     x7, pmcr_el0
    meet
    print   undefined_once
    meet
    mrs     x7, pmcr_el0
    meet
    cmp     x27, #2
    b.ne    wrong
    say     both_twice
1:  mov     x19, xzr
    meet
    own_vectors counting_vectors
    mov     x26, #CLASS_UNDEFINED
    mov     x27, xzr
    meet
    mrs     x7, pmcr_el0
    meet
    meet
    mrs     x7, pmcr_el0
    cmp     x27, #2
    b.ne    wrong
    meet
    b       stop

    // Reaches for what is the secure world's: by itself, which must fault each time; and by the DMA
    // of fw_cfg, which first writes to RAM, to show that it works.
    .global reaches_for_the_secure_world
reaches_for_the_secure_world:
    own_vectors counting_vectors
    mov     x26, #CLASS_DATA_ABORT
    mov     x27, xzr
    // The flash is programmed as its data sheet says: the command, the word, and back to reading.
    mov     x20, #FLASH
    ldr     w0, [x20]
    ldr     w0, =0x00400040
    str     w0, [x20]
    mov     w0, #0x14000000
    str     w0, [x20]
    ldr     w0, =0x00ff00ff
    str     w0, [x20]
    .irp    address, MONITOR, UNUSED_SECURE_RAM, SECURE_UART, SECURE_GPIO
    ldr     x20, =\address
    ldr     w0, [x20]
    str     w0, [x20]
    .endr
    cmp     x27, #(4 + 2 * 4)
    b.ne    wrong
    print   all_fault
    adr     x20, dma_target
    bl      transfer
    cbnz    w0, wrong
    ldr     w0, [x20]
    ldr     w1, =0x554d4551             // QEMU
    cmp     w0, w1
    b.ne    wrong
    .irp    address, FLASH, MONITOR, UNUSED_SECURE_RAM
    ldr     x20, =\address
    bl      transfer
    cmp     w0, #1
    b.ne    wrong
    .endr
    cmp     x27, #(4 + 2 * 4)
    b.ne    wrong
    say     all_refused

    // On entry: x20 = an address. Does: has fw_cfg write its signature there (QEMU documentation,
    // "fw_cfg").
    // On exit: w0 = what fw_cfg says in the end: 0, or 1 for an error; x1 and x2 changed.
transfer:
    adr     x1, dma_descriptor
    mov     w0, #0b1010                 // select item 0, read
    rev     w0, w0
    mov     w2, #4
    rev     w2, w2
    stp     w0, w2, [x1]
    rev     x0, x20
    str     x0, [x1, #8]
    dsb     sy
    ldr     x2, =FW_CFG_DMA
    rev     x0, x1
    str     x0, [x2]
1:  ldr     w0, [x1]
    rev     w0, w0
    cmp     w0, #1
    b.hi    1b                          // still at it
    ret
    .ltorg

    .balign 16
dma_descriptor:
    .quad   0, 0
dma_target:
    .quad   0
    // How often each CPU has come to a meeting.
meetings:
    .quad   0, 0

    // Exceptions of the class in x26 are counted in x27, and their instruction left out. x24 and
    // x25 change.
    .balign 2048
counting_vectors:
    .org    counting_vectors + 0x200    // synchronous, from the level that runs
    mrs     x24, CurrentEL
    cmp     x24, #(2 << 2)
    b.eq    1f
    mrs     x24, elr_el1
    add     x24, x24, #4
    msr     elr_el1, x24
    mrs     x24, esr_el1
    b       2f
1:  mrs     x24, elr_el2
    add     x24, x24, #4
    msr     elr_el2, x24
    mrs     x24, esr_el2
2:  ubfx    x24, x24, #26, #6
    cmp     x24, x26
    b.ne    wrong
    add     x27, x27, #1
    eret
    .org    counting_vectors + 2048

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
both_twice:
    .asciz  "and once more, on both CPUs\n"
all_fault:
    .asciz  "kernel: the secure world faults, "
all_refused:
    .asciz  "and DMA does not reach it\n"
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
