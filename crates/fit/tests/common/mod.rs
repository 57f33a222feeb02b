//! FITs made by `mkimage`, and FITs made by hand.
#![allow(dead_code, reason = "every test binary uses its own part")]

use std::fs;
use std::path::Path;
use std::process::Command;

use fit::{Fit, FitError};
use hashes::Backend;
use tempfile::TempDir;

/// Small FITs that `mkimage` made; see `fixtures/README.md`.
pub const FIXTURES: [(&str, &[u8]); 4] = [
    ("embedded", EMBEDDED),
    ("external", EXTERNAL),
    ("position", POSITION),
    ("auto", AUTO),
];
pub const EMBEDDED: &[u8] = include_bytes!("../fixtures/embedded.itb");
pub const EXTERNAL: &[u8] = include_bytes!("../fixtures/external.itb");
pub const POSITION: &[u8] = include_bytes!("../fixtures/position.itb");
pub const AUTO: &[u8] = include_bytes!("../fixtures/auto.itb");

/// The functions that compute the hashes.
pub const BACKEND: &Backend = &Backend::SOFTWARE;

/// The files that `workshop` puts beside the source. Their lengths are no multiples of 4.
pub const KERNEL_BYTES: usize = 5001;
pub const RAMDISK_BYTES: usize = 3003;
pub const FDT_BYTES: usize = 302;

/// A folder with files to be packed.
pub fn workshop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("kernel", kernel()), ("ramdisk", ramdisk()), ("fdt", fdt())] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

pub fn kernel() -> Vec<u8> {
    noise(1, KERNEL_BYTES)
}

pub fn ramdisk() -> Vec<u8> {
    noise(2, RAMDISK_BYTES)
}

pub fn fdt() -> Vec<u8> {
    noise(3, FDT_BYTES)
}

/// Bytes without a pattern, always the same.
fn noise(seed: u32, length: usize) -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(Some(seed), next);
    states.map(|state| (state >> 24) as u8).take(length).collect()
}

/// Runs `mkimage` on this source, with more arguments.
pub fn mkimage(folder: &Path, source: &str, arguments: &[&str]) -> Vec<u8> {
    fs::write(folder.join("fit.its"), source).unwrap();
    run(
        folder,
        "mkimage",
        &[&["-f", "fit.its"], arguments, &["fit.itb"]].concat(),
    );
    fs::read(folder.join("fit.itb")).unwrap()
}

/// Runs a program in a folder, and returns what it prints.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{program} {arguments:?}: {text:?}");
    text.concat()
}

/// The tree that `dtc` makes of this source, whatever it thinks of it.
pub fn dtc(source: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tree.dts"), source).unwrap();
    let arguments = ["-q", "-f", "-I", "dts", "-O", "dtb", "-o", "tree.dtb", "tree.dts"];
    run(folder.path(), "dtc", &arguments);
    fs::read(folder.path().join("tree.dtb")).unwrap()
}

/// A FIT whose kernel has the bytes 1 to 4, with these pieces of source in the kernel's and the
/// configuration's node.
pub fn with(kernel: &str, configuration: &str) -> Vec<u8> {
    made_of(
        &format!("kernel-1 {{ data = [01 02 03 04]; type = \"kernel\"; {kernel} }};"),
        &format!("default = \"conf-1\"; conf-1 {{ kernel = \"kernel-1\"; {configuration} }};"),
    )
}

/// A FIT with these pieces of source in its two nodes.
pub fn made_of(images: &str, configurations: &str) -> Vec<u8> {
    let images = format!("images {{ {images} }};");
    dtc(&format!(
        "/dts-v1/; / {{ {images} configurations {{ {configurations} }}; }};"
    ))
}

#[track_caller]
pub fn parse(bytes: &[u8]) -> Fit<'_> {
    Fit::parse(bytes).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
pub fn refused(bytes: &[u8]) -> FitError {
    Fit::parse(bytes).expect_err("the FIT was accepted")
}

/// Both the code and the message of what is wrong with a FIT.
#[track_caller]
pub fn refusal(bytes: &[u8]) -> (&'static str, String) {
    told(refused(bytes))
}

pub fn told(error: FitError) -> (&'static str, String) {
    (error.code(), error.to_string())
}

#[track_caller]
pub fn check(found: (&'static str, String), code: &str, message: &str) {
    assert_eq!((found.0, found.1.as_str()), (code, message));
}
