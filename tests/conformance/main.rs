//! `flint conformance` as a whole: it finds nothing wrong with Flint, and what is known to be wrong with others.
//!
//! The whole matrix is a step of its own in `./flint test`.

use std::path::Path;
use std::time::Duration;

use flint_cli::build;
use flint_cli::conformance::loader::{Loader, Replacement};
use flint_cli::conformance::matrix;
use flint_cli::conformance::payload::{LATER_ENTRY, Payload, Variant};
use flint_cli::conformance::recipe::Recipe;
use flint_cli::conformance::run::{self, Run, Trial};
use flint_cli::qemu::{Machine, Qemu, StartLevel};
use scenarios::{in_ci, u_boot};

const LIMIT: Duration = Duration::from_secs(120);

fn run(name: &str, machine: Machine, variant: Variant) -> Run {
    let recipe = Recipe::find(name).unwrap();
    let binaries = build::target_binaries().unwrap();
    let loader = Loader::new(recipe, &Replacement::default(), &binaries).unwrap();
    let payload = build::conformance_payload().unwrap();
    let trial = Trial {
        loader: &loader,
        machine: matrix::machine(machine),
        payload: Payload::new(&payload.flat().unwrap(), payload.symbol(LATER_ENTRY).unwrap(), variant).unwrap(),
    };
    trial
        .run(&Qemu::find().unwrap(), &run::clauses(&[]).unwrap(), LIMIT)
        .unwrap()
}

fn machine(el: StartLevel) -> Machine {
    Machine {
        el,
        cpu: "max".into(),
        smp: 2,
        ..Machine::default()
    }
}

/// What is said of the failure of this clause, by whom.
fn evidence(run: &Run, clause: &str) -> Vec<String> {
    let outcome = run.clauses.iter().find(|outcome| outcome.clause == clause).unwrap();
    assert_eq!(outcome.verdict, "FAIL", "{outcome:?}");
    outcome
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.witness.name(), finding.found))
        .collect()
}

#[test]
fn flint_keeps_every_clause_that_can_be_seen() {
    for name in ["flint", "flint-fit"] {
        let run = run(name, machine(StartLevel::El3), Variant::Plain);
        assert!(!run.has_failed() && run.is_complete(), "{run:#?}");
        assert!(run.count("PASS") >= 60, "{}", run.count("PASS"));
    }
}

#[test]
fn u_boot_leaves_serror_unmasked() {
    if let Some(why) = u_boot::missing() {
        assert!(!in_ci(), "{why}");
        return;
    }
    let run = run("u-boot", machine(StartLevel::El2), Variant::Plain);
    let evidence = evidence(&run, "H1");
    assert!(
        evidence
            .iter()
            .any(|it| it.starts_with("debugger: ") && it.ends_with("DAIF 0x2c0")),
        "{evidence:?}"
    );
    assert!(evidence.contains(&"payload: 0x2c0".into()), "{evidence:?}");
    assert!(run.is_complete(), "{:?}", run.errors);
}

#[test]
fn the_articles_loader_copies_the_kernel_over_the_device_tree() {
    let run = |variant| run("article", machine(StartLevel::El2), variant);
    let behind = evidence(&run(Variant::Offset), "E3");
    let overlap = "host: the device tree 0x40000000..0x40100000 (1 MiB) overlaps the Image";
    assert!(behind.iter().any(|it| it.starts_with(overlap)), "{behind:?}");
    let on_it = evidence(&run(Variant::Plain), "G1");
    assert!(on_it[0].contains("x0 0x40000000, no device tree there"), "{on_it:?}");
}

#[test]
fn edk2_starts_efi_programs_only() {
    if !Path::new("/usr/share/AAVMF/AAVMF_CODE.fd").is_file() {
        assert!(!in_ci(), "there is no EDK2");
        return;
    }
    let run = run("edk2", machine(StartLevel::El2), Variant::Plain);
    assert_eq!(run.count("NOT OBSERVABLE"), run.clauses.len(), "{:?}", run.failure);
}
