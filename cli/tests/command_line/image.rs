//! `flint image`, and `flint inspect` on what it makes.

use std::fs::{self, File};
use std::process::Output;

use flash_image::MONITOR_MAGIC;
use flint_cli::reference_machine::ReferenceMachine;
use linux_image::ImageHeader;

use crate::{Folder, assert_refused, flint, kernel, stderr, stdout};

#[test]
fn image_and_inspect_agree() {
    let folder = Folder::new();
    let made = folder.image("Image", &["--cmdline", "console=ttyAMA0 quiet"]);
    assert!(made.status.success(), "{}", stderr(&made));
    assert!(
        stdout(&made).contains("0x00100000  4,096  kernel: "),
        "{}",
        stdout(&made)
    );
    assert_eq!(folder.names(), ["Image", "boot", "flash.bin"]);

    let flash = folder.text("flash.bin");
    let read = flint(&["inspect", "--json", &flash]);
    assert!(read.status.success() && read.stderr.is_empty(), "{}", stderr(&read));
    let found = json(&read);
    assert_eq!(found["kind"], "flash-image");
    assert_eq!(found["flash"]["bootloader_size_bytes"], 17);
    assert_eq!(found["flash"]["settings"]["command_line"], "console=ttyAMA0 quiet");
    assert_eq!(found["flash"]["settings"]["payload_size_bytes"], 0x1000);
    assert_eq!(found["kernel"]["load_size_bytes"], 0x1000);
    assert_eq!(found["kernel"]["image_size"], 0x2000);
    assert_eq!(found["plan"]["entry"], 0x4000_0000);
    assert_eq!(found["plan"]["kernel"]["end"], 0x4000_2000);
    assert_eq!(found["errors"], serde_json::json!([]));

    let text = stdout(&flint(&["inspect", &flash]));
    for part in [
        "flash image, 67,108,864 bytes",
        "\"console=ttyAMA0 quiet\"",
        "entered at 0x40000000",
    ] {
        assert!(text.contains(part), "'{part}' is not in: {text}");
    }
    inspect_names_what_is_wrong(&folder);
}

/// The kernel's end and magic of the image in `folder` are damaged, one after the other.
fn inspect_names_what_is_wrong(folder: &Folder) {
    let flash = folder.text("flash.bin");
    let mut bytes = fs::read(&flash).unwrap();
    bytes[0x10_0fff] = 0xff;
    fs::write(&flash, &bytes).unwrap();
    let found = flint(&["inspect", "--json", &flash]);
    assert_eq!(found.status.code(), Some(1));
    assert_eq!(json(&found)["errors"][0]["code"], "image-truncated");

    bytes[..17].fill(0xff);
    bytes[0x8_0000..].fill(0xff);
    fs::write(&flash, &bytes).unwrap();
    let found = flint(&["inspect", &flash]);
    assert_refused(
        &found,
        1,
        &["[payload-erased]", "the flash is erased there", "[flash-no-bootloader]"],
    );
    assert!(
        stdout(&found).contains("bootloader  at 0x0: empty"),
        "{}",
        stdout(&found)
    );
}

#[test]
fn inspect_predicts_on_the_machine_that_is_named() {
    let folder = Folder::new();
    let machine = ReferenceMachine::with_memory(3 << 30).unwrap();
    folder.write("virt.dtb", &machine.tree);
    let (kernel, tree) = (folder.text("Image"), folder.text("virt.dtb"));
    let by_tree = json(&flint(&["inspect", "--json", &kernel, "--dtb", &tree]));
    assert_eq!(by_tree["plan"]["machine"], format!("the machine of {tree}"));
    assert_eq!(by_tree["plan"]["ram"]["end"], 0x1_0000_0000_u64);
    let by_size = json(&flint(&["inspect", "--json", &kernel, "--memory", "3G"]));
    for part in ["ram", "kernel", "devicetree", "work_area"] {
        assert_eq!(by_tree["plan"][part], by_size["plan"][part], "{part}");
    }
    let at_el3 = flint(&["inspect", &kernel, "--el", "3"]);
    assert!(at_el3.status.success());
    assert!(stdout(&at_el3).contains("4,096 bytes to load"), "{}", stdout(&at_el3));
    // A good tree whose memory node is none to the bootloader.
    let place = machine
        .tree
        .windows(7)
        .position(|window| window == b"memory\0")
        .unwrap();
    let mut without_ram = machine.tree;
    without_ram[place] = b'M';
    folder.write("without_ram", &without_ram);
    folder.write("noise", &[1; 100]);
    folder.write("short", &[1; 3]);
    for (name, part) in [
        ("without_ram", "without_ram: "),
        ("noise", "noise: "),
        ("short", "short: 3 bytes are too few for a device tree"),
    ] {
        let refused = flint(&["inspect", &kernel, "--dtb", &folder.text(name)]);
        assert_refused(&refused, 1, &[part, "[tree-"]);
        assert!(refused.stdout.is_empty(), "{}", stdout(&refused));
    }
}

