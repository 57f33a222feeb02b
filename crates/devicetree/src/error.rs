//! Why a device tree was refused: [`TreeError`], its message and its code.

use core::fmt;

use phys_range::{PhysRange, Size};

use crate::{Defect, GicKind, MAX_SIZE_BYTES, PsciConduit, RegDefect};

/// The reason why a device tree cannot be used. Offsets count from the first byte of the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeError {
    /// Fewer bytes than a header has (40).
    TooShort {
        /// The number of bytes there are.
        length_bytes: usize,
    },
    /// The first word is not 0xd00dfeed: there is no device tree here.
    Magic {
        /// The word found.
        found: u32,
    },
    /// `totalsize` is less than the header, or more than the bytes there are.
    TotalSize {
        /// What the header claims, in bytes.
        total_bytes: u64,
        /// The number of bytes there are.
        available_bytes: u64,
    },
    /// Larger than a kernel accepts (boot-protocol B2).
    TooLarge {
        /// The size of the tree, in bytes.
        total_bytes: u64,
    },
    /// Not readable as version 17 of the format.
    Version {
        /// The version that the header claims.
        version: u64,
    },
    /// The blob breaks a rule of the flattened format (Devicetree Specification v0.4, chapter 5).
    Corrupt {
        /// The rule.
        defect: Defect,
        /// The place where it is broken, in bytes from the start of the blob.
        offset_bytes: u32,
    },
    /// The tree is well formed, but larger than this crate has room for.
    Limit {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The largest number that is accepted.
        limit: usize,
    },
    /// Something that does not describe ranges of physical addresses as it should.
    Reg {
        /// Which kind of node it is in, or the memory reservation block.
        place: &'static str,
        /// The rule that it breaks.
        defect: RegDefect,
    },
    /// No node describes any RAM (Devicetree Specification v0.4, 3.4; boot-protocol A1).
    NoRam,
    /// Two banks of RAM share addresses.
    RamOverlap {
        /// The lower bank.
        first: PhysRange,
        /// The bank that begins inside it.
        second: PhysRange,
    },
    /// A stored tree describes RAM that the machine's own tree does not.
    RamOutside {
        /// The bank of RAM.
        bank: PhysRange,
    },
    /// A stored tree describes a GIC of another architecture than the machine's own tree.
    GicKind {
        /// The stored tree's.
        described: GicKind,
        /// The machine's.
        machine: GicKind,
    },
    /// A stored tree describes registers of the GIC where the machine has none.
    GicAddress {
        /// The block of registers in the stored tree.
        block: PhysRange,
        /// Which block it is to be.
        role: &'static str,
        /// The machine's block of that kind, or its first.
        machine: PhysRange,
    },
    /// A stored tree describes a CPU that the machine does not have.
    CpuOutside {
        /// The affinity fields of its `MPIDR_EL1`.
        affinity: u64,
        /// The number of CPUs that the machine has.
        machine_cpus: usize,
    },
    /// A stored tree says that PSCI is called in another way than it is.
    PsciConduit {
        /// The stored tree's.
        described: PsciConduit,
        /// The machine's.
        machine: PsciConduit,
    },
    /// A property that must be one NUL-terminated UTF-8 string is something else.
    Text {
        /// The name of the property.
        property: &'static str,
    },
    /// A command line to be written has a NUL byte in it.
    BootargsNul {
        /// The offset of the NUL in the command line, in bytes.
        offset_bytes: usize,
    },
    /// The destination of the edited tree is too small.
    NoRoom {
        /// The number of bytes that are needed.
        needed_bytes: u64,
        /// The number of bytes there are.
        available_bytes: u64,
    },
}

/// The code of every [`TreeError`].
pub const CODES: &[&str] = &[
    "tree-too-short",
    "tree-magic",
    "tree-total-size",
    "tree-too-large",
    "tree-version",
    "tree-corrupt",
    "tree-limit",
    "tree-reg",
    "tree-no-ram",
    "tree-ram-overlap",
    "tree-ram-outside",
    "tree-gic-kind",
    "tree-gic-address",
    "tree-cpu-outside",
    "tree-psci-conduit",
    "tree-text",
    "tree-bootargs-nul",
    "tree-no-room",
];

