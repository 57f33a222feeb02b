//! Group M from M34 to M40: branch records, PMU, profiling, memory copies.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "M34",
        title: "Branch records do not trap to EL3",
        asks: "With FEAT_BRBE and EL3, MDCR_EL3.SBRBE (bits 33:32) is 0b01 or 0b11.",
        source: "booting.rst, \"Call the kernel image\", system registers, BRBE; DDI0487, MDCR_EL3.SBRBE",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it to 0b01, which records the normal world and no other, where \
              ID_AA64DFR0_EL1.BRBE is not 0.",
        code: &["machine/src/el3/mdcr.rs", "machine/src/id_registers.rs"],
        check: Check::NotOnQemu(
            "No CPU of QEMU up to 10.2 has FEAT_BRBE. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M35",
        title: "Branch records do not trap to EL2",
        asks: "With FEAT_BRBE, and where the kernel is entered at EL1 and there is EL2, these bits are 1: \
               BRBCR_EL2.CC (3) and MPRED (4); HDFGRTR_EL2.nBRBDATA (61), nBRBCTL (60) and nBRBIDR (59); \
               HDFGWTR_EL2.nBRBDATA (61) and nBRBCTL (60); HFGITR_EL2.nBRBIALL (56) and nBRBINJ (55).",
        source: "booting.rst, \"Call the kernel image\", system registers, BRBE; DDI0487, BRBCR_EL2, HDFGRTR_EL2, \
                 HDFGWTR_EL2, HFGITR_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. All of these registers are 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders it cannot be seen either: no CPU of QEMU up to \
             10.2 has FEAT_BRBE.",
        ),
    },
    Clause {
        id: "M36",
        title: "The registers of PMUv3p9 do not trap to EL3",
        asks: "With FEAT_PMUv3p9 and EL3, MDCR_EL3.EnPM2 (bit 7) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, PMUv3p9; DDI0487, MDCR_EL3.EnPM2",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where ID_AA64DFR0_EL1.PMUVer is 9 or more, and not 0xf, which is a \
              PMU of another kind.",
        code: &["machine/src/el3/mdcr.rs", "machine/src/id_registers.rs"],
        check: Check::NotOnQemu(
            "QEMU up to 10.2 has PMUv3p5 at most. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M37",
        title: "The registers of PMUv3p9 do not trap to EL2",
        asks: "With FEAT_PMUv3p9, and where the kernel is entered at EL1 and there is EL2, nPMICNTR_EL0 (bit 2), \
               nPMICFILTR_EL0 (bit 3) and nPMUACR_EL1 (bit 4) are 1 in HDFGRTR2_EL2 and HDFGWTR2_EL2.",
        source: "booting.rst, \"Call the kernel image\", system registers, PMUv3p9; DDI0487, HDFGRTR2_EL2, \
                 HDFGWTR2_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. Both registers are 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders it cannot be seen either: QEMU up to 10.2 has \
             PMUv3p5 at most.",
        ),
    },
    Clause {
        id: "M38",
        title: "The filter of SPE data sources does not trap to EL3",
        asks: "With FEAT_SPE_FDS and EL3, MDCR_EL3.EnPMS3 (bit 42) is 1.",
        source: "booting.rst, \"Call the kernel image\", system registers, SPE data source filtering; DDI0487, \
                 MDCR_EL3.EnPMS3",
        force: Force::Mandatory,
        met: "At an EL3 start the monitor sets it where the CPU has FEAT_SPE and PMSIDR_EL1.FDS (bit 7) is 1.",
        code: &[
            "machine/src/el3/mdcr.rs",
            "machine/src/id_registers.rs",
            "machine/src/cpu.rs",
        ],
        check: Check::NotOnQemu(
            "No CPU of QEMU up to 10.2 has FEAT_SPE. Tested instead: the value in the list of registers, in \
             `machine/src/el3/tests.rs`.",
        ),
    },
    Clause {
        id: "M39",
        title: "The filter of SPE data sources does not trap to EL2",
        asks: "With FEAT_SPE_FDS, and where the kernel is entered at EL1 and there is EL2, nPMSDSFR_EL1 (bit 19) is 1 \
               in HDFGRTR2_EL2 and HDFGWTR2_EL2.",
        source: "booting.rst, \"Call the kernel image\", system registers, SPE data source filtering; DDI0487, \
                 HDFGRTR2_EL2, HDFGWTR2_EL2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2. Both registers are 0 there, for the kernel to set.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders it cannot be seen either: no CPU of QEMU up to \
             10.2 has FEAT_SPE.",
        ),
    },
    Clause {
        id: "M40",
        title: "EL2 serves memory copies of EL1",
        asks: "With FEAT_MOPS, and where the kernel is entered at EL1 and there is EL2, HCRX_EL2.MSCEn (bit 11) is 1, \
               and so is HCRX_EL2.MCE2 (bit 10), with a hypervisor that handles the exceptions of these instructions \
               as the kernel's mops.rst says.",
        source: "booting.rst, \"Call the kernel image\", system registers, MOPS; DDI0487, HCRX_EL2.MSCEn, \
                 HCRX_EL2.MCE2",
        force: Force::Mandatory,
        met: "Flint enters at EL2 where there is EL2; it has no hypervisor.",
        code: &["machine/src/el2.rs"],
        check: Check::Void(
            "Flint enters at EL2 where there is EL2. Of other loaders the debugger reads HCRX_EL2, and a payload at \
             EL1 executes `cpyp`, on max of QEMU 10.0.",
        ),
    },
];
