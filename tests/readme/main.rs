//! README shows the console of `flint run` as it is, but for the times.

use std::time::Duration;

use flint_cli::build;
use flint_cli::flash::FlashBuilder;
use flint_cli::qemu::{Machine, Qemu};
use flint_cli::raw_kernel::RawKernel;
use flint_cli::write::temporary_file;

const LIMIT: Duration = Duration::from_secs(60);
const FIRST: &str = " ms] reset ";
const LAST: &str = "Waiting.";

/// Returns a line with `#` for the time that it opens with, and for the number of ticks in it.
fn without_times(line: &str) -> String {
    let line = match line.split_once(" ms] ") {
        Some((_, stage)) => format!("[# ms] {stage}"),
        None => line.to_owned(),
    };
    let words = line.split(' ').collect::<Vec<_>>();
    let is_ticks = |index: usize| words.get(index + 1) == Some(&"ticks");
    let words = (0..).zip(&words);
    let masked = words.map(|(index, word)| if is_ticks(index) { "#" } else { word });
    masked.collect::<Vec<_>>().join(" ")
}

/// Returns the lines from the first of the boot log to the last of the kernel, without times.
fn shown<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut lines = lines.map(str::trim).skip_while(|line| !line.contains(FIRST));
    let mut shown = Vec::new();
    for line in lines.by_ref() {
        shown.push(without_times(line));
        if line.starts_with(LAST) {
            return shown;
        }
    }
    panic!("no line starts with {LAST}: {shown:#?}");
}

#[test]
fn readme_shows_what_flint_run_shows() {
    let binaries = build::target_binaries().unwrap();
    let kernel = RawKernel::new(binaries.kernel.flat().unwrap()).unwrap().bytes;
    let flash = FlashBuilder::new()
        .firmware(binaries.firmware().unwrap())
        .kernel(kernel);
    let file = temporary_file("flint-readme-", &flash.build().unwrap()).unwrap();
    let qemu = Qemu::find().unwrap();
    let end = [" to power off here."];
    let outcome = qemu.run_until(&Machine::default(), Some(file.path()), None, &end, LIMIT);
    let console = outcome.unwrap().console;
    let readme = include_str!("../../README.md");
    assert_eq!(shown(readme.lines()), shown(console.lines()));
}
