//! Flash images that the user names: what QEMU would refuse, or boot into silence, is found first.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flash_image::map::FLASH_SIZE_BYTES;
use phys_range::Size;

use crate::flash::has_bootloader;
use crate::format::Format;
use crate::size::grouped;
use crate::{Error, interrupt};

/// Looks whether the file at `path` can be QEMU's first flash.
///
/// # Errors
/// It cannot be read, does not have 64 MiB, or holds no bootloader; or a signal came first.
pub fn check(path: &Path) -> Result<(), Error> {
    let path = path.to_path_buf();
    interrupt::or_result(move || look_at(&path))?
}

fn look_at(path: &Path) -> Result<(), Error> {
    let name = path.display();
    let cannot = |error: std::io::Error| {
        Error::new(format!("cannot read the flash image {name}: {error}")).help("check its path and permissions")
    };
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Error::new(format!("{name} is a folder, not a flash image")).help("name a file in it"));
    }
    let mut start = Vec::new();
    file.take(4096).read_to_end(&mut start).map_err(cannot)?;
    if metadata.len() == FLASH_SIZE_BYTES {
        return match has_bootloader(&start) {
            true => Ok(()),
            false => Err(Error::new(format!(
                "{name} begins with padding: it holds no bootloader, and would stay silent"
            ))
            .help("flint image puts one there; flint explain flash-no-bootloader says more")),
        };
    }
    let (size, needed) = (grouped(metadata.len()), Size(FLASH_SIZE_BYTES));
    Err(
        Error::new(format!("{name} has {size} bytes; a flash image has {needed}"))
            .help(help(&start, &name.to_string())),
    )
}

/// Returns what to do with a file that begins like this and is no flash image.
fn help(start: &[u8], name: &str) -> String {
    match Format::detect(start) {
        Some(format) if format.is_bootable() => {
            format!("it is {format}: flint run --kernel {name}")
        }
        Some(format) if format != Format::Erased => format!("it is {format}; flint image makes flash images"),
        _ => "flint image makes flash images of that size".into(),
    }
}
