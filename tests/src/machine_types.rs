//! The versioned types of QEMU's `virt` machine, by asking QEMU.

use flint_cli::Error;
use flint_cli::qemu::Qemu;

/// A versioned machine type such as `virt-5.2`: the machine as that version of QEMU had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MachineType {
    /// The major and the minor number of the version.
    pub version: (u32, u32),
}

impl MachineType {
    /// The first type with the secure GPIO that powers the machine off and resets it (QEMU,
    /// `hw/arm/virt.c`, `no_secure_gpio`).
    const FIRST_WITH_SECURE_GPIO: Self = Self { version: (6, 0) };

    /// The name, as `-machine` takes it.
    pub fn name(self) -> String {
        let (major, minor) = self.version;
        format!("virt-{major}.{minor}")
    }

    /// Returns whether firmware at EL3 can power the machine off and reset it.
    pub fn has_secure_gpio(self) -> bool {
        self >= Self::FIRST_WITH_SECURE_GPIO
    }

    fn parse(name: &str) -> Option<Self> {
        let (major, minor) = name.strip_prefix("virt-")?.split_once('.')?;
        let version = (major.parse().ok()?, minor.parse().ok()?);
        Some(Self { version })
    }
}

/// Returns the versioned types that this QEMU has, the oldest first.
///
/// # Errors
/// QEMU lists none.
pub fn offered(qemu: &Qemu) -> Result<Vec<MachineType>, Error> {
    let found = parse(&qemu.machines()?);
    if found.is_empty() {
        return Err(Error::new("QEMU lists no versions of the machine virt (-machine help)"));
    }
    Ok(found)
}

/// Reads the first words of the lines of `-machine help`.
fn parse(help: &str) -> Vec<MachineType> {
    let names = help.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<_> = names.filter_map(MachineType::parse).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_versions_in_qemus_help() {
        let help = "Supported machines are:\nvirt-2.10            QEMU 2.10 ARM Virtual Machine (deprecated)\n\
            virt                 QEMU 7.2 ARM Virtual Machine (alias of virt-7.2)\nvirt-5.2  QEMU 5.2\n\
            virt-2.6             QEMU 2.6 ARM Virtual Machine\nxlnx-versal-virt     Xilinx\nvirt-6.0 x\n";
        let found = parse(help);
        let names: Vec<_> = found.iter().map(|found| found.name()).collect();
        assert_eq!(names, ["virt-2.6", "virt-2.10", "virt-5.2", "virt-6.0"]);
        let with_gpio: Vec<_> = found.iter().filter(|found| found.has_secure_gpio()).collect();
        assert_eq!(with_gpio, [&found[3]]);
    }
}
