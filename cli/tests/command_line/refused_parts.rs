//! Kernels, initrds, device trees and outputs that are refused.

use std::fs;
use std::io::Write;

use flate2::write::GzEncoder;
use flint_cli::fit_writer::FitWriter;
use hashes::Algorithm;
use linux_image::ImageHeader;

use crate::parts::{EMPTY_TREE, tree_with_bootargs};
use crate::{Folder, assert_refused, flint, kernel, stderr, stdout};

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
        hashes: &[Algorithm::Crc32],
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
fn what_no_machine_would_boot_is_refused() {
    let folder = Folder::new();
    let long = FitWriter {
        kernel: &kernel(0x2000, 0x1000),
        compression: "none",
        ramdisk: None,
        fdt: None,
        hashes: &[Algorithm::Crc32],
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
