//! Writing files so that they are never there by half.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, interrupt};

/// A file that is to be written: there under its name once it is complete.
#[derive(Debug)]
pub struct Output {
    /// As the user called it.
    path: PathBuf,
    /// What is replaced: what `path` points at, where it is a symbolic link.
    target: PathBuf,
    /// Takes its place in the end; beside it, since it has to be on the same file system.
    temporary: NamedTempFile,
}

impl Output {
    /// Looks whether a file can be written to `path`.
    ///
    /// # Errors
    /// `path` is a folder or a device, or its folder is missing or cannot be written to.
    pub fn at(path: &Path) -> Result<Self, Error> {
        let target = followed(path);
        check_replaceable(path, &target)?;
        // As for any new file, the umask takes away what it takes away.
        let mut builder = tempfile::Builder::new();
        builder.prefix(".flint-").permissions(Permissions::from_mode(0o666));
        let temporary = builder
            .tempfile_in(folder(&target))
            .map_err(|error| cannot(path, &error))?;
        Ok(Self {
            path: path.into(),
            target,
            temporary,
        })
    }

    /// Writes it, with the permissions of the file that it replaces.
    ///
    /// # Errors
    /// There is no space, or a signal came.
    pub fn complete(mut self, bytes: &[u8]) -> Result<(), Error> {
        let path = self.path;
        let written = self
            .temporary
            .write_all(bytes)
            .and_then(|()| match fs::metadata(&self.target) {
                Ok(replaced) => self.temporary.as_file().set_permissions(replaced.permissions()),
                Err(_) => Ok(()),
            });
        written.map_err(|error| cannot(&path, &error))?;
        interrupt::check()?;
        let persisted = self.temporary.persist(&self.target);
        persisted.map(drop).map_err(|error| cannot(&path, &error.error))
    }
}

/// The error without the name of the temporary file, which says nothing to anybody.
fn cannot(path: &Path, error: &io::Error) -> Error {
    let text = error.to_string();
    let reason = text.split(" at path ").next().unwrap_or_default();
    Error::new(format!("cannot write {}: {reason}", path.display()))
        .help("check that its folder exists, may be written to and has space left")
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

/// More links than this after each other are a circle, as for Linux.
const LINKS_MAX: usize = 40;

/// Returns what `path` points at in the end, whether it is there or not.
fn followed(path: &Path) -> PathBuf {
    let mut target = path.to_path_buf();
    for _ in 0..LINKS_MAX {
        let Ok(link) = fs::read_link(&target) else { break };
        target = folder(&target).join(link);
    }
    target
}

fn check_replaceable(path: &Path, target: &Path) -> Result<(), Error> {
    let Ok(metadata) = fs::symlink_metadata(target) else {
        return Ok(());
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
    Ok(())
}

fn folder(target: &Path) -> &Path {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
        Output::at(path)?.complete(bytes)
    }

    #[test]
    fn replaces_what_a_link_points_at_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, b"old").unwrap();
        symlink(&real, &link).unwrap();
        file(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    }

    #[test]
    fn writes_what_a_link_points_at_where_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("real", &link).unwrap();
        file(&link, b"new").unwrap();
        assert_eq!(fs::read(folder.path().join("real")).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let circle = folder.path().join("circle");
        symlink("circle", &circle).unwrap();
        assert!(file(&circle, b"").is_err());
    }

    #[test]
    fn keeps_the_permissions_of_what_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flash.bin");
        fs::write(&path, b"old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        file(&path, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn leaves_nothing_where_it_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        drop(Output::at(&folder.path().join("flash.bin")).unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
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
        let missing = file(Path::new("/no/such/folder/flash.bin"), b"").unwrap_err();
        assert_eq!(
            missing.message(),
            "cannot write /no/such/folder/flash.bin: No such file or directory (os error 2)"
        );
    }
}
