//! The `flint` command: hands its arguments to the library and ends with the exit code that comes
//! back.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    flint_cli::arguments::run(std::env::args_os())
}
