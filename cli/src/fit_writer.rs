//! [`FitWriter`]: a kernel, an initrd and a device tree become one FIT (Flattened Image Tree), as
//! `mkimage -E -p` would make it.
//!
//! The data lies behind the tree, at multiples of 4 KiB, and is named by `data-position`. Within
//! the tree it could only be aligned to 4 bytes, and who reads the tree would have to step over
//! megabytes of it; so the tree is a KiB that can be checked whole, and what is copied out of flash
//! in place starts on a cache line.
//!
//! The hash of `flint image` is CRC-32. All it can notice is damage: nothing is signed, so whoever
//! can change the data can change the hash with it, however good that is. For damage CRC-32 is
//! enough, and costs a fifth of what SHA-256 does.
//!
//! The kernel is a `kernel_noload`: where it goes is for the bootloader to say, by the kernel's own
//! header. U-Boot (2023.01) takes that too where the kernel is not compressed, but wants to see
//! `load` and `entry`, which are 0 and mean nothing then. The time in it is 0, so the same files
//! make the same FIT.

use std::ops::Range;

use dtoolkit::ToPropertyValue;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use hashes::{Algorithm, Backend, Hasher};

/// The alignment of the data of each image.
const DATA_ALIGN_BYTES: usize = 4096;
/// The unit node of each image and of the configuration.
const KERNEL: &str = "kernel";
const RAMDISK: &str = "ramdisk";
const FDT: &str = "fdt";
const CONFIGURATION: &str = "conf-1";

/// The contents of a FIT.
#[derive(Clone, Copy, Debug)]
pub struct FitWriter<'a> {
    /// The kernel, as it is stored.
    pub kernel: &'a [u8],
    /// How it is compressed: `none`, or the name that U-Boot has for it.
    pub compression: &'a str,
    /// The initrd, as it is.
    pub ramdisk: Option<&'a [u8]>,
    /// A device tree in place of the machine's.
    pub fdt: Option<&'a [u8]>,
    /// The hashes of each image.
    pub hashes: &'a [Algorithm],
    /// The kernel's command line: the property `cmdline` of the configuration. `flint image` keeps
    /// it in the settings block.
    pub command_line: Option<&'a str>,
}

/// A FIT, and where the images in it are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFit {
    /// All of it: the tree, and the data behind it.
    pub bytes: Vec<u8>,
    /// The kernel.
    pub kernel: Range<usize>,
    /// The initrd.
    pub ramdisk: Option<Range<usize>>,
    /// The device tree.
    pub fdt: Option<Range<usize>>,
}

impl FitWriter<'_> {
    /// Writes it.
    pub fn write(&self) -> WrittenFit {
        // The tree's size does not depend on the positions in it, so that of a first draft is that
        // of the tree.
        let mut end = self.tree(&mut |_| 0).to_dtb().len();
        let mut ranges = Vec::new();
        let tree = self.tree(&mut |data| {
            let start = end.next_multiple_of(DATA_ALIGN_BYTES);
            end = start + data.len();
            ranges.push(start..end);
            start
        });
        let mut bytes = tree.to_dtb();
        for (range, (_, data)) in ranges.iter().zip(self.images()) {
            bytes.resize(range.start, 0);
            bytes.extend_from_slice(data);
        }
        let named = || self.images().map(|(name, _)| name).zip(ranges.iter().cloned());
        let find = |wanted| named().find(|(name, _)| *name == wanted).map(|(_, range)| range);
        WrittenFit {
            kernel: find(KERNEL).unwrap_or_default(),
            ramdisk: find(RAMDISK),
            fdt: find(FDT),
            bytes,
        }
    }

    fn images(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let images = [(KERNEL, Some(self.kernel)), (RAMDISK, self.ramdisk), (FDT, self.fdt)];
        images.into_iter().filter_map(|(name, data)| Some((name, data?)))
    }

    /// The tree; `place` gives the data of one image after the other its position.
    fn tree(&self, place: &mut dyn FnMut(&[u8]) -> usize) -> DeviceTree {
        let mut images = DeviceTreeNode::new_unchecked("images");
        for (name, data) in self.images() {
            images.add_child(self.image(name, data, place(data)));
        }
        let mut configurations = DeviceTreeNode::new_unchecked("configurations");
        configurations.add_property(property("default", CONFIGURATION));
        configurations.add_child(self.configuration());
        let mut tree = DeviceTree::new();
        for property in [
            property("description", "Made by flint"),
            property("timestamp", 0_u32),
            property("#address-cells", 1_u32),
        ] {
            tree.root.add_property(property);
        }
        tree.root.add_child(images);
        tree.root.add_child(configurations);
        tree
    }

    fn image(&self, name: &'static str, data: &[u8], position: usize) -> DeviceTreeNode {
        let (description, kind, compression) = match name {
            KERNEL => ("Kernel", "kernel_noload", self.compression),
            RAMDISK => ("Initrd", "ramdisk", "none"),
            _ => ("Device tree", "flat_dt", "none"),
        };
        let mut node = DeviceTreeNode::new_unchecked(name);
        node.add_property(property("description", description));
        node.add_property(property("type", kind));
        node.add_property(property("arch", "arm64"));
        node.add_property(property("os", "linux"));
        node.add_property(property("compression", compression));
        if name == KERNEL {
            node.add_property(property("load", 0_u32));
            node.add_property(property("entry", 0_u32));
        }
        node.add_property(property("data-position", cell(position)));
        node.add_property(property("data-size", cell(data.len())));
        for (index, algorithm) in self.hashes.iter().enumerate() {
            node.add_child(hash(index + 1, *algorithm, data));
        }
        node
    }

    fn configuration(&self) -> DeviceTreeNode {
        let mut node = DeviceTreeNode::new_unchecked(CONFIGURATION);
        node.add_property(property("description", "Kernel with what belongs to it"));
        for (name, _) in self.images() {
            node.add_property(property(name, name));
        }
        if let Some(text) = self.command_line {
            node.add_property(property("cmdline", text));
        }
        node
    }
}

