//! [`Parts`]: what goes into a flash image, as `flint image` and `flint run` are told it.

use std::path::{Path, PathBuf};

use boards::QEMU_VIRT;
use clap::Args;
use devicetree::{Devicetree, TreeError};
use flash_image::{FlashError, Monitor, map};

use crate::build::Firmware;
use crate::compress::Compression;
use crate::flash::{ERASED, has_bootloader, in_memory};
use crate::format::Format;
use crate::kernel_area::Ingredients;
use crate::kernel_file::KernelFile;
use crate::{Error, kernel_command_line, read};

/// The parts of a flash image besides the bootloader's own.
#[derive(Clone, Debug, Args)]
pub struct Parts {
    /// The kernel: a raw arm64 Image, one compressed with gzip, LZ4 or zstd, an EFI zboot kernel,
    /// or a FIT
    #[arg(long, value_name = "FILE")]
    pub kernel: Option<PathBuf>,
    /// The initrd (initramfs), which the kernel gets as it is
    #[arg(long, value_name = "FILE")]
    pub initrd: Option<PathBuf>,
    /// The kernel's command line, at most 2047 bytes: kept in the flash, and handed over as
    /// /chosen/bootargs
    #[arg(long, value_name = "TEXT")]
    pub cmdline: Option<String>,
    /// A device tree blob for the kernel, in place of the machine's own
    #[arg(long, value_name = "FILE")]
    pub dtb: Option<PathBuf>,
    /// Compress a raw kernel
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Compression::None)]
    pub compress: Compression,
    /// A flat bootloader binary to use in place of Flint's own, which is built when needed
    #[arg(long, value_name = "FILE")]
    pub bootloader: Option<PathBuf>,
    /// A flat monitor binary to go with that bootloader, for machines that start at EL3
    #[arg(long, value_name = "FILE", requires = "bootloader")]
    pub monitor: Option<PathBuf>,
}

impl Parts {
    /// Checks what can be checked without a file.
    ///
    /// # Errors
    /// The command line cannot reach a kernel whole.
    pub fn check(&self) -> Result<(), Error> {
        // Clap would repeat the text, however long, before it said what is wrong with it.
        kernel_command_line::check(self.cmdline.as_deref().unwrap_or_default())
    }

    /// Reads the kernel, and what goes with it.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be.
    pub fn ingredients(&self, kernel: &Path) -> Result<Ingredients, Error> {
        let name = kernel.display().to_string();
        let file = KernelFile::new(read::file(kernel, "the kernel")?).map_err(|error| error.about(&name))?;
        self.ingredients_with(file, name)
    }

    /// Reads what goes with this kernel.
    ///
    /// # Errors
    /// As [`Self::ingredients`].
    pub fn ingredients_with(&self, kernel: KernelFile, kernel_name: String) -> Result<Ingredients, Error> {
        Ok(Ingredients {
            kernel,
            kernel_name,
            compression: self.compress,
            initrd: self.initrd.as_deref().map(initrd).transpose()?,
            devicetree: self.dtb.as_deref().map(packed_devicetree).transpose()?,
        })
    }

    /// The bootloader that was named, if one was, with the monitor that was.
    ///
    /// # Errors
    /// One cannot be read, the CPU would find no instruction in the bootloader, or the monitor is
    /// none.
    pub fn bootloader(&self) -> Result<Option<Firmware>, Error> {
        let bootloader = self.bootloader.as_deref().map(bootloader).transpose()?;
        let monitor = self.monitor.as_deref().map(monitor).transpose()?;
        // Our own monitor is made for our own bootloader.
        Ok(bootloader.map(|bootloader| Firmware {
            bootloader,
            monitor: monitor.unwrap_or_default(),
        }))
    }

    /// The options that were given.
    pub fn given(&self) -> impl Iterator<Item = &'static str> {
        let of_flash = [
            ("--kernel", self.kernel.is_some()),
            ("--cmdline", self.cmdline.is_some()),
            ("--bootloader", self.bootloader.is_some()),
            ("--monitor", self.monitor.is_some()),
        ];
        let of_flash = of_flash
            .into_iter()
            .filter_map(|(option, is_given)| is_given.then_some(option));
        of_flash.chain(self.options_of_kernel())
    }

    /// The options that mean nothing without a kernel, if they were given.
    pub fn options_of_kernel(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("--initrd", self.initrd.is_some()),
            ("--dtb", self.dtb.is_some()),
            ("--compress", self.compress != Compression::None),
        ];
        given
            .into_iter()
            .filter_map(|(option, is_given)| is_given.then_some(option))
    }

    /// Every file that is read.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> {
        let inputs = [&self.kernel, &self.initrd, &self.dtb, &self.bootloader, &self.monitor];
        inputs.into_iter().flatten().map(PathBuf::as_path)
    }
}

