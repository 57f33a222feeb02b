//! The features that EL3 and EL2 must allow, and leave off, where the CPU has a feature (groups L,
//! M and Z): the rules, and each CPU held against them.
//!
//! The numbers of bits are those of booting.rst, and of DDI0487 for groups L and Z.

use boot_protocol::Verdict;

use super::Case;
use super::rule::{Needs, Rule, When};
use crate::conformance::finding::{Finding, Witness};
use crate::conformance::observation::CpuState;

const PAUTH: &str = "ID_AA64ISAR1_EL1";
const MMFR0: &str = "ID_AA64MMFR0_EL1";
const MMFR1: &str = "ID_AA64MMFR1_EL1";
const MMFR3: &str = "ID_AA64MMFR3_EL1";
const PFR1: &str = "ID_AA64PFR1_EL1";
const DFR0: &str = "ID_AA64DFR0_EL1";
const SME: Needs = Needs::Field(PFR1, 24, 1);
const SME2: Needs = Needs::Field(PFR1, 24, 2);
const SME_FA64: Needs = Needs::Field("ID_AA64SMFR0_EL1", 63, 1);
const SVE: Needs = Needs::Register("ZCR_EL2");
const FGT: Needs = Needs::Field(MMFR0, 56, 1);
const HCX: Needs = Needs::Field(MMFR1, 40, 1);
const VHE: Needs = Needs::Field(MMFR1, 8, 1);
const ECV_OFFSET: Needs = Needs::Field(MMFR0, 60, 2);
const TCR2: Needs = Needs::Field(MMFR3, 0, 1);
const SCTLR2: Needs = Needs::Field(MMFR3, 4, 1);
const S1PIE: Needs = Needs::Field(MMFR3, 8, 1);
const GCS: Needs = Needs::Field(PFR1, 44, 1);
const MTE2: Needs = Needs::Field(PFR1, 8, 2);

/// HCR_EL2.E2H, which gives CPTR_EL2 another form.
const E2H: u64 = 1 << 34;

