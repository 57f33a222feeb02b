//! Group M up to M11: what all systems have in common, and the interrupt controller.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "M1",
        title: "SCR_EL3.FIQ is the same on all CPUs",
        asks: "Where there is EL3, SCR_EL3.FIQ (bit 2) has one value on all CPUs that the kernel runs on.",
        source: "booting.rst, \"Call the kernel image\", system registers, all systems; DDI0487, SCR_EL3.FIQ",
        force: Force::Mandatory,
        met: "At an EL3 start it is 0 on every CPU: the monitor has no interrupt of its own while the kernel runs.",
        code: &["machine/src/el3/scr.rs", "monitor/src/world.rs"],
        check: Check::Observed(
            "The debugger reads SCR_EL3 of each CPU. With a GICv3 the payload sees it, too: ICC_PMR_EL1 keeps its \
             lowest bit only where FIQ is 0. QEMU resets it to 0, so that only CPUs which are set up differently \
             show; on a poisoned machine an omission does.",
        ),
    },
    Clause {
        id: "M2",
        title: "SCR_EL3.FIQ never changes",
        asks: "Where there is EL3, SCR_EL3.FIQ (bit 2) is, whenever the kernel runs, what it was at its start.",
        source: "booting.rst, \"Call the kernel image\", system registers, all systems; DDI0487, SCR_EL3.FIQ",
        force: Force::Mandatory,
        met: "Every entry of every CPU goes by the same code with the same value.",
        code: &["machine/src/el3/scr.rs", "monitor/src/world.rs", "monitor/src/smc.rs"],
        check: Check::Observed(
            "The debugger reads SCR_EL3 of the first CPU again when the last one comes in, after calls to PSCI; the \
             payload tries the priority mask once more at the end. QEMU resets SCR_EL3 to 0, so that only a change \
             shows.",
        ),
    },
    Clause {
        id: "M3",
        title: "HVC works at EL2",
        asks: "Where there is EL3 and the kernel is entered at EL2, SCR_EL3.HCE (bit 8) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, all systems; DDI0487, SCR_EL3.HCE",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where the CPU has EL2; without EL2 it stays 0.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload executes `hvc #0` at EL2: its own vectors get exception class 0x16 where the bit is 1, and \
             class 0 where it is 0. It shows on every QEMU and CPU at an EL3 start with EL2.",
        ),
    },
    Clause {
        id: "M4",
        title: "EL1 reaches the GICv5",
        asks: "With a GICv5 in its own mode, and where the kernel is entered at EL1 and there is EL2, these bits are \
               1: of ICH_HFGRTR_EL2 20 to 16 (ICC_PPI_ACTIVERn, PRIORITYRn, PENDRn, ENABLERn, HMRn) and 7 to 0 \
               (ICC_IAFFIDR, ICSR, PCR, HPPIR, HAPR, CR0, IDRn, APR); of ICH_HFGWTR_EL2 20 to 17, 6, 5, 2 and 0; of \
               ICH_HFGITR_EL2 10 to 0.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv5; ARM-AES-0070, ICH_HFGRTR_EL2, \
                 ICH_HFGWTR_EL2, ICH_HFGITR_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2, and does not know the GICv5.",
        code: &[],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders it cannot be seen either: QEMU up to 10.2 has \
             no GICv5.",
        ),
    },
    Clause {
        id: "M5",
        title: "A GICv5 is described as one",
        asks: "Where a GICv5 is to be used as one, device tree or ACPI describe it.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv5",
        force: Force::Mandatory,
        met: "The node of the interrupt controller is left as the machine has it. Gap: the monitor hands no GICv5 \
              over to the normal world.",
        code: &[
            "crates/devicetree/src/firmware.rs",
            "crates/devicetree/src/edit.rs",
            "monitor/src/boot.rs",
        ],
        check: Check::NotOnQemu(
            "QEMU up to 10.2 has no GICv5. Tested instead: edits of a device tree leave every node alone that they \
             are not about.",
        ),
    },
    Clause {
        id: "M6",
        title: "EL2 may use the GICv3's system registers",
        asks: "With a GICv3 in its own mode and EL3, ICC_SRE_EL3.Enable (bit 3) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv3; IHI0069, ICC_SRE_EL3.Enable",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it on each CPU where the device tree describes a GICv3 and \
              ID_AA64PFR0_EL1.GIC says that the CPU has these registers.",
        code: &["machine/src/el3.rs", "machine/src/gic/v3.rs"],
        check: Check::NotOnQemu(
            "QEMU reads ICC_SRE_EL3 as the constant 0xf. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M7",
        title: "EL3 uses the GICv3's system registers",
        asks: "With a GICv3 in its own mode and EL3, ICC_SRE_EL3.SRE (bit 0) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv3; IHI0069, ICC_SRE_EL3.SRE",
        force: Force::Mandatory,
        met: "As M6, by the same write.",
        code: &["machine/src/el3.rs", "machine/src/gic/v3.rs"],
        check: Check::NotOnQemu(
            "QEMU reads ICC_SRE_EL3 as the constant 0xf. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M8",
        title: "Priority mask hints are the same on all CPUs",
        asks: "With a GICv3 in its own mode and EL3, ICC_CTLR_EL3.PMHE (bit 6) has one value on all CPUs that the \
               kernel runs on, and keeps it.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv3; IHI0069, ICC_CTLR_EL3.PMHE",
        force: Force::Mandatory,
        met: "At an EL3 start it is 0 on every CPU, at every entry.",
        code: &["machine/src/el3.rs", "machine/src/gic/v3.rs"],
        check: Check::NotOnQemu(
            "QEMU reads the bit as 0 and ignores writes to it. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M9",
        title: "EL1 may use the GICv3's system registers",
        asks: "With a GICv3 in its own mode, and where the kernel is entered at EL1, ICC_SRE_EL2.Enable (bit 3) and \
               ICC_SRE_EL2.SRE (bit 0) are 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv3; IHI0069, ICC_SRE_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL1 only where there is no EL2 and so no ICC_SRE_EL2. It sets the register to 0xf where \
              there is EL2 all the same, and at an EL3 start ICC_SRE_EL1 on every CPU.",
        code: &["machine/src/el2.rs", "machine/src/el3.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders it cannot be seen: QEMU reads ICC_SRE_EL2 as \
             the constant 0xf.",
        ),
    },
    Clause {
        id: "M10",
        title: "A GICv3 is described as one",
        asks: "Where a GICv3 is to be used as one, device tree or ACPI describe it.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv3",
        force: Force::Mandatory,
        met: "The node of the interrupt controller is left as the machine has it. A device tree that replaces the \
              machine's has to describe it.",
        code: &["crates/devicetree/src/edit.rs", "crates/devicetree/src/firmware.rs"],
        check: Check::Observed(
            "The payload compares the node with the version that the distributor has in GICD_PIDR2. It shows on every \
             QEMU with a GICv3.",
        ),
    },
    Clause {
        id: "M11",
        title: "A GICv3 in the mode of a GICv2 is described as that",
        asks: "Where a GICv3 is to be used like a GICv2, ICC_SRE_EL3.SRE (bit 0) is 0 with EL3, ICC_SRE_EL2.SRE (bit \
               0) is 0 where the kernel is entered at EL1, and device tree or ACPI describe a GICv2.",
        source: "booting.rst, \"Call the kernel image\", system registers, GICv3 in compatibility mode; IHI0069, \
                 ICC_SRE_EL3.SRE",
        force: Force::Mandatory,
        met: "Where the device tree describes a GICv2, no register of a GICv3 is touched: in such a machine they may \
              be undefined although the CPU announces them. So ICC_SRE_EL3.SRE stays 0, which it resets to where that \
              mode exists.",
        code: &[
            "machine/src/el3.rs",
            "machine/src/el2.rs",
            "crates/devicetree/src/firmware.rs",
        ],
        check: Check::NotOnQemu(
            "QEMU's GICv3 has no such mode, and its GICv2 has no system registers. Tested instead: no register of a \
             GICv3 is in the list for a machine with a GICv2, in `machine/src/el3/tests.rs`.",
        ),
    },
];
