//! Writing files so that they are never there by half.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, interrupt};

/// Writes `bytes` to `path`: first to a temporary file beside it, which then takes its place. Where `path` is a symbolic link,
/// what it points at is replaced.
///
/// # Errors
/// `path` is a folder or a device, its folder is missing or cannot be written to, there is no space, or a signal came.
pub fn file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let target = replaceable(path)?;
    let cannot = |error: io::Error| {
        let error = Error::new(format!("cannot write {}: {error}", path.display()));
        error.help("check that its folder exists, may be written to and has space left")
    };
    let file = written_beside(&target, bytes).map_err(cannot)?;
    interrupt::check()?;
    file.persist(&target).map_err(|error| cannot(error.error))?;
    Ok(())
}

/// A temporary file with `bytes` in it, which is gone when the value is dropped.
///
/// # Errors
/// The folder for temporary files cannot be written to or is full.
pub fn temporary_file(prefix: &str, bytes: &[u8]) -> Result<NamedTempFile, Error> {
    let written = tempfile::Builder::new().prefix(prefix).tempfile().and_then(|mut file| {
        file.write_all(bytes)?;
        Ok(file)
    });
    written.map_err(|error| {
        let folder = std::env::temp_dir();
        Error::new(format!(
            "cannot write a temporary file in {}: {error}",
            folder.display()
        ))
        .help("make space there, or set TMPDIR to another folder")
    })
}

/// The file that is replaced when `path` is written.
fn replaceable(path: &Path) -> Result<PathBuf, Error> {
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(path.to_path_buf());
    };
    if metadata.is_dir() {
        return Err(Error::new(format!("cannot write {}: it is a folder", path.display()))
            .help("name a file in it, such as flash.bin"));
    }
    if !metadata.is_file() {
        return Err(
            Error::new(format!("cannot write {}: it is no regular file", path.display()))
                .help("name a regular file, or one that does not exist yet"),
        );
    }
    fs::canonicalize(path).map_err(|error| Error::new(format!("cannot write {}: {error}", path.display())))
}

fn written_beside(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // As for any new file, the umask takes away what it takes away.
    let mut builder = tempfile::Builder::new();
    let mut file = builder
        .prefix(".flint-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_what_a_link_points_at_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, b"old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        file(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    }

    #[test]
    fn refuses_folders_and_devices() {
        assert!(file(Path::new("/"), b"").unwrap_err().message().contains("folder"));
        assert!(
            file(Path::new("/dev/null"), b"")
                .unwrap_err()
                .message()
                .contains("regular")
        );
        assert!(file(Path::new("/no/such/folder/flash.bin"), b"").is_err());
    }
}