const RULES: &[Rule] = &[
    // Of EL3.
    Rule::set("M3", When::El3ToEl2, Needs::Nothing, "SCR_EL3", 1 << 8, "HCE"),
    Rule::set(
        "M12",
        When::El3,
        Needs::Field(PAUTH, 4, 1),
        "SCR_EL3",
        0b11 << 16,
        "APK and API",
    ),
    Rule::clear(
        "M14",
        When::El3,
        Needs::Register("AMCR_EL0"),
        "CPTR_EL3",
        1 << 30,
        "TAM",
    ),
    Rule::set("M16", When::El3ToEl2, FGT, "SCR_EL3", 1 << 27, "FGTEn"),
    Rule::set(
        "M17",
        When::El3ToEl2,
        Needs::Field(MMFR0, 56, 2),
        "SCR_EL3",
        1 << 59,
        "FGTEn2",
    ),
    Rule::set("M18", When::El3ToEl2, HCX, "SCR_EL3", 1 << 38, "HXEn"),
    Rule::clear("M19", When::El3, Needs::Nothing, "CPTR_EL3", 1 << 10, "TFP"),
    Rule::set("M21", When::El3, Needs::Register("ZCR_EL3"), "CPTR_EL3", 1 << 8, "EZ"),
    Rule::set("M24", When::El3, SME, "CPTR_EL3", 1 << 12, "ESM"),
    Rule::set("M25", When::El3, SME, "SCR_EL3", 1 << 41, "EnTP2"),
    Rule::set("M28", When::El3, SME_FA64, "SMCR_EL3", 1 << 31, "FA64"),
    Rule::set("M30", When::El3, MTE2, "SCR_EL3", 1 << 26, "ATA"),
    Rule::set("M32", When::El3, SME2, "SMCR_EL3", 1 << 30, "EZT0"),
    Rule::set(
        "M34",
        When::El3,
        Needs::Field(DFR0, 52, 1),
        "MDCR_EL3",
        1 << 32,
        "SBRBE[0]",
    ),
    Rule::set("M36", When::El3, Needs::Pmu(9), "MDCR_EL3", 1 << 7, "EnPM2"),
    Rule::set("M41", When::El3, TCR2, "SCR_EL3", 1 << 43, "TCR2En"),
    Rule::set("M43", When::El3, S1PIE, "SCR_EL3", 1 << 45, "PIEn"),
    Rule::set("M46", When::El3, GCS, "SCR_EL3", 1 << 39, "GCSEn"),
    Rule::clear("M48", When::El3, Needs::Nothing, "MDCR_EL3", 1 << 9, "TDA"),
    Rule::clear("M49", When::El3, Needs::Pmu(1), "MDCR_EL3", 1 << 6, "TPM"),
    // Of EL2, for kernels that are entered at EL1.
    Rule::set(
        "M13",
        When::El1BelowEl2,
        Needs::Field(PAUTH, 4, 1),
        "HCR_EL2",
        0b11 << 40,
        "APK and API",
    ),
    Rule::clear("M20", When::El1BelowEl2, Needs::Nothing, "CPTR_EL2", 1 << 10, "TFP"),
    Rule::clear("M23", When::El1WithoutE2h, SVE, "CPTR_EL2", 1 << 8, "TZ"),
    Rule::set("M23", When::El1WithE2h, SVE, "CPTR_EL2", 0b11 << 16, "ZEN"),
    Rule::clear("M27", When::El1WithoutE2h, SME, "CPTR_EL2", 1 << 12, "TSM"),
    Rule::set("M27", When::El1WithE2h, SME, "CPTR_EL2", 0b11 << 24, "SMEN"),
    Rule::set("M27", When::El1BelowEl2, SME, "SCTLR_EL2", 1 << 60, "EnTP2"),
    Rule::set("M29", When::El1BelowEl2, SME_FA64, "SMCR_EL2", 1 << 31, "FA64"),
    Rule::set("M31", When::El1BelowEl2, MTE2, "HCR_EL2", 1 << 56, "ATA"),
    Rule::set("M33", When::El1BelowEl2, SME2, "SMCR_EL2", 1 << 30, "EZT0"),
    Rule::set(
        "M40",
        When::El1BelowEl2,
        Needs::Field("ID_AA64ISAR2_EL1", 16, 1),
        "HCRX_EL2",
        0b11 << 10,
        "MSCEn and MCE2",
    ),
    Rule::set("M42", When::El1BelowEl2, TCR2, "HCRX_EL2", 1 << 14, "TCR2En"),
    Rule::set(
        "M44",
        When::El1BelowEl2,
        S1PIE,
        "HFGRTR_EL2",
        0b11 << 57,
        "nPIR_EL1 and nPIRE0_EL1",
    ),
    Rule::set(
        "M44",
        When::El1BelowEl2,
        S1PIE,
        "HFGWTR_EL2",
        0b11 << 57,
        "nPIR_EL1 and nPIRE0_EL1",
    ),
    Rule::set(
        "M47",
        When::El1BelowEl2,
        GCS,
        "HFGITR_EL2",
        0b111 << 57,
        "nGCSEPP, nGCSSTR_EL1 and nGCSPUSHM_EL1",
    ),
    Rule::set(
        "M47",
        When::El1BelowEl2,
        GCS,
        "HFGRTR_EL2",
        0b11 << 52,
        "nGCS_EL1 and nGCS_EL0",
    ),
    Rule::set(
        "M47",
        When::El1BelowEl2,
        GCS,
        "HFGWTR_EL2",
        0b11 << 52,
        "nGCS_EL1 and nGCS_EL0",
    ),
    Rule::set("M47", When::El1BelowEl2, GCS, "HCRX_EL2", 1 << 22, "GCSEn"),
    // At any level.
    Rule::clear("M45", When::Always, GCS, "GCSCR_EL1", u64::MAX, "all of it"),
    Rule::clear("M45", When::Always, GCS, "GCSCRE0_EL1", u64::MAX, "all of it"),
    // What a kernel does not initialise that is older than the feature.
    Rule::clear("L1", When::ToEl2, HCX, "HCRX_EL2", 0b11_1111 << 3, "FnXS to VFNMI"),
    Rule::clear("L1", When::ToEl2, FGT, "HFGRTR_EL2", (1 << 50) - 1, "traps"),
    Rule::clear("L1", When::ToEl2, FGT, "HFGWTR_EL2", (1 << 50) - 1, "traps"),
    Rule::clear("L1", When::ToEl2, FGT, "HFGITR_EL2", (1 << 55) - 1, "traps"),
    Rule::clear("L1", When::ToEl2, FGT, "HDFGRTR_EL2", (1 << 59) - 1, "traps"),
    Rule::clear("L1", When::ToEl2, FGT, "HDFGWTR_EL2", (1 << 59) - 1, "traps"),
    Rule::clear("L1", When::ToEl2, ECV_OFFSET, "CNTPOFF_EL2", u64::MAX, "all of it"),
    Rule::clear("L1", When::ToEl2, VHE, "CNTHV_CTL_EL2", 1, "ENABLE"),
    Rule::clear("L1", When::ToEl2, TCR2, "TCR2_EL2", u64::MAX, "all of it"),
    Rule::clear("L1", When::ToEl2, SCTLR2, "SCTLR2_EL2", u64::MAX, "all of it"),
    Rule::clear("L1", When::Always, TCR2, "TCR2_EL1", u64::MAX, "all of it"),
    Rule::clear("L1", When::Always, SCTLR2, "SCTLR2_EL1", u64::MAX, "all of it"),
    // What follows from the others.
    Rule::set("Z1", When::El3, Needs::Nothing, "SCR_EL3", 1 << 10, "RW"),
    Rule::clear(
        "Z1",
        When::El3,
        Needs::Nothing,
        "SCR_EL3",
        0b11 << 12 | 1 << 7,
        "TWI, TWE and SMD",
    ),
    Rule::clear(
        "Z2",
        When::El3,
        Needs::Nothing,
        "CPTR_EL3",
        1 << 31 | 1 << 20,
        "TCPAC and TTA",
    ),
    Rule::clear("Z3", When::El3, Needs::Nothing, "SCR_EL3", 0b11 << 14, "TLOR and TERR"),
    Rule::clear("Z4", When::El3, Needs::Nothing, "MDCR_EL3", 1 << 10, "TDOSA"),
    Rule::set(
        "Z6",
        When::El3,
        Needs::Register("SCXTNUM_EL1"),
        "SCR_EL3",
        1 << 25,
        "EnSCXT",
    ),
    Rule::set("Z6", When::El3, ECV_OFFSET, "SCR_EL3", 1 << 28, "ECVEn"),
    Rule::set("Z6", When::El3, SCTLR2, "SCR_EL3", 1 << 44, "SCTLR2En"),
    Rule::set("Z6", When::El3, Needs::Field(MMFR3, 24, 1), "SCR_EL3", 1 << 46, "AIEn"),
    Rule::set("Z6", When::El3, Needs::Field(MMFR3, 28, 1), "SCR_EL3", 1 << 49, "MECEn"),
];

