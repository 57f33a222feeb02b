//! Versioned machine types: each boots our kernel, powers off and resets at every level.
//!
//! Types before virt-6.0 have no secure GPIO, and so nothing by which firmware at EL3 could power
//! them off or reset them. There the monitor must refuse, and the kernel must go on.

use flint_cli::covering::Factors;
use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::flash::{Flash, Kernel};
use scenarios::machine_types::MachineType;
use scenarios::{End, Scenario, Start};

use crate::expectations::{FROM_SETTINGS, GICS, RAM_BASE, RESET, TROUBLE, WAITING, report, stages};

/// The levels that machines reset at.
const LEVELS: [(StartLevel, &str); 4] = [
    (StartLevel::El1, "el1"),
    (StartLevel::El2, "el2"),
    (StartLevel::El3, "el3"),
    (StartLevel::El3WithoutEl2, "el3_without_el2"),
];
/// The words on the command line that make our kernel call PSCI, and the scenarios' names for what
/// must come of it.
const REQUESTS: [(&str, &str); 2] = [("poweroff", "powers_off"), ("reboot", "resets")];
const SMP: [u32; 2] = [1, 4];
/// The sizes of all factors but the machine type.
const SIZES: [usize; 4] = [LEVELS.len(), REQUESTS.len(), GICS.len(), SMP.len()];

/// Returns every combination; or a set in which every type boots, and every two other values meet
/// on types with secure GPIO and on types without.
pub fn scenarios(types: &[MachineType], is_all: bool) -> Vec<Scenario> {
    let factors = Factors {
        sizes: &SIZES,
        goes_together: &|_, _| true,
    };
    if is_all {
        let rows: Vec<_> = factors.product().collect();
        let all = types
            .iter()
            .flat_map(|machine_type| rows.iter().map(|row| of_row(*machine_type, row)));
        return all.collect();
    }
    let rows = factors.covering();
    let (new, old): (Vec<_>, Vec<_>) = types
        .iter()
        .copied()
        .partition(|machine_type: &MachineType| machine_type.has_secure_gpio());
    let of_generation = |types: Vec<MachineType>| {
        let count = if types.is_empty() {
            0
        } else {
            types.len().max(rows.len())
        };
        let pairs = types.into_iter().cycle().zip(rows.iter().cycle()).take(count);
        pairs
            .map(|(machine_type, row)| of_row(machine_type, row))
            .collect::<Vec<_>>()
    };
    [old, new].into_iter().flat_map(of_generation).collect()
}

fn of_row(machine_type: MachineType, row: &[usize]) -> Scenario {
    let [level, request, gic, smp] = row[..] else {
        unreachable!("a row has a value for each of the {} factors", SIZES.len())
    };
    let ((el, level_name), (word, what)) = (LEVELS[level], REQUESTS[request]);
    let ((gic, gic_name), smp) = (GICS[gic], SMP[smp]);
    let is_refused = el.has_el3() && !machine_type.has_secure_gpio();
    let what = if is_refused {
        format!("refuses_{word}")
    } else {
        what.into()
    };
    let in_names = machine_type.name().replace(['-', '.'], "_");
    let name = format!("{what}_on_{in_names}_at_{level_name}_with_{gic_name}_and_{smp}_cpus");
    let scenario = boot(name, machine(machine_type, el, gic, smp), word);
    if is_refused {
        refused(scenario, word)
    } else if word == "reboot" {
        reset(scenario)
    } else {
        scenario
    }
}

fn machine(machine_type: MachineType, el: StartLevel, gic: Gic, smp: u32) -> Machine {
    Machine {
        el,
        gic,
        smp,
        extra: vec!["-machine".into(), machine_type.name().into()],
        ..Machine::default()
    }
}

fn boot(name: String, machine: Machine, word: &str) -> Scenario {
    let flash = Flash::new(Kernel::Ours, word);
    let lines = [
        stages(machine.el, RAM_BASE, FROM_SETTINGS),
        report(&machine, RAM_BASE, word),
    ];
    Scenario::new(name, machine, Start::Flash(flash))
        .lines(lines.concat())
        .never(TROUBLE)
}

/// The kernel is refused what it asks for, is told so, and goes on.
fn refused(scenario: Scenario, word: &str) -> Scenario {
    let refusal = "PSCI answered -1 (NOT_SUPPORTED); PSCI_FEATURES answered -1 (NOT_SUPPORTED)$";
    scenario
        .lines([format!("{word} refused: {refusal}"), WAITING.into()])
        .ends(End::Stop)
}

/// The machine boots again after the kernel's request, again and again.
fn reset(mut scenario: Scenario) -> Scenario {
    let report = report(&scenario.machine, RAM_BASE, "reboot");
    // The count of boot logs would depend on when QEMU is ended: only one log is looked at.
    scenario.lines.clear();
    let lines = [vec![RESET.into()], report];
    scenario
        .lines(lines.concat())
        .lines(lines.concat())
        .never([" refused: "])
        .ends(End::LastLine)
}
