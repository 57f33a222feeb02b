//! The scenarios as a test program: `cargo test -p scenarios`, with a part of a name to run only
//! some.
//!
//! Every console log is kept under `target/scenarios`.

mod attacks;
mod bad_flash;
mod bad_machines;
mod bad_payloads;
mod bad_settings;
mod bad_trees;
mod el3;
mod el3_maps;
mod expectations;
mod faults;
mod kernel;
mod linux;
mod loaders;
mod machine_types;
mod machines;
mod mutations;
mod payloads;
mod trees;
mod userspace;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::thread;

use flint_cli::bench::size;
use flint_cli::clause::{self, Check};
use flint_cli::command::test::ALL_VARIABLE;
use flint_cli::interrupt;
use flint_cli::qemu::Qemu;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use scenarios::attack::Attack;
use scenarios::machine_types::{self as types, MachineType};
use scenarios::mutation::Mutation;
use scenarios::{Scenario, TestBed, Verdict, console, cpus, in_ci};

/// There from the first scenario on that is really run.
type SharedTestBed = Arc<OnceLock<TestBed>>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match run(&arguments) {
        Ok(exit_code) => exit_code,
        Err(error) => flint_cli::error::report(&error),
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    interrupt::install()?;
    let qemu = Qemu::find()?;
    let cpus = cpus::offered(&qemu)?;
    let is_all = is_all();
    let machine_types = types::offered(&qemu)?;
    let all = all(&cpus, &machine_types, is_all);
    check_names(&all)?;
    let test_bed = SharedTestBed::default();
    let mut trials = vec![
        cpu_search_trial(cpus),
        size_trial(&test_bed),
        errata_trial(&test_bed),
        calls_trial(&test_bed),
    ];
    trials.extend(all.into_iter().map(|scenario| trial(scenario, &test_bed)));
    trials.extend(
        attacks::attacks()
            .into_iter()
            .map(|attack| attack_trial(attack, &test_bed)),
    );
    trials.extend(
        el3_maps::maps(&machine_types)
            .into_iter()
            .map(|map| skippable_trial(map.title(), &test_bed, move |test_bed| map.run(test_bed))),
    );
    trials.extend(
        el3_maps::guards()
            .into_iter()
            .map(|guard| skippable_trial(guard.title(), &test_bed, move |test_bed| guard.run(test_bed))),
    );
    trials.extend(
        el3_maps::secure_worlds()
            .into_iter()
            .map(|world| skippable_trial(world.title(), &test_bed, move |test_bed| world.run(test_bed))),
    );
    trials.push(all_mutations_trial(&test_bed));
    trials.push(all_clauses_trial());
    trials.push(trap_report_trial(&test_bed));
    trials.extend(
        mutations::mutations()
            .into_iter()
            .map(|mutation| mutation_trial(mutation, &test_bed)),
    );

    if is_all && !arguments.list {
        announce(arguments, &trials);
    }
    if !arguments.list && trials.iter().any(|trial| !arguments.is_filtered_out(trial)) {
        // It is not set yet, so it is set now.
        let _ = test_bed.set(TestBed::new(qemu, logs_folder())?);
    }
    let conclusion = libtest_mimic::run(arguments, trials);
    interrupt::finish();
    Ok(conclusion.exit_code())
}

fn all(cpus: &[String], offered: &[MachineType], is_all: bool) -> Vec<Scenario> {
    let mut all = machines::scenarios(cpus);
    all.extend(machine_types::scenarios(offered, is_all));
    all.extend(kernel::scenarios());
    all.extend(el3::scenarios());
    all.extend(faults::scenarios());
    all.extend(trees::scenarios());
    all.extend(loaders::scenarios());
    all.extend(linux::scenarios());
    all.extend(userspace::scenarios(is_all));
    all.extend(payloads::scenarios());
    all.extend(bad_flash::scenarios());
    all.extend(bad_payloads::scenarios());
    all.extend(bad_settings::scenarios());
    all.extend(bad_trees::scenarios());
    all.extend(bad_machines::scenarios());
    all
}

