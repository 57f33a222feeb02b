//! The values that must be the same on all CPUs (M1, M2, M22, M26, J1, J2, N1, N2).

use boot_protocol::Verdict;

use super::Case;
use crate::conformance::finding::{Finding, Witness};
use crate::conformance::observation::CpuState;

/// A field that every CPU must have the same value in.
struct Same {
    clause: &'static str,
    register: &'static str,
    mask: u64,
    name: &'static str,
}

/// The clauses that ask for nothing where there is one CPU.
const OF_OTHER_CPUS: [&str; 3] = ["N1", "Q1", "R1"];

/// The reason why they do.
const ONE_CPU: &str = "there is one CPU";

/// SCR_EL3.FIQ.
const FIQ: u64 = 1 << 2;

const FIELDS: [Same; 5] = [
    same("M1", "SCR_EL3", FIQ, "SCR_EL3.FIQ"),
    same("M22", "ZCR_EL3", 0xf, "ZCR_EL3.LEN"),
    same("M26", "SMCR_EL3", 0xf, "SMCR_EL3.LEN"),
    same("J1", "CNTFRQ_EL0", u64::MAX, "CNTFRQ_EL0"),
    same("J2", "CNTVOFF_EL2", u64::MAX, "CNTVOFF_EL2"),
];

const fn same(clause: &'static str, register: &'static str, mask: u64, name: &'static str) -> Same {
    Same {
        clause,
        register,
        mask,
        name,
    }
}

impl Same {
    /// Returns whether the machine has the register, and the debugger shows it.
    fn is_there(&self, case: &Case<'_>, cpu: &CpuState) -> bool {
        let has_level = match self.register {
            register if register.ends_with("_EL3") => case.has_el3(),
            register if register.ends_with("_EL2") => case.has_el2(),
            _ => true,
        };
        has_level && cpu.get(self.register).is_some()
    }
}

/// Returns what is to be said of the CPUs together. `first` is the first one.
pub(super) fn of_all(case: &Case<'_>, first: &CpuState) -> Vec<Finding> {
    let mut findings = Vec::new();
    if case.seen.others.is_empty() {
        findings.extend(
            FIELDS
                .iter()
                .map(|field| alone(case, first, field.clause, field.is_there(case, first))),
        );
        findings.push(alone(case, first, "N2", true));
    }
    for cpu in &case.seen.others {
        findings.extend(FIELDS.iter().map(|field| compared(case, first, cpu, field)));
        let (own, expected) = (cpu.level(), first.level());
        findings.push(case.on(
            cpu,
            "N2",
            own == expected,
            "the level of the first CPU",
            format!("EL{own}, the first EL{expected}"),
        ));
    }
    findings.push(constant(case, first));
    findings.extend(all_came(case, first));
    findings
}

/// Nothing can be compared with the first CPU: it is always like itself.
fn alone(case: &Case<'_>, first: &CpuState, clause: &str, is_there: bool) -> Finding {
    let (verdict, why) = match case.expected.machine.smp {
        1 => (Verdict::NotApplicable, ONE_CPU),
        _ if !is_there => (Verdict::NotApplicable, "the machine has no such register"),
        _ => (Verdict::NotObservable, "no other CPU came"),
    };
    Finding::none(clause, case.affinity(first), verdict, why, Witness::Debugger)
}

/// Returns what asks something of all CPUs can only be seen of those that come. Whether they should
/// have come, the payload knows.
fn all_came(case: &Case<'_>, first: &CpuState) -> Vec<Finding> {
    let (came, all) = (case.seen.cpus().count(), case.expected.machine.smp as usize);
    let none =
        |clause, verdict, why: &str| Finding::none(clause, case.affinity(first), verdict, why, Witness::Debugger);
    if all == 1 {
        return OF_OTHER_CPUS
            .map(|clause| none(clause, Verdict::NotApplicable, ONE_CPU))
            .into();
    }
    let found = format!("{came} of {all} CPUs came");
    if came == all {
        return vec![case.on(first, "N1", true, "every CPU at its first instruction", found)];
    }
    OF_OTHER_CPUS
        .map(|clause| none(clause, Verdict::NotObservable, &found))
        .into()
}

fn compared(case: &Case<'_>, first: &CpuState, cpu: &CpuState, field: &Same) -> Finding {
    let value_on = |cpu: &CpuState| cpu.get(field.register).filter(|_| field.is_there(case, cpu));
    let (Some(expected), Some(own)) = (value_on(first), value_on(cpu)) else {
        let why = format!("the machine has no {}", field.register);
        return Finding::none(
            field.clause,
            case.affinity(cpu),
            Verdict::NotApplicable,
            why,
            Witness::Debugger,
        );
    };
    let (expected, own) = (expected & field.mask, own & field.mask);
    let text = format!("{} as on the first CPU", field.name);
    case.on(
        cpu,
        field.clause,
        own == expected,
        &text,
        format!("{own:#x}, the first CPU {expected:#x}"),
    )
}

/// SCR_EL3.FIQ must stay as it was.
fn constant(case: &Case<'_>, first: &CpuState) -> Finding {
    let later = case.seen.first_later.as_ref().and_then(|later| later.get("SCR_EL3"));
    let none = |verdict, why: &str| Finding::none("M2", case.affinity(first), verdict, why, Witness::Debugger);
    match (first.get("SCR_EL3").filter(|_| case.has_el3()), later) {
        (Some(before), Some(later)) => {
            let found = format!("SCR_EL3 {before:#x} at the entry, {later:#x} after calls to PSCI");
            case.on(
                first,
                "M2",
                before & FIQ == later & FIQ,
                "SCR_EL3.FIQ to stay as it is",
                found,
            )
        }
        (Some(_), None) => none(Verdict::NotObservable, "no other CPU came, so there was no later look"),
        (None, _) => none(Verdict::NotApplicable, "the machine has no EL3"),
    }
}
