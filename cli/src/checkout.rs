//! [`Checkout`]: the folder with Flint's sources, from which the target's binaries are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// The folder with Flint's sources.
#[derive(Clone, Debug)]
pub struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// The folder that the environment variable `FLINT_ROOT` names (the script `./flint` sets it),
    /// or else the one that this program was built in.
    ///
    /// # Errors
    /// There is no `Cargo.toml` in it.
    pub fn find() -> Result<Self, Error> {
        let root = std::env::var_os("FLINT_ROOT").map_or_else(|| built_in().to_path_buf(), PathBuf::from);
        if root.join("Cargo.toml").is_file() {
            return Ok(Self { root });
        }
        Err(Error::new(format!("Flint's sources are not at {}", root.display()))
            .help("start Flint as ./flint from its checkout, or set FLINT_ROOT to that folder"))
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `cargo`, in the checkout: rustup chooses the toolchain by the current folder.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        command
    }
}

/// The checkout that this program was built in.
fn built_in() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