/// Returns whether `./flint test --all` asks for every boot to userspace, and for every one of a
/// versioned machine type.
fn is_all() -> bool {
    std::env::var_os(ALL_VARIABLE).is_some_and(|value| !value.is_empty())
}

/// Says how long it will take, since it may be days.
fn announce(arguments: &Arguments, trials: &[Trial]) {
    let is_boot = |trial: &&Trial| trial.name().starts_with(userspace::PREFIX) && !arguments.is_filtered_out(trial);
    let boots = trials.iter().filter(is_boot).count();
    let threads = arguments
        .test_threads
        .or_else(|| thread::available_parallelism().ok().map(usize::from));
    let at_once = threads.unwrap_or(1);
    let minutes = boots as u64 * userspace::USUAL.as_secs() / at_once as u64 / 60;
    eprintln!(
        "{boots} boots to userspace, {at_once} at once: about {} h {} min",
        minutes / 60,
        minutes % 60
    );
    eprintln!("a part of their names makes them fewer: ./flint test --all linux_6_12_rt_fit");
}

/// A name is that of a log, too.
fn check_names(all: &[Scenario]) -> anyhow::Result<()> {
    let mut names = HashSet::new();
    let twice = all.iter().find(|scenario| !names.insert(&scenario.name));
    match twice {
        None => Ok(()),
        Some(scenario) => anyhow::bail!("two scenarios have the name {}", scenario.name),
    }
}

fn trial(scenario: Scenario, test_bed: &SharedTestBed) -> Trial {
    skippable_trial(scenario.name.clone(), test_bed, move |test_bed| test_bed.run(&scenario))
}

/// A kernel's tree tries to lead EL3.
fn attack_trial(attack: Attack, test_bed: &SharedTestBed) -> Trial {
    skippable_trial(attack.title(), test_bed, move |test_bed| attack.run(test_bed))
}

fn skippable_trial(
    name: String,
    test_bed: &SharedTestBed,
    run: impl FnOnce(&TestBed) -> Verdict + Send + 'static,
) -> Trial {
    let test_bed = Arc::clone(test_bed);
    Trial::ignorable_test(name.clone(), move || {
        let test_bed = test_bed.get().ok_or("nothing was built")?;
        match run(test_bed).or_failed_if(in_ci()) {
            Verdict::Passed => Ok(Completion::Completed),
            Verdict::Failed(why) => Err(Failed::from(why)),
            Verdict::Skipped(why) => {
                eprintln!("SKIPPED {name}: {why}");
                Ok(Completion::ignored_with(why))
            }
        }
    })
}

/// A clause is broken, and must be named.
fn mutation_trial(mutation: Mutation, test_bed: &SharedTestBed) -> Trial {
    let test_bed = Arc::clone(test_bed);
    Trial::test(mutation.title(), move || {
        match mutation.run(test_bed.get().ok_or("nothing was built")?) {
            Verdict::Passed => Ok(()),
            Verdict::Failed(why) | Verdict::Skipped(why) => Err(why.into()),
        }
    })
}

/// A mutation that is not run proves nothing.
fn all_mutations_trial(test_bed: &SharedTestBed) -> Trial {
    let test_bed = Arc::clone(test_bed);
    Trial::test("runs_every_mutation", move || {
        let test_bed = test_bed.get().ok_or("nothing was built")?;
        let run: HashSet<_> = mutations::mutations().iter().map(|mutation| mutation.name).collect();
        match test_bed.mutations().find(|name| !run.contains(name)) {
            None => Ok(()),
            Some(name) => Err(format!("{name} is not run").into()),
        }
    })
}

/// A clause that nothing breaks may be one that is never found broken.
fn all_clauses_trial() -> Trial {
    Trial::test("breaks_every_clause_that_can_be_seen", || {
        let broken: HashSet<_> = mutations::mutations().iter().filter_map(Mutation::clause).collect();
        let unbroken = clause::all()
            .filter(|clause| matches!(clause.check, Check::Observed(_)))
            .map(|clause| clause.id)
            .find(|id| !broken.contains(*id) && !mutations::SHOWN_BY_OTHERS.iter().any(|(other, _)| other == id));
        match unbroken {
            None => Ok(()),
            Some(id) => Err(format!("nothing breaks {id}").into()),
        }
    })
}

