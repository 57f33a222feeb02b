//! [`PlatformError`]: the reason why EL3 cannot serve a machine.

use core::fmt;

use devicetree::{GicKind, GpioLine, TreeError};
use phys_range::PhysRange;

use crate::CPUS_MAX;

/// The reason why EL3 cannot serve a machine as its own device tree describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformError {
    /// The tree itself cannot be used.
    Tree(TreeError),
    /// The tree describes no CPU.
    NoCpus,
    /// The tree describes more than [`CPUS_MAX`] CPUs.
    TooManyCpus,
    /// The `reg` of a CPU is not the affinity fields of an `MPIDR_EL1`.
    CpuNumber {
        /// The `reg`.
        reg: u64,
    },
    /// The tree does not describe the CPU that boots.
    BootCpu {
        /// The affinity fields of its `MPIDR_EL1`.
        affinity: u64,
    },
    /// The tree describes no GIC.
    NoGic,
    /// The GIC is of another architecture than the tree says, or of one that EL3 does not drive.
    GicKind {
        /// The tree's.
        described: GicKind,
        /// The architecture that the distributor names.
        architecture: u8,
    },
    /// A block of the GIC's registers is not where the board has it.
    GicAddress {
        /// The block's name.
        role: &'static str,
        /// The block in the tree, if there is one.
        block: Option<PhysRange>,
        /// The range in which the board has it.
        board: PhysRange,
    },
    /// The distance between redistributors is not the board's.
    GicStride {
        /// The distance, in bytes.
        stride: u64,
    },
    /// The tree describes secure RAM where the board has none.
    SecureRam {
        /// The tree's.
        described: PhysRange,
        /// The board's.
        secure: PhysRange,
    },
    /// A line that ends the machine is not the board's.
    Power {
        /// The tree's.
        described: GpioLine,
        /// The board's.
        board: GpioLine,
    },
    /// The console is none of the board's.
    Console {
        /// The address of its registers.
        address: u64,
    },
}

/// The code of every [`PlatformError`] of its own.
pub const CODES: &[&str] = &[
    "platform-no-cpus",
    "platform-cpu-limit",
    "platform-cpu-number",
    "platform-boot-cpu",
    "platform-no-gic",
    "platform-gic-kind",
    "platform-gic-address",
    "platform-gic-stride",
    "platform-secure-ram",
    "platform-power",
    "platform-console",
];

impl PlatformError {
    /// The short name of the error, which `flint explain` knows; one of [`CODES`], or a tree's.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Tree(error) => error.code(),
            Self::NoCpus => "platform-no-cpus",
            Self::TooManyCpus => "platform-cpu-limit",
            Self::CpuNumber { .. } => "platform-cpu-number",
            Self::BootCpu { .. } => "platform-boot-cpu",
            Self::NoGic => "platform-no-gic",
            Self::GicKind { .. } => "platform-gic-kind",
            Self::GicAddress { .. } => "platform-gic-address",
            Self::GicStride { .. } => "platform-gic-stride",
            Self::SecureRam { .. } => "platform-secure-ram",
            Self::Power { .. } => "platform-power",
            Self::Console { .. } => "platform-console",
        }
    }
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Tree(error) => error.fmt(f),
            Self::NoCpus => f.write_str("the machine's device tree describes no CPU"),
            Self::TooManyCpus => {
                write!(
                    f,
                    "the machine's device tree describes more than {} CPUs",
                    CPUS_MAX as u64
                )
            }
            Self::CpuNumber { reg } => {
                write!(f, "the machine's device tree has a CPU {reg:#x}, which is no affinity")
            }
            Self::BootCpu { affinity } => {
                write!(f, "the machine's device tree lacks the CPU that boots, {affinity:#x}")
            }
            Self::NoGic => f.write_str("the machine's device tree describes no GIC"),
            Self::GicKind {
                described,
                architecture,
            } => {
                let number = u64::from(architecture);
                write!(f, "the machine's device tree describes a {described}, ")?;
                match architecture {
                    1..=4 => write!(f, "but the distributor is one of a GICv{number}"),
                    _ => write!(f, "and the architecture of the distributor is unknown ({number})"),
                }
            }
            Self::GicAddress { role, block, board } => {
                write!(f, "the machine's device tree has the GIC's {role} ")?;
                match block {
                    Some(block) => write!(f, "at {block}, ")?,
                    None => f.write_str("nowhere, ")?,
                }
                write!(f, "but the board has it in {board}")
            }
            Self::GicStride { stride } => {
                write!(
                    f,
                    "the machine's device tree has redistributors {stride:#x} bytes apart, but the board 0x20000"
                )
            }
            Self::SecureRam { described, secure } => {
                write!(
                    f,
                    "the machine's device tree has secure RAM at {described}, but the board at {secure}"
                )
            }
            Self::Power { described, board } => {
                let [line, of_board] = [described.line, board.line].map(u64::from);
                write!(f, "the machine's device tree has power control on line {line} ")?;
                write!(f, "of {:#x}, but the board on line {of_board} ", described.controller)?;
                write!(f, "of {:#x}", board.controller)
            }
            Self::Console { address } => write!(f, "the board has no console at {address:#x}"),
        }
    }
}

impl core::error::Error for PlatformError {}

impl From<TreeError> for PlatformError {
    fn from(error: TreeError) -> Self {
        Self::Tree(error)
    }
}
