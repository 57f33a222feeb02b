//! [`Scenario`]: a boot, and what its console must and must not show.

use std::time::Duration;

use flint_cli::qemu::Machine;

use crate::flash::Flash;
use crate::mutator::Jump;
use crate::tree::TreeEdit;
use crate::userspace::LinuxBoot;

/// The time limit for a boot unless told otherwise: many times what it does take on two busy cores.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A boot, and what its console must and must not show.
///
/// The texts are patterns for [`crate::console::matches`]: parts of a line, in which `*` stands for
/// anything and `$` for its end.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// A sentence such as `boots_the_kernel_at_el2_with_gicv3`; the name of its console log too.
    pub name: String,
    /// The machine.
    pub machine: Machine,
    /// What it starts.
    pub start: Start,
    /// What is done to it before the first instruction.
    pub tampering: Vec<Tampering>,
    /// What lines must come in this order, each later than the one before, with any others between.
    pub lines: Vec<String>,
    /// What no line may hold.
    pub never: Vec<String>,
    /// The number of times that it must boot: more than once where it resets itself.
    pub boots: usize,
    /// The required end.
    pub end: End,
    /// The time limit for all of that.
    pub limit: Duration,
    /// True if `flint inspect` must find what the bootloader prints as its error, to the letter.
    pub is_predicted: bool,
    /// True if QEMU must have nothing to complain about (`-d guest_errors,unimp`).
    pub is_watched: bool,
}

/// The program that a machine starts.
#[derive(Clone, Debug)]
pub enum Start {
    /// The bootloader, from the flash.
    Flash(Flash),
    /// The bootloader, with what this makes of our kernel as QEMU's `-kernel`, and no command line
    /// but what is in there.
    FwCfg(fn(&[u8]) -> Vec<u8>),
    /// A stock Linux with an initrd, packed in one of many ways.
    Linux(LinuxBoot),
    /// Our kernel, put into RAM by QEMU (`-kernel`), with this command line.
    QemuKernel(&'static str),
    /// Our kernel, started by these commands of U-Boot; it is in RAM at
    /// [`crate::u_boot::KERNEL_ADDRESS`].
    UBoot(String),
}

/// A change to a machine before its first instruction. What QEMU itself puts there is in place
/// by then.
#[derive(Clone, Debug)]
pub enum Tampering {
    /// Whatever is unknown at reset is garbage: RAM and registers of all kinds, on each CPU that
    /// resets. The name is that of a function in `tests/mutations`.
    Poison(&'static str),
    /// This jump of the firmware is led to this function of `tests/mutations`.
    Mutation(Jump, &'static str),
    /// The bootloader finds a CPU without instructions for hashes and checksums.
    NoHashInstructions,
    /// The machine's device tree is another one.
    Tree(Vec<TreeEdit>),
}

/// The required end of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the last of its lines; what comes after it does not matter.
    LastLine,
    /// The machine powers off by itself, and QEMU ends with exit code 0.
    PowerOff,
    /// The machine stops for good: nothing comes after the last of its lines.
    Stop,
}

impl Scenario {
    /// A scenario with nothing to check but that it ends with a power-off.
    pub fn new(name: impl Into<String>, machine: Machine, start: Start) -> Self {
        Self {
            name: name.into(),
            machine,
            start,
            tampering: Vec::new(),
            lines: Vec::new(),
            never: Vec::new(),
            boots: 1,
            end: End::PowerOff,
            limit: LIMIT,
            is_predicted: false,
            is_watched: false,
        }
    }

    /// Does this to the machine first.
    #[must_use]
    pub fn tampered(mut self, tampering: Tampering) -> Self {
        self.tampering.push(tampering);
        self
    }

    /// These lines must come, after those that are asked for already.
    #[must_use]
    pub fn lines(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.lines.extend(lines.into_iter().map(Into::into));
        self
    }

    /// None of these may be in any line.
    #[must_use]
    pub fn never(mut self, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.never.extend(texts.into_iter().map(Into::into));
        self
    }

    /// It must boot so often.
    #[must_use]
    pub fn boots(self, boots: usize) -> Self {
        Self { boots, ..self }
    }

    /// It must end like this.
    #[must_use]
    pub fn ends(self, end: End) -> Self {
        Self { end, ..self }
    }

    /// It may take so long.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// `flint inspect` must say the same as the bootloader.
    #[must_use]
    pub fn predicted(self) -> Self {
        Self {
            is_predicted: true,
            ..self
        }
    }

    /// QEMU must have nothing to complain about.
    #[must_use]
    pub fn watched(self) -> Self {
        Self {
            is_watched: true,
            ..self
        }
    }

    /// The edits of the machine's device tree, if there are any.
    pub fn tree_edits(&self) -> Option<&[TreeEdit]> {
        self.tampering.iter().find_map(|tampering| match tampering {
            Tampering::Tree(edits) => Some(edits.as_slice()),
            _ => None,
        })
    }
}
