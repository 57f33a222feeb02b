//! The table: for each core, what its errata and vulnerabilities need at EL3.
//!
//! The facts come from the errata notice that each core names, as Trusted Firmware-A lists them
//! (`docs/design/cpu-specific-build-macros.rst`, and a file for each core in `lib/cpus/aarch64`).

use super::Register;
use Register::*;
use Revisions::*;

/// A core, and its rows.
#[derive(Debug)]
pub struct Core {
    /// Its name.
    pub name: &'static str,
    /// `MIDR_EL1.PartNum`. Every core of the table is Arm's.
    pub part: u16,
    /// The document that describes its errata.
    pub document: &'static str,
    /// The rows, in the order in which they are written.
    pub workarounds: &'static [Workaround],
}

/// A row: one change of one register, or one patch.
#[derive(Debug)]
pub struct Workaround {
    /// The erratum or vulnerability.
    pub cause: Cause,
    /// The revisions that need it and have it.
    pub revisions: Revisions,
    /// The change.
    pub change: Change,
}

/// The reason for a workaround.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An erratum, by its number in the core's document.
    Erratum(u32),
    /// A vulnerability, by the year and the number of its CVE. Rows for CVE-2018-3639 apply only
    /// where the CPU lacks FEAT_SSBS, by which software decides for itself.
    Cve(u16, u32),
}

/// Revisions of a core: variant and revision, as in r1p2 (`MIDR_EL1.Variant` and `Revision`).
#[derive(Clone, Copy, Debug)]
pub enum Revisions {
    /// All revisions: no mended one is known.
    All,
    /// This one and all before.
    UpTo(u8, u8),
    /// This one and all after.
    From(u8, u8),
    /// All from the first to the second.
    Within(u8, u8, u8, u8),
}

impl Revisions {
    /// Returns the first and the last of the revisions, each with the variant in the upper four
    /// bits.
    pub const fn limits(self) -> (u8, u8) {
        match self {
            All => (0, 0xff),
            UpTo(variant, revision) => (0, variant << 4 | revision),
            From(variant, revision) => (variant << 4 | revision, 0xff),
            Within(first_variant, first_revision, variant, revision) => {
                (first_variant << 4 | first_revision, variant << 4 | revision)
            }
        }
    }
}

/// The effect of a workaround.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// A field of a register gets a value.
    Field {
        /// The register.
        register: Register,
        /// The lowest bit of the field.
        lowest_bit: u8,
        /// The number of its bits.
        width: u8,
        /// Its new value.
        value: u8,
    },
    /// An instruction is patched.
    Patch {
        /// `CPUPSELR_EL3`.
        slot: u8,
        /// The place in [`PATCHES`].
        patch: u8,
    },
}

/// A patch of an instruction: the values of the registers that `CPUPSELR_EL3` selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Patch {
    /// `CPUPOR_EL3`.
    pub opcode: u64,
    /// `CPUPMR_EL3`.
    pub mask: u64,
    /// `CPUPCR_EL3`.
    pub control: u64,
    /// `CPUPOR2_EL3`.
    pub opcode2: u32,
    /// `CPUPMR2_EL3`; 0 where a patch does not use the two.
    pub mask2: u32,
}

impl Patch {
    const fn new(opcode: u64, mask: u64, control: u64) -> Self {
        Self {
            opcode,
            mask,
            control,
            opcode2: 0,
            mask2: 0,
        }
    }

    const fn with_second(self, opcode2: u32, mask2: u32) -> Self {
        Self { opcode2, mask2, ..self }
    }
}

const fn erratum(number: u32, revisions: Revisions, change: Change) -> Workaround {
    Workaround {
        cause: Cause::Erratum(number),
        revisions,
        change,
    }
}

const fn cve(year: u16, number: u32, revisions: Revisions, change: Change) -> Workaround {
    Workaround {
        cause: Cause::Cve(year, number),
        revisions,
        change,
    }
}

const fn set(register: Register, bit: u8) -> Change {
    field(register, bit, 1, 1)
}

const fn field(register: Register, lowest_bit: u8, width: u8, value: u8) -> Change {
    Change::Field {
        register,
        lowest_bit,
        width,
        value,
    }
}

const fn patch(slot: u8, patch: u8) -> Change {
    Change::Patch { slot, patch }
}

