//! Reading files that the user named.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use phys_range::MIB;

use crate::{Error, interrupt};

/// More than any payload or flash image has; it keeps an endless or mistaken file from filling the
/// memory.
const SIZE_MAX_BYTES: u64 = 512 * MIB;

/// The bytes of the file at `path`; `what` names it in errors, as in "the kernel".
///
/// # Errors
/// It does not exist, is no regular file, may not be read, or is far larger than anything that fits
/// into a flash; or a signal came first.
pub fn file(path: &Path, what: &str) -> Result<Vec<u8>, Error> {
    let (path, what) = (path.to_path_buf(), what.to_string());
    interrupt::or_result(move || whole(&path, &what))?
}

fn whole(path: &Path, what: &str) -> Result<Vec<u8>, Error> {
    let cannot = |error: std::io::Error| {
        let message = format!("cannot read {what} {}: {error}", path.display());
        match error.kind() {
            ErrorKind::NotFound => Error::new(message).help("check the path; it counts from the current folder"),
            ErrorKind::PermissionDenied => Error::new(message).help("check its permissions with ls -l"),
            _ => Error::new(message),
        }
    };
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        let message = format!("cannot read {what} {}: it is a folder", path.display());
        return Err(Error::new(message).help("name a file in it"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(SIZE_MAX_BYTES)).unwrap_or(0));
    file.take(SIZE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > SIZE_MAX_BYTES {
        let message = format!("cannot read {what} {}: it is larger than 512 MiB", path.display());
        return Err(
            Error::new(message).help("check that it is the file you mean; nothing that Flint boots is so large")
        );
    }
    Ok(bytes)
}
