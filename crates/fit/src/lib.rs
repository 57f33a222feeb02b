//! What travels with the kernel? [`Fit`]: the flattened image tree that U-Boot's `mkimage` writes.
//!
//! A FIT is a flattened device tree whose nodes hold files. `/images` has a kernel, perhaps a ramdisk and a device tree;
//! `/configurations` says which of them belong together, and its property `default` which of the configurations is meant. The
//! bytes of a file are in its node (`data`), or behind the tree (`data-offset` counts from the tree's end, at a multiple of 4;
//! `data-position` from its start). The rules are those of the Flat Image Tree specification (fitspec.osfw.foundation; 0.8 and
//! later), cited by its section titles, and where it leaves something open, what U-Boot does.
//!
//! The command line is the property `cmdline` of the configuration, which the specification has in "Configuration nodes".
//!
//! A FIT with anything that this crate does not understand and that would change what is started is refused: `firmware`, device
//! tree overlays, encrypted data. What only other loaders use is left alone: `loadables` (`mkimage -f auto` lists the kernel
//! there), `script`, `fpga`, `compatible`, and every property that is unknown. Signatures are told, not verified.
//!
//! Nothing here looks at the bytes of a file, but for [`FitImage::verify`].

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod configuration;
mod data;
mod error;
mod hash;
mod image;
mod node;
mod node_name;
mod sha1;

use devicetree::Blob;

pub use configuration::Configuration;
pub use error::{CODES, FitError};
pub use image::{FitCompression, FitImage};
pub use node_name::NodeName;

use node::Node;

pub(crate) const IMAGES: &str = "images";
pub(crate) const CONFIGURATIONS: &str = "configurations";

/// A FIT whose default configuration can be started, as far as the FIT itself can tell.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    parts: Parts<'a>,
    root: Node<'a>,
    size_bytes: u64,
    configuration: Configuration<'a>,
}

/// Where everything is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    /// The FIT, and what comes after it.
    bytes: &'a [u8],
    /// The size of the tree, with the data that are inside.
    tree_bytes: u64,
    images: Node<'a>,
    configurations: Node<'a>,
}

impl<'a> Fit<'a> {
    /// Reads the FIT at the start of `bytes`, which may go on after it: flash does not say where a file ends.
    ///
    /// # Errors
    /// What [`FitError`] says about the default configuration and about the data of any image. Hashes are not looked at.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FitError> {
        let blob = Blob::parse(bytes).map_err(FitError::Tree)?;
        let root = Node(blob.root());
        let part = |name| root.child(name)?.ok_or_else(|| root.missing(name));
        let parts = Parts {
            bytes,
            tree_bytes: blob.total_size(),
            images: part(IMAGES)?,
            configurations: part(CONFIGURATIONS)?,
        };
        Ok(Self {
            parts,
            root,
            size_bytes: parts.size_bytes()?,
            configuration: Configuration::default_of(&parts)?,
        })
    }

    /// How much of the bytes is this FIT: its tree and all data outside of it. `mkimage -E` pads its file to a multiple of 4, or of
    /// what `-B` says; that padding is not counted.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// What the FIT says about itself.
    pub fn description(&self) -> Option<&'a str> {
        self.root.text_or_none("description")
    }

    /// The configuration that `/configurations/default` names.
    pub const fn configuration(&self) -> &Configuration<'a> {
        &self.configuration
    }

    /// All configurations, each with its name, in their order; of those that cannot be started, the reason.
    pub fn configurations(&self) -> impl Iterator<Item = (&'a str, Result<Configuration<'a>, FitError>)> {
        let parts = self.parts;
        let nodes = parts.configurations.0.children();
        nodes.map(move |node| (node.name(), Configuration::read(&parts, Node(node))))
    }

    /// All images, in their order, whether a configuration names them or not.
    pub fn images(&self) -> impl Iterator<Item = FitImage<'a>> {
        let parts = self.parts;
        let nodes = parts.images.0.children();
        // `parse` has read them all.
        nodes.filter_map(move |node| FitImage::read(&parts, Node(node)).ok())
    }
}

impl Parts<'_> {
    /// The end of what is last.
    fn size_bytes(&self) -> Result<u64, FitError> {
        let mut end = self.tree_bytes;
        for node in self.images.0.children() {
            end = end.max(FitImage::read(self, Node(node))?.end);
        }
        Ok(end)
    }
}
