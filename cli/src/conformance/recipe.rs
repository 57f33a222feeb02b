//! [`Recipe`]: how QEMU is made to boot the payload with some loader, as a file that anybody can
//! write.
//!
//! The files are in `conformance/loaders`; its README describes the format.

mod placeholder;

use std::path::{Path, PathBuf};

use phys_range::MIB;
use serde::Deserialize;

use super::payload::{EnteredBy, Variant};
use crate::checkout::Checkout;
use crate::qemu::{Machine, StartLevel};
use crate::{Error, read};

/// The place where the recipes are, in the checkout.
const FOLDER: &str = "conformance/loaders";
/// The file name extension of recipes.
const EXTENSION: &str = "toml";

/// The way for QEMU to boot the payload with a loader.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// The name that it is chosen by: that of its file.
    #[serde(skip)]
    pub name: String,
    /// What tables call it.
    pub title: String,
    /// What it is, and what its report can and cannot show.
    pub about: String,
    /// The place where the loader comes from; none: QEMU itself is the loader.
    pub firmware: Option<Firmware>,
    /// The levels that the machine may start at.
    #[serde(default = "all_levels")]
    levels: Vec<u8>,
    /// The number of CPUs that a machine that starts at EL3 may have: there all of them start at
    /// once.
    pub el3_cpus: Option<u32>,
    /// The amount of RAM that the machine has to have, in MiB.
    #[serde(default)]
    least_mib: u64,
    /// What is in the flash that `{flash}` stands for.
    pub flash: Option<Flash>,
    /// QEMU's arguments besides those for the machine.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The place where the loader is told to put the kernel, if it is told.
    pub kernel_address: Option<u64>,
    /// What is to be typed on the console.
    #[serde(default)]
    pub console: Vec<Step>,
    /// Headers of the payload that it starts nothing with.
    #[serde(default)]
    refused_headers: Vec<String>,
    /// The program that enters the payload at its first instruction.
    #[serde(default)]
    pub entered_by: EnteredBy,
}

/// The place where a loader comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FirmwareKeys")]
pub enum Firmware {
    /// It is built from this checkout.
    Build(Build),
    /// It is a file.
    File {
        /// Its path.
        file: PathBuf,
        /// The Debian package that it is in, if it is in one.
        package: Option<String>,
    },
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirmwareKeys {
    build: Option<Build>,
    file: Option<PathBuf>,
    package: Option<String>,
}

impl TryFrom<FirmwareKeys> for Firmware {
    type Error = &'static str;

    fn try_from(keys: FirmwareKeys) -> Result<Self, Self::Error> {
        match keys {
            FirmwareKeys {
                build: Some(build),
                file: None,
                package: None,
            } => Ok(Self::Build(build)),
            FirmwareKeys {
                build: None,
                file: Some(file),
                package,
            } => Ok(Self::File { file, package }),
            _ => Err("firmware is either { build = … } or { file = …, package = … }, where package can be left out"),
        }
    }
}

/// A binary that can be built from this checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Build {
    /// Flint's bootloader and monitor.
    Flint,
    /// The loader of the article that Flint grew out of.
    ArticleLoader,
}

/// The contents of a flash.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Flash {
    /// A flash image by `flint image`, of these parts.
    Flint(Vec<FlashPart>),
    /// These files, where they lie.
    Files(Vec<FlashFile>),
}

/// A part that `flint image` can put into a flash beside the firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlashPart {
    /// The payload.
    Kernel,
    /// The initrd.
    Initrd,
    /// The command line.
    CommandLine,
}

/// A file in a flash.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlashFile {
    /// The place where it lies, in bytes from the start of the flash.
    pub offset: usize,
    /// Which one: with placeholders.
    pub file: String,
}

/// Something to do on the console.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// A key to press again and again while the text is waited for.
    pub press: Option<String>,
    /// A text to wait for.
    pub until: Option<String>,
    /// A line to type then: with placeholders.
    pub line: Option<String>,
}

