//! [`Boot`]: a recipe with everything in its place, ready for QEMU.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use phys_range::GIB;
use tempfile::TempDir;

use super::initrd;
use super::loader::Loader;
use super::payload::Payload;
use super::recipe::{Flash, FlashFile, FlashPart, Step};
use crate::Error;
use crate::command::image;
use crate::compress::Compression;
use crate::flash::ERASED;
use crate::kernel_area::Ingredients;
use crate::kernel_file::KernelFile;
use crate::qemu::Machine;
use crate::qemu::debugger::Debugger;
use crate::raw_kernel::RawKernel;

/// The command line that the payload is handed, by which it leaves out these clauses.
pub fn command_line(skipped: &[String]) -> String {
    match skipped {
        [] => COMMAND_LINE.into(),
        skipped => format!("{COMMAND_LINE} skip={}", skipped.join(",")),
    }
}

const COMMAND_LINE: &str = "console=ttyAMA0 flint.conformance";
/// The size of a flash.
const FLASH_SIZE_BYTES: usize = 64 << 20;

/// The time for which a console may be silent on a busy machine, once the payload runs ...
const SILENCE: Duration = Duration::from_secs(10);
/// ... and how much longer for each GiB of RAM.
const SILENCE_PER_GIB: Duration = Duration::from_secs(20);

/// A boot that QEMU can be told of.
#[derive(Debug)]
pub struct Boot {
    /// The machine, with the recipe's arguments.
    pub machine: Machine,
    /// The same, for who wants to repeat it: with names for the files, and without the debugger.
    pub shown: Machine,
    /// The place where the debugger will be.
    pub socket: PathBuf,
    /// What is to be done on the console.
    pub console: Vec<Step>,
    /// Holds all files.
    _folder: TempDir,
}

/// The files that a recipe's texts can speak of.
struct Files<'a> {
    folder: &'a Path,
    loader: &'a Loader,
    command_line: &'a str,
}

impl Boot {
    /// Boots `payload` by `loader` on `machine`, with this command line.
    ///
    /// # Errors
    /// A file cannot be written, or does not fit.
    pub fn new(loader: &Loader, machine: &Machine, payload: &Payload, command_line: &str) -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("flint-conformance-")
            .tempdir()
            .map_err(cannot)?;
        let files = Files {
            folder: folder.path(),
            loader,
            command_line,
        };
        write(&files.path("kernel"), &payload.image)?;
        write(&files.path("initrd"), &initrd::bytes())?;
        let recipe = &loader.recipe;
        if let Some(flash) = &recipe.flash {
            write(&files.path("flash.bin"), &files.flash(flash, payload)?)?;
        }
        let socket = files.path("debugger");
        let named = Files {
            folder: Path::new(""),
            ..files
        };
        let with_arguments = |files: &Files<'_>| {
            let mut machine = machine.clone();
            machine
                .extra
                .extend(recipe.arguments.iter().map(|argument| files.argument(argument)));
            machine
        };
        let shown = with_arguments(&named);
        let mut machine = with_arguments(&files);
        machine.extra.extend(Debugger::arguments(&socket)?);
        let steps = recipe.console.iter().map(|step| Step {
            line: step
                .line
                .as_ref()
                .map(|line| files.argument(line).to_string_lossy().into_owned()),
            ..step.clone()
        });
        Ok(Self {
            machine,
            shown,
            socket,
            console: steps.collect(),
            _folder: folder,
        })
    }

    /// Returns how long the console may be silent while the payload runs: writing to all memory
    /// takes its time.
    pub fn patience(&self) -> Duration {
        let gibibytes = self.machine.memory_bytes as f64 / GIB as f64;
        SILENCE + SILENCE_PER_GIB.mul_f64(gibibytes)
    }
}

impl Files<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The file that a placeholder stands for.
    fn file(&self, placeholder: &str) -> Option<PathBuf> {
        match placeholder {
            "{kernel}" => Some(self.path("kernel")),
            "{initrd}" => Some(self.path("initrd")),
            "{flash}" => Some(self.path("flash.bin")),
            "{firmware}" => self.loader.file.clone(),
            _ => None,
        }
    }

    /// A text of the recipe with files for its placeholders. In an option a comma in a file's name
    /// is doubled.
    fn argument(&self, text: &str) -> OsString {
        if let Some(file) = self.file(text) {
            return file.into();
        }
        let mut text = text.to_string();
        for placeholder in ["{kernel}", "{initrd}", "{flash}", "{firmware}"] {
            if let Some(file) = self.file(placeholder).filter(|_| text.contains(placeholder)) {
                text = text.replace(placeholder, &file.to_string_lossy().replace(',', ",,"));
            }
        }
        let initrd_size = format!("{:#x}", initrd::SIZE_BYTES);
        text.replace("{command-line}", self.command_line)
            .replace("{initrd-size}", &initrd_size)
            .into()
    }

    fn flash(&self, flash: &Flash, payload: &Payload) -> Result<Vec<u8>, Error> {
        match flash {
            Flash::Flint(parts) => self.flint_flash(parts, payload),
            Flash::Files(parts) => self.flash_of_files(parts),
        }
    }

    fn flint_flash(&self, parts: &[FlashPart], payload: &Payload) -> Result<Vec<u8>, Error> {
        let kernel = || {
            let kernel = RawKernel::new(payload.image.clone()).map_err(|error| error.about("the payload"))?;
            let initrd = parts
                .contains(&FlashPart::Initrd)
                .then(|| (initrd::bytes(), "the initrd".into()));
            let ingredients = Ingredients {
                kernel: KernelFile::Raw(kernel),
                kernel_name: "the payload".into(),
                compression: Compression::None,
                initrd,
                devicetree: None,
            };
            ingredients.area()
        };
        let area = parts.contains(&FlashPart::Kernel).then(kernel).transpose()?;
        let command_line = parts.contains(&FlashPart::CommandLine).then_some(self.command_line);
        Ok(image::Flash::build(self.loader.flint()?, area, command_line)?.bytes)
    }

    fn flash_of_files(&self, parts: &[FlashFile]) -> Result<Vec<u8>, Error> {
        let mut flash = vec![ERASED; FLASH_SIZE_BYTES];
        for part in parts {
            let path = PathBuf::from(self.argument(&part.file));
            let bytes = crate::read::file(&path, "a file for the flash")?;
            let place = flash
                .get_mut(part.offset..)
                .and_then(|rest| rest.get_mut(..bytes.len()));
            let Some(place) = place else {
                let message = format!("{} does not fit into the flash at {:#x}", part.file, part.offset);
                return Err(Error::new(message).help("see the offsets in the loader's recipe"));
            };
            place.copy_from_slice(&bytes);
        }
        Ok(flash)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(cannot)
}

fn cannot(error: std::io::Error) -> Error {
    let folder = std::env::temp_dir();
    Error::new(format!(
        "cannot write a temporary file in {}: {error}",
        folder.display()
    ))
    .help("make space there, or set TMPDIR to another folder")
}
