//! FITs that are written here, as U-Boot's own tools read them.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use flint_cli::fit_writer::FitWriter;
use flint_cli::qemu::{Ended, Machine, Qemu};
use hashes::Algorithm;
use linux_image::ImageHeader;
use tempfile::TempDir;

const KERNEL: &[u8] = &[0x5a; 10_000];
const RAMDISK: &[u8] = b"a ramdisk";
const FDT: &[u8] = &[7; 4096];

struct Fit {
    folder: TempDir,
}

impl Fit {
    fn new() -> Self {
        Self::of(&FitWriter {
            kernel: KERNEL,
            compression: "gzip",
            ramdisk: Some(RAMDISK),
            fdt: Some(FDT),
            hashes: &[Algorithm::Crc32],
            command_line: Some("console=ttyAMA0 quiet"),
        })
    }

    fn of(fit: &FitWriter<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("fit.itb"), fit.write().bytes).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns what `program` says about the FIT; `None` where it is not installed.
    fn asked(&self, program: &str, before: &[&str], after: &[&str]) -> Option<String> {
        let output: Output = Command::new(program)
            .args(before)
            .arg(self.path("fit.itb"))
            .args(after)
            .current_dir(&self.folder)
            .output()
            .inspect_err(|error| eprintln!("skipped: {program}: {error}"))
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(text)
    }
}

#[test]
fn mkimage_lists_all_that_is_in_it() {
    let Some(text) = Fit::new().asked("mkimage", &["-l"], &[]) else {
        return;
    };
    let lines: Vec<_> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for line in [
        "FIT description: Made by flint",
        "Image 0 (kernel)",
        "Type: Kernel Image (no loading done)",
        "Compression: gzip compressed",
        "Data Size: 10000 Bytes = 9.77 KiB = 0.01 MiB",
        "Architecture: AArch64",
        "OS: Linux",
        "Image 1 (ramdisk)",
        "Type: RAMDisk Image",
        "Image 2 (fdt)",
        "Type: Flat Device Tree",
        "Compression: uncompressed",
        "Hash algo: crc32",
        "Hash value: a61dcaf6",
        "Default Configuration: 'conf-1'",
        "Configuration 0 (conf-1)",
        "Kernel: kernel",
        "Init Ramdisk: ramdisk",
        "FDT: fdt",
    ] {
        assert!(lines.iter().any(|found| found == line), "'{line}' is not in: {text}");
    }
}

#[test]
fn dumpimage_takes_the_images_out_again() {
    let fit = Fit::new();
    for (number, expected) in [("0", KERNEL), ("1", RAMDISK), ("2", FDT)] {
        let dumped = fit.asked("dumpimage", &["-T", "flat_dt", "-p", number, "-o", "dumped"], &[]);
        if dumped.is_some() {
            assert_eq!(fs::read(fit.path("dumped")).unwrap(), expected, "image {number}");
        }
    }
}

#[test]
fn fdtget_finds_the_command_line_and_positions_of_whole_pages() {
    let fit = Fit::new();
    let property = |path, name| fit.asked("fdtget", &[], &[path, name]);
    let Some(command_line) = property("/configurations/conf-1", "cmdline") else {
        return;
    };
    assert_eq!(command_line, "console=ttyAMA0 quiet\n");
    assert_eq!(property("/images/kernel", "data-position").unwrap(), "4096\n");
    assert_eq!(property("/images/ramdisk", "data-position").unwrap(), "16384\n");
    assert_eq!(property("/images/fdt", "data-position").unwrap(), "20480\n");
    assert_eq!(property("/images/fdt", "data-size").unwrap(), "4096\n");
}

#[test]
fn dtc_has_nothing_to_complain_about() {
    let fit = Fit::new();
    fit.asked("dtc", &["-q", "-I", "dtb", "-O", "dts", "-o", "fit.dts"], &[]);
}

/// Debian's `u-boot-qemu`.
const U_BOOT: &str = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn u_boot_verifies_its_hashes_and_starts_its_kernel() {
    let (Ok(qemu), true) = (Qemu::find(), fs::exists(U_BOOT).unwrap()) else {
        eprintln!("skipped: QEMU or U-Boot is not installed");
        return;
    };
    let header = ImageHeader::new(0, 0x1_0000, 0xa);
    let fit = Fit::of(&FitWriter {
        kernel: &[header.to_bytes().as_slice(), &[0; 4096]].concat(),
        compression: "none",
        ramdisk: Some(RAMDISK),
        fdt: None,
        hashes: &[Algorithm::Crc32],
        command_line: None,
    });
    let mut loader = OsString::from("loader,addr=0x44000000,force-raw=on,file=");
    loader.push(fit.path("fit.itb"));
    let machine = Machine {
        extra: vec!["-bios".into(), U_BOOT.into(), "-device".into(), loader],
        ..Machine::default()
    };
    let mut session = qemu.spawn(&machine, None, None).unwrap();
    let deadline = Instant::now() + LIMIT;
    while session.wait_for(&["\n=> "], Duration::from_millis(200)).unwrap() != Ended::Matched {
        assert!(Instant::now() < deadline, "U-Boot does not come to its prompt");
        session.send(" ").unwrap();
    }
    let commands = "iminfo 0x44000000; bootm 0x44000000#conf-1 0x44000000#conf-1 ${fdtcontroladdr}\n";
    session.send(commands).unwrap();
    let ended = session.wait_for(&["Starting kernel", "ERROR", "Bad "], LIMIT).unwrap();
    let console = session.finish(ended).console;
    for part in [
        "Hash(es) for Image 0 (kernel): crc32+",
        "Hash(es) for Image 1 (ramdisk): crc32+",
        "Starting kernel ...",
    ] {
        assert!(console.contains(part), "'{part}' is not in: {console}");
    }
}
