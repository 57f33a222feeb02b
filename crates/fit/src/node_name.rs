//! [`NodeName`]: the name of a node, short enough to be kept in an error.

use core::fmt;

/// The largest number of bytes that is kept.
const MAX_BYTES: usize = 40;

/// The name of a node or what a property says, as an error message shows it. Of a long one, only
/// the start is kept, and only printable ASCII.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NodeName {
    bytes: [u8; MAX_BYTES],
    length: u8,
    is_cut: bool,
}

impl NodeName {
    const EMPTY: Self = Self {
        bytes: [0; MAX_BYTES],
        length: 0,
        is_cut: false,
    };

    /// The node of this name.
    pub fn new(name: &str) -> Self {
        Self::of_bytes(name.as_bytes())
    }

    /// Returns what a property says.
    pub(crate) fn of_bytes(value: &[u8]) -> Self {
        Self::EMPTY.followed_by(value)
    }

    /// The path of a child; the child's name alone where this one is empty. The root's is `/`.
    #[must_use]
    pub(crate) fn child(self, child: &str) -> Self {
        let is_alone = self.length == 0 && !child.is_empty();
        let path = if is_alone { self } else { self.followed_by(b"/") };
        path.followed_by(child.as_bytes())
    }

    fn followed_by(mut self, text: &[u8]) -> Self {
        let room = self.bytes.get_mut(usize::from(self.length)..).unwrap_or_default();
        self.is_cut |= text.len() > room.len();
        for (place, byte) in room.iter_mut().zip(text) {
            // Nothing in a FIT may end a line of the log, or change a terminal's colours.
            *place = match byte {
                b' '..=b'~' => *byte,
                // Between two strings.
                0 => b' ',
                _ => b'?',
            };
            self.length = self.length.saturating_add(1);
        }
        self
    }

    fn text(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length));
        core::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())?;
        f.write_str(if self.is_cut { "..." } else { "" })
    }
}

impl fmt::Debug for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}
