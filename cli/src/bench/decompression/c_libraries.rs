//! C libraries that unpack: static ones for arm64, of Debian's packages; `setup/bench-libraries`
//! fetches them.

use std::path::PathBuf;

use crate::cache;

/// The command that fetches them.
pub const FETCH_COMMAND: &str = "setup/bench-libraries";

/// Names, as `tests/decompress-alone` prints them, and files. Its build script has the files, too.
const LIBRARIES: [(&str, &str); 4] = [
    ("libdeflate", "libdeflate.a"),
    ("zlib", "libz.a"),
    ("liblz4", "liblz4.a"),
    ("libzstd", "libzstd.a"),
];

/// Returns the folder that they are in, if all of them are there.
pub fn fetched() -> Option<PathBuf> {
    let mut files = LIBRARIES.iter().map(|(_, file)| folder().join(file));
    files.all(|file| cache::is_there(&file)).then(folder)
}

/// Returns the version of a library's package; `None` if that is no name of a C library.
pub fn version(name: &str) -> Option<String> {
    let (_, file) = LIBRARIES.iter().find(|(library, _)| *library == name)?;
    let package = cache::package(&folder().join(file)).unwrap_or_default();
    Some(package.split_whitespace().nth(1).unwrap_or("unknown").to_string())
}

/// Returns the library's own version in that of a Debian package: without the epoch, without what
/// was repacked, and without the revision (`1:1.2.13.dfsg-1` is 1.2.13).
pub fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    let end = version.find(|it: char| !it.is_ascii_digit() && it != '.');
    version[..end.unwrap_or(version.len())].trim_end_matches('.')
}

fn folder() -> PathBuf {
    cache::folder("c-libraries")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_version_out_of_the_packages() {
        assert_eq!(upstream("1.14-1"), "1.14");
        assert_eq!(upstream("1:1.2.13.dfsg-1"), "1.2.13");
        assert_eq!(upstream("1.5.4+dfsg2-5"), "1.5.4");
        assert_eq!(upstream("2"), "2");
    }

    #[test]
    fn knows_c_libraries_from_crates() {
        assert!(version("zlib").is_some());
        assert_eq!(version("ruzstd"), None);
    }

    #[test]
    fn the_script_and_the_build_take_the_same_files() {
        for text in [
            include_str!("../../../../setup/bench-libraries"),
            include_str!("../../../../tests/decompress-alone/build.rs"),
        ] {
            for (_, file) in LIBRARIES {
                assert!(text.contains(file), "{file}");
            }
        }
    }
}
