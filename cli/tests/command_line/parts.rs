//! What `flint image` and `flint run` make of kernels, initrds, device trees and compression.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use flate2::write::GzEncoder;
use flint_cli::child::{ChildProcess, Waited};
use flint_cli::compress::Compression;
use flint_cli::fit_writer::FitWriter;
use linux_image::ImageHeader;
use payload::Format;
use rustix::process::{Pid, Signal, kill_process};

use crate::{Folder, assert_refused, command, flint, kernel, stderr, stdout};

/// Where the kernel lies in a flash image.
const KERNEL: usize = 0x10_0000;
/// The least device tree: a root node without anything in it.
const EMPTY_TREE: &[u8] =
    b"\xd0\x0d\xfe\xed\0\0\0\x48\0\0\0\x38\0\0\0\x48\0\0\0\x28\0\0\0\x11\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\x10\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\x09";

/// What lies in the flash from the kernel's place on.
#[track_caller]
fn kernel_area(folder: &Folder, made: &Output) -> Vec<u8> {
    assert!(made.status.success(), "{}", stderr(made));
    fs::read(folder.path("flash.bin")).unwrap().split_off(KERNEL)
}

#[track_caller]
fn assert_printed(made: &Output, lines: &[&str]) {
    let text = stdout(made);
    for line in lines {
        assert!(
            text.lines().any(|found| found.trim() == *line),
            "'{line}' is not in: {text}"
        );
    }
}

#[test]
fn a_raw_kernel_is_compressed_when_asked_for() {
    let folder = Folder::new();
    for (how, format) in [
        ("gzip", Format::Gzip),
        ("lz4", Format::Lz4Frame),
        ("zstd", Format::Zstd),
    ] {
        let made = folder.image("Image", &["--compress", how]);
        assert_eq!(Format::detect(&kernel_area(&folder, &made)), Ok(format));
        assert!(stdout(&made).contains(&format!("Image, {how}: ")), "{}", stdout(&made));
        assert!(stdout(&made).contains(" % of 4,096 bytes"), "{}", stdout(&made));
    }
    let made = folder.image("Image", &["--compress", "none"]);
    assert!(kernel_area(&folder, &made).starts_with(&kernel(0x2000, 0x1000)));
}

#[test]
fn a_compressed_kernel_goes_in_as_it_is_and_is_not_compressed_again() {
    let folder = Folder::new();
    let gzip = &Compression::Gzip.compress(&kernel(0x2000, 0x1000)).unwrap();
    folder.write("Image.gz", gzip);
    let made = folder.image("Image.gz", &["--cmdline", "quiet"]);
    let area = kernel_area(&folder, &made);
    assert!(area.starts_with(gzip) && area[gzip.len()..].iter().all(|byte| *byte == 0xff));
    assert_printed(
        &made,
        &[&format!(
            "0x00100000     {}  kernel: {}, a gzip file",
            gzip.len(),
            folder.text("Image.gz")
        )],
    );
    assert!(
        stdout(&made).contains("settings: command line \"quiet\""),
        "{}",
        stdout(&made)
    );
    let inspected = flint(&["inspect", &folder.text("flash.bin")]);
    let text = stdout(&inspected);
    for part in ["gzip (", "4,096 bytes to load", "\"quiet\", from the settings block"] {
        assert!(text.contains(part), "'{part}' is not in: {text}");
    }
    folder.write("cut.gz", &gzip[..gzip.len() - 9]);
    assert_refused(&folder.image("cut.gz", &[]), 1, &["[compressed-truncated]"]);
    let again = folder.image("Image.gz", &["--compress", "zstd"]);
    assert_refused(
        &again,
        2,
        &["is a gzip file, and is not compressed again", "leave out --compress"],
    );
}

