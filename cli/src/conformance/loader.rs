//! [`Loader`]: a recipe whose loader is there.

use std::path::{Path, PathBuf};

use boards::QEMU_VIRT;
use phys_range::MIB;

use super::payload::Payload;
use super::recipe::{Build, Firmware, Recipe};
use crate::build::{self, TargetBinaries};
use crate::write::temporary_file;
use crate::{Error, read};

/// A kernel's base is a multiple of this.
const BASE_ALIGN: u64 = 2 * MIB;
/// So many bases from the start of RAM on are low.
const LOW_BASES: u64 = 4;

/// A recipe whose loader is there.
#[derive(Debug)]
pub struct Loader {
    /// The recipe.
    pub recipe: Recipe,
    /// The file that `{firmware}` stands for.
    pub file: Option<PathBuf>,
    /// Flint's bootloader and monitor, where the recipe is about them.
    flint: Option<build::Firmware>,
    /// Keeps what was built there.
    _built: Option<tempfile::NamedTempFile>,
}

/// Other binaries than those of the recipe.
#[derive(Clone, Debug, Default)]
pub struct Replacement {
    /// The loader.
    pub firmware: Option<PathBuf>,
    /// Flint's monitor.
    pub monitor: Option<PathBuf>,
}

impl Loader {
    /// Finds or builds what the recipe needs. `binaries` are Flint's own.
    ///
    /// # Errors
    /// What was named cannot be read, something is not installed, or cannot be built.
    pub fn new(recipe: Recipe, replacement: &Replacement, binaries: &TargetBinaries) -> Result<Self, anyhow::Error> {
        let mut loader = Self::without_firmware(recipe);
        match &loader.recipe.firmware {
            None => {}
            Some(Firmware::Build(Build::Flint)) => {
                let mut firmware = binaries.firmware()?;
                if let Some(path) = &replacement.firmware {
                    firmware.bootloader = read::file(path, "the bootloader")?;
                }
                if let Some(path) = &replacement.monitor {
                    firmware.monitor = read::file(path, "the monitor")?;
                }
                return Ok(Self::flint_of(loader.recipe, firmware));
            }
            Some(Firmware::Build(Build::ArticleLoader)) => {
                let built = temporary_file("flint-loader-", &build::article_loader()?.flat()?)?;
                loader.file = Some(
                    replacement
                        .firmware
                        .clone()
                        .unwrap_or_else(|| built.path().to_path_buf()),
                );
                loader._built = Some(built);
            }
            Some(Firmware::File { file, package }) => {
                match &replacement.firmware {
                    Some(other) => drop(read::file(other, "the loader")?),
                    None => check(file, package.as_deref(), &loader.recipe.title)?,
                }
                loader.file = Some(replacement.firmware.as_ref().unwrap_or(file).clone());
            }
        }
        Ok(loader)
    }

    /// A loader that is Flint with this firmware.
    pub fn flint_of(recipe: Recipe, firmware: build::Firmware) -> Self {
        Self {
            flint: Some(firmware),
            ..Self::without_firmware(recipe)
        }
    }

    /// As far as it goes without looking whether anything is there.
    pub(super) fn without_firmware(recipe: Recipe) -> Self {
        Self {
            recipe,
            file: None,
            flint: None,
            _built: None,
        }
    }

    /// Returns where the payload may be entered: where the loader is told to put it, and where it
    /// would be as low as it can.
    pub(super) fn entries(&self, payload: &Payload) -> Vec<u64> {
        let lowest = (0..LOW_BASES).map(|number| QEMU_VIRT.ram.start() + number * BASE_ALIGN);
        let bases = self.recipe.kernel_address.into_iter().chain(lowest);
        bases.map(|base| base + payload.header.text_offset()).collect()
    }

    /// Flint's own binaries.
    pub(super) fn flint(&self) -> Result<build::Firmware, Error> {
        self.flint.clone().ok_or_else(|| {
            Error::usage(format!(
                "the recipe {} makes a flash of Flint's without Flint's firmware",
                self.recipe.name
            ))
            .help("add: firmware = { build = \"flint\" }")
        })
    }
}

fn check(file: &Path, package: Option<&str>, title: &str) -> Result<(), Error> {
    if file.is_file() {
        return Ok(());
    }
    let what = package.map_or("put it there".into(), |package| {
        format!("install Debian's package {package}")
    });
    let message = format!("{title} is not installed: there is no {}", file.display());
    Err(Error::new(message).help(format!("{what}, or name another file with --firmware")))
}