fn hash(number: usize, algorithm: Algorithm, data: &[u8]) -> DeviceTreeNode {
    let digest = Hasher::new(algorithm).finish(&Backend::SOFTWARE, data);
    let mut node = DeviceTreeNode::new_unchecked(format!("hash-{number}"));
    node.add_property(property("algo", algorithm.name()));
    node.add_property(property("value", digest.bytes()));
    node
}

/// Names come from this file only, and are all valid.
fn property(name: &str, value: impl ToPropertyValue) -> DeviceTreeProperty {
    DeviceTreeProperty::new_unchecked(name, value)
}

/// A size or position as a FIT has it. No file that is read is longer than 512 MiB (see
/// [`crate::read`]).
fn cell(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use dtoolkit::fdt::Fdt;
    use dtoolkit::{Node, Property};

    use super::*;

    fn full() -> FitWriter<'static> {
        FitWriter {
            kernel: &[1; 5000],
            compression: "gzip",
            ramdisk: Some(&[2; 4096]),
            fdt: Some(&[3; 10]),
            hashes: &[Algorithm::Crc32],
            command_line: Some("quiet"),
        }
    }

    fn value(fit: &WrittenFit, path: &str, name: &str) -> Option<Vec<u8>> {
        let tree_size = u32::from_be_bytes(*fit.bytes[4..].first_chunk().unwrap());
        let tree = Fdt::new(&fit.bytes[..tree_size as usize]).unwrap();
        let node = tree.find_node(path)?;
        node.property(name).map(|property| property.value().to_vec())
    }

    #[test]
    fn puts_the_data_behind_the_tree_in_whole_pages() {
        let fit = full().write();
        assert_eq!(fit.kernel, 4096..9096);
        assert_eq!(fit.ramdisk, Some(12288..16384));
        assert_eq!(fit.fdt, Some(16384..16394));
        assert_eq!(fit.bytes.len(), 16394);
        assert_eq!(fit.bytes[fit.kernel.clone()], [1; 5000]);
        assert!(fit.bytes[9096..12288].iter().all(|byte| *byte == 0));
        assert_eq!(fit.bytes[16384..], [3; 10]);
        assert_eq!(
            value(&fit, "/images/ramdisk", "data-position").unwrap(),
            12288_u32.to_be_bytes()
        );
        assert_eq!(
            value(&fit, "/images/ramdisk", "data-size").unwrap(),
            4096_u32.to_be_bytes()
        );
    }

    #[test]
    fn names_what_the_configuration_is_made_of() {
        let fit = full().write();
        let conf = |name| value(&fit, "/configurations/conf-1", name);
        assert_eq!(conf("kernel").unwrap(), b"kernel\0");
        assert_eq!(conf("ramdisk").unwrap(), b"ramdisk\0");
        assert_eq!(conf("fdt").unwrap(), b"fdt\0");
        assert_eq!(conf("cmdline").unwrap(), b"quiet\0");
        assert_eq!(value(&fit, "/configurations", "default").unwrap(), b"conf-1\0");
        assert_eq!(value(&fit, "/images/kernel", "compression").unwrap(), b"gzip\0");
    }

    #[test]
    fn leaves_out_what_there_is_none_of() {
        let only_kernel = FitWriter {
            ramdisk: None,
            fdt: None,
            command_line: None,
            ..full()
        };
        let fit = only_kernel.write();
        assert_eq!((fit.ramdisk.clone(), fit.fdt.clone()), (None, None));
        assert_eq!(fit.bytes.len(), 9096);
        assert_eq!(value(&fit, "/configurations/conf-1", "ramdisk"), None);
        assert_eq!(value(&fit, "/configurations/conf-1", "cmdline"), None);
        assert!(value(&fit, "/images/fdt", "type").is_none());
    }

    #[test]
    fn makes_the_same_of_the_same() {
        assert_eq!(full().write(), full().write());
    }
}