/// Returns what is to be said of one CPU.
pub(super) fn of_cpu(case: &Case<'_>, cpu: &CpuState) -> Vec<Finding> {
    RULES.iter().map(|rule| judged(case, cpu, rule)).collect()
}

fn judged(case: &Case<'_>, cpu: &CpuState, rule: &Rule) -> Finding {
    let none = |verdict, why: String| Finding::none(rule.clause, case.affinity(cpu), verdict, why, Witness::Debugger);
    if let Some(why) = void(case, cpu, rule.when) {
        return none(Verdict::NotApplicable, why.into());
    }
    if let Some(why) = lacking(cpu, rule.needs) {
        return none(Verdict::NotApplicable, why);
    }
    let Rule {
        clause,
        register,
        mask,
        value,
        name,
        ..
    } = rule;
    let Some(found) = cpu.get(register) else {
        return none(
            Verdict::NotObservable,
            format!("QEMU's debugger does not show {register}"),
        );
    };
    let expected = format!("{register}.{name} {}", if *value == 0 { "0" } else { "1" });
    case.on(
        cpu,
        clause,
        found & mask == *value,
        &expected,
        format!("{register} {found:#x}"),
    )
}

/// Returns why the clause asks for nothing at this level.
fn void(case: &Case<'_>, cpu: &CpuState, when: When) -> Option<&'static str> {
    let level = cpu.level();
    let has_e2h = cpu.get("HCR_EL2").unwrap_or_default() & E2H != 0;
    match when {
        When::El3 | When::El3ToEl2 if !case.has_el3() => Some("the machine has no EL3"),
        When::El3ToEl2 | When::ToEl2 if level != 2 => Some("the kernel is not entered at EL2"),
        When::El1BelowEl2 | When::El1WithE2h | When::El1WithoutE2h if !case.has_el2() => Some("the machine has no EL2"),
        When::El1BelowEl2 | When::El1WithE2h | When::El1WithoutE2h if level != 1 => {
            Some("the kernel is entered at EL2")
        }
        When::El1WithE2h if !has_e2h => Some("HCR_EL2.E2H is 0, and CPTR_EL2 has no such bits then"),
        When::El1WithoutE2h if has_e2h => Some("HCR_EL2.E2H is 1, and CPTR_EL2 has no such bit then"),
        _ => None,
    }
}

/// Returns what the CPU lacks.
fn lacking(cpu: &CpuState, needs: Needs) -> Option<String> {
    let field = |register: &str, shift: u32| Some(cpu.get(register)? >> shift & 0xf);
    match needs {
        Needs::Nothing => None,
        // Pointer authentication is announced by any of three fields, and a fourth one elsewhere.
        Needs::Field(PAUTH, ..) => {
            let fields = [
                (PAUTH, 4),
                (PAUTH, 8),
                (PAUTH, 24),
                (PAUTH, 28),
                ("ID_AA64ISAR2_EL1", 12),
                ("ID_AA64ISAR2_EL1", 8),
            ];
            let has_some = fields
                .iter()
                .any(|(register, shift)| field(register, *shift).unwrap_or_default() != 0);
            (!has_some).then(|| {
                format!(
                    "the CPU has no pointer authentication: {PAUTH} {:#x}",
                    cpu.get(PAUTH).unwrap_or_default()
                )
            })
        }
        Needs::Field(register, shift, least) => {
            // A field of one bit at the end of its register, such as FA64, is read right as well:
            // what would follow is 0.
            let value = field(register, shift).unwrap_or_default();
            (value < least).then(|| {
                format!("the CPU lacks the feature: {register} has {value} at bit {shift}, {least} announces it")
            })
        }
        Needs::Register(register) => cpu
            .get(register)
            .is_none()
            .then(|| format!("the CPU lacks the feature: it has no {register}")),
        Needs::Pmu(least) => match field(DFR0, 8).unwrap_or_default() {
            0xf => Some("the CPU's PMU is none of the architecture's".into()),
            version if version < least => Some(format!(
                "the CPU lacks the feature: ID_AA64DFR0_EL1.PMUVer is {version}"
            )),
            _ => None,
        },
    }
}
