//! Usage, help and explanations.

use crate::{assert_refused, flint, stderr, stdout};

#[test]
fn wrong_usage_has_its_own_exit_code() {
    for arguments in [
        &["run", "--el", "4"][..],
        &["run", "--el", "3-without-el1"],
        &["run", "--gic", "4"],
        &["run", "--smp", "0"],
        &["run", "--memory", "lots"],
        &["run", "--image", "a", "--kernel", "b"],
        &["run", "--image", "a", "--cmdline", "b"],
        &["run", "--timeout", "0"],
        &["run", "--timeout", "18446744073709551615"],
        &["run", "extra"],
        &["run", "--image", "a", "--initrd", "b"],
        &["run", "--image", "a", "--compress", "gzip"],
        &["run", "--image", "a", "--fw-cfg"],
        &["run", "--fw-cfg", "--dtb", "a"],
        &["image", "--kernel", "Image"],
        &["image", "--kernel", "Image", "--compress", "xz", "-o", "flash.bin"],
        &["image", "--initrd", "a", "-o", "flash.bin"],
        &["image", "--dtb", "a", "-o", "flash.bin"],
        &["image", "--compress", "gzip", "-o", "flash.bin"],
        &["inspect"],
        &["nonsense"],
    ] {
        let output = flint(arguments);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(
            text.starts_with("error: ") && text.contains("help: "),
            "{arguments:?}: {text}"
        );
    }
    let conflict = flint(&["run", "--image", "a", "--kernel", "b"]);
    assert_refused(&conflict, 2, &["so --kernel cannot go with it"]);
    assert_refused(
        &flint(&["run", "--gic", "2", "--smp", "9"]),
        2,
        &["at most 8 CPUs", "--gic 3"],
    );
    assert_refused(&flint(&["run", "--cpu", "cortex-a15"]), 2, &["32-bit CPU"]);
}

#[test]
fn help_is_no_error() {
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"], &["help", "image"]] {
        let output = flint(arguments);
        assert!(
            output.status.success() && output.stderr.is_empty() && !output.stdout.is_empty(),
            "{arguments:?}"
        );
    }
    assert_eq!(flint(&[]).status.code(), Some(2));
}

#[test]
fn explain_knows_codes_and_lists_them() {
    let one = flint(&["explain", "image-magic"]);
    assert!(one.status.success() && stdout(&one).contains("What to do:"));
    assert!(
        stdout(&flint(&["explain"]))
            .lines()
            .any(|line| line.contains("flash-no-monitor"))
    );
    assert_refused(&flint(&["explain", "image-majik"]), 1, &["image-magic"]);
}

#[test]
fn explain_knows_clauses_and_lists_them() {
    let one = flint(&["explain", "m18"]);
    assert!(one.status.success() && stdout(&one).starts_with("M18: "));
    let all = flint(&["explain", "--clauses"]);
    assert!(all.status.success() && stdout(&all).lines().any(|line| line.trim_start().starts_with("Z7 ")));
    assert_refused(
        &flint(&["explain", "M99"]),
        1,
        &["no clause 'M99'", "flint explain --clauses"],
    );
    assert_eq!(flint(&["explain", "--clauses", "M18"]).status.code(), Some(2));
}

#[test]
fn conformance_takes_no_machine_for_boots_that_choose_theirs() {
    for option in [
        ["--el", "3"],
        ["--gic", "2"],
        ["--cpu", "max"],
        ["--smp", "2"],
        ["--memory", "64M"],
        ["--header", "low"],
    ] {
        for boots in ["--matrix", "--compare"] {
            let output = flint(&[&["conformance", boots], &option[..]].concat());
            assert_refused(&output, 2, &[boots, option[0], "cannot be used with"]);
        }
    }
}

#[test]
fn conformance_says_what_it_does_not_know() {
    let refused = |arguments: &[&str], parts: &[&str]| {
        assert_refused(&flint(&[&["conformance"], arguments].concat()), 2, parts);
    };
    refused(&["M99"], &["no clause M99", "flint explain"]);
    refused(&["--loader", "lilo"], &["no recipe", "lilo", "u-boot"]);
    refused(&["--loader", "/no/such/recipe.toml"], &["cannot read the recipe"]);
    refused(&["--gic", "2", "--smp", "9"], &["at most 8 CPUs"]);
    refused(&["--compare", "--firmware", "x.bin"], &["--firmware is for one loader"]);
    refused(
        &["--matrix", "--loader", "flint,u-boot", "--firmware", "x.bin"],
        &["--firmware is for one loader"],
    );
    refused(
        &["--loader", "flint,u-boot", "--firmware", "x.bin"],
        &["--firmware is for one loader"],
    );
    refused(&["--loader", "qemu", "--firmware", "x.bin"], &["no binary", "--loader"]);
    refused(
        &["--loader", "u-boot", "--monitor", "x.bin"],
        &["--monitor is for Flint"],
    );
    refused(&["--jobs", "0"], &["--jobs"]);
}