#[test]
fn an_initrd_and_a_device_tree_make_a_fit() {
    let folder = Folder::new();
    folder.write("initrd", b"an initrd");
    folder.write("tree.dtb", EMPTY_TREE);
    let (initrd, tree) = (folder.text("initrd"), folder.text("tree.dtb"));
    let made = folder.image("Image", &["--initrd", &initrd, "--dtb", &tree, "--cmdline", "quiet"]);
    let area = kernel_area(&folder, &made);
    assert_eq!(Format::detect(&area), Ok(Format::Fit));
    assert!(area[0x1000..].starts_with(&kernel(0x2000, 0x1000)));
    assert!(area[0x2000..].starts_with(b"an initrd\0"));
    assert!(area[0x3000..].starts_with(EMPTY_TREE));
    assert_printed(
        &made,
        &[
            "0x00100000  12,360  FIT, made of",
            &format!("0x00101000   4,096    kernel: {}", folder.text("Image")),
            &format!("0x00102000       9    initrd: {initrd}"),
            &format!("0x00103000      72    device tree: {tree}"),
        ],
    );
    // Only what is in use of a device tree goes in.
    let mut roomy = [EMPTY_TREE, &[0; 1 << 20]].concat();
    roomy[4..8].copy_from_slice(&0x10_0048_u32.to_be_bytes());
    folder.write("roomy.dtb", &roomy);
    let of_roomy = folder.image("Image", &["--dtb", &folder.text("roomy.dtb")]);
    assert!(kernel_area(&folder, &of_roomy)[0x2000..].starts_with(&[EMPTY_TREE, &[0xff; 100]].concat()));
    // The command line has one place, whatever the kernel is in.
    assert!(!area[..0x4000].windows(8).any(|window| window == b"cmdline\0"));

    folder.write("made.itb", &area[..12_360]);
    let as_it_is = folder.image("made.itb", &[]);
    assert_eq!(kernel_area(&folder, &as_it_is), area);
    let more = folder.image("made.itb", &["--initrd", &initrd]);
    assert_refused(
        &more,
        2,
        &["is a FIT: its initrd and device tree are in it", "dumpimage"],
    );
}

#[test]
fn a_fit_with_a_command_line_takes_no_other() {
    let folder = Folder::new();
    let fit = FitWriter {
        kernel: &kernel(0x2000, 0x1000),
        compression: "none",
        ramdisk: None,
        fdt: None,
        command_line: Some("of the fit"),
    };
    folder.write("made.itb", &fit.write().bytes);
    assert_refused(
        &folder.image("made.itb", &["--cmdline", "quiet"]),
        2,
        &["which goes before --cmdline", "leave --cmdline out"],
    );
    assert!(folder.image("made.itb", &[]).status.success());
    let inspected = stdout(&flint(&["inspect", &folder.text("flash.bin")]));
    for part in [
        "configuration conf-1 (booted): kernel kernel",
        "crc32 verified",
        "\"of the fit\", from the FIT",
    ] {
        assert!(inspected.contains(part), "'{part}' is not in: {inspected}");
    }
}

#[test]
fn a_fit_holds_a_compressed_kernel_too() {
    let folder = Folder::new();
    folder.write("initrd", b"an initrd");
    let made = folder.image("Image", &["--initrd", &folder.text("initrd"), "--compress", "lz4"]);
    let area = kernel_area(&folder, &made);
    assert_eq!(Format::detect(&area[0x1000..]), Ok(Format::Lz4Frame));
    assert!(area[..0x1000].windows(4).any(|window| window == b"lz4\0"));
}

#[test]
fn without_a_kernel_there_is_only_the_bootloader() {
    let folder = Folder::new();
    let (boot, out) = (folder.text("boot"), folder.text("flash.bin"));
    let made = flint(&["image", "--bootloader", &boot, "-o", &out]);
    assert!(kernel_area(&folder, &made).iter().all(|byte| *byte == 0xff));
    assert!(
        stdout(&made).contains("note: there is no kernel in it"),
        "{}",
        stdout(&made)
    );
    assert!(!stdout(&made).contains("settings"), "{}", stdout(&made));
    assert_refused(
        &flint(&["inspect", &out]),
        1,
        &["[payload-erased]", "flint run --fw-cfg"],
    );
    let made = flint(&["image", "--bootloader", &boot, "--cmdline", "quiet", "-o", &out]);
    assert!(
        stdout(&made).contains("settings: command line \"quiet\""),
        "{}",
        stdout(&made)
    );
    let initrd = flint(&["image", "--initrd", &boot, "-o", &out]);
    assert_refused(&initrd, 2, &["--initrd needs a kernel", "--kernel FILE"]);
}

#[test]
fn initrds_and_device_trees_are_looked_at_first() {
    let folder = Folder::new();
    folder.write("empty", b"");
    folder.write("cut.dtb", &EMPTY_TREE[..60]);
    let fit = FitWriter {
        kernel: b"a kernel",
        compression: "none",
        ramdisk: None,
        fdt: None,
        command_line: None,
    };
    folder.write("made.itb", &fit.write().bytes);
    let refused = |option, file: &str, parts: &[&str]| {
        assert_refused(&folder.image("Image", &[option, &folder.text(file)]), 1, parts);
    };
    refused("--initrd", "empty", &["the initrd is empty"]);
    refused("--initrd", "missing", &["cannot read the initrd", "missing"]);
    refused("--initrd", ".", &["cannot read the initrd ", "it is a folder"]);
    refused("--dtb", "missing", &["cannot read the device tree"]);
    refused("--dtb", "empty", &["[tree-"]);
    refused("--dtb", "cut.dtb", &["cut.dtb: ", "[tree-", "flint explain tree-"]);
    folder.write("noise", &[1; 100]);
    refused("--dtb", "noise", &["[tree-magic]"]);
    refused("--dtb", "Image", &["a raw arm64 Image, not a device tree blob"]);
    refused("--dtb", "made.itb", &["a FIT, not a device tree blob", "dtc"]);
    assert!(!folder.path("flash.bin").exists());
}

