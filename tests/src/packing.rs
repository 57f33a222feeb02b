//! [`Packing`]: the forms in which a kernel and its initrd come to the machine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use flint_cli::arguments::{Arguments, Command};
use flint_cli::build::Firmware;
use flint_cli::command::image;
use flint_cli::flash::FlashBuilder;

use crate::compression::Compression;
use crate::fit::{DataPlace, Fit};

/// A form in which a kernel and its initrd come to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// QEMU's own loader puts everything into RAM, and ours is not there: what all others are
    /// compared with.
    QemuLoader,
    /// The kernel alone in the flash. Such a flash has no place for an initrd, so QEMU puts it into
    /// RAM, and the command line tells the kernel where it is.
    KernelInFlash(Compression),
    /// What `flint image --kernel --initrd --cmdline` makes.
    FlintImage,
    /// A FIT by `mkimage`, in the flash; the command line in the settings block.
    Fit(Compression, DataPlace),
    /// QEMU's `-kernel`, `-initrd` and `-append`, beside a flash with nothing but the bootloader.
    /// (QEMU would unpack gzip by itself.)
    FwCfg(Compression),
}

/// All that there are through our bootloader, with names for scenarios.
pub const ALL: [(Packing, &str); 11] = [
    (Packing::KernelInFlash(Compression::None), "raw"),
    (Packing::FwCfg(Compression::None), "fw_cfg"),
    (Packing::KernelInFlash(Compression::Lz4), "lz4"),
    (Packing::KernelInFlash(Compression::Lz4Legacy), "lz4_legacy"),
    (Packing::KernelInFlash(Compression::Gzip), "gzip"),
    (Packing::KernelInFlash(Compression::Zstd), "zstd"),
    (Packing::FwCfg(Compression::Zstd), "fw_cfg_zstd"),
    (Packing::FlintImage, "flint_image"),
    (Packing::Fit(Compression::None, DataPlace::Embedded), "fit"),
    (Packing::Fit(Compression::Gzip, DataPlace::Embedded), "fit_gzip"),
    (Packing::Fit(Compression::Zstd, DataPlace::External), "fit_external"),
];

/// The parts to be packed.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    /// The firmware.
    pub firmware: &'a Firmware,
    /// The raw kernel.
    pub kernel: &'a Path,
    /// The initrd.
    pub initrd: &'a Path,
    /// The command line, as the kernel shall get it.
    pub command_line: &'a str,
    /// The place where the initrd can be in RAM, where nobody else places it.
    pub initrd_address: u64,
}

/// The files that the machine starts with.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    /// The flash, unless there is none.
    pub flash: Option<Vec<u8>>,
    /// Arguments for QEMU.
    pub arguments: Vec<OsString>,
}

impl Packing {
    /// The packages of Debian without which it cannot be made here.
    pub fn missing(self) -> Option<String> {
        match self {
            Self::QemuLoader | Self::FlintImage => None,
            Self::KernelInFlash(compression) | Self::FwCfg(compression) => compression.missing(),
            Self::Fit(compression, _) => compression.missing().or_else(Fit::missing),
        }
    }

    /// The command line that the kernel gets.
    ///
    /// # Errors
    /// There is no such initrd.
    pub fn command_line(self, parts: &Parts<'_>) -> anyhow::Result<String> {
        if let Self::KernelInFlash(_) = self {
            let size = fs::metadata(parts.initrd)?.len();
            return Ok(format!(
                "{} initrdmem={:#x},{size}",
                parts.command_line, parts.initrd_address
            ));
        }
        Ok(parts.command_line.into())
    }

    /// Packs the parts; temporary files are made in `folder`.
    ///
    /// # Errors
    /// A tool fails, or something does not fit.
    pub fn pack(self, parts: &Parts<'_>, folder: &Path) -> anyhow::Result<Packed> {
        let flash = || FlashBuilder::new().firmware(parts.firmware.clone());
        match self {
            Self::QemuLoader => Ok(Packed {
                flash: None,
                arguments: parts.direct_arguments(parts.kernel),
            }),
            Self::KernelInFlash(compression) => Ok(Packed {
                flash: Some(
                    flash()
                        .kernel(compression.compress(parts.kernel)?)
                        .command_line(self.command_line(parts)?)
                        .build()?,
                ),
                arguments: parts.initrd_in_ram(),
            }),
            Self::FlintImage => Ok(Packed {
                flash: Some(flint_image(parts, folder)?),
                arguments: Vec::new(),
            }),
            Self::Fit(compression, place) => {
                let fit = Fit::new(compression, place).build(parts.kernel, parts.initrd, folder)?;
                Ok(Packed {
                    flash: Some(flash().kernel(fit).command_line(parts.command_line).build()?),
                    arguments: Vec::new(),
                })
            }
            Self::FwCfg(compression) => Ok(Packed {
                flash: Some(flash().build()?),
                arguments: parts.direct_arguments(&compressed_file(compression, parts.kernel, folder)?),
            }),
        }
    }
}

