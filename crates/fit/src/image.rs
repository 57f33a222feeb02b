//! What is this file, and where does it want to be? [`FitImage`] (FIT specification, "'/images' node").

use core::fmt;

use crate::data::Data;
use crate::node::Node;
use crate::{FitError, Parts, hash};

/// One file of a FIT.
#[derive(Clone, Copy)]
pub struct FitImage<'a> {
    /// The name of its node.
    pub name: &'a str,
    /// What the FIT says about it.
    pub description: Option<&'a str>,
    /// Its bytes, as they lie in the FIT.
    pub data: &'a [u8],
    /// What its bytes must go through before they are used. Of a ramdisk always [`FitCompression::None`]: the kernel decompresses it.
    pub compression: FitCompression,
    /// The address that its bytes should be loaded to; `None` for a `kernel_noload`, which is told to have none.
    pub load: Option<u64>,
    /// The address of its first instruction; `None` for a `kernel_noload`, where it would count from the load address.
    pub entry: Option<u64>,
    /// The property `type`.
    pub kind: Option<&'a str>,
    /// The property `arch`.
    pub arch: Option<&'a str>,
    /// The property `os`.
    pub os: Option<&'a str>,
    /// The property `compression`.
    pub compression_name: Option<&'a str>,
    /// Whether it has a signature, which nobody has verified.
    pub has_signature: bool,
    pub(crate) node: Node<'a>,
    pub(crate) end: u64,
}

/// How an image is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitCompression {
    /// Not at all, or in a way that is not the loader's business.
    None,
    /// gzip.
    Gzip,
    /// lz4.
    Lz4,
    /// zstd.
    Zstd,
    /// Something else. No image of a [`crate::Configuration`] is.
    Other,
}

/// What an image does in a configuration.
pub(crate) struct Role {
    /// The name of the property in the configuration.
    pub(crate) property: &'static str,
    types: &'static [&'static str],
    type_rule: &'static str,
}

pub(crate) const KERNEL: Role = Role {
    property: "kernel",
    types: &["kernel", KERNEL_NOLOAD],
    type_rule: "a kernel must be of type kernel or kernel_noload",
};
pub(crate) const RAMDISK: Role = Role {
    property: "ramdisk",
    types: &["ramdisk"],
    type_rule: "a ramdisk must be of type ramdisk",
};
pub(crate) const FDT: Role = Role {
    property: "fdt",
    types: &["flat_dt"],
    type_rule: "a device tree must be of type flat_dt",
};
const KERNEL_NOLOAD: &str = "kernel_noload";

impl<'a> FitImage<'a> {
    /// Reads one child of `/images`, whatever it is for.
    pub(crate) fn read(parts: &Parts<'a>, node: Node<'a>) -> Result<Self, FitError> {
        let Data { bytes, end } = Data::read(parts, node)?;
        let kind = node.text("type")?;
        let compression_name = node.text("compression")?;
        let is_placed = kind != Some(KERNEL_NOLOAD);
        Ok(Self {
            name: node.0.name(),
            description: node.text("description")?,
            data: bytes,
            compression: match compression_name {
                _ if kind == Some("ramdisk") => FitCompression::None,
                Some(name) => FitCompression::named(name),
                None => FitCompression::None,
            },
            load: node.number("load")?.filter(|_| is_placed),
            entry: node.number("entry")?.filter(|_| is_placed),
            kind,
            arch: node.text("arch")?,
            os: node.text("os")?,
            compression_name,
            has_signature: has_signature(node),
            node,
            end,
        })
    }

    /// Checks that the image can do what a configuration wants of it.
    pub(crate) fn check(&self, role: &Role) -> Result<(), FitError> {
        let node = self.node;
        let kind = self.kind.ok_or_else(|| node.missing("type"))?;
        if !role.types.contains(&kind) {
            return Err(node.unsupported("type", kind, role.type_rule));
        }
        if let Some(arch) = self.arch.filter(|arch| *arch != "arm64") {
            return Err(node.unsupported("arch", arch, "only arm64 can be started"));
        }
        let compression = self.compression_name.unwrap_or_default();
        if self.compression == FitCompression::Other {
            return Err(node.unsupported("compression", compression, "only none, gzip, lz4 and zstd are known"));
        }
        if role.property == FDT.property && self.compression != FitCompression::None {
            return Err(node.unsupported("compression", compression, "a device tree must not be compressed"));
        }
        // mkimage leaves the encrypted bytes in `data`, and says so by a child of the image.
        if let Some(cipher) = node.0.children().find(|child| child.name().starts_with("cipher")) {
            return Err(node.unsupported("node", cipher.name(), "encrypted data cannot be read"));
        }
        Ok(())
    }

    /// Verifies the data against every hash that the image has, and returns how many those were. `crc32` computes the CRC-32 of
    /// IEEE 802.3, for which a CPU may have instructions.
    ///
    /// # Errors
    /// [`FitError::Hash`] for the first hash that does not match, and what is wrong with the node of a hash.
    pub fn verify(&self, crc32: fn(&[u8]) -> u32) -> Result<usize, FitError> {
        let mut count = 0_usize;
        for child in self.node.0.children() {
            if child.name().starts_with("hash") {
                hash::verify(self, Node(child), crc32)?;
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    /// The algorithms of the image's hashes, as its nodes name them.
    pub fn hash_algorithms(&self) -> impl Iterator<Item = &'a str> {
        let children = self.node.0.children();
        let hashes = children.filter(|child| child.name().starts_with("hash"));
        hashes.map(|hash| Node(hash).text(hash::ALGORITHM).ok().flatten().unwrap_or("?"))
    }
}

/// Without the bytes, which can be millions.
impl fmt::Debug for FitImage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FitImage({:?}, {} bytes)", self.name, self.data.len() as u64)
    }
}

impl FitCompression {
    fn named(name: &str) -> Self {
        match name {
            "none" => Self::None,
            "gzip" => Self::Gzip,
            "lz4" => Self::Lz4,
            "zstd" => Self::Zstd,
            _ => Self::Other,
        }
    }
}

/// Whether a node has a signature (FIT specification, "Image-signature nodes" and "Configuration-signature nodes").
pub(crate) fn has_signature(node: Node<'_>) -> bool {
    node.0.children().any(|child| child.name().starts_with("signature"))
}
