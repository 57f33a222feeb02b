//! Groups G to L: the state that the CPU is in.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "G1",
        title: "x0 points to the device tree",
        asks: "On the first CPU, x0 is the physical address of the device tree, which is in RAM.",
        source: "booting.rst, \"Call the kernel image\", general-purpose registers",
        force: Force::Mandatory,
        met: "The hand-over sets it; at an EL3 start the monitor does.",
        code: &["machine/src/hand_over.rs", "monitor/src/world.rs"],
        check: Check::Observed(
            "The payload's first instructions keep x0, and the debugger reads it there. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "G2",
        title: "x1, x2 and x3 are 0",
        asks: "On the first CPU, x1, x2 and x3 are 0.",
        source: "booting.rst, \"Call the kernel image\", general-purpose registers",
        force: Force::Mandatory,
        met: "All registers but x0 are cleared as the last thing; at an EL2 or EL1 start x4, which holds the entry \
              point, is the other exception.",
        code: &["machine/src/hand_over.rs", "monitor/src/world.rs"],
        check: Check::Observed(
            "The payload keeps them, and the debugger reads them. QEMU resets them to 0, so that a loader which never \
             used them passes; on a poisoned machine it does not.",
        ),
    },
    Clause {
        id: "H1",
        title: "Debug, SError, IRQ and FIQ are masked",
        asks: "PSTATE.D, A, I and F are all 1.",
        source: "booting.rst, \"Call the kernel image\", CPU mode; DDI0487, DAIF",
        force: Force::Mandatory,
        met: "The first instruction after reset masks all four, and the hand-over does it again. At an EL3 start they \
              are in SPSR_EL3, which the monitor enters every CPU by.",
        code: &[
            "machine/src/hand_over.rs",
            "machine/src/el3.rs",
            "bootloader/src/reset.rs",
        ],
        check: Check::Observed(
            "The payload reads DAIF, which is to be 0x3c0, and the debugger reads PSTATE. From EL3 it shows on every \
             QEMU; at other starts DAIF is 0x3c0 from reset on, so that only an unmasking shows.",
        ),
    },
    Clause {
        id: "H2",
        title: "The CPU is in non-secure state",
        asks: "The kernel runs in the non-secure state.",
        source: "booting.rst, \"Call the kernel image\", CPU mode; DDI0487, SCR_EL3.NS",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets SCR_EL3.NS (bit 0) before it enters the kernel; QEMU resets it to 0. \
              At other starts the machine has no secure state, or has left it.",
        code: &["machine/src/el3/scr.rs"],
        check: Check::Observed(
            "The debugger reads SCR_EL3, and the payload reads RAM of the secure world, which has to end in an \
             external abort. It shows on every QEMU at an EL3 start.",
        ),
    },
    Clause {
        id: "H3",
        title: "The CPU is at EL2, or else at EL1",
        asks: "The kernel is entered at EL2, which is recommended so that it can use virtualisation, or at EL1.",
        source: "booting.rst, \"Call the kernel image\", CPU mode; DDI0487, CurrentEL",
        force: Force::Recommended,
        met: "It is entered at EL2 wherever the CPU has EL2, and at EL1 otherwise.",
        code: &["machine/src/el3.rs", "machine/src/cpu.rs"],
        check: Check::Observed(
            "The payload reads CurrentEL, and the host compares what the debugger reads with the highest level below \
             EL3 of the machine that it started. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "I1",
        title: "The MMU is off",
        asks: "SCTLR_ELx.M of the level that the kernel is entered at is 0.",
        source: "booting.rst, \"Call the kernel image\", caches and MMUs; DDI0487, SCTLR_EL2.M, SCTLR_EL1.M",
        force: Force::Mandatory,
        met: "The bootloader runs with MMU and caches on. The hand-over turns both off; at an EL3 start SCTLR_EL2 and \
              SCTLR_EL1 are written by the monitor, off as well.",
        code: &[
            "machine/src/hand_over.rs",
            "machine/src/page_tables.rs",
            "machine/src/el3.rs",
            "machine/src/el1.rs",
        ],
        check: Check::Observed(
            "The payload and the debugger read SCTLR_ELx, where M and C are to be 0. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "I2",
        title: "The instruction cache holds no stale line",
        asks: "The instruction cache may be on or off. It holds no stale line of the memory that the Image is in.",
        source: "booting.rst, \"Call the kernel image\", caches and MMUs; DDI0487, IC IALLU",
        force: Force::Mandatory,
        met: "`ic iallu` with its barriers comes after everything is loaded: in the hand-over, and in the monitor \
              before each entry of any CPU.",
        code: &[
            "machine/src/hand_over.rs",
            "monitor/src/world.rs",
            "bootloader/src/reset.rs",
        ],
        check: Check::NotOnQemu(
            "QEMU follows writes to code by itself and models no cache. Reviewed instead: the order in the hand-over \
             and in the monitor's way into the normal world.",
        ),
    },
    Clause {
        id: "I3",
        title: "The Image is clean to the point of coherency",
        asks: "What is loaded is in memory, not only in a cache: its range is cleaned to the point of coherency, by \
               address.",
        source: "booting.rst, \"Call the kernel image\", caches and MMUs; DDI0487, DC CIVAC",
        force: Force::Mandatory,
        met: "What is copied is cleaned and invalidated line by line as it is written; what is unpacked or comes from \
              fw_cfg is cleaned after that; so are device tree, initrd, stacks and scratch memory. The memory of the \
              stack comes last, with no access between its cleaning and the caches being off.",
        code: &[
            "machine/src/cache.rs",
            "machine/src/fw_cfg.rs",
            "machine/src/hand_over.rs",
            "bootloader/src/load.rs",
            "bootloader/src/boot.rs",
        ],
        check: Check::NotOnQemu(
            "QEMU models no cache; its cache operations do nothing. Reviewed instead: every place that writes to RAM, \
             and the order of cleaning and turning caches off.",
        ),
    },
    Clause {
        id: "I4",
        title: "Caches that obey addresses are configured",
        asks: "A system cache that respects cache maintenance by address is configured; it may be on.",
        source: "booting.rst, \"Call the kernel image\", caches and MMUs",
        force: Force::Mandatory,
        met: "The virt machine has none. A board with one would need code for it; all maintenance after reset is by \
              address.",
        code: &["machine/src/cache.rs"],
        check: Check::NotOnQemu(
            "The virt machine has no system cache. Reviewed instead: nothing is cleaned by set and way.",
        ),
    },
    Clause {
        id: "I5",
        title: "Caches that do not obey addresses are off",
        asks: "A system cache that does not respect cache maintenance by address is configured and disabled.",
        source: "booting.rst, \"Call the kernel image\", caches and MMUs",
        force: Force::Mandatory,
        met: "The virt machine has none. A board with one would need code for it.",
        code: &[],
        check: Check::NotOnQemu("The virt machine has no system cache. There is nothing in Flint to review."),
    },
    Clause {
        id: "J1",
        title: "CNTFRQ_EL0 says how fast the counter is",
        asks: "CNTFRQ_EL0 holds the frequency of the system counter, on every CPU.",
        source: "booting.rst, \"Call the kernel image\", architected timers; DDI0487, CNTFRQ_EL0",
        force: Force::Mandatory,
        met: "Only the highest level can write it. At an EL3 start the monitor gives every CPU the value that the \
              first one had from reset; where no hardware sets that one, the board's table of facts would have to. At \
              other starts it is kept as found.",
        code: &["machine/src/el3.rs", "machine/src/counter.rs"],
        check: Check::Observed(
            "The payload looks whether it is other than 0 and the same on all CPUs, and the debugger compares it \
             with what the CPU had at reset. QEMU resets it to the right value: 62.5 MHz, but 1 GHz for max of 10.0, \
             and what `-cpu X,cntfrq=` says; so an invented value shows, and an omission does not.",
        ),
    },
    Clause {
        id: "J2",
        title: "CNTVOFF_EL2 is the same on all CPUs",
        asks: "The virtual counter has the same offset from the physical one on every CPU.",
        source: "booting.rst, \"Call the kernel image\", architected timers; DDI0487, CNTVOFF_EL2",
        force: Force::Mandatory,
        met: "It is 0: set by the bootloader at an EL2 start, and by the monitor on each CPU at an EL3 start. A CPU \
              without EL2 has no offset.",
        code: &["machine/src/el2.rs"],
        check: Check::Observed(
            "At EL2 the payload reads it on each CPU; at EL1 it compares CNTPCT_EL0 with CNTVCT_EL0. QEMU resets it \
             to 0, so that an omission shows on a poisoned machine only.",
        ),
    },
    Clause {
        id: "J3",
        title: "EL1 may read the physical counter",
        asks: "Where the kernel is entered at EL1 and there is EL2, CNTHCTL_EL2.EL1PCTEN (bit 0) is 1.",
        source: "booting.rst, \"Call the kernel image\", architected timers; DDI0487, CNTHCTL_EL2.EL1PCTEN",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. It sets the bit all the same, and EL1PCEN (bit 1), for a kernel \
              that goes to EL1 later.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads CNTHCTL_EL2, and a payload \
             at EL1 reads CNTPCT_EL0. QEMU resets the bit to 1.",
        ),
    },
    Clause {
        id: "K1",
        title: "All CPUs are coherent",
        asks: "All CPUs that the kernel will run on are in one coherency domain when they enter it. Some need a \
               register of their own kind set for that, such as CPUECTLR_EL1.SMPEN (bit 6) on Cortex-A53, A57 and \
               A72.",
        source: "booting.rst, \"Call the kernel image\", coherency; DDI0500, CPUECTLR_EL1.SMPEN",
        force: Force::Mandatory,
        met: "At an EL3 start every CPU that is a Cortex-A53, A35, A57, A72 or A73 by its MIDR_EL1 sets the bit among \
              its first instructions, before any cache is on. Cores of others that need something of the kind are not \
              known. At other starts it is the affair of the firmware above.",
        code: &["bootloader/src/reset.rs"],
        check: Check::NotOnQemu(
            "QEMU's CPUs are always coherent, and CPUECTLR_EL1 is a constant there. Reviewed instead: the part \
             numbers, and that the bit is set before the caches are.",
        ),
    },
    Clause {
        id: "L1",
        title: "No register is in an unknown state",
        asks: "Every architected register that can be written at the level of the entry or below has been initialised \
               by a higher level, so that nothing runs in an unknown state.",
        source: "booting.rst, \"Call the kernel image\", system registers; DDI0487, \"Reset\"",
        force: Force::Mandatory,
        met: "At an EL3 start the lists of el3.rs, el2.rs and el1.rs give a value to each register that matters \
              before a kernel sets it: traps, translation, timers, debug, profiling, trace, offsets. At an EL2 start \
              those are el2.rs and el1.rs, at an EL1 start el1.rs. Streaming mode is left, for a CPU that was turned off \
              in it. What has no effect until another register is set stays as found: fault addresses, translation \
              tables, counters of the PMU, breakpoints, keys.",
        code: &[
            "machine/src/el3.rs",
            "machine/src/el2.rs",
            "machine/src/el1.rs",
            "machine/src/page_tables.rs",
            "bootloader/src/reset.rs",
        ],
        check: Check::Observed(
            "The payload holds the registers against a table, SCTLR_EL2 with its RES1 bits 0x30c50830 first, which \
             the debugger reads as well: QEMU resets that one to 0. Most others QEMU resets to what they should be, \
             so that an omission shows on a poisoned machine only. The debugger also reads those of FEAT_HCX, FGT, \
             ECV_POFF, VHE, TCR2 and SCTLR2, which an older kernel does not initialise. Registers of features that \
             QEMU lacks are covered by unit tests of the lists.",
        ),
    },
];
