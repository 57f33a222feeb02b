//! Are the bytes those that were packed? The hashes of an image (FIT specification, "Hash nodes").

use hashes::{Algorithm, Digest};

use crate::FitError;
use crate::node::Node;
use crate::refusal::Refused;

/// The start of the names of hash nodes.
pub(crate) const NODE: &str = "hash";
pub(crate) const ALGORITHM: &str = "algo";
const VALUE: &str = "value";

/// Checks the node of a hash, and returns its algorithm. `seen` has a bit for each algorithm of the
/// image's hashes before: each hash takes as long as the data are, a tree has room for a hundred
/// thousand of them, and mkimage writes one of a kind.
pub(crate) fn check(hash: Node<'_, '_>, seen: &mut u32) -> Result<Algorithm, Refused> {
    let name = hash.inner.property(ALGORITHM).and_then(|name| name.strip_suffix(&[0]));
    let algorithm = name.and_then(Algorithm::named).ok_or_else(|| {
        hash.unsupported(
            ALGORITHM,
            "only crc32, md5, sha1, sha256, sha384 and sha512 can be verified",
        )
    })?;
    let before = *seen;
    *seen |= 1 << algorithm as u32;
    if *seen == before {
        return Err(hash.malformed(ALGORITHM, "is that of another hash of the image"));
    }
    let recorded = hash.inner.property(VALUE).ok_or_else(|| hash.missing(VALUE))?;
    if recorded.len() != algorithm.size_bytes() {
        return Err(hash.malformed(VALUE, "is not as long as its algorithm makes it"));
    }
    Ok(algorithm)
}

/// Compares a hash with that in a node, which is one that [`check`] has taken.
pub(crate) fn compare(hash: Node<'_, '_>, algorithm: Algorithm, computed: &Digest) -> Result<(), Refused> {
    let recorded = hash.inner.property(VALUE).unwrap_or_default();
    let (recorded, computed) = (recorded.as_chunks().0, computed.bytes().as_chunks().0);
    let mut pairs = recorded.iter().zip(computed);
    match pairs.find(|(recorded, computed)| recorded != computed) {
        None => Ok(()),
        Some((recorded, computed)) => Err(hash.refuse(FitError::Hash {
            node: hash.name(),
            algorithm: algorithm.name(),
            recorded: u32::from_be_bytes(*recorded),
            computed: u32::from_be_bytes(*computed),
        })),
    }
}