impl TreeError {
    /// The short name of the error, which `flint explain` knows; one of [`CODES`].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "tree-too-short",
            Self::Magic { .. } => "tree-magic",
            Self::TotalSize { .. } => "tree-total-size",
            Self::TooLarge { .. } => "tree-too-large",
            Self::Version { .. } => "tree-version",
            Self::Corrupt { .. } => "tree-corrupt",
            Self::Limit { .. } => "tree-limit",
            Self::Reg { .. } => "tree-reg",
            Self::NoRam => "tree-no-ram",
            Self::RamOverlap { .. } => "tree-ram-overlap",
            Self::RamOutside { .. } => "tree-ram-outside",
            Self::GicKind { .. } => "tree-gic-kind",
            Self::GicAddress { .. } => "tree-gic-address",
            Self::CpuOutside { .. } => "tree-cpu-outside",
            Self::PsciConduit { .. } => "tree-psci-conduit",
            Self::Text { .. } => "tree-text",
            Self::BootargsNul { .. } => "tree-bootargs-nul",
            Self::NoRoom { .. } => "tree-no-room",
        }
    }
}

impl core::error::Error for TreeError {}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooShort { length_bytes } => {
                write!(
                    f,
                    "{length_bytes} bytes are too few for a device tree: its header alone has 40"
                )
            }
            Self::Magic { found } => {
                write!(
                    f,
                    "there is no device tree here: it would begin with 0xd00dfeed, found {found:#010x}"
                )
            }
            Self::TotalSize {
                total_bytes,
                available_bytes,
            } => {
                write!(
                    f,
                    "the device tree claims {total_bytes} bytes, which is not between 40 and the "
                )?;
                write!(f, "{available_bytes} bytes there are")
            }
            Self::TooLarge { total_bytes } => {
                write!(
                    f,
                    "the device tree has {total_bytes} bytes, but a kernel accepts at most "
                )?;
                write!(f, "{}", Size(MAX_SIZE_BYTES))
            }
            Self::Version { version } => {
                write!(
                    f,
                    "the device tree has format version {version}, but only version 17 is supported"
                )
            }
            Self::Corrupt { defect, offset_bytes } => {
                write!(f, "the device tree is corrupt at offset {offset_bytes:#x}: {defect}")
            }
            Self::Limit { what, limit } => write!(f, "the device tree has more than {limit} {what}"),
            Self::Reg { place, defect } => write!(f, "{place} of the device tree has {defect}"),
            Self::NoRam => write!(f, "the device tree describes no RAM"),
            Self::RamOverlap { first, second } => {
                write!(f, "the device tree describes RAM twice: {first} and {second} overlap")
            }
            Self::RamOutside { bank } => {
                write!(
                    f,
                    "the device tree describes RAM that the machine does not have: {bank}"
                )
            }
            Self::GicKind { described, machine } => {
                write!(
                    f,
                    "the kernel's device tree describes a {described}, but the machine has a {machine}"
                )
            }
            Self::GicAddress { block, role, machine } => {
                write!(f, "the kernel's device tree has the GIC's {role} at {block}, ")?;
                write!(f, "but the machine has it at {machine}")
            }
            Self::CpuOutside { affinity, machine_cpus } => {
                write!(f, "the kernel's device tree describes CPU {affinity:#x}, ")?;
                write!(f, "which is none of the {} CPUs of the machine", machine_cpus as u64)
            }
            Self::PsciConduit { described, machine } => {
                write!(f, "the kernel's device tree calls PSCI by {described}, ")?;
                write!(f, "but this machine answers {machine}")
            }
            Self::Text { property } => {
                write!(
                    f,
                    "the property {property} of the device tree is not one NUL-terminated UTF-8 string"
                )
            }
            Self::BootargsNul { offset_bytes } => {
                write!(f, "the command line has a NUL byte at offset {offset_bytes}")
            }
            Self::NoRoom {
                needed_bytes,
                available_bytes,
            } => {
                write!(
                    f,
                    "the edited device tree needs {needed_bytes} bytes, but has room for {available_bytes}"
                )
            }
        }
    }
}
