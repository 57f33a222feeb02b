//! [`Name`]: the name of a node or a property, with a hash that makes comparing
//! quick.

/// A name. The hash comes first, so that `==` looks at it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    hash: u32,
    text: &'a [u8],
}

/// FNV-1a, 32 bits: two operations a byte, and good on names that differ in little.
const HASH_START: u32 = 0x811c_9dc5;
const HASH_FACTOR: u32 = 0x0100_0193;

/// The specification has 31 (2.2.1 and 2.2.4); real trees have longer ones. Without a limit, a tree
/// could take minutes to read.
const MAX_BYTES: usize = 255;

/// The bytes that names consist of. A table takes two instructions a byte where comparisons take
/// five.
static IN_NAMES: [bool; 256] = {
    let mut in_names = [false; 256];
    let mut characters = in_names.as_mut_slice();
    let mut byte = 0_u8;
    while let [character, after @ ..] = characters {
        *character = byte.is_ascii_graphic() && byte != b'/';
        byte = byte.wrapping_add(1);
        characters = after;
    }
    in_names
};

impl<'a> Name<'a> {
    /// The name at the start of `bytes`, up to its NUL; `None` if it has none, is too long, or has
    /// characters that no name has.
    pub(crate) fn until_nul(bytes: &'a [u8]) -> Option<Self> {
        let mut hash = HASH_START;
        for (length, byte) in bytes.get(..=MAX_BYTES).unwrap_or(bytes).iter().enumerate() {
            work_counter::add(1);
            if IN_NAMES.get(usize::from(*byte)) != Some(&true) {
                let text = bytes.get(..length)?;
                return (*byte == 0).then_some(Self { hash, text });
            }
            hash = (hash ^ u32::from(*byte)).wrapping_mul(HASH_FACTOR);
        }
        None
    }

    /// A name that is looked for.
    pub(crate) const fn known(text: &'a [u8]) -> Self {
        let (mut hash, mut rest) = (HASH_START, text);
        while let [byte, after @ ..] = rest {
            hash = (hash ^ *byte as u32).wrapping_mul(HASH_FACTOR);
            rest = after;
        }
        Self { hash, text }
    }

    /// Equal names have equal hashes.
    pub(crate) const fn hash(&self) -> u32 {
        self.hash
    }

    /// The name itself, without its NUL.
    pub(crate) const fn text(&self) -> &'a [u8] {
        self.text
    }
}
