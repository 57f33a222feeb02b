//! The entry of each CPU: general registers, mode, MMU (groups G to J, L, O and R).

use boot_protocol::Verdict;

use super::Case;
use crate::conformance::finding::{Finding, Witness};
use crate::conformance::observation::CpuState;

/// PSTATE.D, A, I and F.
const DAIF: u64 = 0b1111 << 6;
/// SCTLR_ELx.M and .C.
const MMU_AND_CACHE: u64 = 1 << 2 | 1;
/// SCTLR_ELx.EE.
pub(super) const BIG_ENDIAN: u64 = 1 << 25;
/// SCR_EL3.NS.
const NON_SECURE: u64 = 1;
/// Bits of SCTLR_EL2 that are 1 (DDI0487, SCTLR_EL2).
const SCTLR_EL2_RES1: u64 = 0x30c5_0830;
/// CNTHCTL_EL2.EL1PCTEN.
const EL1_READS_COUNTER: u64 = 1;

/// Returns what is to be said of one CPU.
pub(super) fn of_cpu(case: &Case<'_>, cpu: &CpuState) -> Vec<Finding> {
    let mut findings = general_registers(case, cpu);
    findings.extend(mode(case, cpu));
    findings.extend(control(case, cpu));
    findings.extend(counter(case, cpu));
    findings
}

fn is_first(case: &Case<'_>, cpu: &CpuState) -> bool {
    case.seen.first.as_ref().is_some_and(|first| first.number == cpu.number)
}

fn general_registers(case: &Case<'_>, cpu: &CpuState) -> Vec<Finding> {
    let [x0, x1, x2, x3] = ["x0", "x1", "x2", "x3"].map(|name| cpu.get(name).unwrap_or_default());
    if !is_first(case, cpu) {
        let found = format!("x0 {x0:#x}, x1 {x1:#x}, x2 {x2:#x}, x3 {x3:#x}");
        return vec![case.on(cpu, "R1", x0 | x1 | x2 | x3 == 0, "x0 to x3 to be 0", found)];
    }
    let has_tree = !case.seen.memory.tree.is_empty();
    let there = if has_tree {
        "a device tree there"
    } else {
        "no device tree there"
    };
    let mut findings = vec![
        case.on(
            cpu,
            "G1",
            has_tree,
            "x0 to point to a device tree",
            format!("x0 {x0:#x}, {there}"),
        ),
        case.on(
            cpu,
            "G2",
            x1 | x2 | x3 == 0,
            "x1 to x3 to be 0",
            format!("x1 {x1:#x}, x2 {x2:#x}, x3 {x3:#x}"),
        ),
    ];
    findings.extend(first_instruction(case, cpu));
    findings
}

fn first_instruction(case: &Case<'_>, cpu: &CpuState) -> [Finding; 2] {
    let (pc, start) = (cpu.get("pc").unwrap_or_default(), case.seen.image_at);
    let found = format!("it stopped at {pc:#x}, the Image starts at {start:#x}");
    let jump = case.on(
        cpu,
        "O1",
        pc == start,
        "the first instruction executed to be the Image's first",
        found.clone(),
    );
    let code = if pc == start {
        case.on(cpu, "D3", true, "the entry at the first word of the header", found)
    } else {
        let why = "the CPU did not enter at the header's first word (O1)";
        Finding::none("D3", case.affinity(cpu), Verdict::NotObservable, why, Witness::Debugger)
    };
    [jump, code]
}

fn mode(case: &Case<'_>, cpu: &CpuState) -> Vec<Finding> {
    let pstate = cpu.get("cpsr").unwrap_or_default();
    let level = cpu.level();
    let masked = case.on(
        cpu,
        "H1",
        pstate & DAIF == DAIF,
        "DAIF 0x3c0: debug, SError, IRQ and FIQ masked",
        format!("PSTATE {pstate:#x}, DAIF {:#x}", pstate & DAIF),
    );
    let found = match level {
        1 if case.has_el2() => "EL1; there is EL2, which is recommended".into(),
        _ => format!("EL{level}"),
    };
    let entered = case.on(cpu, "H3", matches!(level, 1 | 2), "EL2, or else EL1", found);
    let non_secure = match cpu.get("SCR_EL3").filter(|_| case.has_el3()) {
        Some(scr) => case.on(
            cpu,
            "H2",
            scr & NON_SECURE != 0,
            "SCR_EL3.NS 1",
            format!("SCR_EL3 {scr:#x}"),
        ),
        None => none(
            case,
            cpu,
            "H2",
            "the machine has no secure state, so there is nothing else than non-secure",
        ),
    };
    vec![masked, entered, non_secure]
}

fn control(case: &Case<'_>, cpu: &CpuState) -> Vec<Finding> {
    let name = if cpu.level() == 2 { "SCTLR_EL2" } else { "SCTLR_EL1" };
    let Some(sctlr) = cpu.get(name) else {
        return Vec::new();
    };
    let found = format!("{name} {sctlr:#x}");
    let mut findings = vec![
        case.on(
            cpu,
            "I1",
            sctlr & MMU_AND_CACHE == 0,
            &format!("{name}.M and .C 0"),
            found.clone(),
        ),
        case.on(
            cpu,
            "Z8",
            sctlr & BIG_ENDIAN == 0,
            &format!("{name}.EE 0"),
            found.clone(),
        ),
    ];
    if cpu.level() == 2 {
        let is_defined = sctlr & SCTLR_EL2_RES1 == SCTLR_EL2_RES1;
        findings.push(case.on(cpu, "L1", is_defined, "SCTLR_EL2 with its RES1 bits 0x30c50830", found));
    }
    findings
}

fn counter(case: &Case<'_>, cpu: &CpuState) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(frequency) = cpu.get("CNTFRQ_EL0") {
        let found = format!("{frequency} Hz");
        findings.push(match case.seen.reset_frequency.filter(|at_reset| *at_reset != 0) {
            Some(at_reset) => {
                let expected = format!("CNTFRQ_EL0 as at reset: {at_reset} Hz");
                case.on(cpu, "J1", frequency == at_reset, &expected, found)
            }
            None => case.on(cpu, "J1", frequency != 0, "CNTFRQ_EL0 not 0", found),
        });
    }
    let control = cpu.get("CNTHCTL_EL2").filter(|_| case.has_el2());
    findings.push(match control {
        Some(control) if cpu.level() == 1 => {
            let found = format!("CNTHCTL_EL2 {control:#x}");
            case.on(
                cpu,
                "J3",
                control & EL1_READS_COUNTER != 0,
                "CNTHCTL_EL2.EL1PCTEN 1",
                found,
            )
        }
        Some(_) => none(case, cpu, "J3", "the kernel is entered at EL2"),
        None => none(case, cpu, "J3", "the machine has no EL2"),
    });
    findings
}

fn none(case: &Case<'_>, cpu: &CpuState, clause: &str, why: &str) -> Finding {
    Finding::none(
        clause,
        case.affinity(cpu),
        Verdict::NotApplicable,
        why,
        Witness::Debugger,
    )
}