// The places of the patches of an erratum in `PATCHES`. Cores that have the same erratum under
// another number share them.
const PATCH_1221012: u8 = 0;
const PATCH_1946160: u8 = 2;
const PATCH_1508412: u8 = 5;
const PATCH_1467580: u8 = 8;
const PATCH_1503072: u8 = 9;
const PATCH_1952683: u8 = 14;
const PATCH_2242635: u8 = 16;
const PATCH_2466780: u8 = 17;
const PATCH_1987031: u8 = 18;
const PATCH_2081180: u8 = 20;
const PATCH_1043202: u8 = 22;
const PATCH_2139242: u8 = 23;

/// The patches.
pub static PATCHES: [Patch; 24] = [
    // From `PATCH_1221012`.
    Patch::new(0x850_0020, 0x2_1ff0_0000, 0x110_03fd),
    Patch::new(0x8d0_0040, 0x2_1ff0_0040, 0x110_03fd),
    // From `PATCH_1946160`.
    Patch::new(0x10_e390_0002, 0x10_fff0_0083, 0x2_0010_03ff),
    Patch::new(0x10_e380_0082, 0x10_fff0_0083, 0x2_0010_03ff),
    Patch::new(0x10_e380_0200, 0x10_fff0_03e0, 0x2_0010_03ff),
    // From `PATCH_1508412`.
    Patch::new(0xe840_0000, 0xffe0_0000, 0x4_0040_03ff),
    Patch::new(0xe8c0_0040, 0xffe0_0040, 0x4_0040_03ff),
    Patch::new(0xe840_0000, 0xff60_0000, 0x4_0040_03ff).with_second(0xe8e0_0080, 0xffe0_00c0),
    // From `PATCH_1467580`.
    Patch::new(0xf3d0_8000, 0xfff0_f0ff, 0x8_0000_0020_03ff),
    // From `PATCH_1503072`.
    Patch::new(0xee07_0f14, 0xffff_0fff, 0x4_0050_27ff),
    Patch::new(0xe840_0000, 0xfff0_0000, 0x4_0010_27ff),
    Patch::new(0xe8c0_0040, 0xfff0_0040, 0x4_0010_27ff),
    Patch::new(0xe840_0000, 0xfff0_0000, 0x4_0040_27ff),
    Patch::new(0xe8c0_0040, 0xfff0_0040, 0x4_0040_27ff),
    // From `PATCH_1952683`.
    Patch::new(0xeee1_0a10, 0xffef_0fff, 0x4_0000_0800_23ff).with_second(0x10_f000, 0x10_f000),
    Patch::new(0xee64_0f34, 0xffef_0fff, 0x4_0000_0800_23ff),
    // From `PATCH_2242635`.
    Patch::new(0x10_f600_e000, 0x10_ff80_e000, 0x8_0000_0000_03ff),
    // From `PATCH_2466780`.
    Patch::new(0xee01_0f10, 0xff1f_0ffe, 0x10_0000_0040_03ff),
    // From `PATCH_1987031`.
    Patch::new(0xf3a0_8002, 0xfff0_f7fe, 0x4_0000_0010_03ff),
    Patch::new(0xbf20_0000, 0xffef_0000, 0x4_0000_0010_03f3),
    // From `PATCH_2081180`.
    Patch::new(0xf3a0_8002, 0xfff0_f7fe, 0x1_0002_0010_03ff),
    Patch::new(0xbf20_0000, 0xffef_0000, 0x1_0002_0010_03f3),
    // From `PATCH_1043202`.
    Patch::new(0xf3bf_8f2f, 0xffff_ffff, 0x8_0020_0071),
    // From `PATCH_2139242`.
    Patch::new(0xee72_0f14, 0xffff_0fdf, 0x4_0000_0050_03ff),
];

