//! Rules about the checkout itself: who may depend on whom and have unsafe code (ARCHITECTURE.md,
//! "Invariants"), comments, and documents.

mod checkout;
mod comments;
mod documents;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Each package of the workspace, with its folder and the packages of the workspace that it depends
/// on other than for its tests.
fn packages() -> BTreeMap<String, (String, Vec<String>)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let root = metadata["workspace_root"].as_str().unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let manifest = package["manifest_path"].as_str().unwrap();
        let folder = manifest.trim_start_matches(root).trim_matches('/').to_owned();
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let of_ours = dependencies.filter(|it| it["path"].is_string() && it["kind"] != "dev");
        let names = of_ours.map(|it| it["name"].as_str().unwrap().to_owned());
        (package["name"].as_str().unwrap().to_owned(), (folder, names.collect()))
    });
    packages.collect()
}

/// But for the decompressors, which need the instructions of `unaligned`.
#[test]
fn pure_crates_depend_on_pure_crates_only() {
    let packages = packages();
    let is_pure = |name: &str| packages[name].0.starts_with("crates/");
    let pure: Vec<_> = packages.iter().filter(|(name, _)| is_pure(name)).collect();
    assert!(pure.len() >= 6);
    for (name, (_, dependencies)) in pure {
        let may_depend_on = |it: &String| is_pure(it) || (name == "decompress" && it == "unaligned");
        assert!(dependencies.iter().all(may_depend_on), "{name}: {dependencies:?}");
    }
    assert!(packages["unaligned"].1.is_empty());
}

#[test]
fn pure_crates_forbid_unsafe() {
    for (name, (folder, _)) in packages() {
        if folder.starts_with("crates/") {
            let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
            let root = manifest.with_file_name("src").join("lib.rs");
            let text = std::fs::read_to_string(&root).unwrap();
            assert!(text.contains("#![forbid(unsafe_code)]"), "{name}");
        }
    }
}

#[test]
fn machine_knows_nothing_of_images_and_device_trees() {
    let packages = packages();
    assert_eq!(packages["machine"].1, ["hashes", "phys-range", "psci"]);
    assert_eq!(packages["psci"].1, ["phys-range"]);
}

#[test]
fn nothing_depends_on_a_binary() {
    let binaries = [
        "bootloader",
        "monitor",
        "kernel",
        "conformance",
        "article-loader",
        "decompress-alone",
        "faults",
        "mutations",
        "smc-calls",
    ];
    for (name, (_, dependencies)) in packages() {
        assert!(
            !dependencies.iter().any(|it| binaries.contains(&it.as_str())),
            "{name}: {dependencies:?}"
        );
    }
}

/// The packages with unsafe code, besides tests.
const UNSAFE: [&str; 10] = [
    "bootloader",
    "conformance",
    "decompress-alone",
    "fuzz",
    "kernel",
    "machine",
    "monitor",
    "mutations",
    "smc-calls",
    "unaligned",
];

#[test]
fn unsafe_code_is_where_architecture_says() {
    let folders = checkout::files("rs").into_iter().filter(|file| {
        let text = checkout::read(file);
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        ["unsafe {", "unsafe fn ", "unsafe impl ", "unsafe extern "]
            .iter()
            .any(|form| code.clone().any(|line| line.contains(form) && !line.contains('"')))
    });
    let package = |file: std::path::PathBuf| {
        let mut parts = file.iter().map(|part| part.to_string_lossy().into_owned());
        let first = parts.next().unwrap();
        if first == "tests" { parts.next().unwrap() } else { first }
    };
    let found: std::collections::BTreeSet<String> = folders.map(package).collect();
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), UNSAFE);
    let text = checkout::read("ARCHITECTURE.md".as_ref());
    let sentence = text.split("**Unsafe code** ").nth(1).unwrap();
    let sentence = sentence.split("\n\n").next().unwrap();
    for package in UNSAFE {
        assert!(sentence.contains(&format!("`{package}`")), "ARCHITECTURE.md: {package}");
    }
}
