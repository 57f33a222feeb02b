//! [`Role`]: the purpose of an image in a configuration.

use crate::FitCompression;
use crate::hash;
use crate::image::{ARCH, COMPRESSION, TYPE, TYPE_KERNEL_NOLOAD, TYPE_RAMDISK};
use crate::node::{self, Node};
use crate::refusal::Refused;

/// The role of an image in a configuration.
pub(crate) struct Role {
    /// The name of the property in the configuration.
    pub(crate) property: &'static str,
    types: [&'static str; 2],
    type_rule: &'static str,
    /// True if it may be compressed.
    is_compressible: bool,
}

pub(crate) const KERNEL: Role = Role {
    property: "kernel",
    types: ["kernel", TYPE_KERNEL_NOLOAD],
    type_rule: "a kernel must be of type kernel or kernel_noload",
    is_compressible: true,
};
pub(crate) const RAMDISK: Role = Role {
    property: "ramdisk",
    types: [TYPE_RAMDISK; 2],
    type_rule: "a ramdisk must be of type ramdisk",
    is_compressible: true,
};
pub(crate) const FDT: Role = Role {
    property: "fdt",
    types: ["flat_dt"; 2],
    type_rule: "a device tree must be of type flat_dt",
    is_compressible: false,
};

impl Role {
    /// Checks that this image can do it.
    pub(crate) fn check(&self, image: Node<'_, '_>) -> Result<(), Refused> {
        if !self.types.iter().any(|kind| image.is(TYPE, kind)) {
            return Err(image.unsupported(TYPE, self.type_rule));
        }
        if image.has(ARCH) && !image.is(ARCH, "arm64") {
            return Err(image.unsupported(ARCH, "only arm64 can be started"));
        }
        match FitCompression::of(image) {
            FitCompression::None => {}
            FitCompression::Other => {
                return Err(image.unsupported(COMPRESSION, "only none, gzip, lz4 and zstd are known"));
            }
            _ if self.is_compressible => {}
            _ => return Err(image.unsupported(COMPRESSION, "a device tree must not be compressed")),
        }
        // mkimage leaves the encrypted bytes in `data`, and says so by a child of the image.
        match node::children(image.inner, "cipher").next() {
            None => Ok(()),
            Some(cipher) => Err(image
                .part(cipher)
                .unsupported(hash::ALGORITHM, "encrypted data cannot be read")),
        }
    }
}
