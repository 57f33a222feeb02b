//! Group M from M41 on: translation, guarded control stacks, debug, PMU, 64-byte accesses.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "M41",
        title: "TCR2 does not trap to EL3",
        asks: "With FEAT_TCR2 and EL3, SCR_EL3.TCR2En (bit 43) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, TCR2; DDI0487, SCR_EL3.TCR2En",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64MMFR3_EL1.TCRX is not 0.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads TCR2_EL1. Max of QEMU 11.1 has it, where the payload passes; 7.2 and 10.0 have no \
             FEAT_TCR2. The value is in `machine/src/el3/tests.rs`, too.",
        ),
    },
    Clause {
        id: "M42",
        title: "TCR2 does not trap to EL2",
        asks: "With FEAT_TCR2, and where the kernel is entered at EL1 and there is EL2, HCRX_EL2.TCR2En (bit 14) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, TCR2; DDI0487, HCRX_EL2.TCR2En",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. HCRX_EL2 is 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads HCRX_EL2, on the CPU of M41.",
        ),
    },
    Clause {
        id: "M43",
        title: "Permission indirection does not trap to EL3",
        asks: "With FEAT_S1PIE and EL3, SCR_EL3.PIEn (bit 45) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, stage 1 permission indirection; DDI0487, \
                 SCR_EL3.PIEn",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64MMFR3_EL1 announces S1PIE, or S2PIE, S1POE or S2POE, \
              whose registers the same bit is about.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads PIR_EL1. Max of QEMU 11.1 has it, where the payload passes; 7.2 and 10.0 have no \
             FEAT_S1PIE. The value is in `machine/src/el3/tests.rs`, too.",
        ),
    },
    Clause {
        id: "M44",
        title: "Permission indirection does not trap to EL2",
        asks: "With FEAT_S1PIE, and where the kernel is entered at EL1 and there is EL2, nPIR_EL1 (bit 58) and \
               nPIRE0_EL1 (bit 57) are 1 in HFGRTR_EL2 and HFGWTR_EL2.",
        source: "booting.rst, \"Call the kernel image\", system registers, stage 1 permission indirection; DDI0487, \
                 HFGRTR_EL2, HFGWTR_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. Both registers are 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads HFGRTR_EL2, on the CPU of \
             M43.",
        ),
    },
    Clause {
        id: "M45",
        title: "Guarded control stacks are off",
        asks: "With FEAT_GCS, GCSCR_EL1 and GCSCRE0_EL1 are 0, and GCSCR_EL2 is 0 where there is EL2.",
        source: "booting.rst, \"Call the kernel image\", system registers, guarded control stacks; DDI0487, \
                 GCSCR_EL1, GCSCRE0_EL1, GCSCR_EL2",
        force: Force::Mandatory,
        met: "They are set to 0 where ID_AA64PFR1_EL1.GCS is not 0, those of EL2 where there is EL2.",
        code: &[
            "machine/src/el2.rs",
            "machine/src/el1.rs",
            "machine/src/id_registers.rs",
        ],
        check: Check::Observed(
            "The payload reads them. Max of QEMU 11.1 has them, where the payload passes; they are 0 from reset on, \
             so that an omission shows on a poisoned machine only. 7.2 and 10.0 have no FEAT_GCS. The values are in the unit tests of \
             `machine/src/el2.rs` and `machine/src/el1.rs`.",
        ),
    },
    Clause {
        id: "M46",
        title: "Guarded control stacks do not trap to EL3",
        asks: "With FEAT_GCS and EL3, SCR_EL3.GCSEn (bit 39) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, guarded control stacks; DDI0487, \
                 SCR_EL3.GCSEn",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64PFR1_EL1.GCS is not 0.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads GCSCR_EL1. Max of QEMU 11.1 has it, where the payload passes; 7.2 and 10.0 have no \
             FEAT_GCS. The value is in `machine/src/el3/tests.rs`, too.",
        ),
    },
    Clause {
        id: "M47",
        title: "Guarded control stacks do not trap to EL2",
        asks: "With FEAT_GCS, and where the kernel is entered at EL1 and there is EL2, these bits are 1: \
               HCRX_EL2.GCSEn (22); HFGITR_EL2.nGCSEPP (59), nGCSSTR_EL1 (58) and nGCSPUSHM_EL1 (57); nGCS_EL1 (53) \
               and nGCS_EL0 (52) of HFGRTR_EL2 and of HFGWTR_EL2.",
        source: "booting.rst, \"Call the kernel image\", system registers, guarded control stacks; DDI0487, \
                 HCRX_EL2.GCSEn, HFGITR_EL2, HFGRTR_EL2, HFGWTR_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. All of these registers are 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads the registers, on the CPU of \
             M46.",
        ),
    },
    Clause {
        id: "M48",
        title: "Debug registers do not trap to EL3",
        asks: "With any version of the debug architecture and EL3, MDCR_EL3.TDA (bit 9) is 0.",
        source: "booting.rst, \"Call the kernel image\", system registers, debug; DDI0487, MDCR_EL3.TDA",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor writes MDCR_EL3 with this bit 0, on every CPU.",
        code: &["machine/src/el3/mdcr.rs"],
        check: Check::Observed(
            "The payload reads MDSCR_EL1. A bit that is set traps to EL3 with ESR_EL3 0x62240065, on every CPU; QEMU \
             resets it to 0, so that an omission shows on a poisoned machine only.",
        ),
    },
    Clause {
        id: "M49",
        title: "The PMU does not trap to EL3",
        asks: "With FEAT_PMUv3 and EL3, MDCR_EL3.TPM (bit 6) is 0.",
        source: "booting.rst, \"Call the kernel image\", system registers, PMUv3; DDI0487, MDCR_EL3.TPM",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor writes MDCR_EL3 with this bit 0, on every CPU.",
        code: &["machine/src/el3/mdcr.rs"],
        check: Check::Observed(
            "The payload reads PMCR_EL0. A bit that is set traps to EL3 with ESR_EL3 0x6230e479, on every CPU; QEMU \
             resets it to 0, so that an omission shows on a poisoned machine only.",
        ),
    },
    Clause {
        id: "M50",
        title: "EL2 allows loads and stores of 64 bytes",
        asks: "With FEAT_LS64, and where the kernel is entered at EL1 and there is EL2, HCRX_EL2.EnALS (bit 1) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, LS64; DDI0487, HCRX_EL2.EnALS",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. HCRX_EL2 is 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders it cannot be seen either: no CPU of QEMU up to \
             10.2 has FEAT_LS64.",
        ),
    },
    Clause {
        id: "M51",
        title: "EL2 allows stores of 64 bytes with status",
        asks: "With FEAT_LS64_V, and where the kernel is entered at EL1 and there is EL2, HCRX_EL2.EnASR (bit 2) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, LS64_V; DDI0487, HCRX_EL2.EnASR",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. HCRX_EL2 is 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders it cannot be seen either: no CPU of QEMU up to \
             10.2 has FEAT_LS64_V.",
        ),
    },
];
