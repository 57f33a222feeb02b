//! Are the bytes those that were packed? The hashes of an image (FIT specification, "Hash nodes").

use sha1::Sha1;
use sha2::Sha256;
use sha2::digest::Digest;

use crate::node::Node;
use crate::{FitError, FitImage, NodeName};

pub(crate) const ALGORITHM: &str = "algo";
const VALUE: &str = "value";

/// Verifies one hash.
pub(crate) fn verify(image: &FitImage<'_>, hash: Node<'_>, crc32: fn(&[u8]) -> u32) -> Result<(), FitError> {
    check(image.data, hash, crc32).map_err(|error| error.inside(NodeName::new(image.name)))
}

fn check(data: &[u8], hash: Node<'_>, crc32: fn(&[u8]) -> u32) -> Result<(), FitError> {
    let algorithm = hash.text(ALGORITHM)?.ok_or_else(|| hash.missing(ALGORITHM))?;
    match algorithm {
        "crc32" => compare(hash, "crc32", &crc32(data).to_be_bytes()),
        "sha1" => compare(hash, "sha1", &Sha1::digest(data)),
        "sha256" => compare(hash, "sha256", &Sha256::digest(data)),
        other => Err(hash.unsupported(ALGORITHM, other, "only crc32, sha1 and sha256 can be verified")),
    }
}

fn compare(hash: Node<'_>, algorithm: &'static str, computed: &[u8]) -> Result<(), FitError> {
    let recorded = hash.0.property(VALUE).ok_or_else(|| hash.missing(VALUE))?;
    if recorded.len() != computed.len() {
        return Err(hash.malformed(VALUE, "is not as long as its algorithm makes it"));
    }
    if recorded == computed {
        return Ok(());
    }
    Err(FitError::Hash {
        node: hash.name(),
        algorithm,
        recorded: first_word(recorded),
        computed: first_word(computed),
    })
}

fn first_word(value: &[u8]) -> u32 {
    value.first_chunk().map_or(0, |word| u32::from_be_bytes(*word))
}
