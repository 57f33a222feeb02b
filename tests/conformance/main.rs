//! `flint conformance` as a whole: it finds nothing wrong with Flint, and what is known to be wrong
//! with others.
//!
//! The whole matrix is a step of its own in `./flint test`.

use std::time::Duration;

use flint_cli::build::{self, TargetBinary};
use flint_cli::conformance::loader::{Loader, Replacement};
use flint_cli::conformance::matrix;
use flint_cli::conformance::payload::{EnteredBy, LATER_ENTRY, Payload, Variant};
use flint_cli::conformance::recipe::Recipe;
use flint_cli::conformance::{Run, Trial, run};
use flint_cli::qemu::{Machine, Qemu, StartLevel};
use object::LittleEndian as LE;
use object::pe;
use object::read::pe::PeFile64;
use phys_range::MIB;
use scenarios::{in_ci, u_boot};

const LIMIT: Duration = Duration::from_secs(120);

fn run(name: &str, machine: Machine, variant: Variant) -> Run {
    let recipe = Recipe::find(name).unwrap();
    let binaries = build::target_binaries().unwrap();
    let loader = Loader::new(recipe, &Replacement::default(), &binaries).unwrap();
    let built = build::conformance_payload().unwrap();
    let trial = Trial {
        loader: &loader,
        machine: matrix::machine(machine),
        payload: payload(&built, variant, loader.recipe.entered_by),
    };
    trial
        .run(&Qemu::find().unwrap(), &run::clauses(&[]).unwrap(), LIMIT)
        .unwrap()
}

fn payload(built: &TargetBinary, variant: Variant, entered_by: EnteredBy) -> Payload {
    let later_entry = built.symbol(LATER_ENTRY).unwrap();
    Payload::new(&built.flat().unwrap(), later_entry, variant, entered_by).unwrap()
}

fn machine(el: StartLevel) -> Machine {
    Machine {
        el,
        cpu: "max".into(),
        smp: 2,
        ..Machine::default()
    }
}

/// Returns what is said of the failure of this clause, by whom.
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
fn the_payload_is_a_program_for_efi() {
    let built = build::conformance_payload().unwrap();
    let image = payload(&built, Variant::Plain, EnteredBy::EfiStub).image;
    let file = PeFile64::parse(image.as_slice()).unwrap();
    let (header, optional) = (file.nt_headers().file_header, file.nt_headers().optional_header);
    assert_eq!(header.machine.get(LE), pe::IMAGE_FILE_MACHINE_ARM64);
    let characteristics = header.characteristics.get(LE).0;
    assert_ne!(characteristics & pe::IMAGE_FILE_EXECUTABLE_IMAGE.0, 0);
    // It can be loaded anywhere.
    assert_eq!(characteristics & pe::IMAGE_FILE_RELOCS_STRIPPED.0, 0);
    assert_eq!(optional.subsystem.get(LE), pe::IMAGE_SUBSYSTEM_EFI_APPLICATION);
    assert_eq!(optional.size_of_image.get(LE) as usize, image.len());
    let entry = built.symbol("efi_entry").unwrap();
    assert_eq!(entry, Some(optional.address_of_entry_point.get(LE).into()));
    // Headers and section are all of it, and lie in memory as in the file.
    let [section] = file.section_table().iter().collect::<Vec<_>>()[..] else {
        panic!("other than one section");
    };
    let (address, size) = section.pe_address_range();
    let headers = optional.size_of_headers.get(LE);
    assert_eq!((address, address + size), (headers, image.len() as u32));
    assert_eq!(section.pe_file_range(), (address, size));
    let rights = pe::IMAGE_SCN_MEM_EXECUTE | pe::IMAGE_SCN_MEM_READ | pe::IMAGE_SCN_MEM_WRITE;
    assert_eq!(section.characteristics.get(LE) & rights, rights);
}

#[test]
fn edk2_is_held_to_what_is_not_the_stubs() {
    for el in [StartLevel::El1, StartLevel::El2] {
        let run = run("edk2", machine(el), Variant::Plain);
        assert!(run.is_complete(), "{run:#?}");
        assert!(run.count("PASS") >= 19, "{run:#?}");
        let verdict = |id| run.clauses.iter().find(|outcome| outcome.clause == id).unwrap().verdict;
        // Of the stub, of EDK2, and of nobody that QEMU has.
        let verdicts = ["H1", "I1", "G2", "C1", "E6", "F1", "I3"].map(verdict);
        let of_stub = "NOT APPLICABLE";
        assert_eq!(
            verdicts,
            [of_stub, of_stub, of_stub, "PASS", "PASS", "PASS", "NOT OBSERVABLE"]
        );
        // What EDK2 keeps for its runtime services is not overwritten: more than 4 MiB of the 128.
        let e6 = run.clauses.iter().find(|outcome| outcome.clause == "E6").unwrap();
        let filled = e6.findings[0].found.split(' ').next().unwrap().trim_start_matches("0x");
        assert!(u64::from_str_radix(filled, 16).unwrap() < 124 * MIB, "{e6:?}");
        let command_line = evidence(&run, "Z9");
        assert!(
            command_line.iter().any(|it| it.ends_with(" initrd=initrd\"")),
            "{command_line:?}"
        );
    }
}

#[test]
fn the_payloads_stub_says_why_it_cannot_go_on() {
    let recipe = std::fs::read_to_string("../conformance/loaders/edk2.toml").unwrap();
    let with_acpi = recipe.replace("acpi=off", "acpi=on");
    assert_ne!(with_acpi, recipe);
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(&file, with_acpi).unwrap();
    let run = run(file.path().to_str().unwrap(), machine(StartLevel::El2), Variant::Plain);
    let failure = run.failure.unwrap();
    let line = "the boot ended in trouble: error: the payload's EFI stub: the firmware has no device tree";
    assert!(failure.starts_with(line), "{failure}");
}
