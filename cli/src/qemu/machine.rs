//! [`Machine`]: which machine QEMU shall be, as data.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use phys_range::{MIB, Size};

use crate::{Error, reference_machine};

/// The exception level that the CPU resets to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartLevel {
    /// EL1: there is no EL2.
    El1,
    /// EL2 (`virtualization=on`).
    El2,
    /// EL3 (`secure=on`), with EL2 below it.
    El3,
    /// EL3, with EL1 below it.
    El3WithoutEl2,
}

impl StartLevel {
    /// The level that a kernel is entered at: the highest below EL3.
    pub const fn of_kernel(self) -> Self {
        match self {
            Self::El1 | Self::El3WithoutEl2 => Self::El1,
            Self::El2 | Self::El3 => Self::El2,
        }
    }

    /// Returns whether there is an EL3, where the firmware is alone: nobody else answers PSCI, and
    /// all CPUs start at once.
    pub const fn has_el3(self) -> bool {
        matches!(self, Self::El3 | Self::El3WithoutEl2)
    }

    /// All of them.
    pub const ALL: [Self; 4] = [Self::El1, Self::El2, Self::El3, Self::El3WithoutEl2];

    /// As `--el` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::El1 => "1",
            Self::El2 => "2",
            Self::El3 => "3",
            Self::El3WithoutEl2 => "3-without-el2",
        }
    }

    /// As an option of the machine.
    const fn option(self) -> &'static str {
        match self {
            Self::El1 => "",
            Self::El2 => ",virtualization=on",
            Self::El3 => ",secure=on,virtualization=on",
            Self::El3WithoutEl2 => ",secure=on",
        }
    }
}

/// The interrupt controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gic {
    /// GICv2, for at most 8 CPUs.
    V2,
    /// GICv3.
    V3,
}

/// The items that QEMU hands to the bootloader by fw_cfg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FwCfg {
    /// The kernel (`-kernel`).
    pub kernel: PathBuf,
    /// The initrd (`-initrd`).
    pub initrd: Option<PathBuf>,
    /// The kernel's command line (`-append`).
    pub command_line: Option<String>,
}

/// QEMU's machine `virt` with its options; the default is the reference machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The place where the CPU starts.
    pub el: StartLevel,
    /// The interrupt controller.
    pub gic: Gic,
    /// The CPU model, as `-cpu` takes it.
    pub cpu: String,
    /// The number of CPUs.
    pub smp: u32,
    /// The size of RAM, in bytes; QEMU counts it in mebibytes.
    pub memory_bytes: u64,
    /// The virtual clock counts instructions: one is one nanosecond.
    pub icount: bool,
    /// Stop at reset and wait for a debugger on port 1234.
    pub gdb: bool,
    /// What is handed over beside what is in the flash.
    pub fw_cfg: Option<FwCfg>,
    /// More arguments for QEMU, after all others.
    pub extra: Vec<OsString>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            el: StartLevel::El2,
            gic: Gic::V3,
            cpu: reference_machine::CPU.into(),
            smp: 1,
            memory_bytes: reference_machine::MEMORY_SIZE_BYTES,
            icount: false,
            gdb: false,
            fw_cfg: None,
            extra: Vec::new(),
        }
    }
}

impl Machine {
    /// Finds what would not start, or start and stay silent.
    ///
    /// # Errors
    /// More CPUs than the interrupt controller serves, a CPU of 32 bits, or an amount of RAM that
    /// QEMU cannot count or the bootloader cannot start with.
    pub fn check(&self) -> Result<(), Error> {
        if self.gic == Gic::V2 && self.smp > 8 {
            let message = format!("a GICv2 serves at most 8 CPUs, {} were asked for", self.smp);
            return Err(Error::usage(message).help("use --gic 3"));
        }
        if matches!(self.cpu.as_str(), "cortex-a7" | "cortex-a15") {
            let message = format!("{} is a 32-bit CPU; Flint boots 64-bit ones", self.cpu);
            return Err(Error::usage(message).help("use --cpu cortex-a53, or --cpu max for one with all features"));
        }
        if !self.memory_bytes.is_multiple_of(MIB) {
            let message = format!("{} of RAM are no whole number of mebibytes", Size(self.memory_bytes));
            return Err(Error::usage(message).help("use a size such as 64M or 3G"));
        }
        reference_machine::check_memory(self.memory_bytes)
    }

    /// Returns the arguments for QEMU, which boots the flash image at `flash` and never writes to
    /// it.
    pub fn arguments(&self, flash: Option<&Path>) -> Vec<OsString> {
        let reference = Self::default();
        let mut arguments: Vec<OsString> = vec![
            "-M".into(),
            format!("virt{},gic-version={}", self.el.option(), self.gic.number()).into(),
            "-cpu".into(),
            self.cpu.as_str().into(),
        ];
        if self.smp != reference.smp {
            arguments.extend(["-smp".into(), self.smp.to_string().into()]);
        }
        if self.memory_bytes != reference.memory_bytes {
            arguments.extend(["-m".into(), format!("{}M", self.memory_bytes / MIB).into()]);
        }
        arguments.push("-nographic".into());
        if self.icount {
            arguments.extend(["-icount".into(), "shift=0,sleep=off".into()]);
        }
        if self.gdb {
            arguments.extend(["-s".into(), "-S".into()]);
        }
        if let Some(flash) = flash {
            arguments.extend(["-drive".into(), flash_drive(flash)]);
        }
        arguments.extend(self.fw_cfg.iter().flat_map(FwCfg::arguments));
        arguments.extend(self.extra.iter().cloned());
        arguments
    }
}

