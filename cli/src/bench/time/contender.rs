//! [`Contender`]: a way from reset to Linux, and the options of QEMU for it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use phys_range::GIB;
use tempfile::NamedTempFile;

use super::format::Format;
use super::report::{Loader, Missing};
use super::{COMMAND_LINE, LINUX, u_boot};
use crate::Error;
use crate::build::Firmware;
use crate::flash::FlashBuilder;
use crate::qemu::{Machine, Qemu, StartLevel, with_file};
use crate::write::temporary_file;

/// U-Boot, from Debian's package `u-boot-qemu`.
pub const U_BOOT: &str = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";
/// EDK2, from Debian's package `qemu-efi-aarch64`.
const EDK2: &str = "/usr/share/AAVMF/AAVMF_CODE.fd";

/// The levels that the machines reset to, each with its number of CPUs.
pub(super) const MACHINES: [(StartLevel, u32); 2] = [(StartLevel::El2, 1), (StartLevel::El3, 8)];

/// A flash that QEMU does not write to: without an overlay, it starts sooner.
const READ_ONLY_FLASH: &str = "if=pflash,format=raw,readonly=on";

/// The boot loaders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// QEMU's own loader: `-kernel` without a firmware. It unpacks gzip, on the host.
    QemuKernel,
    /// Flint, with the kernel in flash.
    Flint,
    /// U-Boot, with the kernel in flash.
    UBoot,
    /// EDK2, with the kernel from QEMU's `-kernel`, entered as an EFI program.
    Edk2,
}

impl Kind {
    /// All of them, in the order of the report.
    const ALL: [Self; 4] = [Self::QemuKernel, Self::Flint, Self::UBoot, Self::Edk2];

    /// The name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QemuKernel => "QEMU -kernel",
            Self::Flint => "Flint",
            Self::UBoot => "U-Boot",
            Self::Edk2 => "EDK2",
        }
    }

    /// Returns what must be installed for it, where it is not.
    fn missing(self) -> Option<Missing> {
        let (file, package) = match self {
            Self::QemuKernel | Self::Flint => return None,
            Self::UBoot => (U_BOOT, "u-boot-qemu"),
            Self::Edk2 => (EDK2, "qemu-efi-aarch64"),
        };
        let name = self.name();
        (!Path::new(file).is_file()).then_some(Missing { name, file, package })
    }

    /// Returns the texts on its console before and after it puts the kernel into its place.
    pub const fn unpacking(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Flint => Some([" ms] plan ", " ms] load "]),
            Self::UBoot => Some(u_boot::UNPACKING),
            Self::QemuKernel | Self::Edk2 => None,
        }
    }

    /// Returns the options of QEMU that are its own; `file` holds the flash image, or the kernel.
    fn options(self, file: &Path) -> Vec<OsString> {
        match self {
            Self::QemuKernel => kernel_options(file),
            Self::Flint => flash_options(0, file),
            // The environment in the second flash does away with the delay and says how to boot.
            Self::UBoot => [vec!["-bios".into(), U_BOOT.into()], flash_options(1, file)].concat(),
            // Without a file for its variables EDK2 starts sooner.
            Self::Edk2 => [flash_options(0, Path::new(EDK2)), kernel_options(file)].concat(),
        }
    }
}

/// The kernel's source: flash, or QEMU's `-kernel`.
enum Source {
    /// A flash image or a packed kernel, made for this run.
    Made(NamedTempFile),
    /// The stock kernel where it is.
    Kernel(PathBuf),
}

/// A loader with a kernel in one format.
pub(super) struct Contender {
    pub kind: Kind,
    pub format: Format,
    source: Source,
}

/// Returns the loaders that are installed with each format that they unpack, and those that are not
/// installed.
///
/// # Errors
/// A flash image cannot be made or written.
pub(super) fn all(
    firmware: &Firmware,
    kernel: &[u8],
    progress: &mut dyn FnMut(&str),
) -> Result<(Vec<Contender>, Vec<Missing>), Error> {
    let (installed, missing): (Vec<_>, Vec<_>) = Kind::ALL.into_iter().partition(|kind| kind.missing().is_none());
    let mut contenders = Vec::new();
    for format in Format::ALL {
        progress(&format!("time: making flash images, {}", format.name()));
        let packed = format.pack(kernel)?;
        for kind in &installed {
            if let Some(source) = source(*kind, format, firmware, &packed)? {
                contenders.push(Contender {
                    kind: *kind,
                    format,
                    source,
                });
            }
        }
    }
    Ok((contenders, missing.into_iter().filter_map(Kind::missing).collect()))
}

