//! The files of the checkout.

use std::path::{Path, PathBuf};

/// The folders of what is built or found, at any depth.
const IGNORED: [&str; 5] = [".git", "target", "corpus", "artifacts", "coverage"];

/// Returns the root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Returns the files with this extension, by their paths from the root of the checkout, in order.
pub fn files(extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(root(), extension, &mut files);
    files.sort();
    assert!(files.len() > 5, "{extension}");
    files
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() {
            if !IGNORED.contains(&&*name) {
                collect(&path, extension, files);
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path.strip_prefix(root()).unwrap().to_owned());
        }
    }
}

/// Returns the text of a file, by its path from the root of the checkout.
pub fn read(file: &Path) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
