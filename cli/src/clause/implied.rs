//! Group Z: what booting.rst implies, or what Linux needs all the same.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "Z1",
        title: "The normal world is AArch64, and may call and wait",
        asks: "Where there is EL3, SCR_EL3.RW (bit 10) and NS (bit 0) are 1, and SMD (bit 7), TWI (bit 12) and TWE \
               (bit 13) are 0. A kernel that is entered below EL3 runs in AArch64, calls PSCI by `smc`, and waits by \
               `wfi` and `wfe`.",
        source: "Linux v7.1.8, drivers/firmware/psci/psci.c; DDI0487, SCR_EL3",
        force: Force::Implied,
        met: "At an EL3 start the monitor sets these values on every CPU. EA, IRQ and FIQ are 0, too: every interrupt \
              and every abort goes to the kernel.",
        code: &["machine/src/el3/scr.rs"],
        check: Check::Observed(
            "The payload runs, and calls PSCI_VERSION by `smc`; the debugger reads SCR_EL3, TWI and TWE with it. It \
             shows on every QEMU at an EL3 start: SCR_EL3 resets to 0x30.",
        ),
    },
    Clause {
        id: "Z2",
        title: "Trap registers and trace do not trap to EL3",
        asks: "Where there is EL3, CPTR_EL3.TCPAC (bit 31) and TTA (bit 20) are 0. The kernel writes CPTR_EL2 and \
               CPACR_EL1 before anything else, and may use the registers of the trace unit.",
        source: "Linux v7.1.8, arch/arm64/include/asm/el2_setup.h; DDI0487, CPTR_EL3.TCPAC, CPTR_EL3.TTA",
        force: Force::Implied,
        met: "At an EL3 start the monitor clears both on every CPU.",
        code: &["machine/src/el3.rs"],
        check: Check::Observed(
            "The payload writes and reads CPTR_EL2, or CPACR_EL1 at EL1; the debugger reads CPTR_EL3, by which alone \
             TTA shows. QEMU resets it to 0, so that an omission shows on a poisoned machine only, on every CPU.",
        ),
    },
    Clause {
        id: "Z3",
        title: "Ordering regions and error records do not trap to EL3",
        asks: "Where there is EL3, SCR_EL3.TLOR (bit 14) and TERR (bit 15) are 0. The kernel writes LORC_EL1 with \
               FEAT_LOR, and reads error records with FEAT_RAS.",
        source: "Linux v7.1.8, arch/arm64/include/asm/el2_setup.h; DDI0487, SCR_EL3.TLOR, SCR_EL3.TERR",
        force: Force::Implied,
        met: "At an EL3 start both are 0 on every CPU.",
        code: &["machine/src/el3/scr.rs"],
        check: Check::Observed(
            "The payload reads LORC_EL1 and ERRIDR_EL1, on cortex-a76, neoverse-n1, max and later ones; the debugger \
             reads SCR_EL3. QEMU resets both bits to 0, so that an omission shows on a poisoned machine only.",
        ),
    },
    Clause {
        id: "Z4",
        title: "OS lock, profiling and trace buffers do not trap to EL3",
        asks: "Where there is EL3, MDCR_EL3.TDOSA (bit 10) and TTRF (bit 19) are 0; NSPB (bits 13:12) is 0b11 with \
               FEAT_SPE, and NSTB (bits 25:24) is 0b11 with FEAT_TRBE, so that the buffers are the normal world's.",
        source: "Linux v7.1.8, arch/arm64/include/asm/el2_setup.h; DDI0487, MDCR_EL3.TDOSA, TTRF, NSPB, NSTB",
        force: Force::Implied,
        met: "At an EL3 start the monitor writes these values on every CPU.",
        code: &["machine/src/el3/mdcr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload writes OSLAR_EL1 and reads OSDLR_EL1, and the debugger reads MDCR_EL3. QEMU resets it to 0, \
             so that an omission shows on a poisoned machine only, on every CPU. No CPU of QEMU up to 10.2 has FEAT_SPE or FEAT_TRBE; \
             those values are in `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "Z5",
        title: "Memory partitioning does not trap to EL3",
        asks: "With FEAT_MPAM and EL3, MPAM3_EL3.TRAPLOWER (bit 62) is 0. The kernel writes MPAM2_EL2 early.",
        source: "Linux v7.1.8, arch/arm64/include/asm/el2_setup.h; DDI0487, MPAM3_EL3.TRAPLOWER",
        force: Force::Implied,
        met: "At an EL3 start the monitor writes MPAM3_EL3 with MPAMEN (bit 63) alone, where the ID registers \
              announce FEAT_MPAM.",
        code: &["machine/src/el3.rs", "machine/src/id_registers.rs"],
        check: Check::NotOnQemu(
            "No CPU of QEMU up to 10.2 has FEAT_MPAM. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "Z6",
        title: "Registers of later features do not trap to EL3",
        asks: "Where there is EL3, each of these bits of SCR_EL3 is 1 if the CPU has the feature: SCTLR2En (44), \
               EnSCXT (25), ECVEn (28), EnFPM (50), MECEn (49), AIEn (46). A kernel finds the features in the ID \
               registers and uses them.",
        source: "DDI0487, SCR_EL3",
        force: Force::Implied,
        met: "At an EL3 start the monitor sets each where the ID registers announce its feature, and so it does with \
              bits of SCR_EL3 and MDCR_EL3 of which booting.rst knows nothing yet.",
        code: &[
            "machine/src/el3/scr.rs",
            "machine/src/el3/mdcr.rs",
            "machine/src/id_registers.rs",
        ],
        check: Check::Observed(
            "The payload reads a register of each feature that the CPU has: SCXTNUM_EL1 on cortex-a76, neoverse-n1, \
             max and later ones, CNTPOFF_EL2 on max of 10.0. By its source, max of QEMU 10.2 has SCTLR2, AIE and MEC \
             as well. All values are in `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "Z7",
        title: "The interrupt controller is the normal world's",
        asks: "With two security states, every interrupt is one of the normal world (Group 1), which may also unmask \
               priorities: GICD_IGROUPR of a GICv2 is all 1 and GICC_PMR at least 0x80; with a GICv3, GICD_IGROUPR \
               and each GICR_IGROUPR0 are all 1, routing by affinity is on, and every redistributor is awake.",
        source: "IHI0048, GICD_IGROUPR, GICC_PMR; IHI0069, GICD_IGROUPR, GICR_IGROUPR0, GICR_WAKER",
        force: Force::Implied,
        met: "At an EL3 start the monitor hands over what the CPUs share, and each CPU what is its own. One \
              software-generated interrupt, 15, stays the monitor's, to wake CPUs by. At other starts there is one \
              security state. Gap: a machine with an interrupt controller that Flint does not know is not booted at \
              EL3, but refused (platform-gic-kind).",
        code: &[
            "machine/src/gic.rs",
            "machine/src/gic/v2.rs",
            "machine/src/gic/v3.rs",
            "monitor/src/boot.rs",
            "monitor/src/world.rs",
        ],
        check: Check::Observed(
            "The payload enables interrupts and reads back whether they are, and writes the priority mask. It shows \
             on every QEMU at an EL3 start, with either controller: without the hand-over all of them read as 0.",
        ),
    },
    Clause {
        id: "Z8",
        title: "Data is little endian at the entry",
        asks: "SCTLR_EL2.EE (bit 25) is 0 where the kernel is entered at EL2, SCTLR_EL1.EE (bit 25) where it is \
               entered at EL1, and SCTLR_EL3.EE for who answers its calls. A kernel sets the byte order that it wants \
               only after some instructions.",
        source: "Linux v7.1.8, arch/arm64/kernel/head.S; DDI0487, SCTLR_EL2.EE",
        force: Force::Implied,
        met: "All three are written with this bit 0.",
        code: &[
            "machine/src/page_tables.rs",
            "machine/src/hand_over.rs",
            "machine/src/el3.rs",
            "machine/src/el1.rs",
            "monitor/src/entry.rs",
        ],
        check: Check::Observed(
            "The payload and the debugger read SCTLR_ELx. QEMU resets the bit to 0, so that an omission shows on a poisoned machine only.",
        ),
    },
    Clause {
        id: "Z9",
        title: "The rest of the device tree is as it was",
        asks: "The nodes `/memory`, `/chosen/bootargs` and the initrd's properties say what is so, and all else is as \
               the machine has it.",
        source: "Devicetree Specification v0.4, 3.4 and 3.6",
        force: Force::Implied,
        met: "The tree is copied token by token, with the edits put in on the way: command line, initrd, seeds, \
              `enable-method`, and below the monitor PSCI and no `device_type` of memory that is not to be used. All other \
              bytes stay.",
        code: &[
            "crates/devicetree/src/edit.rs",
            "crates/devicetree/src/output.rs",
            "crates/boot-parts/src/preparation.rs",
        ],
        check: Check::Observed(
            "The payload reads memory, command line and initrd; the host compares the last two with what the loader \
             was given. It shows on every QEMU. Nobody compares all else.",
        ),
    },
];
