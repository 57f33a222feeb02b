//! [`FitError`]: the reason of a refused FIT, its message and its code.

use core::fmt;

use devicetree::TreeError;

use crate::NodeName;

/// The reason why a FIT cannot be used. Offsets count from its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitError {
    /// It is no flattened tree, or a broken one.
    Tree(TreeError),
    /// A node lacks a property or a child that it must have.
    Missing {
        /// The node.
        node: NodeName,
        /// What it lacks.
        what: &'static str,
    },
    /// `/configurations` has no `default`.
    NoDefault {
        /// The first of the configurations.
        first: NodeName,
    },
    /// A property names a node that is not there.
    NoNode {
        /// The node with the property.
        by: NodeName,
        /// The property.
        property: &'static str,
        /// The node that it names.
        name: NodeName,
        /// The place where that node would be.
        parent: &'static str,
    },
    /// A name might mean two nodes, because some loaders ignore unit addresses.
    Ambiguous {
        /// The name.
        name: NodeName,
        /// The other node that it might mean.
        other: NodeName,
    },
    /// A property is not written as it should be.
    Property {
        /// The node with the property.
        node: NodeName,
        /// The property.
        property: &'static str,
        /// The rule that it breaks, as the end of a sentence.
        rule: &'static str,
        /// The length of the property, in bytes.
        length_bytes: u64,
    },
    /// The data of an image are not where the FIT says.
    DataOutside {
        /// The image.
        node: NodeName,
        /// The offset of its data.
        start: u64,
        /// Their length.
        size_bytes: u64,
        /// The length of the tree, which comes before all data outside of it.
        tree_bytes: u64,
        /// The number of bytes there are.
        available_bytes: u64,
    },
    /// Something that Flint cannot start, or cannot verify.
    Unsupported {
        /// The node.
        node: NodeName,
        /// Its property.
        property: &'static str,
        /// What that says.
        found: NodeName,
        /// What is supported, as a sentence.
        rule: &'static str,
    },
    /// The data of an image are not those that were packed.
    Hash {
        /// The image and the hash.
        node: NodeName,
        /// How the hash is computed.
        algorithm: &'static str,
        /// The first four bytes of the hash in the FIT that differ.
        recorded: u32,
        /// Those of the hash of the data.
        computed: u32,
    },
}

/// The code of every [`FitError`].
pub const CODES: &[&str] = &[
    "fit-tree",
    "fit-missing",
    "fit-no-default",
    "fit-no-node",
    "fit-ambiguous",
    "fit-property",
    "fit-data",
    "fit-unsupported",
    "fit-hash",
];

impl FitError {
    /// The short name of the error, which `flint explain` knows; one of [`CODES`].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Tree(_) => "fit-tree",
            Self::Missing { .. } => "fit-missing",
            Self::NoDefault { .. } => "fit-no-default",
            Self::NoNode { .. } => "fit-no-node",
            Self::Ambiguous { .. } => "fit-ambiguous",
            Self::Property { .. } => "fit-property",
            Self::DataOutside { .. } => "fit-data",
            Self::Unsupported { .. } => "fit-unsupported",
            Self::Hash { .. } => "fit-hash",
        }
    }

    /// What an error is before anybody has said what it is.
    pub(crate) const NOT_TOLD: Self = Self::Tree(TreeError::TooShort { length_bytes: 0 });
}

impl core::error::Error for FitError {}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Tree(error) => write!(f, "the FIT cannot be read: {error}"),
            Self::Missing { node, what } => write!(f, "the node {node} of the FIT has no {what}"),
            Self::NoDefault { first } => {
                write!(
                    f,
                    "the FIT has no default configuration: its node configurations needs "
                )?;
                write!(f, "default = \"{first}\";")
            }
            Self::NoNode {
                by,
                property,
                name,
                parent,
            } => {
                write!(f, "the node {by} of the FIT has {property} = \"{name}\", ")?;
                write!(f, "but {parent} has no node of that name")
            }
            Self::Ambiguous { name, other } => {
                write!(f, "the FIT has the node {other}, which some loaders take for {name}")
            }
            Self::Property {
                node,
                property,
                rule,
                length_bytes,
            } => {
                write!(f, "the property {property} of the FIT's node {node} {rule}; ")?;
                write!(f, "it has {length_bytes} bytes")
            }
            Self::DataOutside {
                node,
                start,
                size_bytes,
                tree_bytes,
                available_bytes,
            } => {
                write!(
                    f,
                    "the data of the FIT's node {node}, {size_bytes} bytes from offset {start:#x} on, "
                )?;
                write!(f, "are not between its tree of {tree_bytes} bytes and the end ")?;
                write!(f, "after {available_bytes} bytes")
            }
            Self::Unsupported {
                node,
                property,
                found,
                rule,
            } => {
                write!(f, "the node {node} of the FIT has {property} \"{found}\": {rule}")
            }
            Self::Hash {
                node,
                algorithm,
                recorded,
                computed,
            } => {
                let (recorded, computed) = (u64::from(recorded), u64::from(computed));
                write!(
                    f,
                    "the data of an image of the FIT are damaged: the {algorithm} in {node} "
                )?;
                write!(f, "has {recorded:#010x} where that of the data has {computed:#010x}")
            }
        }
    }
}