impl FwCfg {
    fn arguments(&self) -> Vec<OsString> {
        let options = [
            ("-kernel", Some(self.kernel.as_os_str())),
            ("-initrd", self.initrd.as_deref().map(Path::as_os_str)),
            ("-append", self.command_line.as_ref().map(OsStr::new)),
        ];
        let given = options
            .into_iter()
            .filter_map(|(name, value)| Some([name.into(), value?.into()]));
        given.flatten().collect()
    }
}

/// The first flash. A kernel at EL1 or EL2 reaches it, and could rewrite the bootloader for the
/// next boot, were it not read-only. At EL3 the flash is secure, so no kernel reaches it; there,
/// too, QEMU needs no permission to write the file.
fn flash_drive(flash: &Path) -> OsString {
    with_file("if=pflash,format=raw,readonly=on,file=", flash)
}

/// The value of an option of QEMU that ends in a file's name: in it a comma is doubled.
pub fn with_file(option: &str, file: &Path) -> OsString {
    let mut value = OsString::from(option);
    match file.to_str() {
        Some(path) => value.push(path.replace(',', ",,")),
        None => value.push(file),
    }
    value
}

impl Gic {
    /// As `gic-version` takes it.
    pub const fn number(self) -> u32 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
        }
    }

    /// `GICv2` or `GICv3`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2 => "GICv2",
            Self::V3 => "GICv3",
        }
    }
}

impl fmt::Display for StartLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::El1 => "EL1",
            Self::El2 => "EL2",
            Self::El3 | Self::El3WithoutEl2 => "EL3",
        })
    }
}

/// The machine in words.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpus = if self.smp == 1 { "CPU" } else { "CPUs" };
        write!(
            f,
            "virt with {} {} {cpus}, {} of RAM, ",
            self.smp,
            self.cpu,
            Size(self.memory_bytes)
        )?;
        write!(f, "GICv{}, reset at {}", self.gic.number(), self.el)?;
        match self.el {
            StartLevel::El3WithoutEl2 => f.write_str(", without EL2"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shell_words;
    use super::*;

    fn command(machine: &Machine, flash: &str) -> String {
        shell_words(
            "qemu-system-aarch64".as_ref(),
            &machine.arguments(Some(Path::new(flash))),
        )
    }

    #[test]
    fn the_default_is_the_reference_machine() {
        let expected = "qemu-system-aarch64 -M virt,virtualization=on,gic-version=3 -cpu cortex-a53 -nographic \
                        -drive if=pflash,format=raw,readonly=on,file=pflash.bin";
        assert_eq!(command(&Machine::default(), "pflash.bin"), expected);
        assert_eq!(
            Machine::default().to_string(),
            "virt with 1 cortex-a53 CPU, 128 MiB of RAM, GICv3, reset at EL2"
        );
        let without_el2 = Machine {
            el: StartLevel::El3WithoutEl2,
            ..Machine::default()
        };
        assert!(without_el2.to_string().ends_with("reset at EL3, without EL2"));
    }

    #[test]
    fn every_option_reaches_qemu() {
        let machine = Machine {
            el: StartLevel::El1,
            gic: Gic::V2,
            cpu: "max".into(),
            smp: 8,
            memory_bytes: 3 << 30,
            icount: true,
            gdb: true,
            fw_cfg: Some(FwCfg {
                kernel: "Image".into(),
                initrd: Some("initrd.img".into()),
                command_line: Some("quiet panic=1".into()),
            }),
            extra: vec!["-d".into(), "int, guest".into()],
        };
        let expected = "qemu-system-aarch64 -M virt,gic-version=2 -cpu max -smp 8 -m 3072M -nographic \
                        -icount shift=0,sleep=off -s -S \
                        -drive if=pflash,format=raw,readonly=on,file=a,,b.bin \
                        -kernel Image -initrd initrd.img -append 'quiet panic=1' -d 'int, guest'";
        assert_eq!(command(&machine, "a,b.bin"), expected);
    }

    #[test]
    fn refuses_machines_that_cannot_start() {
        let refused = |machine: Machine| machine.check().is_err();
        assert!(refused(Machine {
            gic: Gic::V2,
            smp: 9,
            ..Machine::default()
        }));
        assert!(refused(Machine {
            cpu: "cortex-a15".into(),
            ..Machine::default()
        }));
        assert!(refused(Machine {
            memory_bytes: 1000,
            ..Machine::default()
        }));
        assert!(refused(Machine {
            memory_bytes: 2 * MIB,
            ..Machine::default()
        }));
        assert!(!refused(Machine {
            memory_bytes: 3 * MIB,
            ..Machine::default()
        }));
        assert!(!refused(Machine {
            smp: 9,
            ..Machine::default()
        }));
    }
}
