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
    /// Its bytes, as they lie in the FIT.
    pub data: &'a [u8],
    /// What its bytes must go through before they are used. Of a ramdisk always [`FitCompression::None`]: the kernel decompresses it.
    pub compression: FitCompression,
    /// The address that its bytes should be loaded to; `None` for a `kernel_noload`, which is told to have none.
    pub load: Option<u64>,
    /// The address of its first instruction; `None` for a `kernel_noload`, where it would count from the load address.
    pub entry: Option<u64>,
    /// Where its data end in the FIT; 0 for data inside the tree.
    pub(crate) end: u64,
    node: Node<'a>,
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
    types: [&'static str; 2],
    type_rule: &'static str,
}

pub(crate) const KERNEL: Role = Role {
    property: "kernel",
    types: [TYPE_KERNEL, TYPE_KERNEL_NOLOAD],
    type_rule: "a kernel must be of type kernel or kernel_noload",
};
pub(crate) const RAMDISK: Role = Role {
    property: "ramdisk",
    types: [TYPE_RAMDISK; 2],
    type_rule: "a ramdisk must be of type ramdisk",
};
pub(crate) const FDT: Role = Role {
    property: "fdt",
    types: [TYPE_FLAT_DT; 2],
    type_rule: "a device tree must be of type flat_dt",
};
const TYPE_KERNEL: &str = "kernel";
const TYPE_KERNEL_NOLOAD: &str = "kernel_noload";
const TYPE_RAMDISK: &str = "ramdisk";
const TYPE_FLAT_DT: &str = "flat_dt";

const TYPE: &str = "type";
const ARCH: &str = "arch";
const COMPRESSION: &str = "compression";

impl<'a> FitImage<'a> {
    /// Reads one child of `/images`, whatever it is for.
    pub(crate) fn read(parts: &Parts<'a>, node: Node<'a>) -> Result<Self, FitError> {
        let Data { bytes, end } = Data::read(parts, node)?;
        let is_placed = !node.is(TYPE, TYPE_KERNEL_NOLOAD);
        Ok(Self {
            name: node.0.name(),
            data: bytes,
            compression: FitCompression::of(node),
            load: node.number("load")?.filter(|_| is_placed),
            entry: node.number("entry")?.filter(|_| is_placed),
            end,
            node,
        })
    }

    /// Checks that the image can do what a configuration wants of it.
    pub(crate) fn check(&self, role: &Role) -> Result<(), FitError> {
        let node = self.node;
        if !role.types.iter().any(|kind| node.is(TYPE, kind)) {
            return Err(node.unsupported(TYPE, role.type_rule));
        }
        if node.has(ARCH) && !node.is(ARCH, "arm64") {
            return Err(node.unsupported(ARCH, "only arm64 can be started"));
        }
        let must_be_plain = role.types.contains(&TYPE_FLAT_DT);
        match self.compression {
            FitCompression::None => {}
            _ if must_be_plain => return Err(node.unsupported(COMPRESSION, "a device tree must not be compressed")),
            FitCompression::Other => {
                return Err(node.unsupported(COMPRESSION, "only none, gzip, lz4 and zstd are known"));
            }
            _ => {}
        }
        // mkimage leaves the encrypted bytes in `data`, and says so by a child of the image.
        match node.children("cipher").next() {
            Some(cipher) => Err(cipher
                .unsupported(hash::ALGORITHM, "encrypted data cannot be read")
                .inside(node)),
            None => Ok(()),
        }
    }

    /// Verifies the data against every hash that the image has, and returns how many those were. `crc32` computes the CRC-32 of
    /// IEEE 802.3, for which a CPU may have instructions.
    ///
    /// # Errors
    /// [`FitError::Hash`] for the first hash that does not match, and what is wrong with the node of a hash.
    pub fn verify(&self, crc32: fn(&[u8]) -> u32) -> Result<usize, FitError> {
        let mut count = 0_usize;
        for hash in self.node.children(hash::NODE) {
            hash::verify(self.data, hash, crc32).map_err(|error| error.inside(self.node))?;
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    /// The algorithms of the image's hashes, as its nodes name them.
    pub fn hash_algorithms(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let hashes = self.node.children(hash::NODE);
        hashes.map(|hash| hash.text_or_none(hash::ALGORITHM).unwrap_or_default())
    }

    /// What the FIT says about it.
    pub fn description(&self) -> Option<&'a str> {
        self.node.text_or_none("description")
    }

    /// The property `type`.
    pub fn kind(&self) -> Option<&'a str> {
        self.node.text_or_none(TYPE)
    }

    /// The property `arch`.
    pub fn arch(&self) -> Option<&'a str> {
        self.node.text_or_none(ARCH)
    }

    /// The property `os`.
    pub fn os(&self) -> Option<&'a str> {
        self.node.text_or_none("os")
    }

    /// The property `compression`.
    pub fn compression_name(&self) -> Option<&'a str> {
        self.node.text_or_none(COMPRESSION)
    }

    /// Whether it has a signature, which nobody has verified (FIT specification, "Image-signature nodes").
    pub fn has_signature(&self) -> bool {
        self.node.has_signature()
    }
}

/// Without the bytes, which can be millions.
impl fmt::Debug for FitImage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FitImage({:?}, {} bytes)", self.name, self.data.len() as u64)
    }
}

impl FitCompression {
    fn of(image: Node<'_>) -> Self {
        match image.0.property(COMPRESSION) {
            None | Some(b"none\0") => Self::None,
            _ if image.is(TYPE, TYPE_RAMDISK) => Self::None,
            Some(b"gzip\0") => Self::Gzip,
            Some(b"lz4\0") => Self::Lz4,
            Some(b"zstd\0") => Self::Zstd,
            _ => Self::Other,
        }
    }
}
