//! Files that the scripts in `setup/` fetch: kept outside the checkout, since they are large and
//! not ours.

use std::path::{Path, PathBuf};

/// Returns a folder of the cache: `${FLINT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flint}/NAME`, as
/// in the scripts.
pub fn folder(name: &str) -> PathBuf {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let caches = || variable("XDG_CACHE_HOME").unwrap_or_else(|| variable("HOME").unwrap_or_default().join(".cache"));
    variable("FLINT_CACHE")
        .unwrap_or_else(|| caches().join("flint"))
        .join(name)
}

/// Tells whether the file is there; the scripts leave no half ones.
pub fn is_there(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// Returns the package that a file is from, and its version: `NAME VERSION`.
pub fn package(path: &Path) -> Option<String> {
    let mut path = path.as_os_str().to_os_string();
    path.push(".package");
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_string())
}
