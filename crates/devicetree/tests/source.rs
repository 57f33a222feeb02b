//! What somebody sees who looks at the edited tree as source: just the edits.

mod common;

use std::fs;
use std::process::Command;

use common::*;
use devicetree::edit::Edits;

/// The lines of the source that dtc makes of a blob; `None` where there is no dtc.
fn source(blob: &[u8]) -> Option<Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tree.dtb");
    fs::write(&path, blob).unwrap();
    let output = Command::new("dtc")
        .args(["-q", "-I", "dtb", "-O", "dts"])
        .arg(&path)
        .output();
    let Ok(output) = output else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "dtc is missing");
        eprintln!("SKIPPED: dtc is missing, the edited trees were not compared as source");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(String::from)
            .collect(),
    )
}

/// The shortest list of lines that go and come: `- old` and `+ new`, in order, without what stands
/// before a line.
fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let mut common = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for (i, old) in before.iter().enumerate().rev() {
        for (j, new) in after.iter().enumerate().rev() {
            common[i][j] = match old == new {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < before.len() && (j == after.len() || common[i + 1][j] >= common[i][j + 1]) {
            lines.push(format!("- {}", before[i].trim_start()));
            i += 1;
        } else {
            lines.push(format!("+ {}", after[j].trim_start()));
            j += 1;
        }
    }
    lines
}

#[track_caller]
fn assert_differs_in(before: &[u8], after: &[u8], expected: &[&str]) {
    if let (Some(before), Some(after)) = (source(before), source(after)) {
        assert_eq!(difference(&before, &after), expected);
    }
}

const SEED_LINES: [&str; 2] = [
    "+ kaslr-seed = <0x157c4a7f 0xb979379e>;",
    "+ rng-seed = <0x2af894fe 0x72f36e3c 0x3f74df7d 0x2c6da6da 0x54f029fd 0xe5e6dd78 0x696c747c 0x9f601517>;",
];

#[test]
fn shows_a_new_command_line_and_no_more() {
    for (name, blob) in FIXTURES {
        let with = |bootargs| Edits {
            bootargs: Some(bootargs),
            ..Edits::default()
        };
        let first = edited(&unpacked(blob, 1 << 20), &with("quiet"));
        let mut expected = vec!["+ bootargs = \"quiet\";"];
        if name == "el2-gicv3" {
            expected.insert(0, "+ enable-method = \"psci\";");
        }
        assert_differs_in(blob, &first, &expected);
        let second = edited(&first, &with("console=ttyAMA0"));
        let lines = ["- bootargs = \"quiet\";", "+ bootargs = \"console=ttyAMA0\";"];
        assert_differs_in(&first, &second, &lines);
    }
}

#[test]
fn shows_all_that_chosen_gets_and_no_more() {
    let (seeds, _) = seeds();
    for (name, blob) in FIXTURES {
        let edits = Edits {
            bootargs: Some("quiet"),
            initrd: Some(range(0x1_4800_0000, 0x123_4567)),
            fresh_seeds: Some(&seeds),
            machine: None,
            ..Edits::default()
        };
        let first = edited(blob, &edits);
        let mut lines = vec![
            "+ bootargs = \"quiet\";",
            "+ linux,initrd-start = <0x01 0x48000000>;",
            "+ linux,initrd-end = <0x01 0x49234567>;",
        ];
        lines.extend(SEED_LINES);
        if name == "el2-gicv3" {
            lines.insert(0, "+ enable-method = \"psci\";");
        }
        assert_differs_in(blob, &first, &lines);
        let moved = Edits {
            initrd: Some(range(0x5000_0000, 0x1000)),
            ..Edits::default()
        };
        let lines = [
            "- linux,initrd-start = <0x01 0x48000000>;",
            "- linux,initrd-end = <0x01 0x49234567>;",
            "+ linux,initrd-start = <0x00 0x50000000>;",
            "+ linux,initrd-end = <0x00 0x50001000>;",
        ];
        assert_differs_in(&first, &edited(&first, &moved), &lines);
        let lines = [
            "- linux,initrd-start = <0x01 0x48000000>;",
            "- linux,initrd-end = <0x01 0x49234567>;",
        ];
        assert_differs_in(&first, &edited(&first, &Edits::default()), &lines);
    }
}

#[test]
fn shows_what_a_stored_tree_gets_from_the_machine() {
    let stored = Builder::new().property("model", b"stored\0").finish();
    let machine = parse(EL2_GICV3);
    let edits = Edits {
        machine: Some(&machine),
        ..Edits::default()
    };
    let lines = [
        "+ ",
        "+ memory@40000000 {",
        "+ device_type = \"memory\";",
        "+ reg = <0x00 0x40000000 0x00 0x20000000>;",
        "+ };",
        "+ ",
        "+ psci {",
        "+ migrate = <0xc4000005>;",
        "+ cpu_on = <0xc4000003>;",
        "+ cpu_off = <0x84000002>;",
        "+ cpu_suspend = <0xc4000001>;",
        "+ method = \"smc\";",
        "+ compatible = \"arm,psci-1.0\\0arm,psci-0.2\\0arm,psci\";",
        "+ };",
        "+ ",
        "+ cpus {",
        "+ #size-cells = <0x00>;",
        "+ #address-cells = <0x01>;",
        "+ ",
        "+ cpu@0 {",
        "+ reg = <0x00>;",
        "+ compatible = \"arm,cortex-a57\";",
        "+ device_type = \"cpu\";",
        "+ enable-method = \"psci\";",
        "+ };",
        "+ };",
    ];
    assert_differs_in(&stored, &edited(&stored, &edits), &lines);
}
