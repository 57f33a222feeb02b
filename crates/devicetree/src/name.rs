//! What is it called? [`Name`]: the name of a node or a property, with a hash that makes comparing quick.

/// A name. The hash comes first, so that `==` looks at it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    hash: u32,
    text: &'a [u8],
}

/// FNV-1a, 32 bits: two operations a byte, and good on names that differ in little.
const HASH_START: u32 = 0x811c_9dc5;
const HASH_FACTOR: u32 = 0x0100_0193;

impl<'a> Name<'a> {
    /// The name at the start of `bytes`, up to its NUL; `None` if it has none.
    pub(crate) fn until_nul(bytes: &'a [u8]) -> Option<Self> {
        let mut hash = HASH_START;
        for (length, byte) in bytes.iter().enumerate() {
            if *byte == 0 {
                return Some(Self {
                    hash,
                    text: bytes.get(..length)?,
                });
            }
            hash = (hash ^ u32::from(*byte)).wrapping_mul(HASH_FACTOR);
        }
        None
    }

    /// Equal names have equal hashes.
    pub(crate) const fn hash(&self) -> u32 {
        self.hash
    }

    /// Whether it has no characters but those of names (2.2.1 and 2.2.4, and a few that real trees use).
    pub(crate) fn is_valid(&self) -> bool {
        self.text.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'/')
    }

    /// The name itself, without its NUL.
    pub(crate) const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The number of bytes in the blob, with the NUL.
    pub(crate) const fn size_bytes(&self) -> usize {
        self.text.len().saturating_add(1)
    }
}
