//! The command line of `flint`, and the way from it to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::command::{bench, conformance, explain, image, inspect, run, test};
use crate::{error, interrupt};

/// A flash boot chain for 64-bit Arm: builds, boots, inspects and measures flash images.
#[derive(Debug, Parser)]
#[command(
    name = "flint",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(after_help = "\
Examples:
  flint run                                 boot the Rust kernel in QEMU
  flint image --kernel Image -o flash.bin   make a flash image with a kernel in it
  flint run --image flash.bin --memory 1G   boot that flash image
  flint inspect flash.bin                   what is in it, where will it land

Exit codes: 0 good, 1 what was asked for failed, 2 wrong usage.
`flint COMMAND --help` has the details and examples of each command.
In the checkout, `flint` is `./flint`.")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `flint`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Boot the Rust kernel, another kernel or a flash image in QEMU
    ///
    /// The machine is the reference machine unless told otherwise: QEMU's virt with a cortex-a53,
    /// starting in flash at EL2. What is missing is built first. The console is on the terminal:
    /// Ctrl-A X ends QEMU, Ctrl-A H shows its other keys, and Ctrl-C goes to the guest. The flash
    /// is read-only, so that a kernel cannot rewrite the bootloader; at EL3 no kernel reaches the
    /// flash.
    Run(run::Arguments),
    /// Make a flash image of a kernel
    ///
    /// It has 64 MiB: the bootloader at offset 0, the settings block with the command line at
    /// 0x80000, the kernel at 0x100000, and erased flash (0xff) everywhere else. The kernel is any
    /// that follows the Linux arm64 boot protocol: arch/arm64/boot/Image of a Linux build, or
    /// /boot/vmlinuz-... of Debian's arm64 kernels.
    ///
    /// What is compressed already, and a FIT, goes into the flash as it is. A raw kernel does too,
    /// unless --compress is given; with --initrd or --dtb, a FIT is made of them. Without --kernel
    /// there is only the bootloader, which then takes what QEMU hands over with -kernel, -initrd
    /// and -append.
    Image(image::Arguments),
    /// Say what a flash image, kernel or device tree holds, where it will land, and what is wrong
    /// with it
    ///
    /// Errors are the bootloader's own, without the name of the stage. The machine is the one that
    /// --dtb describes. Without --dtb it is the reference machine; if a device tree comes with the
    /// kernel, the machine has the RAM, CPUs, interrupt controller and PSCI of that tree, except
    /// what --memory and --el name.
    Inspect(inspect::Arguments),
    /// Say what an error code or a clause of the boot protocol means
    ///
    /// The bootloader and flint print the code in brackets at the end of an error; without a code,
    /// all of them are listed. Clauses of the Linux arm64 boot protocol are what the code cites and
    /// what the monitor names when a CPU traps to EL3.
    Explain(explain::Arguments),
    /// Measure how fast Flint boots, beside other loaders, and how large it is
    ///
    /// Instructions: from reset to the kernel, for raw Images of 1, 8 and 32 MiB that do not
    /// compress, beside the copy loop (8 bytes a turn) of the article that Flint grew out of.
    /// QEMU's clock counts instructions (-icount shift=0,sleep=off), so the numbers repeat from run
    /// to run. Time: from the start of QEMU to the first line of a stock Linux, beside QEMU's own
    /// loader, U-Boot and EDK2. It takes about 20 seconds.
    Bench(bench::Arguments),
    /// Hold a loader to every clause of the Linux arm64 boot protocol
    ///
    /// Boots a payload that checks from inside, on every CPU, how it was started; looks at every
    /// CPU at its first instruction through QEMU's debugger, and at what is in memory; and says of
    /// each clause whether it was kept. The loader is Flint unless told otherwise: recipes say how
    /// QEMU boots the payload with U-Boot, QEMU's own -kernel and others.
    Conformance(conformance::Arguments),
    /// Run every test of this checkout
    ///
    /// Fetches the stock kernels that are booted (into a cache outside the checkout), builds what
    /// runs on the target, then runs the tests of the crates, of this command line, and of the boot
    /// chain in QEMU. A stock kernel that cannot be fetched is no failure unless the environment
    /// variable CI is set: the tests that need it say that they are skipped.
    Test(test::Arguments),
}

/// Does what `arguments` (the program's name first) ask for. When a signal came meanwhile, the
/// program ends by it.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let result = dispatch(&arguments.command);
    interrupt::finish();
    result.unwrap_or_else(|error| error::report(&error))
}

fn dispatch(command: &Command) -> Result<ExitCode, anyhow::Error> {
    // What starts no other program and writes no file has nothing to tidy up, so a signal may end
    // it at once.
    if !matches!(command, Command::Inspect(_) | Command::Explain(_)) {
        interrupt::install()?;
    }
    match command {
        Command::Run(arguments) => run::run(arguments),
        Command::Image(arguments) => image::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Conformance(arguments) => conformance::run(arguments),
        Command::Test(arguments) => test::run(arguments),
    }
}

/// Prints what clap has to say: the help that was asked for, or what is wrong and what to do about
/// it.
fn usage(error: &clap::Error) -> ExitCode {
    let is_asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if is_asked_for || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return if is_asked_for {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        };
    }
    let text = error.render().to_string();
    eprint!(
        "{}",
        text.replace(
            "For more information, try '--help'.",
            "help: try '--help', which has examples"
        )
    );
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_help_with_examples() {
        for command in Arguments::command().get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(
                help.contains("Examples:\n"),
                "flint {} --help has no examples",
                command.get_name()
            );
        }
    }
}