impl Parts<'_> {
    fn direct_arguments(&self, kernel: &Path) -> Vec<OsString> {
        vec![
            "-kernel".into(),
            kernel.into(),
            "-initrd".into(),
            self.initrd.into(),
            "-append".into(),
            self.command_line.into(),
        ]
    }

    fn initrd_in_ram(&self) -> Vec<OsString> {
        let mut device = OsString::from(format!("loader,addr={:#x},force-raw=on,file=", self.initrd_address));
        device.push(self.initrd);
        vec!["-device".into(), device]
    }
}

/// A file with the compressed kernel.
fn compressed_file(compression: Compression, kernel: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    if compression == Compression::None {
        return Ok(kernel.into());
    }
    let path = folder.join("kernel");
    fs::write(&path, compression.compress(kernel)?).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// Returns what the command `flint image` makes, by its own arguments.
fn flint_image(parts: &Parts<'_>, folder: &Path) -> anyhow::Result<Vec<u8>> {
    let [bootloader, monitor] = ["bootloader", "monitor"].map(|name| folder.join(name));
    fs::write(&bootloader, &parts.firmware.bootloader)?;
    fs::write(&monitor, &parts.firmware.monitor)?;
    let words: [OsString; 14] = [
        "flint".into(),
        "image".into(),
        "--kernel".into(),
        parts.kernel.into(),
        "--initrd".into(),
        parts.initrd.into(),
        "--cmdline".into(),
        parts.command_line.into(),
        "--bootloader".into(),
        bootloader.into(),
        "--monitor".into(),
        monitor.into(),
        "--output".into(),
        folder.join("unused").into(),
    ];
    let Command::Image(arguments) = Arguments::try_parse_from(words)?.command else {
        anyhow::bail!("flint image is another command");
    };
    Ok(image::Flash::of(&arguments.parts)?.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(packing: Packing) -> (Packed, String) {
        let firmware = Firmware {
            bootloader: b"bootloader".into(),
            monitor: b"monitor".into(),
        };
        let folder = tempfile::tempdir().unwrap();
        let (kernel, initrd) = (folder.path().join("vmlinuz"), folder.path().join("initrd"));
        fs::write(&kernel, b"kernel").unwrap();
        fs::write(&initrd, b"initrd").unwrap();
        let parts = Parts {
            firmware: &firmware,
            kernel: &kernel,
            initrd: &initrd,
            command_line: "quiet",
            initrd_address: 0x4800_0000,
        };
        let packed = packing.pack(&parts, folder.path()).unwrap();
        (packed, packing.command_line(&parts).unwrap())
    }

    fn words(packed: &Packed) -> String {
        let words = packed.arguments.iter().map(|word| word.to_string_lossy().into_owned());
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_kernel_alone_in_the_flash_finds_its_initrd_by_the_command_line() {
        let (packed, command_line) = pack(Packing::KernelInFlash(Compression::None));
        assert_eq!(command_line, "quiet initrdmem=0x48000000,6");
        assert!(words(&packed).starts_with("-device loader,addr=0x48000000,force-raw=on,file=/"));
        let flash = packed.flash.unwrap();
        assert!(flash.starts_with(b"bootloader"));
        assert!(flash[0x10_0000..].starts_with(b"kernel\xff"));
    }

    #[test]
    fn over_fw_cfg_nothing_is_in_the_flash_but_the_firmware() {
        let (packed, command_line) = pack(Packing::FwCfg(Compression::None));
        assert_eq!(command_line, "quiet");
        assert!(words(&packed).ends_with("-append quiet"));
        let flash = packed.flash.unwrap();
        assert!(flash.starts_with(b"bootloader\xff"));
        assert!(flash[0x4_0000..].starts_with(b"monitor\xff"));
        assert!(flash[0x8_0000..].iter().all(|byte| *byte == 0xff));
    }

    #[test]
    fn qemus_loader_needs_no_flash() {
        let (packed, _) = pack(Packing::QemuLoader);
        assert!(packed.flash.is_none());
        assert!(words(&packed).starts_with("-kernel /"));
    }

    #[test]
    fn no_two_packings_have_the_same_name() {
        let names: std::collections::HashSet<_> = ALL.iter().map(|(_, name)| name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
