//! Are the bytes those that were packed? The hashes of an image (FIT specification, "Hash nodes").

use hashes::{Algorithm, Backend, Hasher};

use crate::FitError;
use crate::node::Node;
use crate::refusal::Refused;

/// How the names of such nodes begin.
pub(crate) const NODE: &str = "hash";
pub(crate) const ALGORITHM: &str = "algo";
const VALUE: &str = "value";

/// Verifies one hash. `verified` has a bit for each algorithm of the image's hashes before: each hash takes as long as the data are, a tree
/// has room for a hundred thousand of them, and mkimage writes one of a kind.
pub(crate) fn verify(data: &[u8], hash: Node<'_, '_>, verified: &mut u32, backend: &Backend) -> Result<(), Refused> {
    let name = hash.inner.property(ALGORITHM).and_then(|name| name.strip_suffix(&[0]));
    let algorithm = name.and_then(Algorithm::named).ok_or_else(|| {
        hash.unsupported(
            ALGORITHM,
            "only crc32, md5, sha1, sha256, sha384 and sha512 can be verified",
        )
    })?;
    let before = *verified;
    *verified |= 1 << algorithm as u32;
    if *verified == before {
        return Err(hash.malformed(ALGORITHM, "is that of another hash of the image"));
    }
    let recorded = hash.inner.property(VALUE).ok_or_else(|| hash.missing(VALUE))?;
    if recorded.len() != algorithm.size_bytes() {
        return Err(hash.malformed(VALUE, "is not as long as its algorithm makes it"));
    }
    work_counter::add(data.len());
    let computed = Hasher::new(algorithm).finish(backend, data);
    let (recorded, computed) = (recorded.as_chunks().0, computed.bytes().as_chunks().0);
    match recorded
        .iter()
        .zip(computed)
        .find(|(recorded, computed)| recorded != computed)
    {
        None => Ok(()),
        Some((recorded, computed)) => Err(hash.refuse(FitError::Hash {
            node: hash.name(),
            algorithm: algorithm.name(),
            recorded: u32::from_be_bytes(*recorded),
            computed: u32::from_be_bytes(*computed),
        })),
    }
}
