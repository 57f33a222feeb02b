//! [`Contender`]: a way from reset to Linux, and what QEMU must be told for it.

use std::ffi::OsString;
use std::path::Path;

use tempfile::NamedTempFile;

use super::report::{Loader, Missing};
use super::{COMMAND_LINE, LINUX, machine, u_boot};
use crate::Error;
use crate::flash::FlashBuilder;
use crate::qemu::{Machine, Qemu, with_file};
use crate::write::temporary_file;

/// U-Boot, from Debian's package `u-boot-qemu`.
pub const U_BOOT: &str = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";
/// EDK2, from Debian's package `qemu-efi-aarch64`.
const EDK2: &str = "/usr/share/AAVMF/AAVMF_CODE.fd";

/// A flash that QEMU does not write to: without an overlay, it starts sooner.
const READ_ONLY_FLASH: &str = "if=pflash,format=raw,readonly=on";

/// A way from reset to Linux.
pub(super) struct Contender {
    pub name: &'static str,
    /// What is not installed, if something is.
    pub missing: Option<Missing>,
    /// QEMU's options, given the flash image.
    options: fn(&Path) -> Vec<OsString>,
    /// The flash image, where one is made.
    flash: Option<NamedTempFile>,
}

/// All of them. The first is what the others are compared with, the second is ours.
pub(super) fn all(bootloader: &[u8], kernel: &[u8]) -> Result<Vec<Contender>, Error> {
    let flash = FlashBuilder::new()
        .bootloader(bootloader)
        .kernel(kernel)
        .command_line(COMMAND_LINE);
    let file = |flash: &[u8]| temporary_file("flint-bench-", flash).map(Some);
    let contender = |name, options, flash| Contender {
        name,
        missing: None,
        options,
        flash,
    };
    Ok(vec![
        contender("QEMU -kernel", |_| kernel_options(), None),
        contender(
            "Flint, Image in flash",
            |flash| flash_options(0, flash),
            file(&flash.build()?)?,
        ),
        Contender {
            missing: missing("U-Boot", U_BOOT, "u-boot-qemu"),
            ..contender(
                "U-Boot, Image in flash",
                u_boot_options,
                file(&u_boot::flash(kernel, COMMAND_LINE))?,
            )
        },
        Contender {
            missing: missing("EDK2", EDK2, "qemu-efi-aarch64"),
            ..contender("EDK2, -kernel", edk2_options, None)
        },
    ])
}

fn missing(name: &'static str, file: &'static str, package: &'static str) -> Option<Missing> {
    (!Path::new(file).is_file()).then_some(Missing { name, file, package })
}

impl Contender {
    /// The machine that starts it.
    pub fn machine(&self) -> Machine {
        let flash = self.flash.as_ref().map_or(Path::new(""), NamedTempFile::path);
        self.machine_with(flash)
    }

    fn machine_with(&self, flash: &Path) -> Machine {
        Machine {
            extra: (self.options)(flash),
            ..machine()
        }
    }

    /// What is reported of it.
    pub fn loader(&self, qemu: &Qemu, microseconds: Vec<u64>) -> Loader {
        Loader {
            name: self.name,
            qemu_command: qemu.command_text(&self.machine_with(Path::new("flash.bin")), None),
            microseconds,
        }
    }
}

fn flash_options(unit: u8, file: &Path) -> Vec<OsString> {
    let option = format!("{READ_ONLY_FLASH},unit={unit},file=");
    vec!["-drive".into(), with_file(&option, file)]
}

fn kernel_options() -> Vec<OsString> {
    vec![
        "-kernel".into(),
        LINUX.path().into(),
        "-append".into(),
        COMMAND_LINE.into(),
    ]
}

/// The environment in the second flash does away with the delay and says how to boot: nobody has to type.
fn u_boot_options(flash: &Path) -> Vec<OsString> {
    [vec!["-bios".into(), U_BOOT.into()], flash_options(1, flash)].concat()
}

/// EDK2 fetches the kernel from QEMU, and enters it as an EFI program. Without a file for its variables it starts sooner.
fn edk2_options(_: &Path) -> Vec<OsString> {
    [flash_options(0, Path::new(EDK2)), kernel_options()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::shell_words;

    #[test]
    fn all_boot_the_same_kernel_on_the_same_machine() {
        let command = |contender: &Contender| shell_words("qemu".as_ref(), &contender.machine().arguments(None));
        for contender in all(b"bootloader", b"kernel").unwrap() {
            let command = command(&contender);
            assert!(
                command
                    .starts_with("qemu -M virt,virtualization=on,gic-version=3 -cpu cortex-a57 -m 1024M -nographic "),
                "{command}"
            );
            let flash = contender.flash.map(|file| std::fs::read(file.path()).unwrap());
            let is_in_flash = flash.is_some_and(|bytes| bytes[0x10_0000..].starts_with(b"kernel\xff"));
            assert_ne!(is_in_flash, command.contains("-kernel"), "{}", contender.name);
        }
    }

    #[test]
    fn names_what_is_not_installed() {
        assert!(missing("a program", "/", "package").is_some());
        assert!(missing("a program", "/proc/self/exe", "package").is_none());
    }
}
