//! [`TreeWriter`]: a device tree, node by node. What is in its properties is for the caller to get
//! right, or wrong.

/// Words of the flattened format (Devicetree Specification v0.4, 5.2 and 5.4).
const MAGIC: u32 = 0xd00d_feed;
const VERSION: u32 = 17;
const COMPATIBLE_VERSION: u32 = 16;
const BEGIN_NODE: u32 = 1;
const END_NODE: u32 = 2;
const PROPERTY: u32 = 3;
const END: u32 = 9;
const HEADER_BYTES: usize = 40;
/// The reservations have nothing but their end.
const RESERVATIONS_BYTES: usize = 16;

/// A device tree, of which the root is open.
pub struct TreeWriter {
    structure: Vec<u8>,
    strings: Vec<u8>,
}

impl TreeWriter {
    /// A tree whose root has no properties yet.
    pub fn new() -> Self {
        let mut tree = Self {
            structure: Vec::new(),
            strings: Vec::new(),
        };
        tree.begin("");
        tree
    }

    /// Opens a child of the node that is open.
    pub fn begin(&mut self, name: &str) {
        self.word(BEGIN_NODE);
        self.padded(name.as_bytes(), true);
    }

    /// Closes the node that is open.
    pub fn end(&mut self) {
        self.word(END_NODE);
    }

    /// Adds a property.
    pub fn bytes(&mut self, name: &str, value: &[u8]) {
        let name = self.string(name);
        self.word(PROPERTY);
        self.word(value.len() as u32);
        self.word(name);
        self.padded(value, false);
    }

    /// Adds a property that is one string.
    pub fn text(&mut self, name: &str, value: &str) {
        self.bytes(name, &[value.as_bytes(), &[0]].concat());
    }

    /// Adds a property of one cell.
    pub fn cell(&mut self, name: &str, value: u32) {
        self.bytes(name, &value.to_be_bytes());
    }

    /// Closes the root. The blob.
    pub fn finish(mut self) -> Vec<u8> {
        self.end();
        self.word(END);
        let structure = HEADER_BYTES + RESERVATIONS_BYTES;
        let strings = structure + self.structure.len();
        let header = [
            MAGIC,
            (strings + self.strings.len()) as u32,
            structure as u32,
            strings as u32,
            HEADER_BYTES as u32,
            VERSION,
            COMPATIBLE_VERSION,
            0,
            self.strings.len() as u32,
            self.structure.len() as u32,
        ];
        let mut blob = header.map(u32::to_be_bytes).into_iter().flatten().collect::<Vec<_>>();
        blob.extend([0; RESERVATIONS_BYTES]);
        blob.extend(self.structure);
        blob.extend(self.strings);
        blob
    }

    fn word(&mut self, word: u32) {
        self.structure.extend(word.to_be_bytes());
    }

    fn padded(&mut self, bytes: &[u8], has_nul: bool) {
        self.structure.extend(bytes);
        if has_nul {
            self.structure.push(0);
        }
        self.structure.resize(self.structure.len().next_multiple_of(4), 0);
    }

    /// Returns where a name is among the strings.
    fn string(&mut self, name: &str) -> u32 {
        let name = [name.as_bytes(), &[0]].concat();
        let found = self.strings.windows(name.len()).position(|window| window == name);
        found.unwrap_or_else(|| {
            let end = self.strings.len();
            self.strings.extend(name);
            end
        }) as u32
    }
}
