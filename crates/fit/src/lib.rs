//! [`Fit`]: the flattened image tree that U-Boot's `mkimage` writes.
//!
//! A FIT is a flattened device tree whose nodes hold files. `/images` has a kernel, perhaps a
//! ramdisk and a device tree; `/configurations` says which of them belong together, and its
//! property `default` which of the configurations is meant. The bytes of a file are in its node
//! (`data`), or behind the tree (`data-offset` counts from the tree's end, at a multiple of 4;
//! `data-position` from its start). The rules are those of the Flat Image Tree specification
//! (fitspec.osfw.foundation; 0.8 and later), cited by its section titles, and where it leaves
//! something open, what U-Boot does.
//!
//! The command line is the property `cmdline` of the configuration, which the specification has in
//! "Configuration nodes".
//!
//! A FIT with anything that this crate does not understand and that would change what is started is
//! refused: `firmware`, device tree overlays, encrypted data. What only other loaders use is left
//! alone: `loadables` (`mkimage -f auto` lists the kernel there), `script`, `fpga`, `compatible`,
//! and every property that is unknown. Signatures are told, not verified.
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
mod refusal;
mod role;

use devicetree::{Blob, BlobNode};

pub use configuration::Configuration;
pub use error::{CODES, FitError};
pub use image::{FitCompression, FitImage};
pub use node_name::NodeName;

use data::Data;
use node::Node;
use refusal::{Refusal, Refused};

pub(crate) const IMAGES: &str = "images";
pub(crate) const CONFIGURATIONS: &str = "configurations";

/// A FIT whose default configuration can be started, as far as the FIT itself can tell.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    parts: Parts<'a>,
    size_bytes: u64,
    configuration: Configuration<'a>,
}

/// The place where everything is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    /// The FIT, and what comes after it.
    bytes: &'a [u8],
    /// The tree, with the data that are inside.
    tree: Blob<'a>,
    images: BlobNode<'a>,
    configurations: BlobNode<'a>,
}

impl<'a> Fit<'a> {
    /// Reads the FIT at the start of `bytes`, which may go on after it: flash does not say where a
    /// file ends.
    ///
    /// # Errors
    /// What [`FitError`] says about the default configuration, and about the data of any image that
    /// are not where they should be. Hashes are not looked at.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FitError> {
        Refusal::told(|refusal| {
            let parts = Parts::find(bytes, refusal)?;
            let configurations = Node::new(parts.configurations, refusal);
            Ok(Self {
                parts,
                size_bytes: parts.size_bytes(refusal)?,
                configuration: Configuration::default_of(&parts, configurations)?,
            })
        })
    }

    /// Returns how much of the bytes is this FIT: its tree and all data outside of it. `mkimage -E`
    /// pads its file to a multiple of 4, or of what `-B` says; that padding is not counted.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Returns what the FIT says about itself.
    pub fn description(&self) -> Option<&'a str> {
        node::text(self.parts.tree.root(), "description")
    }

    /// The configuration that `/configurations/default` names.
    pub const fn configuration(&self) -> &Configuration<'a> {
        &self.configuration
    }

    /// All configurations, each with its name, in their order; of those that cannot be started, the
    /// reason.
    pub fn configurations(&self) -> impl Iterator<Item = (&'a str, Result<Configuration<'a>, FitError>)> + use<'a> {
        let parts = self.parts;
        let read = move |node, refusal: &Refusal| Configuration::read(&parts, Node::new(node, refusal));
        let nodes = parts.configurations.children();
        nodes.map(move |node| (node.name(), Refusal::told(|refusal| read(node, refusal))))
    }

    /// All images, in their order, each with its name, whether a configuration names them or not;
    /// of those that cannot be read, the reason.
    pub fn images(&self) -> impl Iterator<Item = (&'a str, Result<FitImage<'a>, FitError>)> + use<'a> {
        let parts = self.parts;
        let read = move |node, refusal: &Refusal| FitImage::read(&parts, Node::new(node, refusal));
        let nodes = parts.images.children();
        nodes.map(move |node| (node.name(), Refusal::told(|refusal| read(node, refusal))))
    }
}

impl<'a> Parts<'a> {
    #[inline(never)]
    fn find(bytes: &'a [u8], refusal: &Refusal) -> Result<Self, Refused> {
        let tree = Blob::parse(bytes).map_err(|error| refusal.leave(FitError::Tree(error)))?;
        let root = Node::new(tree.root(), refusal);
        let part = |name| root.child(name)?.ok_or_else(|| root.missing(name));
        Ok(Self {
            bytes,
            tree,
            images: part(IMAGES)?.inner,
            configurations: part(CONFIGURATIONS)?.inner,
        })
    }

    /// The end of what is last.
    fn size_bytes(&self, refusal: &Refusal) -> Result<u64, Refused> {
        let mut end = self.tree.total_size();
        for image in self.images.children() {
            end = end.max(Data::end(self, Node::new(image, refusal))?);
        }
        Ok(end)
    }
}