impl Recipe {
    /// The recipe in a file, or the one of the checkout with this name.
    ///
    /// # Errors
    /// There is none, or it is not as it should be.
    pub fn find(name: &str) -> Result<Self, Error> {
        let path = Path::new(name);
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            return Self::read(path);
        }
        let folder = Checkout::find()?.root().join(FOLDER);
        let path = folder.join(name).with_extension(EXTENSION);
        if path.is_file() {
            return Self::read(&path);
        }
        let known = names(&folder).join(", ");
        Err(
            Error::usage(format!("there is no recipe for a loader called {name}")).help(format!(
                "the checkout has {known}; or name a file that ends in .{EXTENSION}"
            )),
        )
    }

    fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read::file(path, "the recipe")?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &String::from_utf8_lossy(&bytes)).map_err(|error| {
            Error::usage(format!(
                "{} is no recipe for a loader: {}",
                path.display(),
                error.message()
            ))
            .help(format!("{FOLDER}/README.md describes the format"))
        })
    }

    fn parse(name: &str, text: &str) -> Result<Self, toml::de::Error> {
        let recipe: Self = toml::from_str(text)?;
        if let Some(placeholder) = recipe.unknown_placeholder() {
            let message = format!("nothing stands for {placeholder} in this recipe");
            return Err(serde::de::Error::custom(message));
        }
        Ok(Self {
            name: name.into(),
            ..recipe
        })
    }

    /// Returns whether it is for a machine that starts at this level.
    pub fn starts_at(&self, level: StartLevel) -> bool {
        let number = match level {
            StartLevel::El1 => 1,
            StartLevel::El2 => 2,
            StartLevel::El3 | StartLevel::El3WithoutEl2 => 3,
        };
        self.levels.contains(&number)
    }

    /// Returns whether so much RAM is enough for the loader.
    pub fn fits(&self, memory_bytes: u64) -> bool {
        memory_bytes / MIB >= self.least_mib
    }

    /// Returns whether the loader starts a payload with this header.
    pub fn takes(&self, variant: Variant) -> bool {
        !self.refused_headers.contains(&variant.name())
    }

    /// Finds what the recipe says that the loader cannot boot.
    ///
    /// # Errors
    /// The machine starts at another level, with too many CPUs or too little RAM, or the payload
    /// has a header that the loader refuses.
    pub fn check(&self, machine: &Machine, variant: Variant) -> Result<(), Error> {
        let Self { title, levels, .. } = self;
        if !self.starts_at(machine.el) {
            let levels: Vec<_> = levels.iter().map(|level| format!("--el {level}")).collect();
            let message = format!("{title} does not boot machines that start at {}", machine.el);
            return Err(Error::usage(message).help(format!("use {}", levels.join(" or "))));
        }
        let most = self.el3_cpus.filter(|_| machine.el.has_el3());
        if let Some(most) = most.filter(|most| machine.smp > *most) {
            let message = format!("of machines that start at EL3, {title} boots those up to --smp {most}");
            return Err(Error::usage(message).help(format!("use --smp {most}, or --el 2")));
        }
        if !self.fits(machine.memory_bytes) {
            let least = self.least_mib;
            let message = format!("{title} does not boot machines with less than {least} MiB of RAM");
            return Err(Error::usage(message).help(format!("use --memory {least}M")));
        }
        if !self.takes(variant) {
            let message = format!("{title} starts no payload with the header {}", variant.name());
            return Err(Error::usage(message).help("use another --header"));
        }
        Ok(())
    }

    /// Returns whether the loader hands this over: whether the recipe speaks of it.
    pub fn hands_over(&self, part: FlashPart) -> bool {
        let placeholder = part.placeholder();
        let texts = self
            .arguments
            .iter()
            .chain(self.console.iter().filter_map(|step| step.line.as_ref()));
        let in_flash = matches!(&self.flash, Some(Flash::Flint(parts)) if parts.contains(&part));
        in_flash || texts.into_iter().any(|text| text.contains(placeholder))
    }
}

impl FlashPart {
    /// Returns what stands for it in a recipe's texts.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Kernel => "{kernel}",
            Self::Initrd => "{initrd}",
            Self::CommandLine => "{command-line}",
        }
    }
}

fn all_levels() -> Vec<u8> {
    vec![1, 2, 3]
}

/// The recipes in a folder, in the order of their names.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let recipes = paths.filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
    let mut names: Vec<_> = recipes
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests;