#[test]
fn image_changes_a_missing_size_and_says_so() {
    let folder = Folder::new();
    folder.write("odd", &kernel(0, 1001));
    let made = folder.image("odd", &[]);
    assert!(
        stdout(&made).contains("note: the header's image_size is 0: set to 0x3f0"),
        "{}",
        stdout(&made)
    );
    let bytes = fs::read(folder.path("flash.bin")).unwrap();
    assert_eq!(ImageHeader::parse(&bytes[0x10_0000..]).unwrap().image_size, 1008);
    assert_eq!(bytes[0x10_0000 + 1001], 0xff);

    let inspected = flint(&["inspect", &folder.text("odd")]);
    assert!(
        stdout(&inspected).contains("note: flint image: the header's image_size is 0"),
        "{}",
        stdout(&inspected)
    );
}

#[test]
fn image_refuses_what_is_no_kernel() {
    let folder = Folder::new();
    folder.write("Image.xz", b"\xfd7zXZ\0");
    folder.write("empty", b"");
    folder.write("text", &[b' '; 100]);
    folder.write("noise", &[0x81; 100]);
    folder.write("flash", &vec![0x81; 64 << 20]);
    folder.write("short", &kernel(0x800, 0x1000));
    let refused = |name: &str, parts: &[&str]| assert_refused(&folder.image(name, &[]), 1, parts);
    refused("Image.xz", &["an xz file", "[kernel-file-format]", "xz -dc"]);
    refused("empty", &["the file is empty", "[kernel-file-empty]"]);
    refused("text", &["a text file, not an arm64 kernel", "[kernel-file-format]"]);
    refused("noise", &["which is unknown", "[payload-unknown]"]);
    refused("flash", &["a flash image, not an arm64 kernel", "flint run --image"]);
    refused("short", &["4,096 bytes", "only 2,048", "[kernel-file-surplus]"]);
    refused("missing", &["cannot read the kernel", "missing"]);
    refused(".", &["cannot read the kernel ", "it is a folder"]);
    File::create(folder.path("huge"))
        .unwrap()
        .set_len((512 << 20) + 1)
        .unwrap();
    refused("huge", &["cannot read the kernel ", "larger than 512 MiB"]);
    assert!(!folder.path("flash.bin").exists());
}

#[test]
fn image_leaves_the_old_file_when_it_fails() {
    let folder = Folder::new();
    folder.write("flash.bin", b"old");
    folder.write("text", &[b' '; 100]);
    folder.write("boot", &vec![1; 0x4_0001]);
    assert_refused(&folder.image("text", &[]), 1, &[]);
    let too_large = folder.image("Image", &[]);
    assert_eq!(too_large.status.code(), Some(1));
    assert!(
        stderr(&too_large).contains("the bootloader has 262,145 bytes"),
        "{}",
        stderr(&too_large)
    );
    assert_eq!(fs::read(folder.path("flash.bin")).unwrap(), b"old");
}

