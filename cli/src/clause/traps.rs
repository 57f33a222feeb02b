//! Group M from M12 to M20: pointer authentication, activity monitors, fine-grained traps, FP and
//! SIMD.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "M12",
        title: "Pointer authentication does not trap to EL3",
        asks: "With pointer authentication and EL3, SCR_EL3.APK (bit 16) and SCR_EL3.API (bit 17) are 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, pointer authentication; DDI0487, \
                 SCR_EL3.APK, SCR_EL3.API",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets both where any field of ID_AA64ISAR1_EL1 or ID_AA64ISAR2_EL1 announces \
              FEAT_PAuth, by whichever algorithm.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads APIAKeyLo_EL1 and executes PACIA with SCTLR_EL2.EnIA set; the debugger reads SCR_EL3. \
             A missing bit traps to EL3 with ESR_EL3 0x62300863 or 0x26000000: on max, and on neoverse-v1, \
             neoverse-n2 and cortex-a710 of QEMU 10.0.",
        ),
    },
    Clause {
        id: "M13",
        title: "Pointer authentication does not trap to EL2",
        asks: "With pointer authentication, and where the kernel is entered at EL1, HCR_EL2.APK (bit 40) and \
               HCR_EL2.API (bit 41) are 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, pointer authentication; DDI0487, \
                 HCR_EL2.APK, HCR_EL2.API",
        force: Force::Mandatory,
        met: "Flint enters at EL1 only where there is no EL2 and so no HCR_EL2.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads HCR_EL2, on the CPUs of M12.",
        ),
    },
    Clause {
        id: "M14",
        title: "Activity monitors do not trap, and count",
        asks: "With FEAT_AMUv1 and EL3, CPTR_EL3.TAM (bit 30) and CPTR_EL2.TAM (bit 30) are 0, AMCNTENSET0_EL0 is \
               0b1111, and AMCNTENSET1_EL0 has a 1 for each auxiliary counter that there is.",
        source: "booting.rst, \"Call the kernel image\", system registers, activity monitors; DDI0487, CPTR_EL3.TAM, \
                 CPTR_EL2.TAM, AMCNTENSET0_EL0, AMCNTENSET1_EL0",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor clears both bits, and sets the four architected counters and as many \
              auxiliary ones as AMCGCR_EL0.CG1NC says.",
        code: &[
            "machine/src/el3.rs",
            "machine/src/el2.rs",
            "machine/src/id_registers.rs",
        ],
        check: Check::NotOnQemu(
            "No CPU of QEMU up to 10.2 has activity monitors; only CPTR_EL3.TAM can be read there, by the debugger. \
             Tested instead: the values in the list of registers, in `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M15",
        title: "Activity monitors count at EL1, too",
        asks: "With FEAT_AMUv1, and where the kernel is entered at EL1, AMCNTENSET0_EL0 is 0b1111, and \
               AMCNTENSET1_EL0 has a 1 for each auxiliary counter that there is.",
        source: "booting.rst, \"Call the kernel image\", system registers, activity monitors; DDI0487, \
                 AMCNTENSET0_EL0, AMCNTENSET1_EL0",
        force: Force::Mandatory,
        met: "At an EL3 start without EL2 as M14. Gap: at an EL1 start of a machine without EL3 and EL2, where the \
              bootloader could write them, it does not.",
        code: &["machine/src/el3.rs"],
        check: Check::NotOnQemu(
            "No CPU of QEMU up to 10.2 has activity monitors. Tested instead: the values in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M16",
        title: "Fine-grained traps are EL2's to set",
        asks: "With FEAT_FGT and EL3, and where the kernel is entered at EL2, SCR_EL3.FGTEn (bit 27) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, fine-grained traps; DDI0487, SCR_EL3.FGTEn",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64MMFR0_EL1.FGT is not 0.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads HFGRTR_EL2. A missing bit traps to EL3 with ESR_EL3 0x62390463: on max of QEMU 10.0; \
             7.2 has no CPU with the feature.",
        ),
    },
    Clause {
        id: "M17",
        title: "More fine-grained traps are EL2's to set",
        asks: "With FEAT_FGT2 and EL3, and where the kernel is entered at EL2, SCR_EL3.FGTEn2 (bit 59) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, fine-grained traps 2; DDI0487, \
                 SCR_EL3.FGTEn2",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64MMFR0_EL1.FGT is 2 or more.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::NotOnQemu(
            "No CPU of QEMU up to 10.2 has FEAT_FGT2. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M18",
        title: "HCRX_EL2 can be reached",
        asks: "With FEAT_HCX and EL3, and where the kernel is entered at EL2, SCR_EL3.HXEn (bit 38) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, HCRX_EL2; DDI0487, SCR_EL3.HXEn",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64MMFR1_EL1.HCX is not 0.",
        code: &["machine/src/el3/scr.rs", "machine/src/id_registers.rs"],
        check: Check::Observed(
            "The payload reads HCRX_EL2. A missing bit traps to EL3 with ESR_EL3 0x62350465: on max of QEMU 7.2 and \
             10.0.",
        ),
    },
    Clause {
        id: "M19",
        title: "FP and SIMD do not trap to EL3",
        asks: "With Advanced SIMD and floating point, and EL3, CPTR_EL3.TFP (bit 10) is 0.",
        source: "booting.rst, \"Call the kernel image\", system registers, Advanced SIMD and floating point; DDI0487, \
                 CPTR_EL3.TFP",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor clears it on every CPU.",
        code: &["machine/src/el3.rs"],
        check: Check::Observed(
            "The payload executes `fmov d0, xzr`, after it has allowed that to itself. A bit that is set traps to EL3 \
             with ESR_EL3 0x1fe00000, on every CPU; QEMU resets it to 0, so that an omission shows on a poisoned machine only.",
        ),
    },
    Clause {
        id: "M20",
        title: "FP and SIMD do not trap to EL2",
        asks: "With Advanced SIMD and floating point, and where the kernel is entered at EL1 and there is EL2, \
               CPTR_EL2.TFP (bit 10) is 0.",
        source: "booting.rst, \"Call the kernel image\", system registers, Advanced SIMD and floating point; DDI0487, \
                 CPTR_EL2.TFP",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. The bit is 0 all the same.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads CPTR_EL2, and a payload at \
             EL1 executes `fmov d0, xzr`, on every CPU.",
        ),
    },
];
