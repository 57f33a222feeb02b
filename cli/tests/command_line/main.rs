//! The `flint` command as a person or a script meets it: exit codes, messages, files.

mod image;
mod interrupted;
mod parts;
mod refused_parts;
mod run;
mod usage;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use linux_image::ImageHeader;
use tempfile::TempDir;

/// Runs `flint` and waits for its end.
fn flint(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flint"));
    command.args(arguments).env_remove("FLINT_QEMU");
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Asserts an exit code, and that stderr is `error: …` with all of `parts` in it, and `help: …`.
#[track_caller]
fn assert_refused(output: &Output, code: i32, parts: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    assert!(has("error: ") && has("help: "), "{text}");
    for part in parts {
        assert!(text.contains(part), "'{part}' is not in: {text}");
    }
}

/// A folder with a kernel and a bootloader that are only good for making images.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("Image", &kernel(0x2000, 0x1000));
        folder.write("boot", b"\x01\x02\x03\x04 a bootloader");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().into()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// `flint image` with this kernel, and more arguments.
    fn image(&self, kernel: &str, more: &[&str]) -> Output {
        let (kernel, boot, out) = (self.text(kernel), self.text("boot"), self.text("flash.bin"));
        let arguments = ["image", "--kernel", &kernel, "--bootloader", &boot, "-o", &out];
        flint(&[&arguments, more].concat())
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn kernel(image_size: u64, size_bytes: usize) -> Vec<u8> {
    let header = ImageHeader::new(0, image_size, 0xa);
    let mut bytes = vec![0x5a; size_bytes];
    bytes[..64].copy_from_slice(&header.to_bytes());
    bytes
}