#[test]
fn image_tells_a_monitor_that_is_too_large_from_none() {
    let folder = Folder::new();
    let refused = |monitor: &[u8], parts: &[&str]| {
        folder.write("monitor", monitor);
        let made = folder.image("Image", &["--monitor", &folder.text("monitor")]);
        assert_refused(&made, 1, parts);
    };
    let monitor = |file_bytes: usize, size: u64, variables: u64| {
        let head = [&[0; 4], MONITOR_MAGIC.to_le_bytes().as_slice()].concat();
        let mut bytes = [head, [size, 0x1000, variables].map(u64::to_le_bytes).concat()].concat();
        bytes.resize(file_bytes, 0);
        bytes
    };
    let none = &["this is no monitor of Flint"];
    refused(&[0; 0x1000], none);
    refused(&monitor(0x1000, 0x2000, 0x1000), none);
    refused(
        &monitor(0x4_1000, 0x4_1000, 0x1000),
        &["266240 bytes of code and constants", "[flash-monitor-too-large]"],
    );
    refused(
        &monitor(0x1000, 0x1000, 1 << 32),
        &["4294967296 bytes of variables", "[flash-monitor-too-large]"],
    );
    folder.write("monitor", &monitor(0x1000, 0x1000, 0x1000));
    assert!(
        folder
            .image("Image", &["--monitor", &folder.text("monitor")])
            .status
            .success()
    );
}

#[test]
fn image_refuses_places_it_cannot_write_to() {
    let folder = Folder::new();
    let (kernel, boot) = (folder.text("Image"), folder.text("boot"));
    let to = |out: &str| flint(&["image", "--kernel", &kernel, "--bootloader", &boot, "-o", out]);
    assert_refused(&to(&folder.text("")), 1, &["it is a folder"]);
    assert_refused(&to(&folder.text("no/flash.bin")), 1, &["cannot write"]);
    assert_refused(&to("/dev/null"), 1, &["no regular file"]);
    assert_refused(&to(&kernel), 2, &["both input and output"]);
    assert_eq!(fs::read(&kernel).unwrap().len(), 0x1000);
}

#[test]
fn image_refuses_command_lines_that_no_kernel_takes() {
    let folder = Folder::new();
    let long = "x".repeat(100 << 10);
    let refused = folder.image("Image", &["--cmdline", &long]);
    assert_refused(&refused, 2, &["102,400 bytes", "at most 2,047"]);
    assert!(stderr(&refused).len() < 1000, "the whole command line is repeated");
    assert_refused(
        &folder.image("Image", &["--cmdline", "a\nb"]),
        2,
        &["control character"],
    );
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&stdout(output)).unwrap()
}

#[test]
fn inspect_tells_what_it_cannot_look_into() {
    let folder = Folder::new();
    for (bytes, code, parts) in [
        (
            &b"\xfd7zXZ\0"[..],
            "kernel-file-format",
            ["this is an xz file; ", "xz -dc"],
        ),
        (
            b"\x81\x82",
            "payload-unknown",
            ["this is nothing that is known; ", "check that"],
        ),
    ] {
        folder.write("file", bytes);
        let file = folder.text("file");
        assert_refused(&flint(&["inspect", &file]), 1, &parts);
        let found = flint(&["inspect", "--json", &file]);
        assert_eq!((found.status.code(), stderr(&found)), (Some(1), String::new()));
        assert_eq!(json(&found)["kind"], "unknown");
        assert_eq!(json(&found)["errors"][0]["code"], code);
    }
}

#[test]
fn inspect_tells_a_flash_of_another_length_and_damaged_settings() {
    let folder = Folder::new();
    assert!(folder.image("Image", &[]).status.success());
    let mut flash = fs::read(folder.path("flash.bin")).unwrap();
    flash[0x8_0000 + 16] ^= 1;
    folder.write("damaged", &flash);
    let damaged = flint(&["inspect", &folder.text("damaged")]);
    assert_refused(&damaged, 1, &["[flash-settings-crc]"]);
    assert!(stdout(&damaged).contains("at 0x80000: damaged"), "{}", stdout(&damaged));
    flash.push(0);
    folder.write("long", &flash);
    assert_refused(&flint(&["inspect", &folder.text("long")]), 1, &["[flash-too-long]"]);
    flash.truncate((64 << 20) - 1);
    folder.write("short", &flash);
    assert_refused(&flint(&["inspect", &folder.text("short")]), 1, &["[flash-too-short]"]);
}
