//! [`Defect`] and [`RegDefect`]: the broken rule inside a
//! [`crate::TreeError`].

use core::fmt;

/// The rule of the flattened format that a blob breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Offsets, sizes or alignments in the header do not fit together.
    Header,
    /// The memory reservation block has no end.
    Reservations,
    /// A token of the structure block is unknown or out of place.
    Token,
    /// A name that no node or property can have: empty, too long, without an end, or with other
    /// characters.
    Name,
    /// The structure block does not end where the header says.
    StructureEnd,
    /// The strings block does not end with a NUL.
    Strings,
    /// Two children of a node have the same name.
    DuplicateNode,
    /// Two properties of a node have the same name.
    DuplicateProperty,
}

/// The reason why a `reg` property does not describe ranges of physical addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegDefect {
    /// `#address-cells` or `#size-cells` of the parent is neither 1 nor 2.
    Cells {
        /// `#address-cells`.
        address: u32,
        /// `#size-cells`.
        size: u32,
    },
    /// The length is no multiple of what one entry takes.
    Length {
        /// The length of the property, in bytes.
        length_bytes: usize,
        /// The length of one entry, in bytes.
        entry_bytes: usize,
    },
    /// There is no entry.
    Missing,
    /// A range of no bytes.
    Empty {
        /// The first address.
        start: u64,
    },
    /// A range behind a bus that does not lead to the CPU.
    Bus {
        /// The first address, as it stands behind the bus.
        start: u64,
        /// The size, in bytes.
        size_bytes: u64,
    },
    /// A range that is to be written does not fit into the cells of the tree's root.
    TooWide {
        /// The first address.
        start: u64,
        /// The size, in bytes.
        size_bytes: u64,
    },
    /// A range passes the end of the 64-bit address space.
    Wraps {
        /// The first address.
        start: u64,
        /// The size, in bytes.
        size_bytes: u64,
    },
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "the header puts the blocks where they cannot be",
            Self::Reservations => "the memory reservation block has no end",
            Self::Token => "a token is unknown or out of place",
            Self::Name => "this is no name for a node or a property",
            Self::StructureEnd => "the structure block does not end where the header says",
            Self::Strings => "the strings block does not end with a NUL",
            Self::DuplicateNode => "a node beside this one has the same name",
            Self::DuplicateProperty => "the node already has a property of this name",
        })
    }
}

impl fmt::Display for RegDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Cells { address, size } => {
                let (address, size) = (u64::from(address), u64::from(size));
                write!(
                    f,
                    "a reg of {address} address cells and {size} size cells, but only 1 and 2 are supported"
                )
            }
            Self::Length {
                length_bytes,
                entry_bytes,
            } => {
                write!(
                    f,
                    "a reg of {length_bytes} bytes, which is no multiple of {entry_bytes}"
                )
            }
            Self::Missing => f.write_str("no reg"),
            Self::Empty { start } => write!(f, "a range of no bytes at {start:#x}"),
            Self::Bus { start, size_bytes } => {
                write!(
                    f,
                    "a range behind a bus whose ranges do not hold it: {size_bytes:#x} bytes from {start:#x}"
                )
            }
            Self::TooWide { start, size_bytes } => {
                write!(f, "too few cells for a range: {size_bytes:#x} bytes from {start:#x}")
            }
            Self::Wraps { start, size_bytes } => {
                write!(
                    f,
                    "a range that passes the end of the address space: {size_bytes:#x} bytes from {start:#x}"
                )
            }
        }
    }
}