/// The cores.
pub const CORES: &[Core] = &[
    Core {
        name: "Cortex-A35",
        part: 0xd04,
        document: "Cortex-A35 Software Developer Errata Notice",
        workarounds: &[erratum(855472, UpTo(0, 0), set(PreDsuCpuactlr, 44))],
    },
    Core {
        name: "Cortex-A53",
        part: 0xd03,
        document: "EPM-048406",
        workarounds: &[
            erratum(826319, UpTo(0, 2), set(PreDsuL2actlr, 3)),
            erratum(826319, UpTo(0, 2), field(PreDsuL2actlr, 14, 1, 0)),
            erratum(836870, UpTo(0, 3), set(PreDsuCpuactlr, 24)),
            erratum(855873, From(0, 3), set(PreDsuCpuactlr, 44)),
        ],
    },
    Core {
        name: "Cortex-A55",
        part: 0xd05,
        document: "Cortex-A55 Software Developer Errata Notice",
        workarounds: &[
            erratum(768277, UpTo(0, 0), set(Cpuactlr, 31)),
            erratum(798797, UpTo(0, 0), set(Cpuactlr, 49)),
            erratum(846532, UpTo(0, 1), set(Cpuactlr, 31)),
            erratum(903758, UpTo(0, 1), set(Cpuactlr, 49)),
            erratum(1221012, UpTo(1, 0), patch(0, PATCH_1221012)),
            erratum(1221012, UpTo(1, 0), patch(1, PATCH_1221012 + 1)),
        ],
    },
    Core {
        name: "Cortex-A57",
        part: 0xd07,
        document: "EPM-049219",
        workarounds: &[
            erratum(806969, UpTo(0, 0), set(PreDsuCpuactlr, 49)),
            erratum(813420, UpTo(0, 0), set(PreDsuCpuactlr, 44)),
            erratum(814670, UpTo(0, 0), set(PreDsuCpuactlr, 58)),
            erratum(817171, UpTo(0, 1), set(PreDsuL2actlr, 26)),
            erratum(826974, UpTo(1, 1), set(PreDsuCpuactlr, 59)),
            erratum(826977, UpTo(1, 1), set(PreDsuCpuactlr, 54)),
            erratum(828024, UpTo(1, 1), set(PreDsuCpuactlr, 49)),
            erratum(828024, UpTo(1, 1), field(PreDsuCpuactlr, 25, 4, 0b1111)),
            erratum(829520, UpTo(1, 2), set(PreDsuCpuactlr, 4)),
            erratum(833471, UpTo(1, 2), set(PreDsuCpuactlr, 38)),
            erratum(836019, All, set(PreDsuL2actlr, 7)),
            erratum(859972, UpTo(1, 3), set(PreDsuCpuactlr, 32)),
            cve(2018, 3639, All, set(PreDsuCpuactlr, 55)),
        ],
    },
    Core {
        name: "Cortex-A72",
        part: 0xd08,
        document: "EPM-012079",
        workarounds: &[
            erratum(859971, UpTo(0, 3), set(PreDsuCpuactlr, 32)),
            cve(2018, 3639, All, set(PreDsuCpuactlr, 55)),
        ],
    },
    Core {
        name: "Cortex-A73",
        part: 0xd09,
        document: "Cortex-A73 Software Developer Errata Notice",
        workarounds: &[
            erratum(852427, UpTo(0, 0), set(CortexA73Diagnostic, 12)),
            erratum(855423, UpTo(0, 1), set(CortexA73Second, 7)),
            cve(2018, 3639, All, set(CortexA73First, 3)),
        ],
    },
    Core {
        name: "Cortex-A75",
        part: 0xd0a,
        document: "SDEN-859515",
        workarounds: &[
            erratum(790748, UpTo(0, 0), set(Cpuactlr, 13)),
            cve(2018, 3639, All, set(Cpuactlr, 35)),
        ],
    },
    Core {
        name: "Cortex-A76",
        part: 0xd0b,
        document: "SDEN-885749",
        workarounds: &[
            erratum(1073348, UpTo(1, 0), set(Cpuactlr, 6)),
            erratum(1130799, UpTo(2, 0), set(Cpuactlr2, 59)),
            erratum(1165347, UpTo(2, 0), set(Cpuactlr2, 0)),
            erratum(1165347, UpTo(2, 0), set(Cpuactlr2, 15)),
            erratum(1207823, UpTo(2, 0), set(Cpuactlr2, 11)),
            erratum(1220197, UpTo(2, 0), field(Cpuectlr, 24, 2, 0b11)),
            erratum(1257314, UpTo(3, 0), set(Cpuactlr3, 10)),
            erratum(1262606, UpTo(3, 0), set(Cpuactlr, 13)),
            erratum(1262888, UpTo(3, 0), set(Cpuectlr, 51)),
            erratum(1275112, UpTo(3, 0), set(Cpuactlr, 13)),
            erratum(1791580, UpTo(4, 0), set(Cpuactlr2, 2)),
            erratum(1868343, UpTo(4, 0), set(Cpuactlr, 13)),
            erratum(1946160, All, patch(3, PATCH_1946160)),
            erratum(1946160, All, patch(4, PATCH_1946160 + 1)),
            erratum(1946160, All, patch(5, PATCH_1946160 + 2)),
            erratum(2356586, All, set(Cpuactlr2, 0)),
            erratum(3888013, All, set(Cpuactlr2, 22)),
            cve(2018, 3639, All, set(Cpuactlr2, 16)),
        ],
    },
    Core {
        name: "Cortex-A76AE",
        part: 0xd0e,
        document: "SDEN-1277541",
        workarounds: &[
            erratum(1931427, UpTo(1, 0), set(Cpuactlr2, 2)),
            erratum(1931435, UpTo(1, 0), set(Cpuactlr, 13)),
            erratum(1969401, UpTo(1, 0), patch(3, PATCH_1946160)),
            erratum(1969401, UpTo(1, 0), patch(4, PATCH_1946160 + 1)),
            erratum(1969401, UpTo(1, 0), patch(5, PATCH_1946160 + 2)),
            erratum(2371140, UpTo(1, 1), set(Cpuactlr2, 0)),
            erratum(3888014, All, set(Cpuactlr2, 22)),
        ],
    },
    Core {
        name: "Cortex-A77",
        part: 0xd0d,
        document: "SDEN-1152370",
        workarounds: &[
            erratum(1160841, UpTo(0, 0), set(Cpuactlr2, 0)),
            erratum(1160841, UpTo(0, 0), set(Cpuactlr2, 15)),
            erratum(1204882, UpTo(0, 0), set(Cpuactlr2, 11)),
            erratum(1220737, UpTo(0, 0), field(Cpuectlr, 24, 2, 0b11)),
            erratum(1253791, UpTo(0, 0), set(Cpuactlr3, 10)),
            erratum(1273521, UpTo(0, 0), set(Cpuactlr, 13)),
            erratum(1508412, UpTo(0, 0), patch(0, PATCH_1508412)),
            erratum(1508412, UpTo(0, 0), patch(1, PATCH_1508412 + 1)),
            erratum(1508412, Within(0, 1, 1, 0), patch(0, PATCH_1508412 + 2)),
            erratum(1515815, UpTo(1, 0), set(Cpuactlr, 11)),
            erratum(1791578, UpTo(1, 1), set(Cpuactlr2, 2)),
            erratum(1800714, UpTo(1, 1), set(Cpuectlr, 53)),
            erratum(1925769, UpTo(1, 1), set(Cpuectlr, 8)),
            erratum(1946167, UpTo(1, 1), patch(4, PATCH_1946160)),
            erratum(1946167, UpTo(1, 1), patch(5, PATCH_1946160 + 1)),
            erratum(1946167, UpTo(1, 1), patch(6, PATCH_1946160 + 2)),
            erratum(2356587, UpTo(1, 1), set(Cpuactlr2, 0)),
            erratum(3888015, All, set(Cpuactlr2, 22)),
            cve(2024, 5660, All, set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Cortex-A78",
        part: 0xd41,
        document: "SDEN-1401784",
        workarounds: &[
            erratum(1467580, UpTo(0, 0), patch(7, PATCH_1467580)),
            erratum(1479939, UpTo(0, 0), set(Cpuactlr, 13)),
            erratum(1492189, UpTo(0, 0), set(CortexA78Cpuactlr5, 8)),
            erratum(1503072, UpTo(0, 0), patch(0, PATCH_1503072)),
            erratum(1503072, UpTo(0, 0), patch(1, PATCH_1503072 + 1)),
            erratum(1503072, UpTo(0, 0), patch(2, PATCH_1503072 + 2)),
            erratum(1503072, UpTo(0, 0), patch(3, PATCH_1503072 + 3)),
            erratum(1503072, UpTo(0, 0), patch(4, PATCH_1503072 + 4)),
            erratum(1515634, UpTo(0, 0), set(Cpuactlr, 11)),
            erratum(1688305, UpTo(1, 0), set(Cpuactlr2, 1)),
            erratum(1821534, UpTo(1, 0), set(Cpuactlr2, 2)),
            erratum(1827429, UpTo(1, 0), set(Cpuectlr, 53)),
            erratum(1941498, UpTo(1, 1), set(Cpuectlr, 8)),
            erratum(1951500, Within(1, 0, 1, 1), patch(0, PATCH_1946160)),
            erratum(1951500, Within(1, 0, 1, 1), patch(1, PATCH_1946160 + 1)),
            erratum(1951500, Within(1, 0, 1, 1), patch(2, PATCH_1946160 + 2)),
            erratum(1952683, UpTo(0, 0), patch(5, PATCH_1952683)),
            erratum(1952683, UpTo(0, 0), patch(6, PATCH_1952683 + 1)),
            erratum(2242635, Within(1, 0, 1, 2), patch(5, PATCH_2242635)),
            erratum(2376745, UpTo(1, 2), set(Cpuactlr2, 0)),
            erratum(2395406, UpTo(1, 2), set(Cpuactlr2, 40)),
            erratum(2742426, UpTo(1, 2), field(CortexA78Cpuactlr5, 55, 2, 0b1)),
            erratum(2779479, UpTo(1, 2), set(Cpuactlr3, 47)),
            erratum(3888017, All, set(Cpuactlr2, 22)),
            erratum(4302972, All, set(CortexA78Cpuactlr5, 50)),
            cve(2024, 5660, All, set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Cortex-A78AE",
        part: 0xd42,
        document: "SDEN-1707912",
        workarounds: &[
            erratum(1827431, UpTo(0, 0), set(Cpuectlr, 53)),
            erratum(1827433, UpTo(0, 0), set(Cpuactlr2, 2)),
            erratum(1941500, UpTo(0, 1), set(Cpuectlr, 8)),
            erratum(1951502, UpTo(0, 1), patch(0, PATCH_1946160)),
            erratum(1951502, UpTo(0, 1), patch(1, PATCH_1946160 + 1)),
            erratum(1951502, UpTo(0, 1), patch(2, PATCH_1946160 + 2)),
            erratum(2242639, Within(0, 1, 0, 1), patch(5, PATCH_2242635)),
            erratum(2376748, UpTo(0, 2), set(Cpuactlr2, 0)),
            erratum(2395408, UpTo(0, 1), set(Cpuactlr2, 40)),
            erratum(2466780, UpTo(0, 1), patch(3, PATCH_2466780)),
            erratum(2743229, UpTo(0, 2), field(CortexA78Cpuactlr5, 55, 2, 0b1)),
            erratum(2779481, UpTo(0, 2), set(Cpuactlr3, 47)),
            erratum(3888018, All, set(Cpuactlr2, 22)),
            erratum(4302973, All, set(CortexA78Cpuactlr5, 50)),
            cve(2024, 5660, UpTo(0, 3), set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Cortex-A78C",
        part: 0xd4b,
        document: "SDEN-1707916, SDEN-2004089",
        workarounds: &[
            erratum(1827430, UpTo(0, 0), set(Cpuectlr, 53)),
            erratum(1827440, UpTo(0, 0), set(Cpuactlr2, 2)),
            erratum(1941499, UpTo(0, 0), set(Cpuectlr, 8)),
            erratum(1951501, UpTo(0, 0), patch(0, PATCH_1946160)),
            erratum(1951501, UpTo(0, 0), patch(1, PATCH_1946160 + 1)),
            erratum(1951501, UpTo(0, 0), patch(2, PATCH_1946160 + 2)),
            erratum(2242638, Within(0, 1, 0, 2), patch(5, PATCH_2242635)),
            erratum(2376746, All, set(Cpuactlr2, 0)),
            erratum(2376749, Within(0, 1, 0, 2), set(Cpuactlr2, 0)),
            erratum(2395407, All, set(Cpuactlr2, 40)),
            erratum(2395411, Within(0, 1, 0, 2), set(Cpuactlr2, 40)),
            erratum(2478780, All, patch(3, PATCH_2466780)),
            erratum(2683027, Within(0, 1, 0, 2), patch(3, PATCH_2466780)),
            erratum(2743232, Within(0, 1, 0, 2), field(CortexA78Cpuactlr5, 55, 2, 0b1)),
            erratum(2779483, All, set(Cpuactlr3, 47)),
            erratum(2779484, Within(0, 1, 0, 2), set(Cpuactlr3, 47)),
            erratum(3888019, All, set(Cpuactlr2, 22)),
            erratum(4302974, All, set(CortexA78Cpuactlr5, 50)),
            cve(2024, 5660, All, set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Cortex-X1",
        part: 0xd44,
        document: "SDEN-1401782",
        workarounds: &[
            erratum(1467580, UpTo(0, 0), patch(7, PATCH_1467580)),
            erratum(1479939, UpTo(0, 0), set(Cpuactlr, 13)),
            erratum(1492189, UpTo(0, 0), set(CortexA78Cpuactlr5, 8)),
            erratum(1503072, UpTo(0, 0), patch(0, PATCH_1503072)),
            erratum(1503072, UpTo(0, 0), patch(1, PATCH_1503072 + 1)),
            erratum(1503072, UpTo(0, 0), patch(2, PATCH_1503072 + 2)),
            erratum(1503072, UpTo(0, 0), patch(3, PATCH_1503072 + 3)),
            erratum(1503072, UpTo(0, 0), patch(4, PATCH_1503072 + 4)),
            erratum(1515634, UpTo(0, 0), set(Cpuactlr, 11)),
            erratum(1688305, UpTo(1, 0), set(Cpuactlr2, 1)),
            erratum(1821534, UpTo(1, 0), set(Cpuactlr2, 2)),
            erratum(1827429, UpTo(1, 0), set(Cpuectlr, 53)),
            erratum(1941498, UpTo(1, 1), set(Cpuectlr, 8)),
            erratum(1951500, Within(1, 0, 1, 1), patch(0, PATCH_1946160)),
            erratum(1951500, Within(1, 0, 1, 1), patch(1, PATCH_1946160 + 1)),
            erratum(1951500, Within(1, 0, 1, 1), patch(2, PATCH_1946160 + 2)),
            erratum(1952683, UpTo(0, 0), patch(5, PATCH_1952683)),
            erratum(1952683, UpTo(0, 0), patch(6, PATCH_1952683 + 1)),
            erratum(2376745, All, set(Cpuactlr2, 0)),
            erratum(2395406, All, set(Cpuactlr2, 40)),
            erratum(2742426, All, set(CortexA78Cpuactlr5, 55)),
            erratum(2742426, All, field(CortexA78Cpuactlr5, 56, 1, 0)),
            erratum(2779479, All, set(Cpuactlr3, 47)),
            erratum(3888017, All, set(Cpuactlr2, 22)),
            erratum(4302972, All, set(CortexA78Cpuactlr5, 50)),
            cve(2024, 5660, All, set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Cortex-A710",
        part: 0xd47,
        document: "SDEN-1775101",
        workarounds: &[
            erratum(1785648, UpTo(0, 0), set(Cpuactlr2, 2)),
            erratum(1793423, UpTo(0, 0), set(Cpuactlr5, 10)),
            erratum(1847092, UpTo(0, 0), set(Cpuactlr5, 10)),
            erratum(1887102, UpTo(1, 0), set(Cpuactlr2, 27)),
            erratum(1901946, Within(1, 0, 1, 0), set(Cpuactlr4, 15)),
            erratum(1916945, UpTo(1, 0), set(Cpuectlr, 8)),
            erratum(1917258, UpTo(1, 0), set(Cpuactlr4, 43)),
            erratum(1927200, UpTo(1, 0), patch(0, PATCH_1946160)),
            erratum(1927200, UpTo(1, 0), patch(1, PATCH_1946160 + 1)),
            erratum(1927200, UpTo(1, 0), patch(2, PATCH_1946160 + 2)),
            erratum(1987031, UpTo(2, 0), patch(6, PATCH_1987031)),
            erratum(1987031, UpTo(2, 0), patch(7, PATCH_1987031 + 1)),
            erratum(2017096, UpTo(2, 0), set(Cpuectlr, 8)),
            erratum(2055002, Within(1, 0, 2, 0), set(Cpuactlr, 46)),
            erratum(2081180, UpTo(2, 0), patch(3, PATCH_2081180)),
            erratum(2081180, UpTo(2, 0), patch(4, PATCH_2081180 + 1)),
            erratum(2083908, Within(2, 0, 2, 0), set(Cpuactlr5, 13)),
            erratum(2136059, UpTo(2, 0), set(Cpuactlr5, 44)),
            erratum(2147715, Within(2, 0, 2, 0), set(Cpuactlr, 22)),
            erratum(2216384, UpTo(2, 0), set(Cpuactlr5, 17)),
            erratum(2216384, UpTo(2, 0), patch(5, PATCH_2242635)),
            erratum(2267065, UpTo(2, 0), set(Cpuactlr, 22)),
            erratum(2282622, UpTo(2, 1), set(Cpuactlr2, 0)),
            erratum(2371105, UpTo(2, 0), set(Cpuactlr2, 40)),
            erratum(2742423, UpTo(2, 1), field(Cpuactlr5, 55, 2, 0b1)),
            erratum(2778471, UpTo(2, 1), set(Cpuactlr3, 47)),
            erratum(3888122, All, set(Cpuactlr2, 22)),
            erratum(4302969, All, set(Cpuactlr5, 50)),
            cve(2024, 5660, UpTo(2, 1), set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Neoverse-N1",
        part: 0xd0c,
        document: "SDEN-885747",
        workarounds: &[
            erratum(925373, UpTo(0, 0), field(Cpuactlr3, 33, 2, 0b11)),
            erratum(1043202, UpTo(1, 0), patch(0, PATCH_1043202)),
            erratum(1073348, UpTo(1, 0), set(Cpuactlr, 6)),
            erratum(1130799, UpTo(2, 0), set(Cpuactlr2, 59)),
            erratum(1165347, UpTo(2, 0), set(Cpuactlr2, 0)),
            erratum(1165347, UpTo(2, 0), set(Cpuactlr2, 15)),
            erratum(1207823, UpTo(2, 0), set(Cpuactlr2, 11)),
            erratum(1220197, UpTo(2, 0), field(Cpuectlr, 24, 2, 0b11)),
            erratum(1257314, UpTo(3, 0), set(Cpuactlr3, 10)),
            erratum(1262606, UpTo(3, 0), set(Cpuactlr, 13)),
            erratum(1262888, UpTo(3, 0), set(Cpuectlr, 51)),
            erratum(1275112, UpTo(3, 0), set(Cpuactlr, 13)),
            erratum(1315703, UpTo(3, 0), set(Cpuactlr2, 16)),
            erratum(1791580, UpTo(4, 0), set(Cpuactlr2, 2)),
            erratum(1868343, UpTo(4, 0), set(Cpuactlr, 13)),
            erratum(1946160, Within(3, 0, 4, 1), patch(3, PATCH_1946160)),
            erratum(1946160, Within(3, 0, 4, 1), patch(4, PATCH_1946160 + 1)),
            erratum(1946160, Within(3, 0, 4, 1), patch(5, PATCH_1946160 + 2)),
            erratum(3888013, All, set(Cpuactlr2, 22)),
        ],
    },
    Core {
        name: "Neoverse-N2",
        part: 0xd49,
        document: "SDEN-1982442",
        workarounds: &[
            erratum(2002655, UpTo(0, 0), patch(6, PATCH_1987031)),
            erratum(2002655, UpTo(0, 0), patch(7, PATCH_1987031 + 1)),
            erratum(2025414, UpTo(0, 0), set(Cpuectlr, 8)),
            erratum(2067956, UpTo(0, 0), set(Cpuactlr, 46)),
            erratum(2138956, UpTo(0, 0), patch(3, PATCH_2081180)),
            erratum(2138956, UpTo(0, 0), patch(4, PATCH_2081180 + 1)),
            erratum(2138958, UpTo(0, 0), set(Cpuactlr5, 13)),
            erratum(2189731, UpTo(0, 0), set(Cpuactlr5, 44)),
            erratum(2242400, UpTo(0, 0), set(Cpuactlr5, 17)),
            erratum(2242400, UpTo(0, 0), patch(2, PATCH_2242635)),
            erratum(2242415, UpTo(0, 0), set(Cpuactlr, 22)),
            erratum(2280757, UpTo(0, 0), set(Cpuactlr, 22)),
            erratum(2340933, UpTo(0, 0), set(Cpuactlr5, 61)),
            erratum(2346952, UpTo(0, 2), field(Cpuectlr2, 0, 3, 0)),
            erratum(2376738, UpTo(0, 3), set(Cpuactlr2, 0)),
            erratum(2388450, UpTo(0, 0), set(Cpuactlr2, 40)),
            erratum(2743014, UpTo(0, 2), field(Cpuactlr5, 55, 2, 0b1)),
            erratum(2779511, UpTo(0, 2), set(Cpuactlr3, 47)),
            erratum(3888123, UpTo(0, 3), set(Cpuactlr2, 22)),
            erratum(4302970, UpTo(0, 3), set(Cpuactlr5, 50)),
            cve(2024, 5660, UpTo(0, 3), set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Neoverse-V1",
        part: 0xd40,
        document: "SDEN-1401781",
        workarounds: &[
            erratum(1542436, UpTo(0, 0), set(Cpuactlr4, 14)),
            erratum(1618634, UpTo(0, 0), set(Cpuactlr, 13)),
            erratum(1618635, UpTo(0, 0), patch(0, PATCH_1503072)),
            erratum(1618635, UpTo(0, 0), patch(1, PATCH_1503072 + 1)),
            erratum(1618635, UpTo(0, 0), patch(2, PATCH_1503072 + 2)),
            erratum(1618635, UpTo(0, 0), patch(3, PATCH_1503072 + 3)),
            erratum(1618635, UpTo(0, 0), patch(4, PATCH_1503072 + 4)),
            erratum(1618636, UpTo(0, 0), set(CortexA78Cpuactlr5, 8)),
            erratum(1619807, UpTo(0, 0), set(Cpuactlr, 11)),
            erratum(1654562, UpTo(0, 0), set(Cpuactlr2, 1)),
            erratum(1674403, UpTo(0, 0), set(Cpuactlr3, 12)),
            erratum(1774420, UpTo(1, 0), set(Cpuectlr, 53)),
            erratum(1791573, UpTo(1, 0), set(Cpuactlr2, 2)),
            erratum(1852267, UpTo(1, 0), set(Cpuactlr2, 28)),
            erratum(1925756, UpTo(1, 1), set(Cpuectlr, 8)),
            erratum(1940577, Within(1, 0, 1, 1), patch(0, PATCH_1946160)),
            erratum(1940577, Within(1, 0, 1, 1), patch(1, PATCH_1946160 + 1)),
            erratum(1940577, Within(1, 0, 1, 1), patch(2, PATCH_1946160 + 2)),
            erratum(2139242, Within(1, 0, 1, 1), patch(3, PATCH_2139242)),
            erratum(2216392, Within(1, 0, 1, 1), patch(5, PATCH_2242635)),
            erratum(2294912, UpTo(1, 2), set(Cpuactlr2, 0)),
            erratum(2348377, UpTo(1, 1), set(CortexA78Cpuactlr5, 61)),
            erratum(2372203, UpTo(1, 1), set(Cpuactlr2, 40)),
            erratum(2743233, UpTo(1, 2), field(CortexA78Cpuactlr5, 55, 2, 0b1)),
            erratum(2779461, UpTo(1, 2), set(Cpuactlr3, 47)),
            erratum(3888016, All, set(Cpuactlr2, 22)),
            cve(2024, 5660, UpTo(1, 2), set(Cpuectlr, 46)),
        ],
    },
    Core {
        name: "Neoverse-V2",
        part: 0xd4f,
        document: "SDEN-2332927",
        workarounds: &[
            erratum(2394277, UpTo(0, 0), set(Cpuactlr2, 40)),
            erratum(2618597, UpTo(0, 1), field(Cpupwrctlr, 4, 6, 0)),
            erratum(2662553, UpTo(0, 1), field(Cpuectlr2, 0, 3, 0)),
            erratum(2719105, UpTo(0, 1), set(Cpuactlr2, 0)),
            erratum(2743011, UpTo(0, 1), field(Cpuactlr5, 55, 2, 0b1)),
            erratum(2779510, UpTo(0, 1), set(Cpuactlr3, 47)),
            erratum(3442699, UpTo(0, 2), set(Cpuactlr, 36)),
            erratum(3841324, UpTo(0, 1), set(Cpuactlr, 1)),
            erratum(3888126, UpTo(0, 2), set(Cpuactlr2, 22)),
            erratum(4302968, UpTo(0, 2), set(Cpuactlr5, 50)),
            cve(2024, 5660, UpTo(0, 2), set(Cpuectlr, 46)),
            cve(2024, 7881, UpTo(0, 2), set(Cpuactlr6, 41)),
        ],
    },
];
