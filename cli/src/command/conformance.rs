//! `flint conformance`: which clauses of the boot protocol a loader keeps.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::build;
use crate::command::hardware::Hardware;
use crate::conformance::loader::{Loader, Replacement};
use crate::conformance::matrix::{self, Choice};
use crate::conformance::payload::{LATER_ENTRY, Payload, Variant};
use crate::conformance::recipe::{Build, Firmware, Recipe};
use crate::conformance::report::{Conclusion, Report, html};
use crate::conformance::session;
use crate::conformance::{Trial, run};
use crate::qemu::Qemu;
use crate::write::Output;
use crate::{Error, error};

/// Flint's ways of taking a kernel, all of which the matrix goes through.
const FLINT: [&str; 3] = ["flint", "flint-fit", "flint-fw-cfg"];
/// The loaders that are compared.
const COMPARED: [&str; 5] = ["flint", "u-boot", "edk2", "qemu", "article"];

/// What says which boot there is to be. Where there are many, they are chosen.
const OF_ONE_BOOT: [&str; 6] = ["el", "gic", "cpu", "smp", "memory", "header"];

/// The arguments of `flint conformance`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint conformance
  flint conformance --el 3 --cpu max --smp 4
  flint conformance --el 3-without-el2
  flint conformance --matrix --html report.html
  flint conformance --loader u-boot H1
  flint conformance --loader u-boot --firmware u-boot.bin
  flint conformance --loader mine.toml        your own loader; conformance/loaders/README.md has the format
  flint conformance --compare --html report.html
  flint conformance --json | jq '.runs[].clauses[] | select(.verdict == \"FAIL\")'

`flint explain M18` says what a clause asks for.

JSON (--json): one object with schema, qemu_version and runs. schema is 1: fields may be added, but none changes or goes
without another number. runs is a list of objects:
  loader, recipe, machine, variant, milliseconds, qemu_command (flash.bin, kernel and initrd stand for files that are gone)
  machine_options   an object: el (as --el takes it), gic, cpu, smp, memory_bytes, arguments (a list, without the recipe's)
  clauses   a list of objects: clause, verdict (PASS, FAIL, NOT APPLICABLE, NOT OBSERVABLE, MISSING),
            findings, a list of objects: clause, cpu, verdict, expected, found,
            witness (payload, debugger, host, console, table)
  failure   why the boot did not come to its end, or null
  errors    what is wrong with the report, a list of texts

Exit codes: 0 no clause is broken, 1 one is, 2 a boot did not end, the report has holes, or there is none.")]
pub struct Arguments {
    /// The machine.
    #[command(flatten)]
    pub hardware: Hardware,
    /// The header of the payload's Image
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Variant::Plain)]
    pub header: Variant,
    /// Which loader: a name, or a file that ends in .toml; several with commas [default: flint]
    #[arg(long, value_name = "NAME|RECIPE", value_delimiter = ',')]
    pub loader: Vec<String>,
    /// Another binary of the loader than its recipe says; of Flint, the flat bootloader
    #[arg(long, value_name = "FILE")]
    pub firmware: Option<PathBuf>,
    /// Another binary of Flint's monitor
    #[arg(long, value_name = "FILE")]
    pub monitor: Option<PathBuf>,
    /// Boot a set of machines and headers in which every two of them meet, in all ways that Flint
    /// takes a kernel
    #[arg(long, conflicts_with = "compare", conflicts_with_all = OF_ONE_BOOT)]
    pub matrix: bool,
    /// Boot by Flint, U-Boot, EDK2, QEMU itself and the loader of the article that Flint grew out
    /// of, each at every level that it knows
    #[arg(long, conflicts_with_all = OF_ONE_BOOT)]
    pub compare: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write a page for a browser, all in one file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// End a boot after this time; its report then has holes
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The number of boots that run at once [default: as many as there are cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// The clauses to report, such as M18 [default: all]
    #[arg(value_name = "CLAUSE")]
    pub clauses: Vec<String>,
}

