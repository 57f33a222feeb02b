//! `flint test`: every test of the checkout, in one command.

use std::process::{Command, ExitCode};

use clap::Args;

use crate::checkout::Checkout;
use crate::child::{ChildProcess, Waited};
use crate::{Error, build};

/// The environment variable that tells the scenarios of `--all`.
pub const ALL_VARIABLE: &str = "FLINT_TEST_ALL";

/// The arguments of `flint test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint test
  flint test device_tree         only tests with that in their name
  flint test -p devicetree       only the tests of one package
  flint test --all linux_6_12_rt_fit
                                 every boot to userspace with that in its name
  flint test -- --nocapture      arguments for the test programs")]
pub struct Arguments {
    /// Boot Linux to userspace in every combination of kernel, packing, CPU, interrupt controller,
    /// number of CPUs, size of RAM and level, and the Rust kernel in every combination with a
    /// versioned machine type: thousands of boots, where otherwise a set is run in which every two
    /// of them meet
    #[arg(long)]
    pub all: bool,
    /// Arguments for cargo test: a part of the tests' names, as a rule
    #[arg(allow_hyphen_values = true, value_name = "ARGS")]
    pub arguments: Vec<String>,
    /// Arguments for the test programs
    #[arg(last = true, value_name = "PROGRAM ARGS")]
    pub program_arguments: Vec<String>,
}

/// Does what `flint test` is asked for.
///
/// # Errors
/// A step cannot be started, or the target's binaries cannot be built.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let checkout = Checkout::find()?;
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");

    let fetched = step(
        "stock kernels",
        &mut Command::new(checkout.root().join("setup/test-linux")),
    )?;
    if !fetched && in_ci {
        let error = Error::new("the stock kernels could not be fetched");
        return Err(error
            .help("in CI no test may be skipped; see the messages above")
            .into());
    }
    announce("binaries for the target");
    build::target_binaries()?;
    build::article_loader()?;
    build::conformance_payload()?;
    build::smc_calls()?;

    let mut tests = checkout.cargo();
    // After a name, everything is taken for an argument of cargo's.
    let (ours, cargos): (Vec<_>, Vec<_>) = arguments.arguments.iter().partition(|argument| *argument == "--all");
    tests.args(["test", "--no-fail-fast"]).args(cargos);
    if arguments.all || !ours.is_empty() {
        tests.env(ALL_VARIABLE, "1");
    }
    if !arguments.program_arguments.is_empty() {
        tests.arg("--").args(&arguments.program_arguments);
    }
    if !step("tests", &mut tests)? {
        return Err(Error::new("tests failed").help("the messages above name them").into());
    }
    if arguments.asks_for_everything() {
        check_conformance(&checkout)?;
    }
    announce("all passed");
    Ok(ExitCode::SUCCESS)
}

/// Holds Flint to the boot protocol on all machines of the matrix; by the front door, as cargo may
/// have built this program anew for its tests.
fn check_conformance(checkout: &Checkout) -> Result<(), anyhow::Error> {
    let mut matrix = Command::new(checkout.root().join("flint"));
    matrix.args(["conformance", "--matrix"]);
    if step("the boot protocol, on the matrix of machines", &mut matrix)? {
        return Ok(());
    }
    let error = Error::new("Flint does not keep the boot protocol on all machines");
    Err(error.help("the report above names clauses and machines").into())
}

impl Arguments {
    fn asks_for_everything(&self) -> bool {
        self.arguments.is_empty() && self.program_arguments.is_empty()
    }
}

fn announce(name: &str) {
    eprintln!("flint test: {name}");
}

/// Runs one step and says whether it went well.
fn step(name: &str, command: &mut Command) -> Result<bool, Error> {
    announce(name);
    let program = command.get_program().to_string_lossy().into_owned();
    let cannot = |error: std::io::Error| Error::new(format!("cannot run {program}: {error}"));
    let mut child = ChildProcess::spawn(command).map_err(cannot)?;
    match child.wait_until(None).map_err(cannot)? {
        Waited::Exited(status) => Ok(status.success()),
        Waited::TimedOut | Waited::Interrupted => Err(Error::new("interrupted")),
    }
}
