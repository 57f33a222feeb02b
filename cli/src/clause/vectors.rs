//! Group M from M21 to M33: SVE, SME, memory tags.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "M21",
        title: "SVE does not trap to EL3",
        asks: "With FEAT_SVE and EL3, CPTR_EL3.EZ (bit 8) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SVE; DDI0487, CPTR_EL3.EZ",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64PFR0_EL1.SVE is not 0.",
        code: &["machine/src/el3.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads ZCR_EL2. A missing bit traps to EL3 with ESR_EL3 0x66000000: on max and a64fx, and on \
             neoverse-v1, neoverse-n2 and cortex-a710 of QEMU 10.0.",
        ),
    },
    Clause {
        id: "M22",
        title: "SVE vectors are as long on all CPUs",
        asks: "With FEAT_SVE and EL3, ZCR_EL3.LEN (bits 3:0) has one value on all CPUs that the kernel runs on.",
        source: "booting.rst, \"Call the kernel image\", system registers, SVE; DDI0487, ZCR_EL3.LEN",
        force: Force::Mandatory,
        met: "At an EL3 start it is 0xf on every CPU, the longest there is, which the hardware cuts to what it has.",
        code: &["machine/src/el3.rs"],
        check: Check::Observed(
            "The debugger reads ZCR_EL3, and the payload asks each CPU for its longest vector by `rdvl`. QEMU resets \
             it to 0 everywhere, which is equal and 16 bytes short; so only CPUs that are set up differently show, on \
             the CPUs of M21; on a poisoned machine an omission does.",
        ),
    },
    Clause {
        id: "M23",
        title: "SVE does not trap to EL2",
        asks: "With FEAT_SVE, and where the kernel is entered at EL1 and there is EL2, CPTR_EL2.TZ (bit 8) is 0, \
               CPTR_EL2.ZEN (bits 17:16) is 0b11, and ZCR_EL2.LEN has one value on all CPUs.",
        source: "booting.rst, \"Call the kernel image\", system registers, SVE; DDI0487, CPTR_EL2.TZ, CPTR_EL2.ZEN, \
                 ZCR_EL2.LEN",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. TZ is 0 and LEN is 0xf all the same; ZEN exists only with \
              HCR_EL2.E2H.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads CPTR_EL2, on the CPUs of M21.",
        ),
    },
    Clause {
        id: "M24",
        title: "SME does not trap to EL3",
        asks: "With FEAT_SME and EL3, CPTR_EL3.ESM (bit 12) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME; DDI0487, CPTR_EL3.ESM",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64PFR1_EL1.SME is not 0.",
        code: &["machine/src/el3.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads SMCR_EL2. A missing bit traps to EL3 with ESR_EL3 0x76000000: on max of QEMU 7.2 and \
             10.0.",
        ),
    },
    Clause {
        id: "M25",
        title: "TPIDR2_EL0 does not trap to EL3",
        asks: "With FEAT_SME and EL3, SCR_EL3.EnTP2 (bit 41) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME; DDI0487, SCR_EL3.EnTP2",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64PFR1_EL1.SME is not 0.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads TPIDR2_EL0. A missing bit traps to EL3 with ESR_EL3 0x623af461: on max of QEMU 7.2 and \
             10.0.",
        ),
    },
    Clause {
        id: "M26",
        title: "Streaming vectors are as long on all CPUs",
        asks: "With FEAT_SME and EL3, SMCR_EL3.LEN (bits 3:0) has one value on all CPUs that the kernel will run on.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME; DDI0487, SMCR_EL3.LEN",
        force: Force::Mandatory,
        met: "At an EL3 start it is 0xf on every CPU, the longest there is.",
        code: &["machine/src/el3.rs"],
        check: Check::Observed(
            "The debugger reads SMCR_EL3, and the payload asks each CPU by `rdsvl`. QEMU resets it to 0 everywhere, \
             so that only CPUs which are set up differently show, on max; on a poisoned machine an omission does.",
        ),
    },
    Clause {
        id: "M27",
        title: "SME does not trap to EL2",
        asks: "With FEAT_SME, and where the kernel is entered at EL1 and there is EL2: CPTR_EL2.TSM (bit 12) is 0, \
               CPTR_EL2.SMEN (bits 25:24) is 0b11, SCTLR_EL2.EnTP2 (bit 60) is 1, SMCR_EL2.LEN has one value on all \
               CPUs, and nTPIDR2_EL0 (bit 55) and nSMPRI_EL1 (bit 54) are 1 in HFGRTR_EL2 and HFGWTR_EL2.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME; DDI0487, CPTR_EL2, SCTLR_EL2.EnTP2, \
                 SMCR_EL2.LEN, HFGRTR_EL2, HFGWTR_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. TSM is 0 and LEN is 0xf all the same; the fine-grained traps \
              are 0, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads the registers, on max; the \
             fine-grained traps on max of 10.0 only.",
        ),
    },
    Clause {
        id: "M28",
        title: "All of A64 is allowed in streaming mode",
        asks: "With FEAT_SME_FA64 and EL3, SMCR_EL3.FA64 (bit 31) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME FA64; DDI0487, SMCR_EL3.FA64",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64SMFR0_EL1.FA64 is 1.",
        code: &["machine/src/el3.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The debugger reads SMCR_EL3; the payload executes, in streaming mode, an instruction that is not for it. \
             The register shows it on max of QEMU 7.2 and 10.0; that the instruction does is from the architecture, \
             and was not run. QEMU's own loader leaves the bit 0.",
        ),
    },
    Clause {
        id: "M29",
        title: "EL2 allows all of A64 in streaming mode",
        asks: "With FEAT_SME_FA64, and where the kernel is entered at EL1 and there is EL2, SMCR_EL2.FA64 (bit 31) is \
               1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME FA64; DDI0487, SMCR_EL2.FA64",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. The bit is set all the same.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads SMCR_EL2, on max.",
        ),
    },
    Clause {
        id: "M30",
        title: "Allocation tags can be reached",
        asks: "With FEAT_MTE2 and EL3, SCR_EL3.ATA (bit 26) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, memory tagging; DDI0487, SCR_EL3.ATA",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64PFR1_EL1.MTE is 2 or more.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads GCR_EL1. A missing bit traps to EL3 with ESR_EL3 0x623c0461: with `-machine mte=on` \
             only, on max, and on neoverse-n2 and cortex-a710 of QEMU 10.0.",
        ),
    },
    Clause {
        id: "M31",
        title: "EL2 allows allocation tags",
        asks: "With FEAT_MTE2, and where the kernel is entered at EL1 and there is EL2, HCR_EL2.ATA (bit 56) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, memory tagging; DDI0487, HCR_EL2.ATA",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads HCR_EL2, on the CPUs of M30.",
        ),
    },
    Clause {
        id: "M32",
        title: "The lookup table of SME2 does not trap to EL3",
        asks: "With FEAT_SME2 and EL3, SMCR_EL3.EZT0 (bit 30) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME2; DDI0487, SMCR_EL3.EZT0",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64PFR1_EL1.SME is 2 or more.",
        code: &["machine/src/el3.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload executes `zero {zt0}`, and the debugger reads SMCR_EL3. Max of QEMU 11.1 \
             has it, where the payload passes; 7.2 and 10.0 have no SME2. The value is in `machine/src/el3/tests.rs`, too.",
        ),
    },
    Clause {
        id: "M33",
        title: "The lookup table of SME2 does not trap to EL2",
        asks: "With FEAT_SME2, and where the kernel is entered at EL1 and there is EL2, SMCR_EL2.EZT0 (bit 30) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SME2; DDI0487, SMCR_EL2.EZT0",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. The bit is set all the same.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads SMCR_EL2, on the CPU of M32.",
        ),
    },
];
