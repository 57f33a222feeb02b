//! [`FitImage`]: the format, role and addresses of an image (FIT specification, "'/images'
//! node").

use core::fmt;

use devicetree::BlobNode;
use hashes::{Backend, Hasher, PIECE_BYTES};

use crate::data::Data;
use crate::node::{self, Node};
use crate::refusal::{Refusal, Refused};
use crate::{FitError, Parts, hash};

/// The size of the slices in which [`FitImage::verify_while`] hands out data that have hashes: a
/// small part of a CPU's first cache.
const SLICE_BYTES: usize = 4096;

/// One file of a FIT.
#[derive(Clone, Copy)]
pub struct FitImage<'a> {
    /// The name of its node.
    pub name: &'a str,
    /// Its bytes, as they lie in the FIT.
    pub data: &'a [u8],
    /// What its bytes must go through before they are used. Of a ramdisk always
    /// [`FitCompression::None`]: the kernel decompresses it.
    pub compression: FitCompression,
    /// The address that its bytes should be loaded to; `None` for a `kernel_noload`, which is told
    /// to have none.
    pub load: Option<u64>,
    /// The address of its first instruction; `None` for a `kernel_noload`, where it would count
    /// from the load address.
    pub entry: Option<u64>,
    node: BlobNode<'a>,
}

/// The compression of an image.
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

pub(crate) const TYPE: &str = "type";
pub(crate) const TYPE_KERNEL_NOLOAD: &str = "kernel_noload";
pub(crate) const TYPE_RAMDISK: &str = "ramdisk";
pub(crate) const ARCH: &str = "arch";
pub(crate) const COMPRESSION: &str = "compression";

impl<'a> FitImage<'a> {
    /// Reads one child of `/images`, whatever it is for.
    pub(crate) fn read(parts: &Parts<'a>, node: Node<'a, '_>) -> Result<Self, Refused> {
        let is_placed = !node.is(TYPE, TYPE_KERNEL_NOLOAD);
        Ok(Self {
            name: node.inner.name(),
            data: Data::some(parts, node)?,
            compression: FitCompression::of(node),
            load: node.number("load")?.filter(|_| is_placed),
            entry: node.number("entry")?.filter(|_| is_placed),
            node: node.inner,
        })
    }

    /// Checks the nodes of the image's hashes, and returns how many those are.
    ///
    /// # Errors
    /// The defect of the node of a hash.
    #[inline(never)]
    pub fn hash_count(&self) -> Result<usize, FitError> {
        Refusal::told(|refusal| {
            let mut seen = 0_u32;
            for hash in self.hash_nodes(refusal) {
                hash::check(hash, &mut seen)?;
            }
            Ok(seen.count_ones() as usize)
        })
    }

    /// Verifies the data against every hash that the image has, and returns how many those were.
    ///
    /// # Errors
    /// [`FitError::Hash`] for the first hash that does not match, and what is wrong with the node
    /// of a hash.
    pub fn verify(&self, backend: &Backend) -> Result<usize, FitError> {
        self.verify_while(backend, &mut |_| ())
    }

    /// As [`Self::verify`], while the data pass through `take`, from first to last, in slices: each
    /// is in the CPU's caches then, and is read from the FIT once, if there is one hash. What
    /// `take` was given is sound once this has returned without an error.
    ///
    /// # Errors
    /// As [`Self::verify`].
    #[inline(never)]
    pub fn verify_while(&self, backend: &Backend, take: &mut dyn FnMut(&'a [u8])) -> Result<usize, FitError> {
        Refusal::told(|refusal| {
            let (pieces, rest) = self.data.as_chunks();
            let mut seen = 0_u32;
            for hash in self.hash_nodes(refusal) {
                let is_first = seen == 0;
                let algorithm = hash::check(hash, &mut seen)?;
                work_counter::add(self.data.len());
                let mut hasher = Hasher::new(algorithm);
                for slice in pieces.chunks(SLICE_BYTES / PIECE_BYTES) {
                    hasher.update(backend, slice);
                    if is_first {
                        take(slice.as_flattened());
                    }
                }
                if is_first {
                    take(rest);
                }
                hash::compare(hash, algorithm, &hasher.finish(backend, rest))?;
            }
            if seen == 0 {
                take(self.data);
            }
            Ok(seen.count_ones() as usize)
        })
    }

    fn hash_nodes<'r>(&self, refusal: &'r Refusal) -> impl Iterator<Item = Node<'a, 'r>> + use<'a, 'r> {
        let image = Node::new(self.node, refusal);
        node::children(self.node, hash::NODE).map(move |hash| image.part(hash))
    }

    /// The algorithms of the image's hashes, as its nodes name them.
    pub fn hash_algorithms(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let hashes = node::children(self.node, hash::NODE);
        hashes.map(|hash| node::text(hash, hash::ALGORITHM).unwrap_or_default())
    }

    /// Returns what the FIT says about it.
    pub fn description(&self) -> Option<&'a str> {
        node::text(self.node, "description")
    }

    /// The property `type`.
    pub fn kind(&self) -> Option<&'a str> {
        node::text(self.node, TYPE)
    }

    /// The property `arch`.
    pub fn arch(&self) -> Option<&'a str> {
        node::text(self.node, ARCH)
    }

    /// The property `os`.
    pub fn os(&self) -> Option<&'a str> {
        node::text(self.node, "os")
    }

    /// The property `compression`.
    pub fn compression_name(&self) -> Option<&'a str> {
        node::text(self.node, COMPRESSION)
    }

    /// Returns whether it has a signature, which nobody has verified (FIT specification,
    /// "Image-signature nodes").
    pub fn has_signature(&self) -> bool {
        node::has_signature(self.node)
    }
}

/// Without the bytes, which can be millions.
impl fmt::Debug for FitImage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FitImage({:?}, {} bytes)", self.name, self.data.len() as u64)
    }
}

impl FitCompression {
    /// Returns what the FIT calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
            Self::Other => "something else",
        }
    }

    pub(crate) fn of(image: Node<'_, '_>) -> Self {
        let names = [
            ("none", Self::None),
            ("gzip", Self::Gzip),
            ("lz4", Self::Lz4),
            ("zstd", Self::Zstd),
        ];
        if !image.has(COMPRESSION) || image.is(TYPE, TYPE_RAMDISK) {
            return Self::None;
        }
        let known = names.into_iter().find(|(name, _)| image.is(COMPRESSION, name));
        known.map_or(Self::Other, |(_, compression)| compression)
    }
}