/// Returns what `kind` boots with this kernel; `None` where it cannot unpack the format.
fn source(kind: Kind, format: Format, firmware: &Firmware, packed: &[u8]) -> Result<Option<Source>, Error> {
    let made = match (kind, format) {
        (Kind::QemuKernel | Kind::Edk2, Format::Raw) => return Ok(Some(Source::Kernel(LINUX.path()))),
        (Kind::QemuKernel, Format::Gzip) => packed.to_vec(),
        (Kind::QemuKernel | Kind::Edk2, _) => return Ok(None),
        (Kind::Flint, _) => FlashBuilder::new()
            .firmware(firmware.clone())
            .kernel(packed)
            .command_line(COMMAND_LINE)
            .build()?,
        (Kind::UBoot, _) => match u_boot::flash(packed, format, COMMAND_LINE) {
            Some(flash) => flash,
            None => return Ok(None),
        },
    };
    temporary_file("flint-bench-", &made).map(|file| Some(Source::Made(file)))
}

impl Contender {
    /// Returns the machine that starts it, reset at `el` with `smp` CPUs.
    pub fn machine(&self, el: StartLevel, smp: u32) -> Machine {
        let file = match &self.source {
            Source::Made(file) => file.path(),
            Source::Kernel(file) => file,
        };
        self.machine_with(file, el, smp)
    }

    fn machine_with(&self, file: &Path, el: StartLevel, smp: u32) -> Machine {
        Machine {
            el,
            cpu: "cortex-a57".into(),
            smp,
            memory_bytes: GIB,
            extra: self.kind.options(file),
            ..Machine::default()
        }
    }

    /// Returns whether the loader is made for machines that reset at `el`: EDK2's build is not for
    /// EL3.
    pub fn starts_at(&self, el: StartLevel) -> bool {
        !(self.kind == Kind::Edk2 && el.has_el3())
    }

    /// Returns the report of its runs, so far without any.
    pub fn loader(&self, qemu: &Qemu, el: StartLevel, smp: u32) -> Loader {
        let file = match &self.source {
            Source::Made(_) if self.kind == Kind::QemuKernel => "Image.gz",
            Source::Made(_) => "flash.bin",
            Source::Kernel(_) => "Image",
        };
        Loader {
            name: self.kind.name(),
            kernel: self.format.name(),
            start_level: el.to_string(),
            cpus: smp,
            qemu_command: qemu.command_text(&self.machine_with(Path::new(file), el, smp), None),
            microseconds: Vec::new(),
            unpack_microseconds: Vec::new(),
        }
    }
}

fn flash_options(unit: u8, file: &Path) -> Vec<OsString> {
    let option = format!("{READ_ONLY_FLASH},unit={unit},file=");
    vec!["-drive".into(), with_file(&option, file)]
}

fn kernel_options(kernel: &Path) -> Vec<OsString> {
    vec!["-kernel".into(), kernel.into(), "-append".into(), COMMAND_LINE.into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::shell_words;

    fn contenders() -> Vec<Contender> {
        let firmware = Firmware {
            bootloader: b"bootloader".to_vec(),
            monitor: b"monitor".to_vec(),
        };
        all(&firmware, b"kernel", &mut |_| ()).unwrap().0
    }

    #[test]
    fn all_boot_the_same_kernel_on_the_same_machine() {
        for contender in contenders() {
            let arguments = contender.machine(StartLevel::El3, 8).arguments(None);
            let command = shell_words("qemu".as_ref(), &arguments);
            assert!(
                command.starts_with(
                    "qemu -M virt,secure=on,virtualization=on,gic-version=3 -cpu cortex-a57 -smp 8 -m 1024M -nographic "
                ),
                "{command}"
            );
            if let (Source::Made(file), Format::Raw) = (&contender.source, contender.format) {
                let flash = std::fs::read(file.path()).unwrap();
                assert!(flash[0x10_0000..].starts_with(b"kernel\xff"), "{command}");
            }
            let is_by_qemu = matches!(contender.kind, Kind::QemuKernel | Kind::Edk2);
            assert_eq!(is_by_qemu, command.contains("-kernel"), "{command}");
        }
    }

    #[test]
    fn each_loader_gets_the_formats_that_it_unpacks() {
        let contenders = contenders();
        let formats = |kind| {
            let of_kind = contenders.iter().filter(|contender| contender.kind == kind);
            of_kind.map(|contender| contender.format).collect::<Vec<_>>()
        };
        assert_eq!(formats(Kind::QemuKernel), [Format::Raw, Format::Gzip]);
        assert_eq!(formats(Kind::Flint), Format::ALL);
        for (kind, its_formats) in [(Kind::UBoot, &Format::ALL[..3]), (Kind::Edk2, &Format::ALL[..1])] {
            let expected = if kind.missing().is_some() { &[] } else { its_formats };
            assert_eq!(formats(kind), expected);
        }
    }
}