/// Returns what the monitor says when a CPU traps to EL3, all of it: a mutation makes one do so.
fn trap_report_trial(test_bed: &SharedTestBed) -> Trial {
    const LINES: [&str; 2] = [
        "monitor: CPU 0x0 trapped to EL3 at 0x* (ESR 0x6235*), and takes it as undefined [monitor-trap]$",
        "  clause: by M18 this does not trap to EL3; see flint explain M18$",
    ];
    let test_bed = Arc::clone(test_bed);
    Trial::test("reports_a_trap_to_el3", move || {
        let mut all = mutations::mutations().into_iter();
        let mutation = all
            .find(|mutation| mutation.name == "m18_hcrx")
            .ok_or("there is no m18_hcrx")?;
        let console = mutation.console(test_bed.get().ok_or("nothing was built")?)?;
        if let Some(missing) = console::first_missing(&console, &LINES.map(String::from)) {
            return Err(format!("this line did not come, or not in its turn: {missing}\n{console}").into());
        }
        // The stacks of the normal world are not the monitor's to read.
        match console::first_forbidden(&console, &["backtrace".into()]) {
            None => Ok(()),
            Some((line, _)) => Err(format!("this line must not come: {line}").into()),
        }
    })
}

/// The CPUs are asked for, so it is checked that the answer makes sense: a CPU that is not found
/// would not be missed.
fn cpu_search_trial(found: Vec<String>) -> Trial {
    Trial::test("finds_the_64_bit_cpus_of_this_qemu", move || {
        let missed = cpus::ALWAYS_OFFERED
            .iter()
            .find(|name| !found.iter().any(|found| found == *name));
        match missed {
            None => Ok(()),
            Some(name) => Err(format!("{name} is not among those that were found: {found:?}").into()),
        }
    })
}

/// Flash is small, and so is what goes into it beside the kernel.
fn size_trial(test_bed: &SharedTestBed) -> Trial {
    const MOST_BYTES: [u64; 2] = [size::BOOTLOADER_LIMIT_BYTES, size::MONITOR_LIMIT_BYTES];
    let test_bed = Arc::clone(test_bed);
    Trial::test("keeps_the_bootloader_and_the_monitor_small", move || {
        let test_bed = test_bed.get().ok_or("nothing was built")?;
        match test_bed.firmware_sizes_bytes() {
            sizes if sizes.iter().zip(MOST_BYTES).all(|(size, most)| *size as u64 <= most) => Ok(()),
            [bootloader, monitor] => Err(format!(
                "the bootloader has {bootloader} bytes, the monitor {monitor}; at most {MOST_BYTES:?} are allowed"
            )
            .into()),
        }
    })
}

/// The compiler flag that keeps these sequences away does not reach functions that the compiler
/// brings, nor assembly.
fn errata_trial(test_bed: &SharedTestBed) -> Trial {
    let test_bed = Arc::clone(test_bed);
    Trial::test("has_no_sequence_of_a_cortex_a53_erratum", move || {
        match test_bed.get().ok_or("nothing was built")?.errata()?.as_slice() {
            [] => Ok(()),
            lines => Err(lines.join("\n").into()),
        }
    })
}

/// Whatever the normal world does often, it does by few instructions of the monitor.
fn calls_trial(test_bed: &SharedTestBed) -> Trial {
    let test_bed = Arc::clone(test_bed);
    Trial::test("keeps_the_monitors_calls_short", move || {
        let report = test_bed.get().ok_or("nothing was built")?.measure_calls()?;
        match report.over_limit().next() {
            None => Ok(()),
            Some(measurement) => Err(format!("more instructions than there may be: {measurement:?}").into()),
        }
    })
}

/// `scenarios` in cargo's target folder.
fn logs_folder() -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap_or(temporary).join("scenarios")
}