/// Does what `flint conformance` is asked for.
///
/// # Errors
/// None: they end with exit code 2, as 1 says that a clause was broken.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    match conclude(arguments) {
        Ok(Conclusion::Kept) => Ok(ExitCode::SUCCESS),
        Ok(Conclusion::Broken) => Ok(ExitCode::FAILURE),
        Ok(Conclusion::Incomplete) => Ok(ExitCode::from(2)),
        Err(error) => {
            error::report(&error);
            Ok(ExitCode::from(2))
        }
    }
}

fn conclude(arguments: &Arguments) -> Result<Conclusion, anyhow::Error> {
    let machine = arguments.hardware.machine();
    machine.check()?;
    let clauses = run::clauses(&arguments.clauses)?;
    let page = arguments.html.as_deref().map(Output::at).transpose()?;
    let recipes = arguments.recipes()?;
    if !arguments.matrix && !arguments.compare {
        recipes
            .iter()
            .try_for_each(|recipe| recipe.check(&machine, arguments.header))?;
    }
    let qemu = Qemu::find()?;
    let binaries = build::target_binaries()?;
    let replacement = Replacement {
        firmware: arguments.firmware.clone(),
        monitor: arguments.monitor.clone(),
    };
    let loaders = recipes
        .into_iter()
        .map(|recipe| Loader::new(recipe, &replacement, &binaries));
    let loaders = loaders.collect::<Result<Vec<_>, _>>()?;
    let choices = if arguments.matrix {
        matrix::covering(&loaders)
    } else if arguments.compare {
        matrix::comparison(&loaders)
    } else {
        let of = |loader| Choice {
            loader,
            machine: matrix::machine(machine.clone()),
            variant: arguments.header,
        };
        loaders.iter().map(of).collect()
    };
    let payload = build::conformance_payload()?;
    let trials = choices.into_iter().map(|choice| {
        Ok(Trial {
            loader: choice.loader,
            machine: choice.machine,
            payload: Payload::new(
                &payload.flat()?,
                payload.symbol(LATER_ENTRY)?,
                choice.variant,
                choice.loader.recipe.entered_by,
            )
            .map_err(|error| Error::new(format!("the payload is no Image: {error}")))?,
        })
    });
    let trials = trials.collect::<Result<Vec<_>, Error>>()?;
    let limit = Duration::from_secs(arguments.timeout);
    let runs = session::run_all(&trials, &qemu, &clauses, limit, arguments.jobs)?;
    let report = Report::new(qemu.version().to_string(), runs);
    if let Some(page) = page {
        page.complete(html::page(&report)?.as_bytes())?;
    }
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(report.conclusion())
}

impl Arguments {
    fn recipes(&self) -> Result<Vec<Recipe>, Error> {
        let names: Vec<&str> = match (self.loader.is_empty(), self.compare, self.matrix) {
            (false, ..) => self.loader.iter().map(String::as_str).collect(),
            (_, true, _) => COMPARED.to_vec(),
            (_, _, true) => FLINT.to_vec(),
            _ => vec![FLINT[0]],
        };
        let recipes: Vec<Recipe> = names.into_iter().map(Recipe::find).collect::<Result<_, _>>()?;
        self.check_binaries(&recipes)?;
        Ok(recipes)
    }

    /// Returns whether what was named has a place in each loader.
    fn check_binaries(&self, recipes: &[Recipe]) -> Result<(), Error> {
        let is_flint = |recipe: &Recipe| matches!(recipe.firmware, Some(Firmware::Build(Build::Flint)));
        let is_one = recipes.len() == 1 || recipes.iter().all(is_flint);
        if self.firmware.is_some() && !is_one {
            let message = "--firmware is for one loader, and there are several";
            return Err(Error::usage(message).help("name it with --loader"));
        }
        if let (Some(_), Some(recipe)) = (&self.firmware, recipes.iter().find(|it| it.firmware.is_none())) {
            let message = format!("{} has no binary that --firmware could replace", recipe.title);
            return Err(Error::usage(message).help("leave --firmware out, or name another --loader"));
        }
        if let (Some(_), Some(recipe)) = (&self.monitor, recipes.iter().find(|it| !is_flint(it))) {
            let message = format!("--monitor is for Flint, and {} has none", recipe.title);
            return Err(Error::usage(message).help("leave --monitor out, or name another --loader"));
        }
        Ok(())
    }
}
