//! Kernels, initrds, device trees and compression in `flint image` and `flint run`.

use std::fs;
use std::process::Output;

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use flint_cli::compress::Compression;
use flint_cli::fit_writer::FitWriter;
use flint_cli::qemu::{self, Gic, StartLevel};
use flint_cli::reference_machine::ReferenceMachine;
use hashes::Algorithm;
use payload::Format;

use crate::{Folder, assert_refused, flint, kernel, stderr, stdout};

/// The place where the kernel lies in a flash image.
const KERNEL: usize = 0x10_0000;

/// The least device tree: a root node without anything in it.
pub const EMPTY_TREE: &[u8] =
    b"\xd0\x0d\xfe\xed\0\0\0\x48\0\0\0\x38\0\0\0\x48\0\0\0\x28\0\0\0\x11\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\x10\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\x09";

/// Returns what lies in the flash from the kernel's place on.
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

/// The user's machine is not known when an image is made, nor when it is inspected, unless it is
/// named.
#[test]
fn a_device_tree_is_rejected_only_for_a_machine_that_is_named() {
    let folder = Folder::new();
    let tree = |machine: qemu::Machine| ReferenceMachine::of(&machine).unwrap().tree;
    let other = qemu::Machine {
        el: StartLevel::El1,
        gic: Gic::V2,
        smp: 8,
        memory_bytes: 4 << 30,
        ..qemu::Machine::default()
    };
    folder.write("reference.dtb", &tree(qemu::Machine::default()));
    folder.write("other.dtb", &tree(other));
    let (reference, other) = (folder.text("reference.dtb"), folder.text("other.dtb"));
    let made = folder.image("Image", &["--dtb", &other]);
    assert!(made.status.success(), "{}", stderr(&made));

    let flash = folder.text("flash.bin");
    let at_ease: [&[&str]; 3] = [&[], &["--memory", "4G"], &["--dtb", &other]];
    for machine in at_ease {
        let inspected = flint(&[&["inspect", &flash], machine].concat());
        assert!(inspected.status.success(), "{machine:?}: {}", stderr(&inspected));
        assert!(
            stdout(&inspected).contains("RAM 0x40000000..0x140000000"),
            "{}",
            stdout(&inspected)
        );
    }
    let inspected = stdout(&flint(&["inspect", &flash]));
    let assumed = "on a machine for the kernel's device tree, with 8 CPUs, GICv2, PSCI by HVC, RAM ";
    assert!(inspected.contains(assumed), "{inspected}");
    for (machine, code) in [
        (["--memory", "3G"], "[tree-ram-outside]"),
        (["--dtb", &reference], "[tree-psci-conduit]"),
    ] {
        let inspected = flint(&[&["inspect", &flash], &machine[..]].concat());
        assert_refused(&inspected, 1, &[code]);
    }
}

#[test]
fn a_fit_with_a_command_line_takes_no_other() {
    let folder = Folder::new();
    let fit = FitWriter {
        kernel: &kernel(0x2000, 0x1000),
        compression: "none",
        ramdisk: None,
        fdt: None,
        hashes: &[Algorithm::Crc32],
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

/// The least tree with these bytes for `/chosen/bootargs`.
pub fn tree_with_bootargs(value: &[u8]) -> Vec<u8> {
    let mut tree = DeviceTree::new();
    let mut chosen = DeviceTreeNode::new_unchecked("chosen");
    chosen.add_property(DeviceTreeProperty::new_unchecked("bootargs", value.to_vec()));
    tree.root.add_child(chosen);
    tree.to_dtb()
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
        hashes: &[Algorithm::Crc32],
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