fn initrd(path: &Path) -> Result<(Vec<u8>, String), Error> {
    let name = path.display().to_string();
    let bytes = read::file(path, "the initrd")?;
    if bytes.is_empty() {
        let help = "make it again, or leave --initrd out for a kernel that needs none";
        return Err(Error::new(format!("{name}: the initrd is empty")).help(help));
    }
    Ok((bytes, name))
}

/// The CPU enters it at its first byte. An arm64 Image is made for that too.
fn bootloader(path: &Path) -> Result<Vec<u8>, Error> {
    let name = path.display();
    let bytes = read::file(path, "the bootloader")?;
    let other = Format::detect(&bytes).filter(|format| *format != Format::Payload(payload::Format::Image));
    if let Some(format) = other {
        return Err(Error::new(format!("{name}: this is {format}, not a bootloader"))
            .help("name a flat binary, as objcopy -O binary makes it of an ELF file; or leave --bootloader out"));
    }
    if !has_bootloader(&bytes) {
        return Err(Error::new(format!(
            "{name}: the bootloader has no instruction at its start, and would stay silent [flash-no-bootloader]"
        ))
        .help("name another file, or leave --bootloader out; flint explain flash-no-bootloader says more"));
    }
    Ok(bytes)
}

/// A monitor's flat binary, which the bootloader finds by what it says about itself.
fn monitor(path: &Path) -> Result<Vec<u8>, Error> {
    let bytes = read::file(path, "the monitor")?;
    let mut sectors = bytes.clone();
    sectors.resize(in_memory(map::MONITOR.len()), ERASED);
    match Monitor::find(&sectors, QEMU_VIRT.secure.variables.len()) {
        Ok(monitor) if monitor.image.len() == bytes.len() => Ok(bytes),
        Err(error @ FlashError::MonitorTooLarge { .. }) => {
            let code = error.code();
            Err(Error::new(format!("{}: {error} [{code}]", path.display())).help(format!("flint explain {code}")))
        }
        _ => Err(Error::new(format!("{}: this is no monitor of Flint", path.display()))
            .help("name the flat binary, all of it; or leave --bootloader and --monitor out")),
    }
}

/// One without the unused room at its end: QEMU dumps a MiB of which 8 KiB are in use.
fn packed_devicetree(path: &Path) -> Result<(Vec<u8>, String), Error> {
    let (mut bytes, name) = devicetree(path)?;
    let tree = Devicetree::parse(&bytes).map_err(|error| about_tree(&name, error))?;
    // The size is the second word of the header (Devicetree Specification v0.4, 5.2).
    if let Ok(size) = u32::try_from(tree.used_size()) {
        bytes.truncate(size as usize);
        bytes[4..8].copy_from_slice(&size.to_be_bytes());
    }
    Ok((bytes, name))
}

/// A device tree blob that can be read, and the name of its file.
pub(super) fn devicetree(path: &Path) -> Result<(Vec<u8>, String), Error> {
    let name = path.display().to_string();
    let bytes = read::file(path, "the device tree")?;
    if let Some(format) = Format::detect(&bytes).filter(|format| *format != Format::Devicetree) {
        let error = Error::new(format!("{name}: this is {format}, not a device tree blob"));
        return Err(error.help("give --dtb what dtc makes: dtc -O dtb -o FILE.dtb FILE.dts"));
    }
    match Devicetree::parse(&bytes) {
        Ok(_) => Ok((bytes, name)),
        Err(error) => Err(about_tree(&name, error)),
    }
}

/// Returns what is wrong with the device tree in this file.
pub(super) fn about_tree(name: &str, error: TreeError) -> Error {
    let code = error.code();
    Error::new(format!("{name}: {error} [{code}]")).help(format!("flint explain {code}"))
}