/// The least tree with these bytes for `/chosen/bootargs`.
fn tree_with_bootargs(value: &[u8]) -> Vec<u8> {
    let mut tree = DeviceTree::new();
    let mut chosen = DeviceTreeNode::new_unchecked("chosen");
    chosen.add_property(DeviceTreeProperty::new_unchecked("bootargs", value.to_vec()));
    tree.root.add_child(chosen);
    tree.to_dtb()
}

#[test]
fn a_bootloader_begins_with_an_instruction() {
    let folder = Folder::new();
    for (bytes, part) in [
        (&b""[..], "[flash-no-bootloader]"),
        (b"\x01\x02\x03", "[flash-no-bootloader]"),
        (b"\0\0\xff\xff\x01", "[flash-no-bootloader]"),
        (b"just a text\n", "this is a text file, not a bootloader"),
        (b"\x7fELF\x02\x01\x01", "an ELF file, not a bootloader"),
    ] {
        folder.write("boot", bytes);
        assert_refused(&folder.image("Image", &[]), 1, &["boot: ", part]);
    }
    assert!(!folder.path("flash.bin").exists());
}

#[test]
fn inspect_lets_no_file_write_to_the_terminal() {
    let folder = Folder::new();
    let evil = "quiet\x1b]0;title\x07\nkernel  fine";
    let fit = FitWriter {
        kernel: &kernel(0x2000, 0x1000),
        compression: "none",
        ramdisk: None,
        fdt: None,
        command_line: Some(evil),
    };
    folder.write("evil.itb", &fit.write().bytes);
    folder.write("evil.dtb", &tree_with_bootargs(&[evil.as_bytes(), b"\0"].concat()));
    for name in ["evil.itb", "evil.dtb"] {
        let text = stdout(&flint(&["inspect", &folder.text(name)]));
        assert!(text.contains(r"quiet\u{1b}]0;title\u{7}\nkernel  fine"), "{text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
}

#[test]
fn what_no_machine_would_boot_is_refused() {
    let folder = Folder::new();
    let long = FitWriter {
        kernel: &kernel(0x2000, 0x1000),
        compression: "none",
        ramdisk: None,
        fdt: None,
        command_line: Some(&"x".repeat(100 << 10)),
    };
    folder.write("long.itb", &long.write().bytes);
    let refused = folder.image("long.itb", &[]);
    assert_refused(&refused, 1, &["102400 bytes", "[cmdline-length]"]);

    let mut odd = kernel(0x2000, 0x1000);
    odd[8..16].copy_from_slice(&0x1232_u64.to_le_bytes());
    folder.write("odd", &odd);
    assert_refused(&folder.image("odd", &[]), 1, &["0x1232", "[plan-entry-unaligned]"]);

    folder.write("noise.dtb", &tree_with_bootargs(b"\xff\xfe\0"));
    let noise = folder.text("noise.dtb");
    assert_refused(&folder.image("Image", &["--dtb", &noise]), 1, &["[tree-text]"]);
    assert!(!folder.path("flash.bin").exists());
    let replaced = folder.image("Image", &["--dtb", &noise, "--cmdline", "quiet"]);
    assert!(replaced.status.success(), "{}", stderr(&replaced));
}

#[test]
fn what_only_some_machines_boot_is_taken() {
    let folder = Folder::new();
    // Bits 1 and 2 of the flags: pages of 16 KiB, which the reference machine has not.
    let header = ImageHeader::new(0, 300 << 20, 0b1100);
    folder.write("Image", &[header.to_bytes().as_slice(), &[0x5a; 4096]].concat());
    assert_refused(&flint(&["inspect", &folder.text("Image")]), 1, &["[plan-page-size]"]);
    let header = ImageHeader::new(0, 5 << 30, 0b1010);
    folder.write("large", &[header.to_bytes().as_slice(), &[0x5a; 4096]].concat());
    for name in ["Image", "large"] {
        let made = folder.image(name, &[]);
        assert!(made.status.success(), "{}", stderr(&made));
    }
}

#[test]
fn what_is_too_large_is_told_with_its_sizes() {
    let folder = Folder::new();
    folder.write("large", &kernel(70 << 20, 64 << 20));
    assert_refused(
        &folder.image("large", &[]),
        1,
        &[
            "the kernel has 67,108,864 bytes",
            "66,060,288 bytes (63 MiB)",
            "[kernel-file-too-large]",
            "--compress zstd",
        ],
    );
    assert!(folder.image("large", &["--compress", "lz4"]).status.success());
    let large = folder.text("large");
    assert_refused(
        &folder.image("Image", &["--initrd", &large]),
        1,
        &["with the initrd (67,108,864 bytes) makes a FIT of", "--fw-cfg"],
    );
}

#[test]
fn the_output_replaces_none_of_the_inputs() {
    let folder = Folder::new();
    folder.write("initrd", b"an initrd");
    let (kernel, initrd, boot) = (folder.text("Image"), folder.text("initrd"), folder.text("boot"));
    let arguments = [
        "image",
        "--kernel",
        &kernel,
        "--initrd",
        &initrd,
        "--bootloader",
        &boot,
        "-o",
    ];
    let made = flint(&[&arguments[..], &[&initrd]].concat());
    assert_refused(&made, 2, &["both input and output"]);
    assert_eq!(fs::read(folder.path("initrd")).unwrap(), b"an initrd");
}

/// A kernel of zeros that takes so much memory, by its header and once it is unpacked.
fn bomb(image_size: u64, zeros: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(&ImageHeader::new(0, image_size, 0xa).to_bytes())
        .unwrap();
    let chunk = vec![0; 1 << 20];
    (0..zeros >> 20).for_each(|_| encoder.write_all(&chunk).unwrap());
    encoder.finish().unwrap()
}

#[test]
fn an_image_size_takes_no_memory_by_itself() {
    let folder = Folder::new();
    folder.write("claims.gz", &bomb(200 << 30, 1 << 20));
    let made = folder.image("claims.gz", &[]);
    assert!(
        made.status.success() && !stdout(&made).contains("note:"),
        "{}",
        stderr(&made)
    );
    // More than is unpacked into at first.
    folder.write("large.gz", &bomb(90 << 20, 70 << 20));
    let large = stdout(&flint(&["inspect", &folder.text("large.gz")]));
    assert!(large.contains("73,400,384 bytes to load"), "{large}");
    folder.write("short.gz", &bomb(69 << 20, 70 << 20));
    let limit = format!("{}", 69 << 20);
    assert_refused(&folder.image("short.gz", &[]), 1, &[&limit, "[compressed-too-large]"]);
    folder.write("bomb.gz", &bomb(3 << 30, 1100 << 20));
    let bomb = folder.text("bomb.gz");
    let note = "note: more than 1 GiB come out of the kernel, and only so much was looked at";
    let inspected = flint(&["inspect", &bomb, "--memory", "8G"]);
    assert!(
        inspected.status.success() && stdout(&inspected).contains(note),
        "{}",
        stderr(&inspected)
    );
    assert_refused(&flint(&["inspect", &bomb]), 1, &["[plan-no-room-kernel]"]);
}

/// Bytes that take long to compress: 60 MiB of words from a short list.
fn slow_kernel() -> Vec<u8> {
    let mut bytes = kernel(60 << 20, 64);
    let mut number = 1_u64;
    while bytes.len() < 60 << 20 {
        number = number.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        bytes.extend_from_slice(&((number >> 48) & 0x3ff).wrapping_mul(0x9e37_79b9).to_le_bytes()[..6]);
    }
    bytes.truncate(60 << 20);
    bytes
}

#[test]
fn compressing_ends_at_once_with_ctrl_c() {
    let folder = Folder::new();
    folder.write("slow", &slow_kernel());
    let (kernel, boot, out) = (folder.text("slow"), folder.text("boot"), folder.text("flash.bin"));
    assert_ends_with_ctrl_c(&[
        "image",
        "--kernel",
        &kernel,
        "--bootloader",
        &boot,
        "--compress",
        "gzip",
        "-o",
        &out,
    ]);
    assert_eq!(folder.names(), ["Image", "boot", "slow"]);
}

#[test]
fn reading_what_never_comes_ends_at_once_with_ctrl_c() {
    let folder = Folder::new();
    let (pipe, out) = (folder.text("pipe"), folder.text("flash.bin"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_ends_with_ctrl_c(&["inspect", &pipe]);
    assert_ends_with_ctrl_c(&["image", "--kernel", &pipe, "-o", &out]);
    assert_eq!(folder.names(), ["Image", "boot", "pipe"]);
}

/// Sends SIGINT to a command that would go on for long.
#[track_caller]
fn assert_ends_with_ctrl_c(arguments: &[&str]) {
    let mut command = command(arguments);
    command.stderr(std::process::Stdio::piped());
    let mut child = ChildProcess::spawn(&mut command).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        child.try_wait().unwrap().is_none(),
        "it was done before it could be interrupted"
    );
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    let Ok(Waited::Exited(status)) = child.wait_until(Some(deadline)) else {
        panic!("it goes on")
    };
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(status.signal(), Some(2), "{text}");
}
